// Replacement: the text that a rule makes of what its pattern captured. A part of rewrite.h and
// display_name.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "dataplane/number/patterns.h"
#include "sip-parser/base/ascii.h"

namespace demarc::number {

// What is written so far of a text that may become too long.
template <size_t capacity>
struct MadeText {
  std::array<char, capacity> octets;
  size_t length = 0;
  bool is_full = false;

  void put(std::string_view piece) {
    if (length + piece.size() > octets.size()) {
      is_full = true;
      return;
    }
    std::memcpy(octets.data() + length, piece.data(), piece.size());
    length += piece.size();
  }
  std::string_view view() const { return {octets.data(), length}; }
};

// "$1" and so on, "$0", "$$".
template <size_t capacity>
void substitute(std::string_view replacement, std::string_view matched, const Captures& captures,
                MadeText<capacity>& output) {
  while (!replacement.empty()) {
    const size_t dollar = replacement.find('$');
    if (dollar == std::string_view::npos || dollar + 1 == replacement.size()) {
      return output.put(replacement);
    }
    output.put(replacement.substr(0, dollar));
    const char named = replacement[dollar + 1];
    replacement.remove_prefix(dollar + 2);
    if (!ascii::is_digit(named)) {
      output.put({&named, 1});
      continue;
    }
    const auto& range = captures.ranges[static_cast<unsigned>(named - '0')];
    if (range.end <= matched.size() && range.begin <= range.end) {
      output.put(matched.substr(range.begin, static_cast<size_t>(range.end - range.begin)));
    }
  }
}

}  // namespace demarc::number
