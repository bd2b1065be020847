// HashIndex: from a 64-bit keyed hash to the index of an element that lives elsewhere.
//
// Open addressing with linear probing and backward-shift deletion: no tombstones, so a table does
// not wear out. Half full at most. The caller compares the element itself; the hash only finds
// candidates. Hashes of what strangers can choose must be keyed (SipHash).
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "dataplane/memory/arena.h"
#include "dataplane/memory/pool.h"

namespace demarc::memory {

class HashIndex {
 public:
  HashIndex(Arena& arena, uint32_t capacity)
      : slots_(arena.take<Slot>(slots_for(capacity))),
        mask_(static_cast<uint32_t>(slots_.size() - 1)),
        capacity_(capacity) {}
  static constexpr size_t octets_needed(uint32_t capacity) {
    return Arena::octets_for<Slot>(slots_for(capacity));
  }

  // The first value under `hash` for which is_it(value) holds; no_index when there is none.
  template <class Predicate>
  uint32_t find(uint64_t hash, Predicate is_it) const {
    for (uint32_t i = home(hash); slots_[i].value != empty; i = (i + 1) & mask_) {
      if (slots_[i].tag == tag_of(hash) && is_it(slots_[i].value - 1)) return slots_[i].value - 1;
    }
    return no_index;
  }
  // Several values may share a hash. Never beyond the capacity it was made for.
  void insert(uint64_t hash, uint32_t value) {
    DEMARC_CHECK(count_ < capacity_);
    uint32_t i = home(hash);
    while (slots_[i].value != empty) i = (i + 1) & mask_;
    slots_[i] = {tag_of(hash), home(hash), value + 1};
    ++count_;
  }
  // The pair must be there.
  void erase(uint64_t hash, uint32_t value) {
    uint32_t i = home(hash);
    while (slots_[i].value != value + 1 || slots_[i].tag != tag_of(hash)) {
      DEMARC_CHECK(slots_[i].value != empty);
      i = (i + 1) & mask_;
    }
    close_gap(i);
    --count_;
  }
  uint32_t size() const { return count_; }

 private:
  static constexpr uint32_t empty = 0;
  struct Slot {
    uint32_t tag = 0;
    uint32_t home = 0;
    uint32_t value = empty;  // plus one
  };

  static constexpr uint32_t slots_for(uint32_t capacity) {
    return std::bit_ceil(capacity < 4 ? 8u : capacity * 2);
  }
  static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }
  uint32_t home(uint64_t hash) const { return static_cast<uint32_t>(hash) & mask_; }

  // Moves later slots of the run back, so that every one stays reachable from its home.
  void close_gap(uint32_t gap) {
    for (uint32_t i = (gap + 1) & mask_; slots_[i].value != empty; i = (i + 1) & mask_) {
      const uint32_t distance_home = (i - slots_[i].home) & mask_;
      const uint32_t distance_gap = (i - gap) & mask_;
      if (distance_home >= distance_gap) {
        slots_[gap] = slots_[i];
        gap = i;
      }
    }
    slots_[gap].value = empty;
  }

  std::span<Slot> slots_;
  uint32_t mask_;
  uint32_t capacity_;
  uint32_t count_ = 0;
};

}  // namespace demarc::memory
