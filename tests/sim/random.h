// Random: the one source of chance of a simulation. xoshiro256** (Blackman and Vigna), seeded by
// splitmix64, and whole numbers only: the distributions of the standard library differ between
// libraries, and a seed must mean the same run everywhere.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "dataplane/contract/time.h"

namespace demarc::sim {

class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) word = split(seed);
  }

  uint64_t next() {
    const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  // 0 to count - 1; `count` is not 0.
  uint32_t below(uint32_t count) { return static_cast<uint32_t>(next() >> 32) % count; }
  uint32_t between(uint32_t low, uint32_t high) { return low + below(high - low + 1); }
  bool chance(uint32_t per_mille) { return below(1000) < per_mille; }
  contract::Duration milliseconds(uint32_t low, uint32_t high) {
    // To the microsecond, so that few events share an instant by accident.
    return {int64_t{between(low * 1000, high * 1000)} * 1000};
  }
  // Another source, independent of what this one gives from now on.
  Random fork() { return Random(next()); }

 private:
  static uint64_t split(uint64_t& seed) {
    seed += 0x9e3779b97f4a7c15u;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  std::array<uint64_t, 4> state_{};
};

}  // namespace demarc::sim
