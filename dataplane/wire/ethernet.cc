#include "dataplane/wire/ethernet.h"

#include <arpa/inet.h>

#include <cstring>

namespace demarc::wire {

uint8_t* write_ethernet(uint8_t* l3, const MacAddress& destination, const MacAddress& source,
                        uint16_t vlan, uint16_t ethertype) {
  uint8_t* begin = l3 - ethernet_octets - (vlan == 0 ? 0 : vlan_octets);
  std::memcpy(begin, destination.octets.data(), 6);
  std::memcpy(begin + 6, source.octets.data(), 6);
  uint8_t* out = begin + 12;
  if (vlan != 0) {
    const uint16_t tag[2] = {htons(ethertype_vlan), htons(vlan)};
    std::memcpy(out, tag, sizeof tag);
    out += sizeof tag;
  }
  const uint16_t type = htons(ethertype);
  std::memcpy(out, &type, sizeof type);
  return begin;
}

}  // namespace demarc::wire
