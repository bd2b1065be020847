// CallLoad: an engine with many calls standing, and whole calls made and ended beside them. Used by
// call_bench and route_calls_bench. One thread; time is virtual, and what is measured is the engine
// alone: the messages of both peers are written between the measured pieces.
//
// Over TCP and TLS messages come out of the lane from the stream thread and go into the one to it
// (stream/lanes.h), which is measured, too: that is what streams cost a worker. What UDP costs
// beyond the engine, frames and checksums, is not.
//
// A call is fourteen messages, seven each way: INVITE, 100, 180, 200, ACK, BYE and 200 between the
// caller and the box, and as many between the box and the called.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "dataplane/stream/lanes.h"
#include "tests/flow/box.h"

namespace demarc::bench {

class CallLoad {
 public:
  // Calls that are in the same stage at once.
  static constexpr uint32_t burst = 64;

  // Confirms so many calls. settle() makes others until the transactions that a finished call
  // leaves behind end as fast as new ones begin.
  explicit CallLoad(uint32_t standing, contract::Transport transport = contract::Transport::udp);
  void settle();

  // The engine goes by the routes and patterns of `other` from now on, whose trunks are the box's
  // in their order. What it went by before is free then; `other` lives until the next of them.
  void adopt(const contract::Snapshot& other);
  // Of what it goes by.
  uint64_t generation() const;

  // From now on each INVITE of a caller adds the ticks of the processor's clock that the engine
  // takes from its octets to those of the INVITE that it sends. Over UDP; nullptr: no more of them.
  void time_invites(std::vector<uint64_t>* ticks) { invite_ticks_ = ticks; }

  // What a burst of whole calls and the quarter of a second after it took, in ns.
  struct Cost {
    double signalling = 0;    // on_datagram and clear_outbox
    double transactions = 0;  // on_timers: what finished calls left behind
    double supervision = 0;   // on_timers: what standing calls do once a second
  };
  Cost run();
  static constexpr double seconds_per_run = 0.25;

  uint32_t standing() const { return standing_; }
  // False when a message did not come that should have, or another did.
  bool is_whole() const { return is_whole_; }

 private:
  // Both ends of a call that is being made, as their last messages had them.
  struct Ends {
    std::string_view invite, answer, bye;  // what the box sent; in `received_`
    uint64_t serial = 0;
  };
  void confirm(unsigned count);
  void hang_up(unsigned count);
  // Gives `messages_` to the engine, timed, and reads what it sends; `per_call` are expected.
  void step(contract::TrunkId from, unsigned per_call);
  void step_timed(const std::vector<std::string_view>& messages, const transaction::Path& path);
  void step_by_lane(const std::vector<std::string_view>& messages, const transaction::Path& path);
  void clear_outbox();
  void sort(std::string_view sent);
  void pass(double seconds);
  void write(std::string_view text);
  void end_message();
  void write_invite(Ends& ends);
  void write_response(std::string_view request, std::string_view status, const Ends& ends,
                      bool has_sdp);
  void write_in_dialog(std::string_view method, const Ends& ends, unsigned cseq);

  uint32_t standing_;
  contract::Transport transport_;
  std::unique_ptr<stream::Lanes> lanes_;  // not over UDP
  std::vector<uint64_t>* invite_ticks_ = nullptr;
  flow::Box box_;
  contract::Snapshot snapshot_;  // once adopted
  std::vector<Ends> ends_{burst};
  std::vector<char> text_;      // of all messages of a step
  std::vector<size_t> begins_;  // of each in text_
  std::vector<size_t> ends_at_;
  std::vector<char> received_;              // copies of what the box sent and peers must look at
  std::vector<std::string_view> found_[3];  // INVITE, 200 to INVITE, BYE, in the order of the calls
  uint64_t next_serial_ = 1;
  bool is_whole_ = true;
  Cost cost_;
};

// What callgrind counts.
extern "C" void demarc_bench_counted(engine::Engine& engine,
                                     const std::vector<std::string_view>& messages,
                                     const transaction::Path& path, contract::Instant now);

}  // namespace demarc::bench
