// Which nonce counts were used: the server's memory against replays (RFC 7616 section 5.5).
//
// Owned by the caller, one per worker: so the index of the worker belongs into the source that a
// nonce is bound to (nonce.h), else a request could be repeated once on each of them. Of fixed
// size, without pointers, all zero at its start. Written only for requests that have proved
// themselves, so that strangers can not fill it, and placed by a key that nobody can choose
// (nonce.h). A look-up is one set of slots: constant time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace demarc::digest {

// Counts this far below the highest one seen may still arrive, each once: UDP reorders.
inline constexpr uint32_t count_window = 64;
inline constexpr size_t slots_per_set = 8;

// One nonce. Free when its time is over.
struct NonceSlot {
  uint64_t key = 0;
  uint64_t expires_ms = 0;
  uint64_t seen = 0;  // bit i: highest - i was used
  uint32_t highest = 0;
};

struct NonceSet {
  std::array<NonceSlot, slots_per_set> slots;
};

// A server for n nonces in use at one time wants about n / 4 sets, so that hardly any overflows.
template <size_t sets>
using ReplayTable = std::array<NonceSet, sets>;

enum class CountVerdict : uint8_t {
  fresh,     // and now used
  replayed,  // zero, used before, or below the window
  full,      // a nonce that is not in the table, and no slot is free: the newest is refused
};

struct NonceUse {
  uint64_t key = 0;
  uint32_t nc = 0;
  uint64_t now_ms = 0;
  uint64_t expires_ms = 0;  // when this nonce can not be used any more
};

// Marks the count as used. `table` has one set at least.
CountVerdict use_count(std::span<NonceSet> table, const NonceUse& use);

}  // namespace demarc::digest
