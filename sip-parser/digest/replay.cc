#include "sip-parser/digest/replay.h"

#include "sip-parser/base/check.h"

namespace demarc::digest {
namespace {

CountVerdict use_in(NonceSlot& slot, uint32_t nc) {
  if (nc > slot.highest) {
    const uint32_t ahead = nc - slot.highest;
    slot.seen = ahead < count_window ? slot.seen << ahead | 1 : 1;
    slot.highest = nc;
    return CountVerdict::fresh;
  }
  const uint32_t behind = slot.highest - nc;
  if (behind >= count_window) return CountVerdict::replayed;
  const uint64_t bit = uint64_t{1} << behind;
  if ((slot.seen & bit) != 0) return CountVerdict::replayed;
  slot.seen |= bit;
  return CountVerdict::fresh;
}

}  // namespace

CountVerdict use_count(std::span<NonceSet> table, const NonceUse& use) {
  DEMARC_CHECK(!table.empty());
  // The first request of a nonce has the count 1 (RFC 7616 section 3.4).
  if (use.nc == 0) return CountVerdict::replayed;
  NonceSlot* free_slot = nullptr;
  for (NonceSlot& slot : table[use.key % table.size()].slots) {
    const bool is_free = slot.expires_ms <= use.now_ms;
    if (!is_free && slot.key == use.key) return use_in(slot, use.nc);
    if (is_free && free_slot == nullptr) free_slot = &slot;
  }
  if (free_slot == nullptr) return CountVerdict::full;
  *free_slot = NonceSlot{use.key, use.expires_ms, 1, use.nc};
  return CountVerdict::fresh;
}

}  // namespace demarc::digest
