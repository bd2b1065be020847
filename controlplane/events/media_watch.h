// MediaWatch: makes events of media that is refused at a trunk's calls, when it begins and when it
// is over: packets of strangers, and SRTP that is not of the key that was agreed.
//
// Fed with the trunk's counters about once a second; time is an argument. Which call it is, and who
// sends, says `demarc audio CALL`. Called by Service's tick only; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "controlplane/events/events.h"

namespace demarc::events {

inline constexpr uint64_t media_quiet_ns = 60'000'000'000;
// Packets within a minute: those of one stream that moved to another port are fewer.
inline constexpr uint64_t foreign_packets = 250;
// For so long, as many packets a second: half of those of one stream of audio.
inline constexpr uint64_t wrong_key_ns = 5'000'000'000;
inline constexpr uint64_t wrong_key_packets = 25;

class MediaWatch {
 public:
  explicit MediaWatch(Events& events) : events_(events) {}

  // What the dataplane counted at a trunk so far.
  struct Counts {
    uint64_t foreign = 0;          // from another source than the one signalled
    uint64_t unauthenticated = 0;  // SRTP with a wrong tag
  };
  void counted(const std::string& trunk, const Counts& counts, uint64_t now_ns);

 private:
  struct Row {
    Counts before;
    uint64_t counted_ns = 0;  // 0: never
    uint64_t minute_ns = 0;   // its begin
    uint64_t minute_foreign = 0;
    uint64_t foreign_ns = 0;  // last, once it is an event; 0: it is none
    uint64_t failing_ns = 0;  // since when keys fail; 0: they do not
    uint64_t wrong_ns = 0;    // as foreign_ns
  };
  void watch_foreign(const std::string& trunk, Row& row, uint64_t packets, uint64_t now_ns);
  void watch_keys(const std::string& trunk, Row& row, uint64_t packets, uint64_t now_ns);

  Events& events_;
  std::map<std::string, Row> rows_;  // as many as trunks that ever were, which names bound
};

}  // namespace demarc::events
