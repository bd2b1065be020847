#include "dataplane/media/table.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/media_world.h"
#include "tests/support/seed.h"
#include "tests/support/udp_packet.h"

namespace demarc::media {
namespace {

using namespace support;

using contract::Duration;
using contract::Endpoint;
using contract::Instant;
using contract::IpAddress;
using contract::TrunkCounter;
using contract::WorkerCounter;

const Endpoint nobody;
const IpAddress outside = IpAddress::v4(192, 0, 2, 1);
const IpAddress inside = IpAddress::v4(198, 51, 100, 1);
const std::vector<TestRealm> two_realms = {
    {{outside}, 20'000, 20'999, static_cast<contract::NicPortId>(0), 46},
    {{inside}, 30'000, 30'999, static_cast<contract::NicPortId>(1), 34}};

Table::Limits small_limits(uint32_t slots = 16) {
  return {slots, 4, 0, 1, Duration::seconds(5)};
}

// One bridged m-line: side 0 faces trunk 0 in realm 0, side 1 trunk 1 in realm 1.
struct Bridge {
  explicit Bridge(World& world) : table(world.table) {
    for (unsigned i = 0; i < 2; ++i) ports[i] = table.acquire(realm_id(i), at_ms(0));
    for (unsigned i = 0; i < 2; ++i) {
      peer[i] = {IpAddress::v4(203, 0, 113, static_cast<uint8_t>(10 + i)),
                 static_cast<uint16_t>(40'000 + 10 * i)};
      slots[i] = table.open({ports[i], ports[1 - i], trunk_id(i), trunk_id(1 - i),
                             static_cast<contract::CallSlot>(3), 8000},
                            at_ms(0));
    }
  }
  static Endpoint rtcp_of(Endpoint rtp) {
    return {rtp.address, static_cast<uint16_t>(rtp.port + 1)};
  }
  void connect() {
    for (unsigned i = 0; i < 2; ++i) {
      table.expect(slots[i], peer[i], rtcp_of(peer[i]));
      table.aim(slots[i], peer[1 - i], rtcp_of(peer[1 - i]));
    }
  }
  Flow route_in(unsigned side) const {
    return {peer[side], {table.bound_address(ports[side]), ports[side].rtp_port}};
  }
  Flow route_out(unsigned side) const {
    return {{table.bound_address(ports[1 - side]), ports[1 - side].rtp_port}, peer[1 - side]};
  }
  std::unique_ptr<TestPacket> packet(unsigned side, const Octets& payload) const {
    const Flow route = route_in(side);
    return std::make_unique<TestPacket>(route, ip_packet(route, payload),
                                        table.find(route.to.address, route.to.port));
  }
  bool send(unsigned side, const Octets& payload, Instant now) {
    const auto sent = packet(side, payload);
    table.relay({&sent->frame, 1}, now);
    return sent->is_forwarded();
  }

  Table& table;
  PortPair ports[2];
  Endpoint peer[2];
  Table::SlotPair slots[2];
};

uint64_t drops_of(const World& world, contract::TrunkId trunk) {
  return world.count(trunk, TrunkCounter::rtp_drop_wrong_source) +
         world.count(trunk, TrunkCounter::rtp_drop_not_ready) +
         world.count(trunk, TrunkCounter::rtp_drop_malformed) +
         world.count(trunk, TrunkCounter::rtp_drop_no_route) +
         world.count(trunk, TrunkCounter::rtp_drop_tx_full);
}

TEST(MediaTable, RelaysBothWaysBetweenTwoRealms) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  for (unsigned side = 0; side < 2; ++side) {
    const Octets payload = rtp_payload({side});
    const auto packet = bridge.packet(side, payload);
    ASSERT_NE(packet->frame.slot, Table::no_slot);
    world.table.relay({&packet->frame, 1}, at_ms(1));
    ASSERT_TRUE(packet->is_forwarded());
    const uint8_t dscp = side == 0 ? 34 : 46;
    EXPECT_EQ(fault_of(packet->octets(), bridge.route_out(side), payload, dscp), "");
    const Slot& slot = world.table.slot(packet->frame.slot);
    EXPECT_EQ(contract::index_of(slot.port_out), 1 - side);
    EXPECT_EQ(slot.realm_out, realm_id(1 - side));
    EXPECT_EQ(slot.adjacency, unresolved_adjacency);
    EXPECT_EQ(slot.call, static_cast<contract::CallSlot>(3));
  }
}

TEST(MediaTable, RelaysRtcpBetweenTheOddPorts) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  Flow in = bridge.route_in(0);
  ++in.from.port;
  ++in.to.port;
  Flow out = bridge.route_out(0);
  ++out.from.port;
  ++out.to.port;
  Octets report(28);
  report[0] = 0x80;
  report[1] = 201;
  TestPacket packet(in, ip_packet(in, report), world.table.find(in.to.address, in.to.port));
  world.table.relay({&packet.frame, 1}, at_ms(1));
  ASSERT_TRUE(packet.is_forwarded());
  EXPECT_EQ(fault_of(packet.octets(), out, report, 34), "");
}

TEST(MediaTable, TellsWhatIsBoundAndWhatIsAdvertised) {
  World world(small_limits());
  world.adopt(two_realms);
  const PortPair pair = world.table.acquire(realm_id(0), at_ms(0));
  EXPECT_EQ(world.table.bound_address(pair), outside);
  EXPECT_EQ(world.table.advertised_address(pair), IpAddress::v4(192, 0, 2, 101));
}

TEST(MediaTable, NobodyMaySendBeforeExpectAndNothingLeavesBeforeAim) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  EXPECT_FALSE(bridge.send(0, rtp_payload({1}), at_ms(1)));
  world.table.expect(bridge.slots[0], bridge.peer[0], nobody);
  EXPECT_FALSE(bridge.send(0, rtp_payload({2}), at_ms(2)));
  world.table.aim(bridge.slots[0], bridge.peer[1], nobody);
  EXPECT_TRUE(bridge.send(0, rtp_payload({3}), at_ms(3)));
  world.table.aim(bridge.slots[0], nobody, nobody);
  EXPECT_FALSE(bridge.send(0, rtp_payload({4}), at_ms(4)));
  world.table.fold(bridge.slots[0]);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_drop_wrong_source), 1u);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_drop_not_ready), 2u);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_lost), 0u);
}

TEST(MediaTable, NeverAimsWhereNoPacketMayGo) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  IpAddress other_family;
  other_family.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  for (const IpAddress& address : {IpAddress::v4(224, 0, 0, 1), IpAddress::v4(127, 0, 0, 1),
                                   IpAddress::v4(255, 255, 255, 255), IpAddress{}, other_family}) {
    world.table.aim(bridge.slots[0], {address, 4000}, nobody);
    EXPECT_FALSE(bridge.send(0, rtp_payload({}), at_ms(1)));
  }
}

TEST(MediaTable, LastHeardIsTheOpeningUntilSomethingAcceptableComes) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  EXPECT_EQ(world.table.last_heard(bridge.slots[0]).rtp, at_ms(0));
  bridge.send(0, Octets(20), at_ms(10));
  EXPECT_EQ(world.table.last_heard(bridge.slots[0]).rtp, at_ms(0));
  bridge.send(0, rtp_payload({}), at_ms(20));
  EXPECT_EQ(world.table.last_heard(bridge.slots[0]).rtp, at_ms(20));
  EXPECT_EQ(world.table.last_heard(bridge.slots[0]).rtcp, at_ms(0));
}

TEST(MediaTable, SumsUpASide) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  for (const unsigned sequence : {1u, 2u, 5u}) {
    bridge.send(0, rtp_payload({sequence, sequence * 160}), at_ms(sequence * 20));
  }
  bridge.send(0, Octets(20), at_ms(200));
  const contract::MediaSummary sum = world.table.summary(bridge.slots[0], 0);
  EXPECT_EQ(sum.packets_in, 4u);
  EXPECT_EQ(sum.octets_in, 3u * 172 + 20);
  EXPECT_EQ(sum.packets_relayed, 3u);
  EXPECT_EQ(sum.packets_dropped, 1u);
  EXPECT_EQ(sum.rtp_lost, 2u);
  EXPECT_EQ(sum.jitter_us, 0u);
  EXPECT_EQ(sum.local, bridge.route_in(0).to);
  EXPECT_EQ(sum.remote, bridge.peer[0]);
  EXPECT_EQ(world.table.summary({}, 0).packets_in, 0u);
}

TEST(MediaTable, GoesOnCountingWhereAnotherPeerTookAPlace) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  for (const unsigned sequence : {1u, 2u, 4u}) bridge.send(0, rtp_payload({sequence}), at_ms(30));
  bridge.send(0, Octets(5), at_ms(30));
  const Table::Past past = world.table.past(bridge.slots[0]);
  world.table.unbind(bridge.slots[0], bridge.ports[0]);
  bridge.slots[0] =
      world.table.open({bridge.ports[0], bridge.ports[1], trunk_id(0), trunk_id(1)}, at_ms(40));
  world.table.resume(bridge.slots[0], past, true);
  bridge.connect();
  bridge.send(0, rtp_payload({.sequence = 50, .ssrc = 9}), at_ms(60));
  const contract::MediaSummary sum = world.table.summary(bridge.slots[0], 0);
  EXPECT_EQ(sum.packets_in, 5u);
  EXPECT_EQ(sum.packets_relayed, 4u);
  EXPECT_EQ(sum.packets_dropped, 1u);
  EXPECT_EQ(sum.rtp_expected, 5u);
  EXPECT_EQ(sum.rtp_lost, 1u);
  EXPECT_EQ(sum.first_packet_unix_ns, at_ms(30).ns);
  world.table.fold(bridge.slots[0]);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_packets_in), 5u);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_packets_out), 4u);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_lost), 1u);
  world.table.resume(bridge.slots[1], past, false);
  EXPECT_EQ(world.table.summary(bridge.slots[1], 0).first_packet_unix_ns, 0u);
}

TEST(MediaTable, SaysWhenFaxCameFirstAndFromWhere) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  world.table.retune(bridge.slots[0], Stream::udptl, 8000);
  EXPECT_EQ(world.table.summary(bridge.slots[0], 0).seen, contract::Endpoint{});
  bridge.send(0, Octets(20), at_ms(30));
  bridge.send(0, Octets(20), at_ms(60));
  const contract::MediaSummary sum = world.table.summary(bridge.slots[0], 0);
  EXPECT_EQ(sum.seen, bridge.peer[0]);
  EXPECT_EQ(sum.first_packet_unix_ns, at_ms(30).ns);
}

TEST(MediaTable, FoldAddsEachPacketOnce) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  bridge.send(0, rtp_payload({1}), at_ms(1));
  world.table.fold(bridge.slots[0]);
  world.table.fold(bridge.slots[0]);
  bridge.send(0, rtp_payload({4}), at_ms(1));
  world.table.fold(bridge.slots[0]);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_packets_in), 2u);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_octets_in), 2u * 172);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_packets_out), 2u);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_octets_out), 2u * 172);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_lost), 2u);
  bridge.send(0, rtp_payload({2}), at_ms(1));  // a late one: the counter does not go back
  world.table.fold(bridge.slots[0]);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_lost), 2u);
  EXPECT_EQ(world.count(trunk_id(1), TrunkCounter::rtp_packets_out), 0u);
}

// What was folded is kept modulo 2^32.
TEST(MediaTable, FoldsOctetsBeyondFourGiga) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  Slot& slot = world.table.slot(static_cast<uint32_t>(bridge.slots[0].rtp));
  uint64_t octets = 0;
  for (unsigned second = 0; second < 3; ++second) {
    slot.octets_in = octets += 0x7000'0000;
    world.table.fold(bridge.slots[0]);
  }
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_octets_in), octets);
}

TEST(MediaTable, FoldsRtcpWithRtp) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  world.table.slot(static_cast<uint32_t>(bridge.slots[0].rtp)).drop_malformed = 2;
  world.table.slot(static_cast<uint32_t>(bridge.slots[0].rtcp)).drop_malformed = 3;
  world.table.fold(bridge.slots[0]);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_drop_malformed), 5u);
  world.table.slot(static_cast<uint32_t>(bridge.slots[0].rtcp)).drop_malformed = 4;
  world.table.close(bridge.slots[0], bridge.ports[0], at_ms(1));
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_drop_malformed), 6u);
}

TEST(MediaTable, UnsentMovesFromRelayedToDropped) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  for (const auto why : {Table::Unsent::no_route, Table::Unsent::tx_full}) {
    const auto packet = bridge.packet(0, rtp_payload({}));
    world.table.relay({&packet->frame, 1}, at_ms(1));
    ASSERT_TRUE(packet->is_forwarded());
    world.table.fold(bridge.slots[0]);
    world.table.unsent(packet->frame.slot, why, packet->frame.payload_length);
  }
  world.table.fold(bridge.slots[0]);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_packets_out), 0u);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_octets_out), 0u);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_drop_no_route), 1u);
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_drop_tx_full), 1u);
  EXPECT_EQ(world.table.summary(bridge.slots[0], 0).packets_dropped, 2u);
}

TEST(MediaTable, CloseFoldsUnbindsAndQuarantines) {
  World world(small_limits(4));
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  bridge.send(0, rtp_payload({}), at_ms(1));
  const Flow in = bridge.route_in(0);
  const uint32_t free = world.table.free_pairs(realm_id(0));
  EXPECT_FALSE(world.table.open({bridge.ports[0], bridge.ports[1]}, at_ms(1)).is_set());
  world.table.close(bridge.slots[0], bridge.ports[0], at_ms(1));
  EXPECT_FALSE(bridge.slots[0].is_set());
  EXPECT_FALSE(bridge.ports[0].is_set());
  EXPECT_EQ(world.count(trunk_id(0), TrunkCounter::rtp_packets_out), 1u);
  EXPECT_EQ(world.table.find(in.to.address, in.to.port), Table::no_slot);
  EXPECT_EQ(world.table.find(in.to.address, static_cast<uint16_t>(in.to.port + 1)), Table::no_slot);
  EXPECT_EQ(world.table.free_pairs(realm_id(0)), free + 1);
  EXPECT_NE(world.table.acquire(realm_id(0), at_ms(2)).rtp_port, in.to.port);
}

TEST(MediaTable, AFrameWhoseStreamClosedMeanwhileIsDroppedAndCounted) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  const auto packet = bridge.packet(0, rtp_payload({}));
  world.table.close(bridge.slots[0], bridge.ports[0], at_ms(1));
  world.table.relay({&packet->frame, 1}, at_ms(1));
  EXPECT_FALSE(packet->is_forwarded());
  EXPECT_EQ(world.region.worker(0).counters.get(WorkerCounter::media_no_slot), 1u);
}

TEST(MediaTable, AnOddNumberOfFreeSlotsIsNotEnoughAndIsGivenBack) {
  World world(small_limits(5));
  world.adopt(two_realms);
  Bridge bridge(world);
  const PortPair pair = world.table.acquire(realm_id(0), at_ms(0));
  EXPECT_FALSE(world.table.open({pair, pair}, at_ms(0)).is_set());
  world.table.close(bridge.slots[1], bridge.ports[1], at_ms(0));
  EXPECT_TRUE(world.table.open({pair, pair}, at_ms(0)).is_set());
}

TEST(MediaTable, PairsRunOutAndComeBackAfterTheQuarantine) {
  World world(small_limits());
  world.adopt({{{outside}, 20'000, 20'003}});
  PortPair first = world.table.acquire(realm_id(0), at_ms(0));
  ASSERT_TRUE(world.table.acquire(realm_id(0), at_ms(0)).is_set());
  EXPECT_FALSE(world.table.acquire(realm_id(0), at_ms(0)).is_set());
  const uint16_t port = first.rtp_port;
  world.table.give_back(first, at_ms(0));
  EXPECT_FALSE(world.table.acquire(realm_id(0), at_ms(4999)).is_set());
  EXPECT_EQ(world.table.acquire(realm_id(0), at_ms(5001)).rtp_port, port);
}

TEST(MediaTable, StreamsOutliveTheirRealm) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  bridge.connect();
  world.adopt({{{IpAddress::v4(192, 0, 2, 9)}, 20'000, 20'999}});
  EXPECT_TRUE(bridge.send(0, rtp_payload({1}), at_ms(1)));
  EXPECT_TRUE(bridge.send(1, rtp_payload({1}), at_ms(1)));
  world.table.aim(bridge.slots[0], bridge.peer[1], nobody);
  EXPECT_TRUE(bridge.send(0, rtp_payload({2}), at_ms(2)));
  world.table.close(bridge.slots[0], bridge.ports[0], at_ms(3));
  world.table.close(bridge.slots[1], bridge.ports[1], at_ms(3));
  const PortPair next = world.table.acquire(realm_id(0), at_ms(60'000));
  EXPECT_EQ(world.table.bound_address(next), IpAddress::v4(192, 0, 2, 9));
  EXPECT_FALSE(world.table.acquire(realm_id(1), at_ms(60'000)).is_set());
}

TEST(MediaTable, TheLedgerClosesUnderRandomTraffic) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  TestRandom random(seed);
  World world(small_limits(40));
  world.adopt(two_realms);
  std::vector<Bridge> bridges;
  for (unsigned i = 0; i < 10; ++i) bridges.emplace_back(world);
  uint64_t sent = 0;
  uint64_t forwarded = 0;
  for (unsigned round = 0; round < 2000; ++round) {
    std::vector<std::unique_ptr<TestPacket>> packets;
    std::vector<Frame> burst;
    for (unsigned i = random() % 70; i > 0; --i) {
      Bridge& bridge = bridges[random() % bridges.size()];
      if (random() % 50 == 0) bridge.connect();
      if (random() % 100 == 0) world.table.aim(bridge.slots[random() % 2], nobody, nobody);
      const unsigned kind = random() % 10;
      const Octets payload = kind == 0 ? Octets(random() % 30, 0x11) : rtp_payload({round});
      packets.push_back(bridge.packet(random() % 2, payload));
      if (kind == 1) ++packets.back()->frame.source.port;
      burst.push_back(packets.back()->frame);
    }
    world.table.relay(burst, at_ms(round));
    sent += burst.size();
    for (const Frame& frame : burst) {
      if (frame.outcome != Frame::Outcome::forward) continue;
      ++forwarded;
      if (random() % 20 != 0) continue;
      world.table.unsent(frame.slot, Table::Unsent::tx_full, frame.payload_length);
      --forwarded;
    }
    if (random() % 10 == 0)
      world.table.fold(bridges[random() % bridges.size()].slots[random() % 2]);
  }
  uint64_t in = 0;
  uint64_t out = 0;
  for (Bridge& bridge : bridges) {
    for (unsigned i = 0; i < 2; ++i)
      world.table.close(bridge.slots[i], bridge.ports[i], at_ms(9999));
  }
  for (unsigned i = 0; i < 2; ++i) {
    const contract::TrunkId trunk = trunk_id(i);
    const uint64_t trunk_in = world.count(trunk, TrunkCounter::rtp_packets_in);
    const uint64_t trunk_out = world.count(trunk, TrunkCounter::rtp_packets_out);
    EXPECT_EQ(trunk_in, trunk_out + drops_of(world, trunk));
    in += trunk_in;
    out += trunk_out;
  }
  EXPECT_EQ(in, sent);
  EXPECT_EQ(out, forwarded);
  EXPECT_GT(out, 0u);
}

TEST(MediaTableDeathTest, RefusesAStreamWithoutPorts) {
  World world(small_limits());
  world.adopt(two_realms);
  Bridge bridge(world);
  PortPair none;
  EXPECT_DEATH(world.table.open({bridge.ports[0], none}, at_ms(0)), "is_set");
  EXPECT_DEATH(world.table.close(bridge.slots[0], none, at_ms(0)), "is_set");
}

// The slots of a direction are those of RTP and of RTCP; beside them it has what is rarely counted,
// observed, reported and learnt, and a row of keys.
TEST(MediaTable, ADirectionTakesNoMoreMemoryThanItsShare) {
  constexpr uint32_t directions = 4096;
  const auto octets = [](uint32_t slots, uint32_t keys) {
    return Table::octets_needed({.slots = slots, .address_capacity = 4, .keys = keys});
  };
  const size_t none = octets(0, 0);
  const size_t plain = octets(2 * directions, 0);
  EXPECT_LE((plain - none) / directions, 2 * sizeof(Slot) + 476);
  // A key schedule for RTP and the state of three sources, with the tables of GCM for half of them
  // and rows for further sources for an eighth.
  EXPECT_LE((octets(2 * directions, directions) - plain) / directions, 1090u);
}

TEST(MediaTable, TakesExactlyTheMemoryItSays) {
  World world(small_limits());
  EXPECT_EQ(world.arena.used(), Table::octets_needed(small_limits()));
}

}  // namespace
}  // namespace demarc::media
