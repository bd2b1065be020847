// OctetRing: messages from one thread to another, copied whole, each behind a head that says what
// it is. Single producer, single consumer; a full ring refuses, and the producer counts. What is
// read has room to read on behind it, as a parser by vectors asks.
//
// `Head` is a plain struct whose first member is `uint32_t octets`, which the ring sets: the length
// of the message behind it. Used by the lanes of the stream thread (stream/) and between workers
// (post.h). Allocated on the main thread before either side runs, never later.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>

#include "sip-parser/base/check.h"

namespace demarc::post {

template <class Head>
class OctetRing {
 public:
  static constexpr uint32_t max_octets = 65536;
  static constexpr uint32_t readable_behind = 64;  // octets that a reader may look at
  // `octets` is a power of two, at least four of the largest messages.
  explicit OctetRing(uint64_t octets)
      : capacity_(octets), memory_(new (std::align_val_t{64}) std::byte[octets]) {
    DEMARC_CHECK((octets & (octets - 1)) == 0 && octets >= 4 * uint64_t{max_octets});
  }
  OctetRing(const OctetRing&) = delete;
  OctetRing& operator=(const OctetRing&) = delete;

  // Producer. False when there is no room, or the message is longer than any.
  [[nodiscard]] bool push(Head head, std::string_view message) {
    if (message.size() > max_octets) return false;
    const uint64_t needed = size_of(message.size());
    const uint64_t tail = tail_.load(std::memory_order_relaxed);
    const uint64_t free = capacity_ - (tail - head_.load(std::memory_order_acquire));
    const uint64_t to_end = capacity_ - tail % capacity_;
    const uint64_t skipped = to_end < needed ? to_end : 0;
    if (free < skipped + needed) return false;
    if (skipped != 0) {
      Head skip;
      skip.octets = skip_mark;
      put(tail, skip, {});
    }
    head.octets = static_cast<uint32_t>(message.size());
    put(tail + skipped, head, message);
    tail_.store(tail + skipped + needed, std::memory_order_release);
    return true;
  }

  struct Message {
    const Head* head = nullptr;  // nullptr: there is none
    std::string_view octets;
  };
  // Consumer: the oldest one; valid until pop().
  Message front() {
    uint64_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return {};
    const Head* first = at(head);
    if (first->octets == skip_mark) {
      head += capacity_ - head % capacity_;
      head_.store(head, std::memory_order_release);
      first = at(head);
    }
    return {first, {reinterpret_cast<const char*>(first + 1), first->octets}};
  }
  // Consumer: gives up what front() gave.
  void pop() {
    const uint64_t head = head_.load(std::memory_order_relaxed);
    head_.store(head + size_of(at(head)->octets), std::memory_order_release);
  }
  bool is_empty() const {
    return head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_relaxed);
  }

 private:
  static constexpr uint32_t skip_mark = 0xffffffff;
  static_assert(std::is_trivially_copyable_v<Head> && sizeof(Head) <= 128);

  static uint64_t size_of(uint64_t octets) {
    return (sizeof(Head) + octets + readable_behind + 63) / 64 * 64;
  }
  Head* at(uint64_t position) {
    return reinterpret_cast<Head*>(memory_.get() + position % capacity_);
  }
  void put(uint64_t position, const Head& head, std::string_view message) {
    std::byte* to = memory_.get() + position % capacity_;
    std::memcpy(to, &head, sizeof head);
    if (!message.empty()) std::memcpy(to + sizeof head, message.data(), message.size());
  }
  struct Free {
    void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t{64}); }
  };

  const uint64_t capacity_;
  std::unique_ptr<std::byte[], Free> memory_;
  alignas(64) std::atomic<uint64_t> tail_{0};  // written by the producer
  alignas(64) std::atomic<uint64_t> head_{0};  // written by the consumer
};

}  // namespace demarc::post
