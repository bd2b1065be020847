// MediaSide: one end of many streams of RTP, for a bench of relays: sends a packet of each stream
// every 20 ms, or as fast as it can, and counts what arrives and how long that took.
//
// Used by media_load.cc; one thread each. All streams of a side share one socket, since a relay
// tells them apart by its own ports. It links nothing of the data plane: SRTP is libsrtp2's.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace demarc::bench {

struct SrtpStreams;  // one context of libsrtp2 a stream

// How long packets took, from before they were given to the kernel until they were read, in us.
class Delays {
 public:
  static constexpr uint64_t longest_us = 200'000;  // what took longer counts as that

  void add(uint64_t us) { ++counts_[us < longest_us ? us : longest_us]; }
  void add(const Delays& other);
  uint64_t total() const;
  // What `share` of the packets did not exceed; 0 when there were none.
  uint64_t percentile(double share) const;

 private:
  std::vector<uint64_t> counts_ = std::vector<uint64_t>(longest_us + 1);
};

class MediaSide {
 public:
  static constexpr unsigned batch = 64;               // packets of one system call
  static constexpr unsigned slots = 20;               // ms between two packets of a stream
  static constexpr std::size_t rtp_length = 172;      // G.711, 20 ms
  static constexpr std::size_t longest_packet = 256;  // SRTP included

  struct Options {
    std::string name_space;  // of the network, as `ip netns` knows it; "": this one
    sockaddr_in local = {};
    std::vector<sockaddr_in> targets;  // one a stream
    uint32_t first_ssrc = 0;
    uint16_t first_sequence = 1;
    std::string key;          // 60 hex digits, key and salt: it sends SRTP; "": RTP
    bool reads_delay = true;  // false: what arrives is SRTP, and its times are not to be read
  };
  // Ends the program with a sentence where the socket, the key or the namespace is not to be had.
  explicit MediaSide(const Options& options);
  ~MediaSide();
  MediaSide(const MediaSide&) = delete;
  MediaSide& operator=(const MediaSide&) = delete;

  // Sends the packets of the streams whose turn is in this millisecond.
  void send_slot(unsigned slot);
  // Sends one batch of the next streams in turn.
  void send_batch();
  // Takes what has arrived.
  void receive();

  uint64_t sent() const { return sent_; }
  uint64_t received() const { return received_; }
  const Delays& delays() const { return delays_; }

 private:
  void prepare(unsigned place, std::size_t stream, uint64_t now);
  void send(unsigned count);
  void read_delays(unsigned count);

  Options options_;
  int socket_ = -1;
  std::unique_ptr<SrtpStreams> srtp_;
  std::vector<uint16_t> sequences_;
  std::size_t next_stream_ = 0;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
  Delays delays_;
  std::array<std::array<uint8_t, longest_packet>, batch> packets_ = {};
  std::array<std::array<uint8_t, longest_packet>, batch> arrived_ = {};
  std::array<iovec, batch> vectors_ = {};
  std::array<iovec, batch> arrived_vectors_ = {};
  std::array<mmsghdr, batch> messages_ = {};
  std::array<mmsghdr, batch> arrived_messages_ = {};
};

}  // namespace demarc::bench
