// Failover: what the failure of one target means for the next. Pure reads of a trunk's policy, on
// any thread.
#pragma once

#include <cstdint>

#include "dataplane/contract/call_policy.h"
#include "dataplane/contract/section.h"

namespace demarc::route {

// What a final response of 300 to 699 counts as: the first of the trunk's cause rules that matches
// says, else the status itself. `q850_cause` is that of its Reason (RFC 3326); 0: none.
uint16_t failure_status(const contract::CallPolicy& policy, const contract::TrunkSection& section,
                        uint16_t status_code, uint16_t q850_cause);

// Whether the next target is tried after it.
bool is_next_tried(const contract::CallPolicy& policy, const contract::TrunkSection& section,
                   uint16_t status_code);

}  // namespace demarc::route
