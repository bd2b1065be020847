#include "dataplane/media/stages.h"

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
using contract::IpAddress;
using contract::TrunkCounter;
using contract::WorkerCounter;

const Endpoint sender{IpAddress::v4(203, 0, 113, 10), 40'000};
const Endpoint receiver{IpAddress::v4(203, 0, 113, 11), 50'000};
const std::vector<TestRealm> two_realms = {{{IpAddress::v4(192, 0, 2, 1)}, 20'000, 20'999},
                                           {{IpAddress::v4(198, 51, 100, 1)}, 30'000, 30'999}};

// One direction that goes the longer way although nothing is done with its packets.
struct Direction {
  Direction() : world({8, 4, 0, 1, Duration::seconds(5), {}}) {
    world.adopt(two_realms);
    in = world.table.acquire(realm_id(0), at_ms(0));
    out = world.table.acquire(realm_id(1), at_ms(0));
    slots = world.table.open({in, out, trunk_id(0), trunk_id(1), contract::CallSlot::none, 8000},
                             at_ms(0));
    world.table.expect(slots, sender, rtcp_of(sender));
    world.table.aim(slots, receiver, rtcp_of(receiver));
    slot().rtcp_slot = static_cast<uint32_t>(slots.rtcp);
  }
  static Endpoint rtcp_of(Endpoint rtp) {
    return {rtp.address, static_cast<uint16_t>(rtp.port + 1)};
  }
  Slot& slot() { return world.table.slot(static_cast<uint32_t>(slots.rtp)); }
  Flow way_in() const { return {sender, {world.table.bound_address(in), in.rtp_port}}; }
  Flow way_out() const { return {{world.table.bound_address(out), out.rtp_port}, receiver}; }
  std::unique_ptr<TestPacket> packet(const Octets& payload,
                                     Checksum checksum = Checksum::right) const {
    return std::make_unique<TestPacket>(way_in(), ip_packet(way_in(), payload, checksum),
                                        static_cast<uint32_t>(slots.rtp));
  }
  uint64_t count(TrunkCounter counter) {
    world.table.fold(slots);
    return world.count(trunk_id(0), counter);
  }

  World world;
  PortPair in;
  PortPair out;
  Table::SlotPair slots;
};

TEST(MediaStages, DoWhatTheShortWayDoes) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  TestRandom random(seed);
  Direction longer;
  Direction shorter;
  shorter.slot().rtcp_slot = no_row;
  for (unsigned round = 0; round < 3000; ++round) {
    const Octets payload = round % 7 == 0 ? Octets(random() % 30, 0x81)
                                          : rtp_payload({round, round * 160, 7, random() % 300});
    const auto checksum = static_cast<Checksum>(random() % 3);
    const auto a = longer.packet(payload, checksum);
    const auto b = shorter.packet(payload, checksum);
    const bool is_stranger = random() % 10 == 0;
    for (TestPacket* packet : {a.get(), b.get()}) {
      if (is_stranger) ++packet->frame.source.port;
    }
    longer.world.table.relay({&a->frame, 1}, at_ms(round));
    shorter.world.table.relay({&b->frame, 1}, at_ms(round));
    ASSERT_EQ(a->is_forwarded(), b->is_forwarded());
    if (a->is_forwarded()) {
      ASSERT_EQ(a->octets(), b->octets());
    }
    ASSERT_TRUE(a->is_inside());
  }
  EXPECT_GT(longer.slot().packets_relayed, 0u);
  EXPECT_EQ(longer.slot().packets_relayed, shorter.slot().packets_relayed);
  EXPECT_EQ(longer.slot().octets_relayed, shorter.slot().octets_relayed);
  EXPECT_EQ(longer.slot().drop_malformed, shorter.slot().drop_malformed);
  EXPECT_EQ(longer.slot().drop_wrong_source, shorter.slot().drop_wrong_source);
  EXPECT_EQ(longer.slot().jitter, shorter.slot().jitter);
  EXPECT_EQ(longer.slot().last_packet, shorter.slot().last_packet);
}

TEST(MediaStages, ABurstOfBothKindsKeepsEachFrameInItsPlace) {
  Direction direction;
  std::vector<std::unique_ptr<TestPacket>> packets;
  std::vector<Frame> frames;
  for (unsigned i = 0; i < 64; ++i) {
    packets.push_back(direction.packet(rtp_payload({i, i * 160, 7, 20 + i})));
    frames.push_back(packets.back()->frame);
    if (i % 9 == 4) frames.back().source.port = 1;
  }
  direction.world.table.relay(frames, at_ms(1));
  for (unsigned i = 0; i < 64; ++i) {
    packets[i]->frame = frames[i];
    ASSERT_EQ(packets[i]->is_forwarded(), i % 9 != 4) << i;
    if (!packets[i]->is_forwarded()) continue;
    EXPECT_EQ(fault_of(packets[i]->octets(), direction.way_out(),
                       rtp_payload({i, i * 160, 7, 20 + i}), 46),
              "");
  }
}

TEST(MediaStages, WhatIsHeldBackIsHeard) {
  Direction direction;
  direction.world.table.aim(direction.slots, {}, {});
  const auto packet = direction.packet(rtp_payload({}));
  direction.world.table.relay({&packet->frame, 1}, at_ms(7));
  EXPECT_FALSE(packet->is_forwarded());
  EXPECT_EQ(direction.slot().last_packet, at_ms(7));
  EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_not_ready), 1u);
}

TEST(MediaStages, WithoutRoomForTheHeaderItIsNoRoute) {
  Direction direction;
  const auto packet = direction.packet(rtp_payload({}));
  // As for a datagram that would be relayed from IPv4 to IPv6.
  direction.slot().header_length = v6_header_length;
  packet->frame.headroom = 0;
  direction.world.table.relay({&packet->frame, 1}, at_ms(1));
  EXPECT_FALSE(packet->is_forwarded());
  EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_no_route), 1u);
}

TEST(MediaStages, WhatWasMadeBetweenBurstsGoesBeforeTheirFrames) {
  Direction direction;
  Table& table = direction.world.table;
  const Octets payload = rtp_payload({.body = 33});
  for (unsigned i = 0; i < 2; ++i) {
    MadePacket* made = table.make(direction.slots.rtp, static_cast<uint16_t>(payload.size()));
    ASSERT_NE(made, nullptr);
    std::memcpy(made->payload(), payload.data(), payload.size());
  }
  table.relay({}, at_ms(1));
  ASSERT_EQ(table.made().size(), 2u);
  for (const MadePacket& made : table.made()) {
    ASSERT_EQ(made.frame.outcome, Frame::Outcome::forward);
    EXPECT_EQ(made.after, behind_no_frame);
    EXPECT_EQ(fault_of(Octets(made.frame.l3, made.frame.l3 + made.frame.l3_length),
                       direction.way_out(), payload, 46),
              "");
  }
  table.clear_made();
  EXPECT_FALSE(table.has_made());
  EXPECT_EQ(direction.count(TrunkCounter::rtp_made), 2u);
  EXPECT_EQ(direction.count(TrunkCounter::rtp_packets_in), 0u);
  EXPECT_EQ(direction.count(TrunkCounter::rtp_packets_out), 2u);
}

TEST(MediaStages, WhatIsMadeForAStreamThatMayNotSendIsNotReady) {
  Direction direction;
  direction.world.table.aim(direction.slots, {}, {});
  ASSERT_NE(direction.world.table.make(direction.slots.rtp, 12), nullptr);
  direction.world.table.relay({}, at_ms(1));
  EXPECT_EQ(direction.world.table.made()[0].frame.outcome, Frame::Outcome::drop);
  EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_not_ready), 1u);
}

TEST(MediaStages, WhatIsMadeForAStreamThatClosedIsDropped) {
  Direction direction;
  Table& table = direction.world.table;
  ASSERT_NE(table.make(direction.slots.rtp, 12), nullptr);
  table.close(direction.slots, direction.in, at_ms(1));
  table.relay({}, at_ms(1));
  EXPECT_EQ(table.made()[0].frame.outcome, Frame::Outcome::drop);
  EXPECT_EQ(direction.world.region.worker(0).counters.get(WorkerCounter::media_no_slot), 1u);
}

TEST(MediaStages, AFullPoolRefusesAndCounts) {
  Direction direction;
  Table& table = direction.world.table;
  for (unsigned i = 0; i < max_made_packets; ++i) {
    ASSERT_NE(table.make(direction.slots.rtp, max_made_payload), nullptr);
  }
  EXPECT_EQ(table.make(direction.slots.rtp, 12), nullptr);
  EXPECT_EQ(direction.world.region.worker(0).counters.get(WorkerCounter::made_pool_full), 1u);
  table.relay({}, at_ms(1));
  EXPECT_EQ(direction.count(TrunkCounter::rtp_packets_out), max_made_packets);
}

TEST(MediaStages, APacketMadeWithinABurstFollowsItsFrame) {
  Direction direction;
  const auto packet = direction.packet(rtp_payload({}));
  std::vector<Cold> cold(8);
  Memory memory(MadePackets::octets_needed());
  memory::Arena arena(memory.span());
  MadePackets made(arena);
  Burst burst(cold, made, direction.world.region.worker(0).counters);
  burst.frames = {&packet->frame, 1};
  burst.now = at_ms(1);
  burst.add(direction.slot(), 0);
  admit(burst);
  inspect(burst);
  const Octets payload = rtp_payload({.body = 4});
  Candidate* candidate =
      burst.make(direction.slot(), packet->frame.slot, 0, static_cast<uint16_t>(payload.size()));
  ASSERT_NE(candidate, nullptr);
  std::memcpy(candidate->payload, payload.data(), payload.size());
  finish(burst);
  EXPECT_TRUE(packet->is_forwarded());
  ASSERT_EQ(made.count(), 1u);
  EXPECT_EQ(made[0].after, 0);
  EXPECT_EQ(made[0].frame.outcome, Frame::Outcome::forward);
  EXPECT_EQ(cold[row_of_slot(packet->frame.slot)].counts.made, 1u);
}

}  // namespace
}  // namespace demarc::media
