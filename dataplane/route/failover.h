// Failover: what a failed attempt counts as, and whether the call goes on to its next target.
//
// Pure functions of the called trunk's policy; call/ asks them after each final response of the
// called side. Any thread.
#pragma once

#include <cstdint>

#include "dataplane/contract/section.h"

namespace demarc::route {

// The status code that a failure counts as from now on: what the first cause rule that fits makes
// of it, else `status_code`. `q850_cause` is of the response's Reason field (RFC 3326), 0 when it
// has none. A code outside 400 to 699 stays as it is.
uint16_t failure_status(const contract::CallPolicy& policy, const contract::TrunkSection& section,
                        uint16_t status_code, uint16_t q850_cause);

// Whether a failure, by what failure_status() made of it, goes on to the next target.
bool is_next_tried(const contract::CallPolicy& policy, const contract::TrunkSection& section,
                   uint16_t status_code);
// The same of a time that the target let pass.
bool is_next_tried(const contract::CallPolicy& policy, contract::FailoverTimeout timeout);

}  // namespace demarc::route
