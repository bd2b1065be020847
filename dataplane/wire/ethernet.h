// Ethernet names shared by the whole folder: MAC addresses, VLANs, EtherTypes.
//
// Free of DPDK. A Segment is one broadcast domain of ours: a nic_port and a VLAN on it. Realms sit
// on segments; neighbours and next hops belong to one. IEEE 802.3, IEEE 802.1Q.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

#include "dataplane/contract/ids.h"

namespace demarc::wire {

struct MacAddress {
  std::array<uint8_t, 6> octets{};

  constexpr bool is_group() const { return (octets[0] & 1) != 0; }
  constexpr bool is_set() const { return *this != MacAddress{}; }
  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

struct Segment {
  contract::NicPortId port = contract::NicPortId::none;
  uint16_t vlan = 0;  // 0: untagged

  friend constexpr auto operator<=>(const Segment&, const Segment&) = default;
};

inline constexpr uint16_t ethertype_ipv4 = 0x0800;
inline constexpr uint16_t ethertype_arp = 0x0806;
inline constexpr uint16_t ethertype_vlan = 0x8100;
inline constexpr uint16_t ethertype_ipv6 = 0x86dd;
inline constexpr unsigned ethernet_octets = 14;
inline constexpr unsigned vlan_octets = 4;
// The most nic_ports of one process.
inline constexpr unsigned max_ports = 8;

// Writes an Ethernet header that ends right before `l3`; returns its first octet. 14 octets, or 18
// with a VLAN; the room before `l3` is the caller's promise.
uint8_t* write_ethernet(uint8_t* l3, const MacAddress& destination, const MacAddress& source,
                        uint16_t vlan, uint16_t ethertype);

}  // namespace demarc::wire
