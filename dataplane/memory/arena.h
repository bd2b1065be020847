// Arena: the memory of one worker, laid out once at start and never given back.
//
// Tables, pools and wheels take their storage here in their constructors; afterwards nothing below
// lcore/ asks for memory. Each taker has an octets_needed() so that the arena can be sized first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

#include "sip-parser/base/check.h"

namespace demarc::memory {

inline constexpr size_t cache_line = 64;

class Arena {
 public:
  // Borrows `memory`, which must outlive everything taken from it; 64-octet aligned.
  explicit Arena(std::span<std::byte> memory) : memory_(memory) {}

  // `count` value-initialised elements, aligned to a cache line.
  template <class T>
  std::span<T> take(size_t count) {
    const size_t octets = octets_for<T>(count);
    DEMARC_CHECK(octets <= memory_.size() - used_);
    auto* first = reinterpret_cast<T*>(memory_.data() + used_);
    used_ += octets;
    for (size_t i = 0; i < count; ++i) new (first + i) T();
    return {first, count};
  }
  template <class T>
  static constexpr size_t octets_for(size_t count) {
    return (count * sizeof(T) + cache_line - 1) / cache_line * cache_line;
  }
  size_t used() const { return used_; }

 private:
  std::span<std::byte> memory_;
  size_t used_ = 0;
};

}  // namespace demarc::memory
