// What NetlinkMirror needs of one rtnetlink message, taken out of its attributes (rtnetlink(7)).
//
// Pure: a message in, plain values out; lengths of attributes are checked. Called on the punt
// thread.
#pragma once

#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/wire/ethernet.h"

struct nlmsghdr;

namespace demarc::wire {

// RTM_NEWLINK of a VLAN interface; id 0: it is none.
struct VlanLink {
  uint32_t parent_index = 0;
  uint16_t id = 0;
  MacAddress mac;
};

struct KernelAddress {
  uint32_t interface_index = 0;
  contract::IpAddress address;  // not set: nothing of use
  bool is_usable = false;       // neither tentative nor a duplicate (RFC 4862 section 5.4)
};

struct KernelRoute {
  static constexpr unsigned max_hops = 8;
  struct Hop {
    uint32_t interface_index = 0;
    contract::IpAddress gateway;  // not set: on-link
  };
  contract::IpAddress prefix;
  uint8_t prefix_length = 0;  // of the IPv4-mapped form
  uint32_t metric = 0;
  unsigned hop_count = 0;
  Hop hops[max_hops];
};

struct KernelNeighbour {
  uint32_t interface_index = 0;
  contract::IpAddress address;  // not set: nothing of use
  MacAddress mac;
  uint16_t state = 0;  // NUD_*
};

VlanLink read_vlan_link(const nlmsghdr& message);
KernelAddress read_address(const nlmsghdr& message);
// False unless it is a unicast route of the main table.
[[nodiscard]] bool read_route(const nlmsghdr& message, KernelRoute& route);
KernelNeighbour read_neighbour(const nlmsghdr& message);

}  // namespace demarc::wire
