#include "sip-parser/base/siphash.h"

#include <cstring>

namespace demarc {
namespace {

[[gnu::always_inline]] inline void absorb(SipHashState& state, std::string_view octets) {
  static_assert(std::endian::native == std::endian::little);
  const char* data = octets.data();
  size_t left = octets.size();
  for (; left >= 8; data += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, data, 8);
    state.absorb(word);
  }
  uint64_t last = static_cast<uint64_t>(octets.size()) << 56;
  for (size_t i = 0; i < left; ++i) {
    last |= static_cast<uint64_t>(static_cast<uint8_t>(data[i])) << (8 * i);
  }
  state.absorb(last);
}

}  // namespace

uint64_t siphash(const SipHashKey& key, std::string_view octets) {
  SipHashState state(key);
  absorb(state, octets);
  state.v2 ^= 0xff;
  return state.finish();
}

Hash128 siphash128(const SipHashKey& key, std::string_view octets) {
  SipHashState state(key);
  state.v1 ^= 0xee;
  absorb(state, octets);
  state.v2 ^= 0xee;
  const uint64_t low = state.finish();
  state.v1 ^= 0xdd;
  return {low, state.finish()};
}

uint64_t siphash(const SipHashKey& key, uint64_t value) {
  SipHashState state(key);
  state.absorb(value);
  state.absorb(8ull << 56);
  state.v2 ^= 0xff;
  return state.finish();
}

}  // namespace demarc
