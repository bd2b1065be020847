// LocalMap: what we serve at which address and port of ours: SIP, media, or nothing.
//
// Rebuilt by a worker when it adopts a snapshot, asked for each datagram (the first half of
// decision D6: address and port say SIP or slot). An address that left the configuration stays
// known for the media of calls that still use it, and takes no SIP. Free of DPDK. One worker only.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/contract/address.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/wire/ethernet.h"

namespace demarc::lcore {

// One address of ours.
struct LocalAddress {
  contract::IpAddress address;
  wire::Segment segment;                              // where its peers are
  contract::RealmId realm = contract::RealmId::none;  // whose signalling address it is
  uint8_t signalling_dscp = 0;
  bool is_retired = false;
  uint16_t media_port_low = 1;  // low above high: no media here
  uint16_t media_port_high = 0;
  uint32_t first_listener = 0;  // of the snapshot's listeners
  uint32_t listener_count = 0;

  bool is_media_port(uint16_t port) const {
    return port >= media_port_low && port <= media_port_high;
  }
};

class LocalMap {
 public:
  static constexpr unsigned max_addresses = 512;

  LocalMap();
  // The snapshot stays valid until the next rebuild().
  void rebuild(const contract::Snapshot& snapshot);
  // nullptr when the address is not ours. Valid until the next rebuild().
  const LocalAddress* find(const contract::IpAddress& address) const {
    const uint16_t row = row_of(address);
    return row == empty ? nullptr : &rows_[row];
  }
  // Most addresses have one or two, which are looked at in turn.
  bool is_listener(const LocalAddress& row, uint16_t port) const {
    if (row.listener_count > few_listeners) return is_one_of_many(row, port);
    for (uint32_t i = 0; i < row.listener_count; ++i) {
      if (listeners_[row.first_listener + i].port == port) return true;
    }
    return false;
  }
  // Addresses of the snapshot that found no room.
  unsigned overflow_count() const { return overflow_count_; }

 private:
  static constexpr unsigned slot_count = 1024;  // a power of two
  static constexpr uint16_t empty = 0xffff;
  static constexpr uint32_t few_listeners = 4;

  bool is_one_of_many(const LocalAddress& row, uint16_t port) const;
  // Our own few addresses: nobody can choose them to collide, so a mixing multiply is enough.
  static unsigned hash_of(const contract::IpAddress& address) {
    uint64_t halves[2];
    std::memcpy(halves, address.octets.data(), sizeof halves);
    return static_cast<unsigned>(((halves[0] ^ halves[1]) * 0x9e3779b97f4a7c15u) >> 54);
  }
  uint16_t row_of(const contract::IpAddress& address) const {
    static_assert(slot_count == 1u << 10 && max_addresses < slot_count);
    unsigned slot = hash_of(address);
    while (slots_[slot] != empty && rows_[slots_[slot]].address != address) {
      slot = (slot + 1) % slot_count;
    }
    return slots_[slot];
  }
  LocalAddress* find_or_add(const contract::IpAddress& address);
  void add_realm(const contract::Snapshot& snapshot, contract::RealmId id);
  void add_listeners(std::span<const contract::Endpoint> listeners);
  void keep_retired(std::span<const LocalAddress> before);

  unsigned count_ = 0;
  unsigned overflow_count_ = 0;
  std::span<const contract::Endpoint> listeners_;
  std::array<LocalAddress, max_addresses> rows_;
  std::array<uint16_t, slot_count> slots_;  // row number, by hash
};

}  // namespace demarc::lcore
