// Entropy: random numbers as an argument. SipHash in counter mode under a secret seed, so the same
// seed gives the same run in a test, and a seed from getrandom() gives unguessable numbers.
#pragma once

#include <cstdint>

#include "sip-parser/base/siphash.h"

namespace demarc::contract {

class Entropy {
 public:
  explicit Entropy(const SipHashKey& seed) : seed_(seed) {}

  uint64_t next() { return siphash(seed_, counter_++); }
  uint32_t next32() { return static_cast<uint32_t>(next()); }

 private:
  SipHashKey seed_;
  uint64_t counter_ = 0;
};

}  // namespace demarc::contract
