// "486 Q.850/34 -> 503": what a failure counts as, in the words of the configuration file.
// Used by bind.cc; no state.
#pragma once

#include <string>
#include <string_view>

#include "dataplane/contract/call_policy.h"

namespace demarc::config {

// The status code, the cause, or both; then what they count as. Throws ValueError.
contract::CauseRule parse_cause_rule(std::string_view text);
// The same form again.
std::string text_of(const contract::CauseRule& rule);

}  // namespace demarc::config
