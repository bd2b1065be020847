// Patterns of header rules: text in which each '*' stands for any run of octets.
//
// Used by header_rules.cc on a worker; no state. The time is linear in the text, whatever stands in
// either.
#pragma once

#include <string_view>

namespace demarc::call::headers {

// Octets are compared as they are. `pattern` is at most contract::max_header_rule_text octets; a
// longer one matches nothing.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace demarc::call::headers
