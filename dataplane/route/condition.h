// Condition: whether a route is for this call: its calling number, exceptions, header fields of the
// INVITE and the hour. Asked by route.cc for each route whose called number fits.
//
// Pure reads of the snapshot, on the worker of the call and in the control plane's what-if; no
// clock is asked, the time is an argument.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/contract/snapshot.h"
#include "sip-parser/message.h"

namespace demarc::route {

// What of a call beside its numbers may be asked. Borrows both; lives as long as the decision.
struct Occasion {
  const sip::Message* invite = nullptr;  // nullptr: it has no header fields
  std::string_view datagram = {};        // that the message is of
  uint64_t unix_s = 0;                   // now
};

// The minute of the week from Monday 00:00, 0 to 10079, that the zone's clock shows. `steps` has at
// least one.
uint16_t minute_of_week(std::span<const contract::ZoneStep> steps, uint64_t unix_s);

// What a condition is asked about. Borrows all of it.
struct Candidate {
  std::string_view called;  // digits; empty for what is no number
  std::string_view calling;
  const Occasion& occasion;
  uint32_t patterns = contract::no_row;  // the trunk's condition patterns
  unsigned worker = 0;
};
bool holds(const contract::Snapshot& snapshot, const contract::RouteCondition& condition,
           const Candidate& candidate);

}  // namespace demarc::route
