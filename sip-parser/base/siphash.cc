#include "sip-parser/base/siphash.h"

#include <bit>
#include <cstring>

namespace demarc {
namespace {

struct State {
  uint64_t v0, v1, v2, v3;

  explicit State(const SipHashKey& key)
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
    round();
    round();
    v0 ^= word;
  }
  void absorb(std::string_view octets) {
    static_assert(std::endian::native == std::endian::little);
    const char* data = octets.data();
    size_t left = octets.size();
    for (; left >= 8; data += 8, left -= 8) {
      uint64_t word;
      std::memcpy(&word, data, 8);
      absorb(word);
    }
    uint64_t last = static_cast<uint64_t>(octets.size()) << 56;
    for (size_t i = 0; i < left; ++i) {
      last |= static_cast<uint64_t>(static_cast<uint8_t>(data[i])) << (8 * i);
    }
    absorb(last);
  }
  uint64_t finish() {
    for (int i = 0; i < 4; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

uint64_t siphash(const SipHashKey& key, std::string_view octets) {
  State state(key);
  state.absorb(octets);
  state.v2 ^= 0xff;
  return state.finish();
}

Hash128 siphash128(const SipHashKey& key, std::string_view octets) {
  State state(key);
  state.v1 ^= 0xee;
  state.absorb(octets);
  state.v2 ^= 0xee;
  const uint64_t low = state.finish();
  state.v1 ^= 0xdd;
  return {low, state.finish()};
}

uint64_t siphash(const SipHashKey& key, uint64_t value) {
  State state(key);
  state.absorb(value);
  state.absorb(8ull << 56);
  state.v2 ^= 0xff;
  return state.finish();
}

}  // namespace demarc
