// What a shaped rule makes of a number, as pieces that a worker only has to put together. It reads
// such a number no more: that it is one is shown here.
#pragma once

#include <string_view>
#include <vector>

#include "controlplane/numbers/shape.h"
#include "dataplane/contract/number_rules.h"

namespace demarc::numbers {

// None when what the replacement makes may be no number, or takes too many pieces. `replacement` is
// that of a good rule: with $0 to $9 and $$.
std::vector<contract::RewriteStep> steps_of(const Shape& shape, std::string_view replacement);

}  // namespace demarc::numbers
