// SipHash-2-4: the keyed hash of every table that a stranger can write into, and of the names that
// we mint. Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the form with 128 bits
// is that of their reference code.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc {

struct SipHashKey {
  uint64_t k0 = 0;
  uint64_t k1 = 0;
};

uint64_t siphash(const SipHashKey& key, std::string_view octets);
// The same as siphash() over the eight octets of `value`, least significant first.
uint64_t siphash(const SipHashKey& key, uint64_t value);

struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;
};
// For little more than the time of 64 bits. Its low half is not siphash() of the same octets.
Hash128 siphash128(const SipHashKey& key, std::string_view octets);

}  // namespace demarc
