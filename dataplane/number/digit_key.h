// DigitKey: the digits of a number as symbols of four bits, so that a step of a walk (digit_trie.h)
// compares, skips and indexes with several of them at once. A value of the walk; borrows nothing.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "dataplane/contract/number_rules.h"
#include "sip-parser/base/check.h"

namespace demarc::number {

// The number of a symbol of a number, 0 to 12; digit_symbols for another octet. All but '#' have
// the lower half of their octet.
unsigned symbol_of(char octet);

// Whether it is digits alone, behind a plus or not.
bool is_plain_number(std::string_view text);

// Sixteen octets, of which the first so many are there and the others are 0.
struct DigitBlock {
  uint64_t low = 0;
  uint64_t high = 0;

  // At most sixteen. The last part reaches back over octets that were read already.
  static DigitBlock load(const char* octets, size_t count) {
    const auto word = [octets]<class Word>(Word value, size_t at) {
      std::memcpy(&value, octets + at, sizeof value);
      return uint64_t{value};
    };
    // In two steps, since none may be of 64 bits.
    if (count >= 8) {
      return {word(uint64_t{}, 0),
              word(uint64_t{}, count - 8) >> 4 * (16 - count) >> 4 * (16 - count)};
    }
    if (count >= 4) {
      return {word(uint32_t{}, 0) | word(uint32_t{}, count - 4) << 8 * (count - 4), 0};
    }
    DigitBlock block;
    for (size_t i = 0; i < count; ++i) block.low |= word(uint8_t{}, i) << 8 * i;
    return block;
  }
};

// The lower halves of all octets side by side; a bit for each octet that is none of 0 to 9, and at
// least for each whose lower half is not its symbol.
struct PackedDigits {
  uint64_t symbols = 0;
  uint32_t others = 0;
  uint32_t strange = 0;

  static PackedDigits of(const DigitBlock& block) {
#ifdef __AVX2__
    const __m128i octets =
        _mm_set_epi64x(static_cast<int64_t>(block.high), static_cast<int64_t>(block.low));
    const auto mask = [](__m128i equal) { return static_cast<uint32_t>(_mm_movemask_epi8(equal)); };
    const __m128i digits = _mm_sub_epi8(octets, _mm_set1_epi8('0'));
    const __m128i are_digits = _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits);
    // '*' and '+' differ in the last bit alone.
    const __m128i are_known = _mm_or_si128(
        are_digits, _mm_cmpeq_epi8(_mm_or_si128(octets, _mm_set1_epi8(1)), _mm_set1_epi8('+')));
    const __m128i halves = _mm_and_si128(octets, _mm_set1_epi8(15));
    const __m128i pairs = _mm_maddubs_epi16(halves, _mm_set1_epi16(0x1001));
    const auto symbols = _mm_cvtsi128_si64(_mm_packus_epi16(pairs, pairs));
    return {static_cast<uint64_t>(symbols), ~mask(are_digits), ~mask(are_known)};
#else
    return by_octet(block);
#endif
  }
  // The same without AVX2. Bits beyond the sixteenth say nothing in either.
  static PackedDigits by_octet(const DigitBlock& block) {
    PackedDigits packed;
    for (unsigned i = 0; i < 16; ++i) {
      const uint64_t word = i < 8 ? block.low >> 8 * i : block.high >> 8 * (i - 8);
      const auto octet = static_cast<unsigned char>(word);
      const unsigned half = octet & 15u;
      const unsigned symbol = symbol_of(static_cast<char>(octet));
      if (symbol > 9) packed.others |= 1u << i;
      if (symbol != half) packed.strange |= 1u << i;
      packed.symbols |= uint64_t{half} << 4 * i;
    }
    return packed;
  }
};

class DigitKey {
 public:
  // At most max_number_length octets, of any kind.
  explicit DigitKey(std::string_view digits)
      : length_(static_cast<unsigned>(digits.size())), left_(length_) {
    DEMARC_CHECK(length_ <= contract::max_number_length);
    ahead_ = pack(digits.data(), std::min(length_, symbols_per_word), 0);
    if (length_ > symbols_per_word) read_on(digits);
  }

  // How many are left, those that were dropped not counted.
  unsigned left() const { return left_; }
  unsigned length() const { return length_; }
  unsigned dropped() const { return length_ - left_; }
  // Whether nothing but 0 to 9 is left.
  bool is_plain() const { return plain_from_ <= dropped(); }
  // From where on that is so.
  unsigned plain_from() const { return plain_from_; }
  // At least the next fifteen symbols, the first one in the lowest bits; 0 behind the end.
  uint64_t ahead() const { return ahead_; }
  // At most fifteen, and no more than are left.
  void drop(unsigned count) {
    left_ -= count;
    ahead_ >>= 4 * count;
    if (length_ > symbols_per_word) refill(4 * count);
  }

 private:
  static constexpr unsigned symbols_per_word = 16;
  static constexpr unsigned words_behind = 3;

  // The `count` octets that stand at `at` in the number.
  uint64_t pack(const char* octets, unsigned count, unsigned at) {
    PackedDigits packed = PackedDigits::of(DigitBlock::load(octets, count));
    const uint32_t present = (1u << count) - 1;
    const uint32_t others = packed.others & present;
    if (others != 0) plain_from_ = at + static_cast<unsigned>(std::bit_width(others));
    for (uint32_t strange = packed.strange & present; strange != 0; strange &= strange - 1) {
      const auto place = static_cast<unsigned>(std::countr_zero(strange));
      packed.symbols &= ~(uint64_t{15} << 4 * place);
      packed.symbols |= uint64_t{symbol_of(octets[place])} << 4 * place;
    }
    return packed.symbols;
  }
  void read_on(std::string_view digits);

  // In two steps, since none may be of 64 bits.
  void refill(unsigned bits) {
    ahead_ |= behind_[0] << 1 << (63 - bits);
    for (unsigned i = 0; i < words_behind; ++i) {
      behind_[i] >>= bits;
      if (i + 1 < words_behind) behind_[i] |= behind_[i + 1] << 1 << (63 - bits);
    }
  }

  uint64_t ahead_ = 0;
  std::array<uint64_t, words_behind> behind_;  // of a number that is longer than a word
  unsigned length_ = 0;
  unsigned left_ = 0;
  unsigned plain_from_ = 0;
};
static_assert(contract::max_number_length <= 64);
// Octets are read as words with the first one lowest.
static_assert(std::endian::native == std::endian::little);

}  // namespace demarc::number
