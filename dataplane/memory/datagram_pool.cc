#include "dataplane/memory/datagram_pool.h"

#include <algorithm>
#include <cstring>

namespace demarc::memory {
namespace {

constexpr uint32_t large_count(uint32_t capacity) {
  return std::max(4u, capacity / DatagramPool::smalls_per_large);
}
constexpr uint32_t index_of(DatagramId id) {
  return static_cast<uint32_t>(id) & 0x7fffffff;
}
constexpr bool is_large(DatagramId id) {
  return (static_cast<uint32_t>(id) & 0x80000000) != 0;
}

}  // namespace

DatagramPool::DatagramPool(Arena& arena, uint32_t capacity)
    : capacity_(capacity),
      small_(arena, capacity + reserve),
      large_(arena, large_count(capacity)),
      padding_(arena.take<std::byte>(cache_line)) {}

size_t DatagramPool::octets_needed(uint32_t capacity) {
  return Pool<Buffer<small_octets>>::octets_needed(capacity + reserve) +
         Pool<Buffer<large_octets>>::octets_needed(large_count(capacity)) + cache_line;
}

template <uint32_t size>
void DatagramPool::Buffer<size>::fill(std::string_view text) {
  length = static_cast<uint16_t>(text.size());
  references = 1;
  std::memcpy(octets.data(), text.data(), text.size());
}

// 64 octets of each buffer stay free, so that a kept message can be parsed again.
DatagramId DatagramPool::keep_in_small(std::string_view octets, uint32_t limit) {
  if (octets.size() > small_octets - cache_line || small_.live() >= limit) return DatagramId::none;
  const uint32_t index = small_.acquire();
  if (index == no_index) return DatagramId::none;
  small_[index].fill(octets);
  return DatagramId{index};
}

DatagramId DatagramPool::keep(std::string_view octets) {
  const DatagramId small = keep_in_small(octets, capacity_);
  if (small != DatagramId::none || octets.size() > large_octets - cache_line) return small;
  const uint32_t index = large_.acquire();
  if (index == no_index) return DatagramId::none;
  large_[index].fill(octets);
  return DatagramId{index | large_bit};
}

DatagramId DatagramPool::keep_briefly(std::string_view octets) {
  const DatagramId id = keep(octets);
  return id != DatagramId::none ? id : keep_in_small(octets, capacity_ + reserve);
}

void DatagramPool::hold(DatagramId id) {
  uint16_t& references =
      is_large(id) ? large_[index_of(id)].references : small_[index_of(id)].references;
  DEMARC_CHECK(references != 0 && references != 0xffff);
  ++references;
}

void DatagramPool::release(DatagramId id) {
  if (id == DatagramId::none) return;
  const auto drop = [index = index_of(id)](auto& pool) {
    DEMARC_CHECK(pool.is_live(index) && pool[index].references != 0);
    if (--pool[index].references == 0) pool.release(index);
  };
  if (is_large(id)) {
    drop(large_);
  } else {
    drop(small_);
  }
}

std::string_view DatagramPool::octets(DatagramId id) const {
  DEMARC_DCHECK(id != DatagramId::none);
  if (is_large(id)) {
    const auto& buffer = large_[index_of(id)];
    return {buffer.octets.data(), buffer.length};
  }
  const auto& buffer = small_[index_of(id)];
  return {buffer.octets.data(), buffer.length};
}

uint32_t DatagramPool::free_count() const {
  return capacity_ - std::min(capacity_, small_.live());
}

}  // namespace demarc::memory
