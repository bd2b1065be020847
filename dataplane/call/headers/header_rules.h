// The header rules of one trunk, applied to what will cross: pass, remove, add, replace, copy.
//
// A part of header_policy.h. Rules are taken in their order, each on what those before it left.
#pragma once

#include "dataplane/call/headers/crossing.h"
#include "dataplane/call/headers/field_view.h"

namespace demarc::call::headers {

// Those of `trunk` for `side`. A rule never reaches a field that the call engine writes itself, and
// never lets one through that has a policy of its own (contract::field_class).
void apply_rules(FieldView& view, const Crossing& crossing, const contract::TrunkConfig& trunk,
                 contract::HeaderRule::Side side);

}  // namespace demarc::call::headers
