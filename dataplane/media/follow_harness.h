// A stream of two sides whose trunk latches: what tests of learnt sources stand on.
#pragma once

#include <memory>
#include <vector>

#include "tests/support/media_world.h"
#include "tests/support/udp_packet.h"

namespace demarc::media {

using namespace support;

using contract::Duration;
using contract::Endpoint;
using contract::IpAddress;
using contract::MediaDrop;
using contract::SourcePolicy;
using contract::TrunkCounter;

inline const contract::IpAddress outside = IpAddress::v4(192, 0, 2, 1);
inline const contract::IpAddress inside = IpAddress::v4(198, 51, 100, 1);
inline const std::vector<support::TestRealm> two_realms = {{{outside}, 20'000, 20'999},
                                                           {{inside}, 30'000, 30'999}};
// Side 0 says a private address and is seen behind a NAT; side 1 is where it says.
inline const contract::Endpoint signalled{IpAddress::v4(10, 0, 0, 9), 4000};
inline const contract::Endpoint behind_nat{IpAddress::v4(203, 0, 113, 9), 61'000};
inline const contract::Endpoint far_peer{IpAddress::v4(203, 0, 113, 77), 40'000};

inline contract::Endpoint next_port(contract::Endpoint endpoint) {
  ++endpoint.port;
  return endpoint;
}

struct Scene {
  static constexpr uint16_t room = 64;

  Scene() : world({64, 4, 0, 1, Duration::seconds(5), {}, 4}) {
    SourcePolicy policy;
    policy.mode = SourcePolicy::Mode::latching;
    world.set_sources(policy, {{IpAddress::v4(203, 0, 113, 128), 96 + 25}});
    world.adopt(two_realms);
    for (unsigned i = 0; i < 2; ++i) ports[i] = world.table.acquire(realm_id(i), at_ms(0));
    for (unsigned i = 0; i < 2; ++i) {
      slots[i] = world.table.open(
          {ports[i], ports[1 - i], trunk_id(i), trunk_id(1 - i), contract::CallSlot::none, 8000},
          at_ms(0));
    }
    world.table.join(slots[0], slots[1]);
    offer(signalled, next_port(signalled));
    world.table.aim(slots[0], far_peer, next_port(far_peer));
    world.table.listen(slots[1], {far_peer, next_port(far_peer), far_peer.address}, at_ms(0));
  }
  void offer(const Endpoint& rtp, const Endpoint& rtcp) {
    world.table.aim(slots[1], rtp, rtcp);
    world.table.listen(slots[0], {rtp, rtcp, behind_nat.address}, at_ms(now));
  }
  // True when it goes on; then the packet says where.
  bool send(unsigned side, const Endpoint& from, const Octets& payload, bool is_rtcp = false) {
    const auto port = static_cast<uint16_t>(ports[side].rtp_port + (is_rtcp ? 1 : 0));
    const Flow way{from, {world.table.bound_address(ports[side]), port}};
    // Room behind the packet, as a receive buffer has.
    Octets ip = ip_packet(way, payload);
    const size_t length = ip.size();
    ip.resize(length + room);
    packet = std::make_unique<TestPacket>(way, ip, world.table.find(way.to.address, port));
    packet->frame.l3_length = static_cast<uint16_t>(length);
    packet->frame.payload_length = static_cast<uint16_t>(payload.size());
    packet->frame.tailroom = room;
    world.table.relay({&packet->frame, 1}, at_ms(now));
    now += 20;
    return packet->is_forwarded();
  }
  bool send_rtp(unsigned side, const Endpoint& from, unsigned sequence) {
    return send(side, from, rtp_payload({sequence, sequence * 160, 7}));
  }
  unsigned send_run(unsigned side, const Endpoint& from, unsigned count, unsigned first = 1) {
    unsigned relayed = 0;
    for (unsigned i = 0; i < count; ++i) relayed += send_rtp(side, from, first + i) ? 1 : 0;
    return relayed;
  }
  // Where what the far peer sends goes to.
  bool reaches(const Endpoint& destination) {
    const Octets payload = rtp_payload({++far_sequence, far_sequence * 160, 9});
    if (!send(1, far_peer, payload)) return false;
    const Flow way{{world.table.bound_address(ports[0]), ports[0].rtp_port}, destination};
    return fault_of(packet->octets(), way, payload, 46).empty();
  }
  contract::MediaSummary summary(unsigned side) { return world.table.summary(slots[side], 0); }
  uint32_t drops(MediaDrop drop) { return summary(0).drops[static_cast<unsigned>(drop)]; }

  World world;
  PortPair ports[2];
  Table::SlotPair slots[2];
  int64_t now = 1;
  unsigned far_sequence = 0;
  std::unique_ptr<TestPacket> packet;
};

}  // namespace demarc::media
