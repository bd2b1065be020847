// Replay: recorded calls run through two configurations, and those whose outcome differs (decision
// D69). "Outcome" is everything that trace_route says of targets: trunks in order, addresses, both
// numbers at each, or that the call is refused.
//
// Header fields are not recorded, so conditions on them see none, under both configurations alike;
// the answer says when there are such. The hour is that of the record. Any thread.
#pragma once

#include <string>
#include <vector>

#include "controlplane/records/history.h"
#include "controlplane/whatif/trace_route.h"

namespace demarc::whatif {

inline constexpr size_t max_replayed_calls = 100'000;
inline constexpr size_t max_listed_changes = 1'000;

struct ChangedCall {
  records::PastCall call;
  std::string before;
  std::string after;
};

struct Replay {
  size_t call_count = 0;
  size_t changed_count = 0;
  size_t left_out = 0;               // older calls beyond the limit
  bool misses_headers = false;       // either configuration has routes by header fields
  std::vector<ChangedCall> changed;  // the first max_listed_changes of them
};

// `bound` is registered under both.
Replay replay(const Snapshot& before, const Snapshot& after, const records::History& history,
              const std::vector<Bound>& bound = {});

// "itsp 10.0.0.30:5060 as 0044...; ..." in one line, or why it is refused.
std::string outcome_of(const Trace& trace);

std::string json_of(const Replay& replay);

}  // namespace demarc::whatif
