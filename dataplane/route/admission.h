// Admission: what a limit that stands against a call means for the rest of its targets, and whether
// a call's media counts at all. Asked by call/ and by the control plane's what-if. Pure functions.
#pragma once

#include "dataplane/contract/snapshot.h"
#include "dataplane/contract/trunk_limits.h"

namespace demarc::route {

// Whether the trunk that stands against a call is the one that it came from.
bool is_of_caller(contract::LimitMet met);
// Whether it is media that there is no room for. With another trunk it may go past us.
bool is_of_bandwidth(contract::LimitMet met);

// Whether media between the two may go past us: each wants it with the other one.
bool may_bypass(const contract::Snapshot& snapshot, contract::TrunkId one, contract::TrunkId other);

}  // namespace demarc::route
