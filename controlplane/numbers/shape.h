// Which patterns need no regular expression: literal digits and classes of them, then counted
// digits. "^\\+(1\\d{10})$" is the prefix "+1" of a number of 12; "^([2-9]\\d{9})$" is eight
// prefixes. They become entries of a trie. Of other patterns the beginning may be of that kind: it
// says which numbers the pattern need not be tried with.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/contract/number_rules.h"

namespace demarc::numbers {

struct Shape {
  std::vector<std::string> prefixes;  // at most max_prefixes; of symbols 0-9 * # +
  uint8_t shortest = 0;               // digits of the whole number
  uint8_t longest = 0;
  bool wants_digits = false;                    // nothing but 0 to 9 behind the prefix
  std::vector<contract::CaptureSpan> captures;  // the whole match, then $1 and so on
};

inline constexpr size_t max_prefixes = 256;

// Nothing when the pattern is not of that shape. It is a good pattern.
std::optional<Shape> shape_of(std::string_view pattern);

// One of these begins every number that the pattern matches, "8425" of "^8425(?:1|23)\\d+$"; at
// most max_prefixes of one length. Empty when the pattern does not begin so. It is a good pattern.
std::vector<std::string> stems_of(std::string_view pattern);

}  // namespace demarc::numbers
