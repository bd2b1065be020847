// Entropy: random numbers as an argument. SipHash in counter mode under a secret seed, so the same
// seed gives the same run in a test, and a seed from getrandom() gives unguessable numbers.
#pragma once

#include <cstdint>

#include "sip-parser/base/siphash.h"

namespace demarc::contract {

class Entropy {
 public:
  explicit Entropy(const SipHashKey& seed) : seed_(seed) {}

  // Every other one costs nothing: a hash of 128 bits is little dearer than one of 64.
  uint64_t next() {
    has_spare_ = !has_spare_;
    if (!has_spare_) return spare_;
    const Hash128 both = siphash128(seed_, counter_++);
    spare_ = both.high;
    return both.low;
  }
  uint32_t next32() { return static_cast<uint32_t>(next()); }

 private:
  SipHashKey seed_;
  uint64_t counter_ = 0;
  uint64_t spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace demarc::contract
