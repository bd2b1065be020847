#include "sip-parser/base/siphash.h"

#include <cstring>

namespace demarc {
namespace {

template <class State>
[[gnu::always_inline]] inline void absorb(State& state, std::string_view octets) {
  static_assert(std::endian::native == std::endian::little);
  const char* data = octets.data();
  size_t left = octets.size();
  uint64_t word = 0;
  for (; left >= sizeof word; data += sizeof word, left -= sizeof word) {
    std::memcpy(&word, data, sizeof word);
    state.absorb(word);
  }
  uint64_t last = static_cast<uint64_t>(octets.size()) << 56;
  if (left != 0 && octets.size() >= sizeof word) {
    // Octets that were taken already are shifted out.
    std::memcpy(&word, data + left - sizeof word, sizeof word);
    last |= word >> 8 * (sizeof word - left);
  } else {
    for (size_t i = 0; i < left; ++i) {
      last |= static_cast<uint64_t>(static_cast<uint8_t>(data[i])) << (8 * i);
    }
  }
  state.absorb(last);
}

template <class State>
uint64_t hash(const SipHashKey& key, std::string_view octets) {
  State state(key);
  absorb(state, octets);
  state.v2 ^= 0xff;
  return state.finish();
}

using Slow = SipHashState<2, 4>;
using Fast = SipHashState<1, 3>;

Hash128 finish128(Slow& state) {
  state.v2 ^= 0xee;
  const uint64_t low = state.finish();
  state.v1 ^= 0xdd;
  return {low, state.finish()};
}

}  // namespace

uint64_t siphash(const SipHashKey& key, std::string_view octets) {
  return hash<Slow>(key, octets);
}

uint64_t table_hash(const SipHashKey& key, std::string_view octets) {
  return hash<Fast>(key, octets);
}

Hash128 siphash128(const SipHashKey& key, std::string_view octets) {
  Slow state(key);
  state.v1 ^= 0xee;
  absorb(state, octets);
  return finish128(state);
}

Hash128 siphash128(const SipHashKey& key, uint64_t value) {
  Slow state(key);
  state.v1 ^= 0xee;
  state.absorb(value);
  state.absorb(uint64_t{sizeof value} << 56);
  return finish128(state);
}

uint64_t siphash(const SipHashKey& key, uint64_t value) {
  Slow state(key);
  state.absorb(value);
  state.absorb(8ull << 56);
  state.v2 ^= 0xff;
  return state.finish();
}

}  // namespace demarc
