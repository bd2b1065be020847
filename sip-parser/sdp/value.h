// Cuts the value of an attribute into its parts.
//
// Used by the parsers of single attributes (crypto.h, candidate.h, ...), which read a value when
// somebody asks for it. Works on the text itself and never looks outside it. No state.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"
#include "sip-parser/sdp/octet_set.h"

namespace demarc::sdp {

using sip::ValueError;

// Cuts the first word off `rest`, with the SP before it; empty when there is no more.
constexpr std::string_view take_word(std::string_view& rest) {
  size_t begin = 0;
  while (begin < rest.size() && rest[begin] == ' ') ++begin;
  size_t end = begin;
  while (end < rest.size() && rest[end] != ' ') ++end;
  const std::string_view word = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
  return word;
}

// Cuts off what stands before the first `mark`, and the mark; all of `rest` when there is none.
constexpr std::string_view take_until(std::string_view& rest, char mark) {
  const size_t end = rest.find(mark);
  const std::string_view piece = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return piece;
}

struct Range {
  uint64_t minimum;
  uint64_t maximum;
};
// Digits only, and in `range`.
template <std::unsigned_integral Number>
constexpr bool read_number(std::string_view text, Range range, Number& number) {
  uint64_t value = 0;
  if (!ascii::parse_decimal(text, range.maximum, value) || value < range.minimum) return false;
  number = static_cast<Number>(value);
  return true;
}

// Why a number was refused: its octets or its range.
constexpr ValueError number_error(std::string_view text) {
  return !text.empty() && digits.covers(text) ? ValueError::out_of_range : ValueError::bad_syntax;
}

}  // namespace demarc::sdp
