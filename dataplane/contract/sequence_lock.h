// SequenceLocked<T>: one row of a shared table, written by one thread, read by any process at any
// time without stopping the writer.
//
// The value is kept as relaxed atomic words, so a torn read is seen and repeated, never undefined.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace demarc::contract {

template <class T>
class SequenceLocked {
  static_assert(std::is_trivially_copyable_v<T>);
  static constexpr size_t words = (sizeof(T) + 7) / 8;

 public:
  // The writer's thread only.
  void store(const T& value) {
    const uint64_t sequence = sequence_.load(std::memory_order_relaxed);
    // Odd already when the writer before us was killed in a store: it stays odd, and so unread,
    // until this one is whole.
    const uint64_t odd = sequence | 1;
    sequence_.store(odd, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    const char* octets = reinterpret_cast<const char*>(&value);
    constexpr size_t whole = sizeof(T) / sizeof(uint64_t);
    for (size_t i = 0; i < whole; ++i) {
      uint64_t word;
      std::memcpy(&word, octets + i * sizeof word, sizeof word);
      words_[i].store(word, std::memory_order_relaxed);
    }
    if constexpr (whole != words) {
      uint64_t word = 0;
      std::memcpy(&word, octets + whole * sizeof word, sizeof(T) % sizeof word);
      words_[whole].store(word, std::memory_order_relaxed);
    }
    sequence_.store(odd + 1, std::memory_order_release);
  }

  // Only the first `octets` of the value, a multiple of eight; the rest stays as this writer's last
  // store() left it.
  void store_first(const T& value, size_t octets) {
    const uint64_t sequence = sequence_.load(std::memory_order_relaxed);
    sequence_.store(sequence + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    for (size_t i = 0; i < octets / sizeof(uint64_t); ++i) {
      uint64_t word;
      std::memcpy(&word, reinterpret_cast<const char*>(&value) + i * sizeof word, sizeof word);
      words_[i].store(word, std::memory_order_relaxed);
    }
    sequence_.store(sequence + 2, std::memory_order_release);
  }

  // Any thread. False when the writer was in the middle `tries` times (it may have been killed).
  [[nodiscard]] bool load(T& value, unsigned tries = 1000) const {
    for (; tries != 0; --tries) {
      const uint64_t before = sequence_.load(std::memory_order_acquire);
      if ((before & 1) != 0) continue;
      uint64_t copy[words];
      for (size_t i = 0; i < words; ++i) copy[i] = words_[i].load(std::memory_order_relaxed);
      std::atomic_thread_fence(std::memory_order_acquire);
      if (sequence_.load(std::memory_order_relaxed) != before) continue;
      std::memcpy(&value, copy, sizeof(T));
      return true;
    }
    return false;
  }

  // Changes with every store; 0 before the first.
  uint64_t version() const { return sequence_.load(std::memory_order_acquire); }

 private:
  std::atomic<uint64_t> sequence_{0};
  std::array<std::atomic<uint64_t>, words> words_{};
};

}  // namespace demarc::contract
