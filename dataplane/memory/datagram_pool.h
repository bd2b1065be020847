// DatagramPool: the messages that we composed and must keep for retransmission.
//
// Two sizes: most messages fit a small buffer, the few that do not take a large one. Counted
// references: a transaction holds one, the outbox holds one until the message is on the wire. A
// received datagram is never kept. One worker only.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/memory/arena.h"
#include "dataplane/memory/pool.h"

namespace demarc::memory {

// none when the pool is exhausted.
enum class DatagramId : uint32_t { none = 0xffffffff };

class DatagramPool {
 public:
  static constexpr uint32_t small_octets = 2044;
  static constexpr uint32_t large_octets = 65531;
  // One large buffer for so many small ones.
  static constexpr uint32_t smalls_per_large = 256;
  // Beside `capacity`: small ones that keep_briefly() alone may take.
  static constexpr uint32_t reserve = 16;

  DatagramPool(Arena& arena, uint32_t capacity);
  static size_t octets_needed(uint32_t capacity);

  // Keeps a copy of `octets` with one reference; none when no buffer is free or fits.
  [[nodiscard]] DatagramId keep(std::string_view octets);
  // The same, and from the reserve when no other is free: for what is given back as soon as it is
  // on the wire.
  [[nodiscard]] DatagramId keep_briefly(std::string_view octets);
  void hold(DatagramId id);
  // Gives one reference back; the last one frees the buffer. `none` is allowed.
  void release(DatagramId id);
  // Valid while a reference is held. At least 64 octets behind it are readable (padding).
  std::string_view octets(DatagramId id) const;
  uint32_t free_count() const;

 private:
  DatagramId keep_in_small(std::string_view octets, uint32_t limit);
  template <uint32_t size>
  struct Buffer {
    uint16_t length = 0;
    uint16_t references = 0;
    std::array<char, size> octets;
    void fill(std::string_view text);
  };
  uint32_t capacity_;  // of small ones, without the reserve
  // The upper bit of an id says which pool.
  static constexpr uint32_t large_bit = 0x80000000;

  Pool<Buffer<small_octets>> small_;
  Pool<Buffer<large_octets>> large_;
  std::span<std::byte> padding_;
};

}  // namespace demarc::memory
