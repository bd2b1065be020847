// CharClass: a set of ASCII characters, and the end of a run of them found 32 octets at a time.
//
// Used by every value parser of sip-parser: a host, a token, a parameter is one run. A set is 16
// octets: bit h of rows[l] says whether the character 0x(h)(l) belongs to it. So one shuffle by the
// low half of each octet and one by its high half classify a whole register; octets above 0x7f
// belong to no set. Without AVX2 the scalar twin does the same octet by octet. No state.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace demarc {

// Octets are compared as words in many places of sip-parser, with the first octet lowest.
static_assert(std::endian::native == std::endian::little);

class CharClass {
 public:
  static constexpr uint32_t block_octets = 32;

  // The characters of `text`.
  static constexpr CharClass of(std::string_view text) {
    CharClass result;
    for (const char c : text) result.add(static_cast<uint8_t>(c));
    return result;
  }
  // The ASCII characters for which `predicate` holds.
  static constexpr CharClass where(bool (*predicate)(char)) {
    CharClass result;
    for (uint8_t c = 0; c < 0x80; ++c) {
      if (predicate(static_cast<char>(c))) result.add(c);
    }
    return result;
  }
  // VCHAR: 0x21 to 0x7e.
  static constexpr CharClass visible() {
    return where([](char c) { return c > ' ' && c < 0x7f; });
  }
  constexpr CharClass operator|(const CharClass& other) const {
    CharClass result;
    for (size_t i = 0; i < rows_.size(); ++i) {
      result.rows_[i] = static_cast<uint8_t>(rows_[i] | other.rows_[i]);
    }
    return result;
  }
  constexpr CharClass without(std::string_view text) const {
    CharClass result = *this;
    for (const char c : text) {
      const uint8_t octet = static_cast<uint8_t>(c);
      for (const int row : {octet & 15, (octet & 15) + 16}) {
        result.rows_[static_cast<size_t>(row)] &= static_cast<uint8_t>(~(1u << (octet >> 4)));
      }
    }
    return result;
  }

  constexpr bool contains(char c) const {
    const uint8_t octet = static_cast<uint8_t>(c);
    return octet < 0x80 && (rows_[octet & 15] >> (octet >> 4) & 1) != 0;
  }

#ifdef __AVX2__
  // Bit i is set when data[i] does not belong to the set. Reads 32 octets.
  uint32_t outside_mask(const char* data) const {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(block, 4), load(tables.low_halves));
    const __m256i found = _mm256_and_si256(_mm256_shuffle_epi8(load(rows_), block),
                                           _mm256_shuffle_epi8(load(tables.high_bits), high));
    return static_cast<uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(found, _mm256_setzero_si256())));
  }
  // The same of 64 octets.
  uint64_t outside_mask_64(const char* data) const {
    return outside_mask(data) | static_cast<uint64_t>(outside_mask(data + 32)) << 32;
  }
#endif

 private:
  constexpr void add(uint8_t octet) {
    for (const int row : {octet & 15, (octet & 15) + 16}) {
      rows_[static_cast<size_t>(row)] =
          static_cast<uint8_t>(rows_[static_cast<size_t>(row)] | 1u << (octet >> 4));
    }
  }

#ifdef __AVX2__
  // Defined elsewhere, so that they are loaded and not put together anew at every use.
  struct Tables {
    alignas(32) std::array<uint8_t, 32> low_halves;
    alignas(32) std::array<uint8_t, 32> high_bits;  // 1 << h for the high halves 0..7, else 0
  };
  static const Tables tables;
  static __m256i load(const std::array<uint8_t, 32>& table) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(table.data()));
  }
#endif

  // The 16 rows, twice: a register has two halves.
  alignas(32) std::array<uint8_t, 32> rows_{};
};

// The first position in [position, end] whose octet does not belong to the class; `end` when there
// is none before it. The scalar twin of find_outside().
constexpr uint32_t find_outside_scalar(std::string_view text, uint32_t position, uint32_t end,
                                       const CharClass& set) {
  while (position < end && set.contains(text[position])) ++position;
  return position;
}

// The rest of find_outside(), for runs that are longer than a register or end near that of `text`.
uint32_t find_outside_long(std::string_view text, uint32_t position, uint32_t end,
                           const CharClass& set);

// The same, by whole registers where `text` has the room; `end` is at most text.size(). Reads
// octets of `text` only, and of these perhaps some behind `end`.
inline uint32_t find_outside(std::string_view text, uint32_t position, uint32_t end,
                             const CharClass& set) {
#ifdef __AVX2__
  if (position + size_t{CharClass::block_octets} <= text.size()) [[likely]] {
    const uint32_t mask = set.outside_mask(text.data() + position);
    const uint32_t found = position + static_cast<uint32_t>(std::countr_zero(mask));
    if (mask != 0 || found >= end) [[likely]]
      return found < end ? found : end;
  }
#endif
  return find_outside_long(text, position, end, set);
}

// Finds the ends of many runs of one class in one value: 64 octets are classified at once, and a
// run that ends among them costs a shift. Positions go forward.
class RunScanner {
 public:
  RunScanner(std::string_view text, const CharClass& set) : text_(text), set_(&set) {}

  // As find_outside().
  uint32_t find_end(uint32_t position, uint32_t end) {
#ifdef __AVX2__
    const uint32_t offset = position - base_;
    if (offset < 64) [[likely]] {
      const uint64_t rest = mask_ >> offset;
      const uint32_t found = position + static_cast<uint32_t>(std::countr_zero(rest));
      if (rest != 0) [[likely]]
        return found < end ? found : end;
    }
    if (position + size_t{64} <= text_.size()) [[likely]] {
      base_ = position;
      mask_ = set_->outside_mask_64(text_.data() + position);
      const uint32_t found = position + static_cast<uint32_t>(std::countr_zero(mask_));
      if (mask_ != 0 || found >= end) [[likely]]
        return found < end ? found : end;
    }
#endif
    return find_outside_long(text_, position, end, *set_);
  }

 private:
  std::string_view text_;
  const CharClass* set_;
#ifdef __AVX2__
  uint32_t base_ = 0x80000000u;  // nothing is classified yet
  uint64_t mask_ = 0;            // the octets at base_ that do not belong to the class
#endif
};

}  // namespace demarc
