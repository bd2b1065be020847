// Admission: what a limit that stands against a call means for the rest of its targets, and whether
// a call's media counts at all. Asked by call/ and by the control plane's what-if. Pure functions.
#pragma once

#include <span>

#include "dataplane/contract/snapshot.h"
#include "dataplane/contract/trunk_limits.h"

namespace demarc::route {

// Whether the trunk that stands against a call is the one that it came from.
bool is_of_caller(contract::LimitMet met);
// Whether it is media that there is no room for. With another trunk it may go past us.
bool is_of_bandwidth(contract::LimitMet met);

// One call is one in the rate of a trunk and of a group, however often it meets them. Of the trunks
// whose rates a call has been taken of as targets, in order, the one to say before `trunk` is
// entered: itself, when nothing is to be taken any more; else one that shares a group with it; else
// the last one; none where there is none.
contract::TrunkId rated_before(const contract::Snapshot& snapshot,
                               std::span<const contract::TrunkId> rated, contract::TrunkId trunk);

// Whether media between the two may go past us: each wants it with the other one.
bool may_bypass(const contract::Snapshot& snapshot, contract::TrunkId one, contract::TrunkId other);

}  // namespace demarc::route
