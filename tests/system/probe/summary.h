// What one end counted, printed as one line of JSON at the end and, with --progress, as it goes.
// Filled by Call and Endpoint, both of the one thread.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/system/probe/stream.h"

namespace demarc::probe {

struct Summary {
  std::string role;
  uint64_t placed = 0;              // INVITEs sent
  uint64_t offered = 0;             // INVITEs received
  uint64_t answered = 0;            // calls that got, or gave, a 2xx
  uint64_t ended = 0;               // answered calls that were properly hung up
  uint64_t cancelled = 0;           // ended by CANCEL and 487
  std::map<int, uint64_t> refused;  // final responses of 3xx to 6xx, 487 after CANCEL apart
  uint64_t failed = 0;              // timed out or broke a rule: `problems` says how
  uint64_t live = 0;                // answered and not yet ended
  uint64_t unfinished = 0;          // ended before the peer's last packet was seen
  uint64_t resent = 0;              // SIP messages sent again by a timer
  MediaCount rtp;
  MediaCount rtcp;
  Time max_gap = 0;
  std::vector<Time> post_dial_delays;  // INVITE to the first 18x
  std::vector<Time> setup_times;       // INVITE to the 2xx
  std::vector<std::string> problems;

  void problem(std::string what);
  // Nothing failed, and every packet was there once, in order, unharmed.
  bool is_clean() const;
  std::string json() const;
  std::string progress_json() const;
};

}  // namespace demarc::probe
