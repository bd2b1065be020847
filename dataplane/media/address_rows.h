// AddressRows: from one of our media addresses to the row that holds its ports. An exact hash.
//
// Asked for each received media packet; changed only when a snapshot brings other addresses. The
// addresses are our own, from the configuration, so the hash needs no key. One worker only.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/contract/address.h"
#include "dataplane/memory/arena.h"

namespace demarc::media {

class AddressRows {
 public:
  static constexpr uint32_t no_row = 0xffffffff;

  AddressRows(memory::Arena& arena, uint32_t capacity)
      : entries_(arena.take<Entry>(entries_for(capacity))),
        shift_(64 - static_cast<unsigned>(std::countr_zero(entries_for(capacity)))) {}
  static constexpr size_t octets_needed(uint32_t capacity) {
    return memory::Arena::octets_for<Entry>(entries_for(capacity));
  }

  uint32_t find(const contract::IpAddress& address) const {
    for (size_t i = home(address);; i = (i + 1) & (entries_.size() - 1)) {
      const Entry& entry = entries_[i];
      if (entry.row == no_row) return no_row;
      if (std::memcmp(&entry.address, &address, sizeof address) == 0) return entry.row;
    }
  }
  // The address must not be there, and no more than the capacity may be.
  void insert(const contract::IpAddress& address, uint32_t row) {
    size_t i = home(address);
    while (entries_[i].row != no_row) i = (i + 1) & (entries_.size() - 1);
    entries_[i] = {address, row};
  }
  void clear() {
    for (Entry& entry : entries_) entry.row = no_row;
  }

 private:
  struct alignas(32) Entry {
    contract::IpAddress address;
    uint32_t row = no_row;
  };

  // Half full at most, and never without an empty entry to end a search.
  static constexpr size_t entries_for(uint32_t capacity) {
    return std::bit_ceil(size_t{capacity} * 2 + 2);
  }
  size_t home(const contract::IpAddress& address) const {
    uint64_t halves[2];
    std::memcpy(halves, address.octets.data(), sizeof halves);
    return (halves[0] * 0x9e3779b97f4a7c15 + halves[1]) * 0xbf58476d1ce4e5b9 >> shift_;
  }

  std::span<Entry> entries_;
  unsigned shift_;
};

}  // namespace demarc::media
