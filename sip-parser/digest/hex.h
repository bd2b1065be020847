// Hash values as octets and as the lower-case hex in which digest authentication hashes and sends
// them (RFC 7616 section 3.2). No state, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/ascii.h"
#include "sip-parser/digest/algorithm.h"

namespace demarc::digest {

struct HashValue {
  std::array<uint8_t, max_hash_octets> octets{};
  uint8_t size = 0;

  std::string_view view() const { return {reinterpret_cast<const char*>(octets.data()), size}; }
};

struct HexText {
  std::array<char, 2 * max_hash_octets> digits{};
  uint8_t size = 0;

  // Valid as long as the object.
  std::string_view view() const { return {digits.data(), size}; }
};

inline HexText to_hex(const HashValue& value) {
  constexpr std::string_view hex_digits = "0123456789abcdef";
  HexText result;
  for (unsigned i = 0; i < value.size; ++i) {
    result.digits[2 * i] = hex_digits[value.octets[i] >> 4];
    result.digits[2 * i + 1] = hex_digits[value.octets[i] & 15];
  }
  result.size = static_cast<uint8_t>(2 * value.size);
  return result;
}

// The octets of exactly `size` pairs of hex digits, in either case. The grammar says LHEX, lower
// case, yet a peer that sends capitals proves the same knowledge. False when it is anything else.
inline bool from_hex(std::string_view text, unsigned size, HashValue& value) {
  if (size > max_hash_octets || text.size() != 2 * size) return false;
  for (unsigned i = 0; i < 2 * size; ++i) {
    const char c = ascii::to_lower(text[i]);
    if (!ascii::is_hex(c)) return false;
    const unsigned nibble = static_cast<unsigned>(ascii::is_digit(c) ? c - '0' : c - 'a' + 10);
    uint8_t& octet = value.octets[i / 2];
    octet = static_cast<uint8_t>(i % 2 == 0 ? nibble << 4 : octet | nibble);
  }
  value.size = static_cast<uint8_t>(size);
  return true;
}

}  // namespace demarc::digest
