// Decimal numbers of few digits, eight octets at a time.
//
// Used by value parsers for ports, CSeq numbers and the like, where a number stands inside a value
// and ends with its digits. No state, any thread. RFC 3261 section 25.1, 1*DIGIT.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "sip-parser/base/ascii.h"

namespace demarc {

struct Decimal {
  uint64_t value = 0;
  uint32_t end = 0;  // behind the last digit; the position that was asked for when there is none
};

// The digits of [position, end) from `position` on, any number of them, with leading zeros. A value
// above `maximum`, which is below 2^60, is maximum + 1.
constexpr Decimal read_decimal_scalar(std::string_view text, uint32_t position, uint32_t end,
                                      uint64_t maximum) {
  Decimal result{0, position};
  for (; result.end < end && ascii::is_digit(text[result.end]); ++result.end) {
    if (result.value > maximum) continue;
    result.value = result.value * 10 + static_cast<uint64_t>(text[result.end] - '0');
    if (result.value > maximum) result.value = maximum + 1;
  }
  return result;
}

// The same, by one word where it can be read and holds all digits.
inline Decimal read_decimal(std::string_view text, uint32_t position, uint32_t end,
                            uint64_t maximum) {
  if (position + sizeof(uint64_t) <= text.size() && position < end) [[likely]] {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + position, sizeof word);
    // Digits become 0..9; bit 7 of every other octet is set.
    word ^= 0x3030303030303030u;
    const uint64_t others = (word | (word + 0x7676767676767676u)) & 0x8080808080808080u;
    const uint32_t count = static_cast<uint32_t>(std::countr_zero(others)) / 8;
    if (count != 0 && count < 8 && position + count <= end) [[likely]] {
      // The digits go to the top, zeros before them; then pairs, fours and both fours are joined.
      word <<= 64 - 8 * count;
      word = word * 10 + (word >> 8);
      const uint64_t value = ((word & 0x000000ff000000ffu) * 0x000f424000000064u +
                              (word >> 16 & 0x000000ff000000ffu) * 0x0000271000000001u) >>
                             32;
      return {value > maximum ? maximum + 1 : value, position + count};
    }
  }
  return read_decimal_scalar(text, position, end, maximum);
}

}  // namespace demarc
