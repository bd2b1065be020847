// HashIndex: from a 64-bit keyed hash to the index of an element that lives elsewhere.
//
// Open addressing with linear probing and backward-shift deletion: no tombstones, so a table does
// not wear out. Half full at most. The caller compares the element itself; the hash only finds
// candidates. Hashes of what strangers can choose must be keyed (SipHash).
//
// A slot keeps half of the hash, which says both where its run begins and, nearly always, whether
// it is the one that is looked for. Homes are shares of the table and not the lowest bits, so that
// a table is as long as it has to be and not the next power of two.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "dataplane/memory/arena.h"
#include "dataplane/memory/pool.h"

namespace demarc::memory {

class HashIndex {
 public:
  HashIndex(Arena& arena, uint32_t capacity)
      : slots_(arena.take<Slot>(slots_for(capacity))), capacity_(capacity) {}
  static constexpr size_t octets_needed(uint32_t capacity) {
    return Arena::octets_for<Slot>(slots_for(capacity));
  }

  // The first value under `hash` for which is_it(value) holds; no_index when there is none.
  template <class Predicate>
  uint32_t find(uint64_t hash, Predicate is_it) const {
    const uint32_t tag = tag_of(hash);
    for (uint32_t i = home(tag); slots_[i].value != empty; i = after(i)) {
      if (slots_[i].tag == tag && is_it(slots_[i].value - 1)) return slots_[i].value - 1;
    }
    return no_index;
  }
  // Several values may share a hash. Never beyond the capacity it was made for.
  void insert(uint64_t hash, uint32_t value) {
    DEMARC_CHECK(count_ < capacity_);
    const uint32_t tag = tag_of(hash);
    uint32_t i = home(tag);
    while (slots_[i].value != empty) i = after(i);
    slots_[i] = {tag, value + 1};
    ++count_;
  }
  // The pair must be there.
  void erase(uint64_t hash, uint32_t value) {
    const uint32_t tag = tag_of(hash);
    uint32_t i = home(tag);
    while (slots_[i].value != value + 1 || slots_[i].tag != tag) {
      DEMARC_CHECK(slots_[i].value != empty);
      i = after(i);
    }
    close_gap(i);
    --count_;
  }
  uint32_t size() const { return count_; }

 private:
  static constexpr uint32_t empty = 0;
  struct Slot {
    uint32_t tag = 0;
    uint32_t value = empty;  // plus one
  };

  static constexpr uint32_t slots_for(uint32_t capacity) {
    return std::max<uint32_t>(capacity, 4) * 2;
  }
  static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash); }
  uint32_t home(uint32_t tag) const {
    return static_cast<uint32_t>((uint64_t{tag} * slots_.size()) >> 32);
  }
  uint32_t after(uint32_t slot) const { return slot + 1 == slots_.size() ? 0 : slot + 1; }
  // Of a slot behind another one, around the end.
  uint32_t distance(uint32_t from, uint32_t to) const {
    return to >= from ? to - from : to + static_cast<uint32_t>(slots_.size()) - from;
  }

  // Moves later slots of the run back, so that every one stays reachable from its home.
  void close_gap(uint32_t gap) {
    for (uint32_t i = after(gap); slots_[i].value != empty; i = after(i)) {
      if (distance(home(slots_[i].tag), i) >= distance(gap, i)) {
        slots_[gap] = slots_[i];
        gap = i;
      }
    }
    slots_[gap].value = empty;
  }

  std::span<Slot> slots_;
  uint32_t capacity_;
  uint32_t count_ = 0;
};

}  // namespace demarc::memory
