// Copies of a few octets without a call: numbers are short, and a decision copies some.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace demarc::number {

// The two do not overlap. The last part reaches back over octets that were copied already.
inline void copy_short(char* to, const char* from, size_t count) {
  const auto copy_ends = [&]<class Part>(Part) {
    std::memcpy(to, from, sizeof(Part));
    std::memcpy(to + count - sizeof(Part), from + count - sizeof(Part), sizeof(Part));
  };
  if (count > 32) {
    std::memcpy(to, from, count);
  } else if (count >= 16) {
    copy_ends(std::array<uint64_t, 2>{});
  } else if (count >= 8) {
    copy_ends(uint64_t{});
  } else if (count >= 4) {
    copy_ends(uint32_t{});
  } else {
    for (size_t i = 0; i < count; ++i) to[i] = from[i];
  }
}

}  // namespace demarc::number
