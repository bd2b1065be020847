// SourceWatch: makes events of an address that sends packets to the media ports of several calls,
// none of which named it: when it begins and when it is over. A single call that is refused its
// media, as behind NAT, is no such thing: see MediaWatch.
//
// Fed with what each stream refused so far, as long as there is any; time is an argument. It tells
// of few addresses at once, and each for a minute at least, so that a spray from many fills neither
// the log nor memory. Called by Service's tick only; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controlplane/events/events.h"

namespace demarc::events {

// One direction of one m-line of a call.
struct RefusedStream {
  std::string stream;    // its name, for as long as the call lives
  std::string address;   // who was refused there last
  uint64_t packets = 0;  // refused since the stream began, whoever sent them
};

inline constexpr uint64_t spray_look_ns = 5'000'000'000;  // between two looks
inline constexpr uint64_t spray_quiet_ns = 60'000'000'000;
// Within the time from one look to the next.
inline constexpr size_t spray_streams = 4;
inline constexpr size_t told_sources = 16;  // at once; of further ones only that there are some

class SourceWatch {
 public:
  explicit SourceWatch(Events& events) : events_(events) {}

  // Whether what streams refused is worth looking at now; `foreign` is what all trunks together
  // counted so far.
  bool is_due(uint64_t foreign, uint64_t now_ns);
  void looked(const std::vector<RefusedStream>& streams, uint64_t now_ns);

 private:
  void tell(const std::string& address, size_t streams, uint64_t packets, uint64_t now_ns);
  void end_quiet(uint64_t now_ns);

  Events& events_;
  uint64_t foreign_ = 0;
  uint64_t due_ns_ = 0;
  uint64_t looked_ns_ = 0;                // 0: never
  std::map<std::string, uint64_t> seen_;  // packets by stream, of the last look
  std::map<std::string, uint64_t> told_;  // when an address was last seen, by address
  uint64_t others_ns_ = 0;                // that there are further ones was told; 0: it was not
};

}  // namespace demarc::events
