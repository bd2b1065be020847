// SipHash: SipHash-2-4 for what strangers see, the names that we mint; SipHash-1-3 for tables that
// they can write into, whose hashes nobody sees (decision D115). Aumasson and Bernstein, "SipHash:
// a fast short-input PRF", 2012; the form with 128 bits is that of their reference code.
#pragma once

#include <bit>
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

// SipHash-1-3.
uint64_t table_hash(const SipHashKey& key, std::string_view octets);

struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;
};
// For little more than the time of 64 bits. Its low half is not siphash() of the same octets.
Hash128 siphash128(const SipHashKey& key, std::string_view octets);
Hash128 siphash128(const SipHashKey& key, uint64_t value);

// The inner state, which takes one word after another.
template <unsigned word_rounds, unsigned last_rounds>
struct SipHashState {
  uint64_t v0, v1, v2, v3;

  explicit SipHashState(const SipHashKey& key)
      : v0(key.k0 ^ 0x736f6d6570736575u),
        v1(key.k1 ^ 0x646f72616e646f6du),
        v2(key.k0 ^ 0x6c7967656e657261u),
        v3(key.k1 ^ 0x7465646279746573u) {}

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(uint64_t word) {
    v3 ^= word;
    for (unsigned i = 0; i < word_rounds; ++i) round();
    v0 ^= word;
  }
  uint64_t finish() {
    for (unsigned i = 0; i < last_rounds; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

// SipHash-1-3 of words that come one by one, as if their octets stood in one text.
class WordHash {
 public:
  explicit WordHash(const SipHashKey& key) : state_(key) {}
  void add(uint64_t word) {
    ++count_;
    state_.absorb(word);
  }
  uint64_t finish() {
    state_.absorb((count_ * sizeof(uint64_t)) << 56);
    state_.v2 ^= 0xff;
    return state_.finish();
  }

 private:
  SipHashState<1, 3> state_;
  uint64_t count_ = 0;
};

// The same in 128 bits.
class WordHash128 {
 public:
  explicit WordHash128(const SipHashKey& key) : state_(key) { state_.v1 ^= 0xee; }
  void add(uint64_t word) {
    ++count_;
    state_.absorb(word);
  }
  Hash128 finish() {
    state_.absorb((count_ * sizeof(uint64_t)) << 56);
    state_.v2 ^= 0xee;
    const uint64_t low = state_.finish();
    state_.v1 ^= 0xdd;
    return {low, state_.finish()};
  }

 private:
  SipHashState<1, 3> state_;
  uint64_t count_ = 0;
};

}  // namespace demarc
