// Ring: single producer, single consumer, fixed capacity, in memory that both planes map.
//
// A view over shared octets: RingHeader, then `capacity` elements. The producer owns `tail`, the
// consumer `head`. A full ring refuses: the producer counts and goes on. The consumer may look at
// elements without giving them up (front), and give them up later (consume), which is what makes
// call records durable before they are forgotten. Where the reader may change while both are at it
// (call records), it counts absolutely: head() once, at(), then consume_to(), so that no record is
// ever given up unread.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>

#include "sip-parser/base/check.h"

namespace demarc::contract {

struct alignas(64) RingHeader {
  std::atomic<uint64_t> tail;  // written by the producer
  uint64_t capacity;           // a power of two, written once
  uint32_t element_octets;
  alignas(64) std::atomic<uint64_t> head;  // written by the consumer
};
static_assert(sizeof(RingHeader) == 128);
static_assert(std::atomic<uint64_t>::is_always_lock_free);

template <class T>
class Ring {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Ring() = default;

  static constexpr size_t octets_needed(uint64_t capacity) {
    return sizeof(RingHeader) + capacity * sizeof(T);
  }
  // Lays an empty ring out in `memory` (64-octet aligned, octets_needed(capacity) long).
  static Ring create(void* memory, uint64_t capacity) {
    DEMARC_CHECK(std::has_single_bit(capacity));
    RingHeader* header = new (memory) RingHeader{};
    header->capacity = capacity;
    header->element_octets = sizeof(T);
    return Ring(header);
  }
  // The ring that the other side laid out. Not valid (see is_valid) when it is of another shape.
  static Ring attach(void* memory, size_t octets) {
    auto* header = static_cast<RingHeader*>(memory);
    if (octets < sizeof(RingHeader) || header->element_octets != sizeof(T) ||
        !std::has_single_bit(header->capacity) ||
        header->capacity > (octets - sizeof(RingHeader)) / sizeof(T)) {
      return Ring();
    }
    return Ring(header);
  }
  bool is_valid() const { return header_ != nullptr; }
  uint64_t capacity() const { return header_->capacity; }

  // Producer. False when full.
  [[nodiscard]] bool push(const T& element) {
    const uint64_t tail = header_->tail.load(std::memory_order_relaxed);
    const uint64_t head = header_->head.load(std::memory_order_acquire);
    if (waiting(head, tail) >= header_->capacity) return false;
    std::memcpy(&elements_[tail & (header_->capacity - 1)], &element, sizeof(T));
    header_->tail.store(tail + 1, std::memory_order_release);
    return true;
  }
  // Producer: how many more fit at least.
  uint64_t room() const {
    const uint64_t tail = header_->tail.load(std::memory_order_relaxed);
    return header_->capacity - waiting(header_->head.load(std::memory_order_acquire), tail);
  }

  // Consumer. False when empty.
  [[nodiscard]] bool pop(T& element) {
    if (size() == 0) return false;
    element = front(0);
    consume(1);
    return true;
  }
  // Consumer: elements waiting; never more than capacity(), whatever the other side wrote.
  uint64_t size() const { return waiting(head(), tail()); }
  // Consumer: the n-th waiting element, n < size().
  const T& front(uint64_t n) const {
    const uint64_t head = header_->head.load(std::memory_order_relaxed);
    return elements_[(head + n) & (header_->capacity - 1)];
  }
  // Consumer: gives up the first `count` elements.
  void consume(uint64_t count) {
    const uint64_t head = header_->head.load(std::memory_order_relaxed);
    header_->head.store(head + count, std::memory_order_release);
  }

  // By absolute index: the first element that waits, and the one behind the last.
  uint64_t head() const { return header_->head.load(std::memory_order_acquire); }
  uint64_t tail() const { return header_->tail.load(std::memory_order_acquire); }
  // Consumer: head() <= absolute_index < tail().
  const T& at(uint64_t absolute_index) const {
    return elements_[absolute_index & (header_->capacity - 1)];
  }
  // Consumer: gives up what is before `absolute_index`; nothing when another one did already.
  void consume_to(uint64_t absolute_index) {
    uint64_t head = header_->head.load(std::memory_order_relaxed);
    while (head < absolute_index &&
           !header_->head.compare_exchange_weak(head, absolute_index, std::memory_order_release,
                                                std::memory_order_relaxed)) {
    }
  }

 private:
  // A head beyond the tail makes no sense and counts as empty for the consumer, as room for the
  // producer; nothing is ever read or written outside the elements.
  uint64_t waiting(uint64_t head, uint64_t tail) const {
    return head > tail ? 0 : std::min(tail - head, header_->capacity);
  }
  explicit Ring(RingHeader* header)
      : header_(header), elements_(reinterpret_cast<T*>(header + 1)) {}

  RingHeader* header_ = nullptr;
  T* elements_ = nullptr;
};

}  // namespace demarc::contract
