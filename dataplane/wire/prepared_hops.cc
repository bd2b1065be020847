#include "dataplane/wire/prepared_hops.h"

namespace demarc::wire {

void PreparedHops::prepare(AdjacencyIndex index, const Adjacency& row, const Way& way) {
  Hop& hop = hops_[static_cast<uint32_t>(index) % capacity];
  hop.header.fill(0);
  const uint8_t* begin = write_ethernet(hop.header.data() + header_octets, row.destination,
                                        row.source, way.segment.vlan, ethertype_ipv4);
  hop.used_octets = static_cast<uint8_t>(hop.header.data() + header_octets - begin);
  hop.mtu = way.mtu;
  hop.port = static_cast<uint8_t>(contract::index_of(way.segment.port));
  hop.key = key_of(index);
}

}  // namespace demarc::wire
