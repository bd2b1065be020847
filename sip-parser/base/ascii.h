// Character classes and comparisons of RFC 3261 section 25.1, for ASCII only and free of locale.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace demarc::ascii {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_alphanum(char c) {
  return is_alpha(c) || is_digit(c);
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
// SP or HTAB.
constexpr bool is_wsp(char c) {
  return c == ' ' || c == '\t';
}
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// token of RFC 3261 section 25.1: 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" /
// "'" / "~").
inline constexpr std::array<bool, 256> token_octets = [] {
  std::array<bool, 256> table{};
  for (unsigned octet = 0; octet < 128; ++octet) {
    const char c = static_cast<char>(octet);
    table[octet] =
        is_alphanum(c) || std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos;
  }
  return table;
}();
constexpr bool is_token(char c) {
  return token_octets[static_cast<uint8_t>(c)];
}
constexpr bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!is_token(c)) return false;
  }
  return !text.empty();
}

// Compared without regard to case.
constexpr bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

// Whether `text` is the word, which is of lower-case letters, without regard to case. A letter is
// the only octet that becomes a lower-case letter when bit 5 is set, so whole words are compared.
template <std::size_t N>
inline bool is_word(std::string_view text, const char (&word)[N]) {
  constexpr std::size_t size = N - 1;
  static_assert(size >= 2 && size <= 16);
  if (text.size() != size) return false;
  const auto is_same = [&]<class Part>(Part, std::size_t at) {
    Part a, b;
    std::memcpy(&a, text.data() + at, sizeof a);
    std::memcpy(&b, word + at, sizeof b);
    return (a | static_cast<Part>(0x2020202020202020u)) == b;
  };
  // The last part reaches back over octets that were compared already.
  if constexpr (size < 4) {
    return is_same(uint16_t{}, 0) && is_same(uint16_t{}, size - 2);
  } else if constexpr (size < 8) {
    return is_same(uint32_t{}, 0) && is_same(uint32_t{}, size - 4);
  } else {
    return is_same(uint64_t{}, 0) && is_same(uint64_t{}, size - 8);
  }
}

// Without SP and HTAB at both ends.
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_wsp(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_wsp(text.back())) text.remove_suffix(1);
  return text;
}

// Decimal digits only, no sign, no blanks. False when empty, not digits, or above `maximum`.
constexpr bool parse_decimal(std::string_view text, uint64_t maximum, uint64_t& value) {
  if (text.empty()) return false;
  uint64_t result = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    if (digit > maximum || result > (maximum - digit) / 10) return false;
    result = result * 10 + digit;
  }
  value = result;
  return true;
}

}  // namespace demarc::ascii
