// Pool<T>: a fixed number of elements named by index, with a generation per element so that a name
// that outlived its element is seen. One worker only.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/memory/arena.h"

namespace demarc::memory {

inline constexpr uint32_t no_index = 0xffffffff;

template <class T>
class Pool {
 public:
  Pool(Arena& arena, uint32_t capacity)
      : elements_(arena.take<T>(capacity)),
        next_free_(arena.take<uint32_t>(capacity)),
        generations_(arena.take<uint32_t>(capacity)) {
    // The first to be taken is 0, which keeps the live ones together.
    for (uint32_t i = 0; i < capacity; ++i) next_free_[i] = i + 1 < capacity ? i + 1 : no_index;
    first_free_ = capacity == 0 ? no_index : 0;
  }
  static constexpr size_t octets_needed(uint32_t capacity) {
    return Arena::octets_for<T>(capacity) + 2 * Arena::octets_for<uint32_t>(capacity);
  }

  // no_index when exhausted. The element holds what its last use left: the taker sets it.
  uint32_t acquire() {
    const uint32_t index = first_free_;
    if (index == no_index) return no_index;
    first_free_ = next_free_[index];
    next_free_[index] = in_use;
    ++live_;
    return index;
  }
  void release(uint32_t index) {
    DEMARC_CHECK(is_live(index));
    ++generations_[index];
    next_free_[index] = first_free_;
    first_free_ = index;
    --live_;
  }

  // Its names are void from now on, as if it had been released; the element stays with its owner.
  void rename(uint32_t index) {
    DEMARC_CHECK(is_live(index));
    ++generations_[index];
  }

  T& operator[](uint32_t index) {
    DEMARC_DCHECK(index < elements_.size());
    return elements_[index];
  }
  const T& operator[](uint32_t index) const {
    DEMARC_DCHECK(index < elements_.size());
    return elements_[index];
  }
  uint32_t generation(uint32_t index) const { return generations_[index]; }
  bool is_live(uint32_t index) const {
    return index < elements_.size() && next_free_[index] == in_use;
  }
  bool is_live(uint32_t index, uint32_t generation) const {
    return is_live(index) && generations_[index] == generation;
  }
  uint32_t live() const { return live_; }
  uint32_t capacity() const { return static_cast<uint32_t>(elements_.size()); }

 private:
  static constexpr uint32_t in_use = 0xfffffffe;

  std::span<T> elements_;
  std::span<uint32_t> next_free_;
  std::span<uint32_t> generations_;
  uint32_t first_free_ = no_index;
  uint32_t live_ = 0;
};

}  // namespace demarc::memory
