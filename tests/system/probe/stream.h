// The media of one call at one end: sends numbered RTP, every 20 ms by itself, and a sender report
// every second, and checks every octet of what arrives. Owned by a Call; the endpoint's loop calls
// it.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tests/system/probe/address.h"
#include "tests/system/probe/payload.h"
#include "tests/system/probe/secrecy.h"

namespace demarc::probe {

// Nanoseconds of the monotonic clock.
using Time = uint64_t;
constexpr Time milliseconds = 1'000'000;
constexpr Time seconds = 1000 * milliseconds;

// Counted for RTP and for RTCP; added up over calls for the summary.
struct MediaCount {
  uint64_t sent = 0;
  uint64_t received = 0;  // good ones, each once
  uint64_t lost = 0;
  uint64_t reordered = 0;
  uint64_t duplicated = 0;
  uint64_t corrupt = 0;  // any octet wrong, or not of this stream
  uint64_t foreign = 0;  // from another address than the one that was signalled

  MediaCount& operator+=(const MediaCount& other);
};

// What arrived of one numbered sequence.
class Arrivals {
 public:
  // False for one that was there already.
  bool note(uint32_t index, MediaCount& count);
  uint64_t missing() const { return seen_.size() - unique_; }
  uint32_t next() const { return static_cast<uint32_t>(seen_.size()); }

 private:
  std::vector<bool> seen_;
  uint64_t unique_ = 0;
};

class Stream {
 public:
  Stream(StreamId out, int rtp_fd, int rtcp_fd);
  // What is sent and received from now on goes through it; outlives the stream.
  void use(Secrecy& secrecy) { secrecy_ = &secrecy; }

  // What it sends and what its peer does; before start.
  void use(Codecs codecs) { codecs_ = codecs; }

  // How far its packets are apart; before start.
  void set_packet_time(Time time) { packet_time_ = time; }

  void set_remote(const Address& remote);
  bool has_remote() const { return has_remote_; }
  void start(Time now);
  // Sends the packet that says it is the last one, and nothing after it.
  void finish();
  bool is_finished() const { return is_finished_; }
  bool is_peer_finished() const { return is_peer_finished_; }

  void send_due(Time now);
  void on_rtp(std::span<const uint8_t> datagram, const Address& from, Time now);
  void on_rtcp(std::span<const uint8_t> datagram, const Address& from);

  MediaCount rtp() const;
  MediaCount rtcp() const;
  Time max_gap() const { return max_gap_; }

 private:
  std::vector<uint8_t> open(std::span<const uint8_t> datagram, bool is_rtcp);
  bool send(int fd, std::span<const uint8_t> datagram, const Address& to, bool is_rtcp);
  void send_rtp(bool is_last);
  void send_rtcp();

  StreamId out_;
  StreamId in_;
  Secrecy* secrecy_ = nullptr;
  Codecs codecs_;
  Time packet_time_ = 20 * milliseconds;
  int rtp_fd_;
  int rtcp_fd_;
  Address remote_rtp_;
  Address remote_rtcp_;
  bool has_remote_ = false;
  bool is_started_ = false;
  bool is_finished_ = false;
  bool is_peer_finished_ = false;
  uint32_t packets_sent_ = 0;
  uint32_t reports_sent_ = 0;
  Time next_rtp_ = 0;
  Time next_rtcp_ = 0;
  Time last_arrival_ = 0;
  Time max_gap_ = 0;
  // What came before the remote address, and its key, was known.
  struct Early {
    std::vector<uint8_t> datagram;
    Address from;
    Time when;
    bool is_rtcp;
  };
  std::vector<Early> early_;
  Arrivals rtp_arrivals_;
  Arrivals rtcp_arrivals_;
  MediaCount rtp_;
  MediaCount rtcp_;
};

}  // namespace demarc::probe
