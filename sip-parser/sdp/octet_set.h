// A set of ASCII octets, asked for 32 octets of text at once.
//
// Used by reader.h for every run of digits, of a token or of an address. With AVX2 a question is
// two shuffles: one table gives for the low half of an octet the high halves that it goes with, the
// other the bit of the high half. The scalar twin gives the same mask; it is what a build without
// AVX2 uses. The choice is made by the compile target, as in sip-parser/scan.h. No state.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "sip-parser/base/ascii.h"

namespace demarc::sdp {

inline constexpr uint32_t block_octets = 32;

class OctetSet {
 public:
  // `predicate` says for each ASCII character whether it belongs. Neither NUL nor an octet above
  // 127 ever does, so that zeros behind a text end every run.
  template <class Predicate>
  explicit consteval OctetSet(Predicate predicate) {
    for (unsigned octet = 1; octet < 128; ++octet) {
      if (!predicate(static_cast<char>(octet))) continue;
      const auto bit = static_cast<uint8_t>(1u << (octet >> 4));
      low_halves_[octet & 15] = static_cast<uint8_t>(low_halves_[octet & 15] | bit);
      low_halves_[16 + (octet & 15)] = low_halves_[octet & 15];
    }
  }

  constexpr bool contains(char c) const {
    const auto octet = static_cast<uint8_t>(c);
    return octet < 128 && ((low_halves_[octet & 15] >> (octet >> 4)) & 1) != 0;
  }
  // Whether `text` is made of members only; an empty text is.
  constexpr bool covers(std::string_view text) const {
    for (const char c : text) {
      if (!contains(c)) return false;
    }
    return true;
  }

  // Bit i is set when data[i] does not belong. Reads 32 octets.
  uint32_t outside(const char* data) const {
#ifdef __AVX2__
    return outside(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(data)));
#else
    return outside_scalar(data);
#endif
  }
#ifdef __AVX2__
  uint32_t outside(__m256i block) const {
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(block, 4), load(low_bits));
    const __m256i bits = _mm256_shuffle_epi8(load(bit_of_high_half), high);
    const __m256i fits = _mm256_shuffle_epi8(load(low_halves_), block);
    const __m256i none = _mm256_cmpeq_epi8(_mm256_and_si256(fits, bits), _mm256_setzero_si256());
    return static_cast<uint32_t>(_mm256_movemask_epi8(none));
  }
#endif
  constexpr uint32_t outside_scalar(const char* data) const {
    uint32_t mask = 0;
    for (uint32_t i = 0; i < block_octets; ++i) {
      mask |= static_cast<uint32_t>(!contains(data[i])) << i;
    }
    return mask;
  }

 private:
  // Everything twice, as a shuffle looks up each 16-octet lane in its own half. All are memory:
  // compilers else build such constants anew from a word wherever they are used.
  using Table = std::array<uint8_t, 32>;
  alignas(32) static constexpr Table bit_of_high_half = {1,  2,   4, 8, 16, 32, 64, 128, 0, 0,  0,
                                                         0,  0,   0, 0, 0,  1,  2,  4,   8, 16, 32,
                                                         64, 128, 0, 0, 0,  0,  0,  0,   0, 0};
  alignas(32) static constexpr Table low_bits = {15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
                                                 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
                                                 15, 15, 15, 15, 15, 15, 15, 15, 15, 15};
#ifdef __AVX2__
  static __m256i load(const Table& table) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(table.data()));
  }
#endif

  alignas(32) Table low_halves_{};
};

inline constexpr OctetSet digits([](char c) { return ascii::is_digit(c); });
// token-char of RFC 8866 section 9: wider than SIP's by # $ & ^ { | }.
inline constexpr OctetSet token([](char c) {
  return ascii::is_token(c) || std::string_view("#$&^{|}").find(c) != std::string_view::npos;
});
// The text of an address or a host name; whoever sends to it converts it and may still refuse it.
inline constexpr OctetSet ip4_text([](char c) {
  return ascii::is_alphanum(c) || c == '.' || c == '-';
});
inline constexpr OctetSet ip6_text([](char c) {
  return ascii::is_alphanum(c) || c == '.' || c == '-' || c == ':';
});
// proto of RFC 8866 section 9: tokens with '/' between them.
inline constexpr OctetSet protocol_text([](char c) { return c == '/' || token.contains(c); });
// ice-char of RFC 8839 section 5.1.
inline constexpr OctetSet ice_text([](char c) {
  return ascii::is_alphanum(c) || c == '+' || c == '/';
});
// What stands between blanks: everything visible in ASCII.
inline constexpr OctetSet visible([](char c) { return c > ' ' && c < '\x7f'; });

constexpr bool is_token(std::string_view text) {
  return !text.empty() && token.covers(text);
}
// Whether every piece between the '/' of a proto is a token.
constexpr bool is_protocol(std::string_view text) {
  char before = '/';
  for (const char c : text) {
    if (!protocol_text.contains(c) || (c == '/' && before == '/')) return false;
    before = c;
  }
  return before != '/';
}

}  // namespace demarc::sdp
