#include "dataplane/wire/netlink_attributes.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>
#include <string_view>

namespace demarc::wire {
namespace {

// The loops of libmnl's macros, without their implicit conversions. `visit` gets (type, attribute).
template <class Visit>
void for_each(const nlattr* first, const char* end, Visit visit) {
  auto* attribute = first;
  while (mnl_attr_ok(attribute, static_cast<int>(end - reinterpret_cast<const char*>(attribute)))) {
    visit(mnl_attr_get_type(attribute), *attribute);
    attribute = mnl_attr_next(attribute);
  }
}

template <class Visit>
void for_each(const nlmsghdr& message, size_t header_octets, Visit visit) {
  if (mnl_nlmsg_get_payload_len(&message) < header_octets) return;
  const auto* first =
      static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(&message, header_octets));
  for_each(first, static_cast<const char*>(mnl_nlmsg_get_payload_tail(&message)), visit);
}

template <class Visit>
void for_each_nested(const nlattr& nest, Visit visit) {
  const auto* payload = static_cast<const char*>(mnl_attr_get_payload(&nest));
  for_each(reinterpret_cast<const nlattr*>(payload), payload + mnl_attr_get_payload_len(&nest),
           visit);
}

contract::IpAddress address_of(const void* octets, size_t length) {
  contract::IpAddress address;
  if (length == 4) {
    uint32_t wire;
    std::memcpy(&wire, octets, 4);
    return contract::IpAddress::v4_from_wire(wire);
  }
  if (length == 16) std::memcpy(address.octets.data(), octets, 16);
  return address;
}

contract::IpAddress address_of(const nlattr& attribute) {
  return address_of(mnl_attr_get_payload(&attribute), mnl_attr_get_payload_len(&attribute));
}

// A gateway of the other family (RFC 5549): rtvia is the family, then the address.
contract::IpAddress address_of_via(const nlattr& attribute) {
  const uint16_t length = mnl_attr_get_payload_len(&attribute);
  if (length <= sizeof(uint16_t)) return {};
  const auto* octets = static_cast<const char*>(mnl_attr_get_payload(&attribute));
  return address_of(octets + sizeof(uint16_t), length - sizeof(uint16_t));
}

uint32_t number_of(const nlattr& attribute) {
  return mnl_attr_get_payload_len(&attribute) < 4 ? 0 : mnl_attr_get_u32(&attribute);
}

MacAddress mac_of(const nlattr& attribute) {
  MacAddress mac;
  if (mnl_attr_get_payload_len(&attribute) == mac.octets.size()) {
    std::memcpy(mac.octets.data(), mnl_attr_get_payload(&attribute), mac.octets.size());
  }
  return mac;
}

// RTA_MULTIPATH: rtnexthop headers, each followed by its own attributes.
void read_hops(const nlattr& multipath, KernelRoute& route) {
  const auto* at = static_cast<const char*>(mnl_attr_get_payload(&multipath));
  size_t left = mnl_attr_get_payload_len(&multipath);
  while (left >= sizeof(rtnexthop) && route.hop_count < KernelRoute::max_hops) {
    rtnexthop header;
    std::memcpy(&header, at, sizeof header);
    if (header.rtnh_len < sizeof header || header.rtnh_len > left) return;
    KernelRoute::Hop& hop = route.hops[route.hop_count++];
    hop.interface_index = static_cast<uint32_t>(header.rtnh_ifindex);
    for_each(reinterpret_cast<const nlattr*>(at + sizeof header), at + header.rtnh_len,
             [&](uint16_t type, const nlattr& attribute) {
               if (type == RTA_GATEWAY) hop.gateway = address_of(attribute);
               if (type == RTA_VIA) hop.gateway = address_of_via(attribute);
             });
    const size_t step = RTNH_ALIGN(header.rtnh_len);
    if (step > left) return;
    at += step;
    left -= step;
  }
}

}  // namespace

VlanLink read_vlan_link(const nlmsghdr& message) {
  VlanLink link;
  bool is_vlan = false;
  uint16_t id = 0;
  for_each(message, sizeof(ifinfomsg), [&](uint16_t type, const nlattr& attribute) {
    if (type == IFLA_LINK) link.parent_index = number_of(attribute);
    if (type == IFLA_ADDRESS) link.mac = mac_of(attribute);
    if (type != IFLA_LINKINFO) return;
    for_each_nested(attribute, [&](uint16_t info_type, const nlattr& info) {
      const auto* payload = static_cast<const char*>(mnl_attr_get_payload(&info));
      if (info_type == IFLA_INFO_KIND) {
        const size_t length = mnl_attr_get_payload_len(&info);
        is_vlan = std::string_view(payload, strnlen(payload, length)) == "vlan";
      }
      if (info_type != IFLA_INFO_DATA) return;
      for_each_nested(info, [&](uint16_t data_type, const nlattr& data) {
        if (data_type == IFLA_VLAN_ID && mnl_attr_get_payload_len(&data) >= 2) {
          id = mnl_attr_get_u16(&data);
        }
      });
    });
  });
  if (is_vlan) link.id = id;
  return link;
}

KernelAddress read_address(const nlmsghdr& message) {
  KernelAddress result;
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(ifaddrmsg)) return result;
  const auto* header = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(&message));
  result.interface_index = header->ifa_index;
  uint32_t flags = header->ifa_flags;
  contract::IpAddress peer, local;
  for_each(message, sizeof(ifaddrmsg), [&](uint16_t type, const nlattr& attribute) {
    if (type == IFA_LOCAL) local = address_of(attribute);
    if (type == IFA_ADDRESS) peer = address_of(attribute);
    if (type == IFA_FLAGS) flags = number_of(attribute);
  });
  // On a point-to-point link IFA_ADDRESS is the other end's.
  result.address = local.is_set() ? local : peer;
  result.is_usable = (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) == 0;
  return result;
}

bool read_route(const nlmsghdr& message, KernelRoute& route) {
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(rtmsg)) return false;
  const auto* header = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(&message));
  const bool is_v4 = header->rtm_family == AF_INET;
  if (!is_v4 && header->rtm_family != AF_INET6) return false;
  if (header->rtm_type != RTN_UNICAST || (header->rtm_flags & RTM_F_CLONED) != 0) return false;
  uint32_t table = header->rtm_table;
  if (is_v4) route.prefix = contract::IpAddress::v4(0, 0, 0, 0);
  route.prefix_length = static_cast<uint8_t>(header->rtm_dst_len + (is_v4 ? 96 : 0));
  KernelRoute::Hop single;
  for_each(message, sizeof(rtmsg), [&](uint16_t type, const nlattr& attribute) {
    if (type == RTA_TABLE) table = number_of(attribute);
    if (type == RTA_DST) route.prefix = address_of(attribute);
    if (type == RTA_OIF) single.interface_index = number_of(attribute);
    if (type == RTA_GATEWAY) single.gateway = address_of(attribute);
    if (type == RTA_VIA) single.gateway = address_of_via(attribute);
    if (type == RTA_PRIORITY) route.metric = number_of(attribute);
    if (type == RTA_MULTIPATH) read_hops(attribute, route);
  });
  if (route.hop_count == 0) route.hops[route.hop_count++] = single;
  return table == RT_TABLE_MAIN;
}

KernelNeighbour read_neighbour(const nlmsghdr& message) {
  KernelNeighbour result;
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(ndmsg)) return result;
  const auto* header = static_cast<const ndmsg*>(mnl_nlmsg_get_payload(&message));
  const bool is_ip = header->ndm_family == AF_INET || header->ndm_family == AF_INET6;
  if (!is_ip || (header->ndm_flags & NTF_PROXY) != 0) return result;
  result.interface_index = static_cast<uint32_t>(header->ndm_ifindex);
  result.state = header->ndm_state;
  for_each(message, sizeof(ndmsg), [&](uint16_t type, const nlattr& attribute) {
    if (type == NDA_DST) result.address = address_of(attribute);
    if (type == NDA_LLADDR) result.mac = mac_of(attribute);
  });
  return result;
}

}  // namespace demarc::wire
