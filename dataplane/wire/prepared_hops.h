// PreparedHops: the Ethernet headers of the neighbours that one worker sends to most, as they stand
// in a frame, so that a burst's packets do not read and check the rows of the AdjacencyTable again.
//
// A header serves as long as no row of the table was written since it was made: which row it was is
// not told, and the next packet makes it anew. Owned by a Wire; one worker only. IEEE 802.3.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "dataplane/wire/adjacency.h"
#include "dataplane/wire/ethernet.h"

namespace demarc::wire {

class PreparedHops {
 public:
  // Neighbours whose numbers are the same modulo this take each other's place.
  static constexpr unsigned capacity = 128;
  static constexpr unsigned header_octets = ethernet_octets + vlan_octets;

  struct Hop {
    uint64_t key = ~uint64_t{0};  // of no neighbour
    uint16_t mtu = 0;             // the longest IP packet in octets
    uint8_t port = 0;
    uint8_t used_octets = 0;  // 14, or 18 with a VLAN: the last ones of `header`
    std::array<uint8_t, header_octets> header{};  // the EtherType is that of IPv4
  };

  // Once per turn: AdjacencyTable::change_count() as it is now.
  void follow(uint32_t change_count) { changes_ = change_count; }
  // nullptr: not prepared, or before the last change. Valid until the next prepare().
  const Hop* find(AdjacencyIndex index) const {
    const Hop& hop = hops_[static_cast<uint32_t>(index) % capacity];
    return hop.key == key_of(index) ? &hop : nullptr;
  }
  // `row` is usable and was read after the last follow().
  struct Way {
    Segment segment;
    uint16_t mtu = 0;
  };
  void prepare(AdjacencyIndex index, const Adjacency& row, const Way& way);

 private:
  uint64_t key_of(AdjacencyIndex index) const {
    return uint64_t{changes_} << 32 | static_cast<uint32_t>(index);
  }

  uint32_t changes_ = 0;
  std::array<Hop, capacity> hops_;
};
static_assert(sizeof(PreparedHops::Hop) == 32);

// Writes what goes before the IP packet at `l3`, 18 octets before it in any case, of which those
// that the hop does not use are free; returns the frame's first octet.
inline uint8_t* write_prepared(const PreparedHops::Hop& hop, uint8_t* l3) {
  std::memcpy(l3 - PreparedHops::header_octets, hop.header.data(), PreparedHops::header_octets);
  if (l3[0] >> 4 != 4) {
    l3[-2] = ethertype_ipv6 >> 8;
    l3[-1] = ethertype_ipv6 & 0xff;
  }
  return l3 - hop.used_octets;
}

}  // namespace demarc::wire
