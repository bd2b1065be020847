// The look-up behind header_name(): a perfect hash that is made at compile time.
//
// Used by the passes over a whole message, which know that a register can be read at the name. A
// known name is found in one load of two octets at each end and one in the middle, a
// multiplication, and one comparison of 32 octets without regard to case.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "sip-parser/base/ascii.h"
#include "sip-parser/header_name.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace demarc::sip::name_lookup {

inline constexpr std::size_t entry_octets = 32;

// A known name in lower case; the last octet says how long it is.
struct alignas(entry_octets) Entry {
  std::array<char, entry_octets> text{};
  uint32_t length() const { return static_cast<uint8_t>(text.back()); }
};

extern const std::array<Entry, header_name_count> entries;

inline constexpr unsigned slot_bits = 10;
inline constexpr std::size_t slot_count = std::size_t{1} << slot_bits;
extern const std::array<HeaderName, slot_count> slots;
extern const uint64_t multiplier;

// Letters lose their case and other octets change too: what is found is compared afterwards.
constexpr uint64_t mix(uint64_t first_two, uint64_t last_two, uint64_t middle, uint64_t length) {
  return (first_two | last_two << 16 | middle << 32 | 0x2020202020u) ^ length << 40;
}
constexpr std::size_t slot_of(uint64_t mixed, uint64_t factor) {
  return static_cast<std::size_t>((mixed * factor) >> (64 - slot_bits));
}

inline uint64_t load_two(const char* data) {
  uint16_t octets = 0;
  std::memcpy(&octets, data, sizeof octets);
  return octets;
}

// Whether the name at `data` is that of the entry. An octet of a token that differs from a letter
// or a '-' in bit 5 only is the same letter in the other case, since '-' without it is CR.
inline bool is_entry(const char* data, uint32_t length, const Entry& entry) {
  if (length != entry.length()) return false;
#ifdef __AVX2__
  const __m256i text = _mm256_or_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(data)),
                                       _mm256_set1_epi8(0x20));
  const __m256i known = _mm256_load_si256(reinterpret_cast<const __m256i*>(entry.text.data()));
  const uint32_t differ =
      ~static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(text, known)));
  return static_cast<uint32_t>(std::countr_zero(differ)) >= length;
#else
  return ascii::iequals({data, length}, {entry.text.data(), length});
#endif
}

// The name of `length` octets at `data`. Reads entry_octets there.
inline HeaderName find(const char* data, uint32_t length) {
  if (length < 2) [[unlikely]]
    return header_name({data, length});
  const uint64_t mixed = mix(load_two(data), load_two(data + length - 2),
                             static_cast<uint8_t>(data[length / 2]), length);
  const HeaderName name = slots[slot_of(mixed, multiplier)];
  return is_entry(data, length, entries[static_cast<std::size_t>(name)]) ? name : HeaderName::other;
}

}  // namespace demarc::sip::name_lookup
