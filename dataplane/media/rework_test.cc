// Payload work on its way through a table: where its packets stand, and how they are counted.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/support/media_world.h"
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

Endpoint rtcp_of(Endpoint rtp) {
  return {rtp.address, static_cast<uint16_t>(rtp.port + 1)};
}

struct Direction {
  explicit Direction(uint32_t works = 2, contract::Instant opened = at_ms(0))
      : world({8, 4, 0, 1, Duration::seconds(5), {works, 1, 1}}) {
    world.adopt(two_realms);
    in = world.table.acquire(realm_id(0), at_ms(0));
    out = world.table.acquire(realm_id(1), at_ms(0));
    slots =
        world.table.open({in, out, trunk_id(0), trunk_id(1), contract::CallSlot{3}, 8000}, opened);
    world.table.expect(slots, sender, rtcp_of(sender));
    world.table.aim(slots, receiver, rtcp_of(receiver));
  }
  Flow way_in() const { return {sender, {world.table.bound_address(in), in.rtp_port}}; }
  Flow way_out() const { return {{world.table.bound_address(out), out.rtp_port}, receiver}; }
  // As it arrives at the port for RTP.
  std::unique_ptr<TestPacket> packet(const Octets& payload) const {
    return std::make_unique<TestPacket>(way_in(), ip_packet(way_in(), payload),
                                        static_cast<uint32_t>(slots.rtp));
  }
  uint64_t count(TrunkCounter counter) {
    world.table.fold(slots);
    return world.count(trunk_id(0), counter);
  }
  bool plan(const CodecPlan& plan) { return world.table.plan(slots, plan, 1); }

  World world;
  PortPair in;
  PortPair out;
  Table::SlotPair slots;
};

CodecPlan transcoding(uint8_t ptime_ms = 0) {
  CodecPlan plan;
  plan.add({8, 0, Treatment::transcode, Law::a});
  plan.ptime_ms = ptime_ms;
  return plan;
}

TEST(Rework, ATranscodedPacketIsWholeAgain) {
  Direction direction;
  ASSERT_TRUE(direction.plan(transcoding()));
  const Octets payload = rtp_payload({.sequence = 9, .body = 160});
  const auto packet = direction.packet(payload);
  direction.world.table.relay({&packet->frame, 1}, at_ms(1));
  ASSERT_TRUE(packet->is_forwarded());
  Octets wanted = payload;
  wanted[1] = 0;
  transcode_scalar(Law::a, std::span(wanted).subspan(12));
  EXPECT_EQ(fault_of(packet->octets(), direction.way_out(), wanted, 46), "");
}

TEST(Rework, HalvesFollowTheirFrameAndTheLedgerCloses) {
  Direction direction;
  ASSERT_TRUE(direction.plan(transcoding(10)));
  std::vector<std::unique_ptr<TestPacket>> packets;
  std::vector<Frame> frames;
  for (unsigned i = 0; i < 5; ++i) {
    packets.push_back(direction.packet(rtp_payload({i, i * 160, 7, 160})));
    frames.push_back(packets.back()->frame);
  }
  Table& table = direction.world.table;
  table.relay(frames, at_ms(1));
  ASSERT_EQ(table.made().size(), 5u);
  for (unsigned i = 0; i < 5; ++i) {
    EXPECT_EQ(frames[i].outcome, Frame::Outcome::forward);
    EXPECT_EQ(frames[i].payload_length, 92);
    const MadePacket& made = table.made()[i];
    EXPECT_EQ(made.after, i);
    Octets wanted = rtp_payload({i, i * 160, 7, 160});
    wanted.erase(wanted.begin() + 12, wanted.begin() + 92);
    transcode_scalar(Law::a, std::span(wanted).subspan(12));
    wanted[1] = 0;
    wanted[3] = static_cast<uint8_t>(2 * i + 1);
    const unsigned timestamp = i * 160 + 80;
    wanted[6] = static_cast<uint8_t>(timestamp >> 8);
    wanted[7] = static_cast<uint8_t>(timestamp);
    EXPECT_EQ(fault_of(Octets(made.frame.l3, made.frame.l3 + made.frame.l3_length),
                       direction.way_out(), wanted, 46),
              "");
  }
  EXPECT_EQ(direction.count(TrunkCounter::rtp_packets_in), 5u);
  EXPECT_EQ(direction.count(TrunkCounter::rtp_made), 5u);
  EXPECT_EQ(direction.count(TrunkCounter::rtp_packets_out), 10u);
}

TEST(Rework, WhatIsAbsorbedIsCounted) {
  Direction direction;
  ASSERT_TRUE(direction.plan(transcoding(40)));
  Table& table = direction.world.table;
  for (unsigned i = 0; i < 4; ++i) {
    const auto packet = direction.packet(rtp_payload({i, i * 160, 7, 160}));
    packet->frame.tailroom = 0;  // what is longer than it was does not fit into its frame
    table.relay({&packet->frame, 1}, at_ms(i * 20));
    EXPECT_FALSE(packet->is_forwarded());
    EXPECT_EQ(table.made().size(), i % 2);
    table.clear_made();
  }
  EXPECT_EQ(direction.count(TrunkCounter::rtp_absorbed), 4u);
  EXPECT_EQ(direction.count(TrunkCounter::rtp_made), 2u);
  EXPECT_EQ(direction.count(TrunkCounter::rtp_packets_out), 2u);
}

TEST(Rework, DigitsReachTheirOwnerAndTimeMakesEvents) {
  Direction direction;
  CodecPlan plan;
  plan.event_out = 101;
  plan.makes_events = true;
  ASSERT_TRUE(direction.plan(plan));
  Table& table = direction.world.table;
  ASSERT_TRUE(table.send_digit(direction.slots, 5, 60, at_ms(1)));
  unsigned sent = 0;
  for (int64_t ms = 1; ms < 200; ms += 5) {
    table.on_timers(at_ms(ms));
    table.relay({}, at_ms(ms));
    for (const MadePacket& made : table.made()) {
      sent += made.frame.outcome == Frame::Outcome::forward;
    }
    table.clear_made();
  }
  EXPECT_EQ(sent, 6u);
  EXPECT_EQ(direction.count(TrunkCounter::rtp_made), 6u);

  plan.add({101, no_payload_type, Treatment::event, Law::a});
  plan.digits = Digits::reported;
  ASSERT_TRUE(direction.plan(plan));
  Octets payload = rtp_payload({.sequence = 1});
  payload.resize(12);
  payload[1] = 101;
  payload.insert(payload.end(), {7, 0x80, 3, 0x20});
  const auto packet = direction.packet(payload);
  table.relay({&packet->frame, 1}, at_ms(300));
  HeardDigit digit;
  ASSERT_TRUE(table.heard().pop(digit));
  EXPECT_EQ(digit.owner.call, contract::CallSlot{3});
  EXPECT_EQ(digit.owner.side, 1);
  EXPECT_EQ(digit.event, 7);
  EXPECT_EQ(digit.duration_ms, 100);
}

// More than can be made at once is made bit by bit, and not the same streams each time.
TEST(Rework, AThousandStreamsOfNoiseAllGoOn) {
  constexpr unsigned streams = 1000;
  World world({2 * streams, 4, 0, 1, Duration::seconds(5), {streams, 1}});
  world.adopt({{{IpAddress::v4(192, 0, 2, 1)}, 20'000, 23'999}, two_realms[1]});
  Table& table = world.table;
  const PortPair out = table.acquire(realm_id(1), at_ms(0));
  CodecPlan plan;
  plan.add({13, 8, Treatment::noise, Law::a});
  Octets noise = rtp_payload({.body = 1});
  noise[1] = 13;
  std::vector<unsigned> made(2 * streams);
  for (unsigned i = 0; i < streams; ++i) {
    const PortPair in = table.acquire(realm_id(0), at_ms(0));
    const Table::SlotPair slots = table.open({in, out, trunk_id(0), trunk_id(1)}, at_ms(0));
    table.expect(slots, sender, rtcp_of(sender));
    table.aim(slots, receiver, rtcp_of(receiver));
    ASSERT_TRUE(table.plan(slots, plan, 0));
    const Flow way{sender, {table.bound_address(in), in.rtp_port}};
    TestPacket packet(way, ip_packet(way, noise), static_cast<uint32_t>(slots.rtp));
    packet.frame.tailroom = 0;  // what takes its place is made, too
    table.relay({&packet.frame, 1}, at_ms(0));
  }
  for (int64_t ms = 5; ms <= 500; ms += 5) {
    while (table.next_due() <= at_ms(ms)) {
      table.on_timers(at_ms(ms));
      table.relay({}, at_ms(ms));
      EXPECT_LE(table.made().size(), max_timed_packets);
      for (const MadePacket& packet : table.made()) ++made[packet.frame.slot];
      table.clear_made();
    }
  }
  EXPECT_EQ(world.region.worker(0).counters.get(WorkerCounter::made_pool_full), 0u);
  for (unsigned i = 0; i < made.size(); i += 2) EXPECT_EQ(made[i], 25u) << i;
}

// Most works only wait; some of them end while they do.
TEST(Rework, SilenceOfManyStreamsIsFilledInTime) {
  constexpr unsigned streams = 300;
  World world({2 * streams, 4, 0, 1, Duration::seconds(5), {streams, 1}});
  world.adopt({{{IpAddress::v4(192, 0, 2, 1)}, 20'000, 23'999}, two_realms[1]});
  Table& table = world.table;
  const PortPair out = table.acquire(realm_id(1), at_ms(0));
  CodecPlan plan;
  plan.add({8, 8, Treatment::g711, Law::a});
  plan.fills_silence = true;
  plan.noise_out = 13;
  Octets audio = rtp_payload({.body = 160});
  audio[1] = 8;
  std::vector<Table::SlotPair> slots(streams);
  std::vector<PortPair> ports(streams);
  std::vector<unsigned> made(2 * streams);
  for (unsigned i = 0; i < streams; ++i) {
    ports[i] = table.acquire(realm_id(0), at_ms(0));
    slots[i] = table.open({ports[i], out, trunk_id(0), trunk_id(1)}, at_ms(0));
    table.expect(slots[i], sender, rtcp_of(sender));
    table.aim(slots[i], receiver, rtcp_of(receiver));
    ASSERT_TRUE(table.plan(slots[i], plan, 0));
    const Flow way{sender, {table.bound_address(ports[i]), ports[i].rtp_port}};
    TestPacket packet(way, ip_packet(way, audio), static_cast<uint32_t>(slots[i].rtp));
    table.relay({&packet.frame, 1}, at_ms(0));
  }
  const auto pass_time = [&](int64_t from, int64_t to) {
    for (int64_t ms = from; ms < to; ms += 5) {
      while (table.next_due() <= at_ms(ms)) {
        table.on_timers(at_ms(ms));
        table.relay({}, at_ms(ms));
        for (const MadePacket& packet : table.made()) ++made[packet.frame.slot];
        table.clear_made();
      }
    }
  };
  pass_time(5, 200);
  EXPECT_EQ(made, std::vector<unsigned>(2 * streams));
  for (unsigned i = 0; i < streams; i += 3) table.close(slots[i], ports[i], at_ms(200));
  pass_time(200, 1190);
  for (unsigned i = 0; i < streams; ++i) {
    if (!slots[i].is_set()) continue;
    EXPECT_EQ(made[static_cast<uint32_t>(slots[i].rtp)], 1u) << i;
  }
  for (unsigned i = 1; i < streams; i += 3) table.close(slots[i], ports[i], at_ms(1190));
  pass_time(1190, 1300);
  for (unsigned i = 2; i < streams; i += 3) {
    EXPECT_EQ(made[static_cast<uint32_t>(slots[i].rtp)], 2u) << i;
  }
}

TEST(Rework, WithoutRoomThePayloadPassesAndThatIsCounted) {
  Direction direction(0);
  EXPECT_FALSE(direction.plan(transcoding()));
  const Octets payload = rtp_payload({.body = 160});
  const auto packet = direction.packet(payload);
  direction.world.table.relay({&packet->frame, 1}, at_ms(1));
  EXPECT_EQ(fault_of(packet->octets(), direction.way_out(), payload, 46), "");
  EXPECT_EQ(direction.world.region.worker(0).counters.get(WorkerCounter::media_works_exhausted),
            1u);
}

TEST(Rework, ClosingAStreamGivesItsWorkBack) {
  Direction direction(1);
  CodecPlan plan = transcoding(30);
  plan.is_listening = true;
  for (unsigned round = 0; round < 5; ++round) {
    ASSERT_TRUE(direction.plan(plan));
    ASSERT_TRUE(direction.plan({}));
  }
  ASSERT_TRUE(direction.plan(plan));
  direction.world.table.close(direction.slots, direction.in, at_ms(1));
  Direction other(1);
  EXPECT_TRUE(other.plan(plan));
}

// What the receiver of a stream saw, and its SRTP most of all, is never begun again.
TEST(Rework, NumbersGoOnWhenThePayloadIsWorkedOnNoLonger) {
  Direction direction;
  ASSERT_TRUE(direction.plan(transcoding(10)));
  Table& table = direction.world.table;
  std::vector<unsigned> numbers;
  const auto number_of = [](const Frame& frame) {
    return read_be16(frame.l3 + frame.payload_offset + 2);
  };
  const auto relay = [&](unsigned index) {
    const auto packet = direction.packet(rtp_payload({index, index * 160, 7, 160}));
    table.relay({&packet->frame, 1}, at_ms(20 * index));
    if (packet->is_forwarded()) numbers.push_back(number_of(packet->frame));
    for (const MadePacket& made : table.made()) numbers.push_back(number_of(made.frame));
    table.clear_made();
  };
  unsigned index = 0;
  for (; index < 10; ++index) relay(index);
  ASSERT_TRUE(direction.plan({}));
  for (; index < 20; ++index) relay(index);
  ASSERT_TRUE(direction.plan(transcoding(40)));
  for (; index < 30; ++index) relay(index);
  ASSERT_TRUE(direction.plan({}));
  for (; index < 40; ++index) relay(index);
  EXPECT_EQ(numbers.size(), 20u + 10 + 5 + 10);
  for (size_t i = 1; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], numbers[i - 1] + 1) << i;
}

TEST(Rework, FaxPassesUntouchedWhereNumbersWereMoved) {
  Direction direction;
  ASSERT_TRUE(direction.plan(transcoding(10)));
  Table& table = direction.world.table;
  const auto audio = direction.packet(rtp_payload({0, 0, 7, 160}));
  table.relay({&audio->frame, 1}, at_ms(0));
  table.clear_made();
  ASSERT_TRUE(direction.plan({}));
  table.retune(direction.slots, Stream::udptl, 8000);
  const Octets fax = rtp_payload({1, 160, 7, 30});  // UDPTL may look like anything
  const auto packet = direction.packet(fax);
  table.relay({&packet->frame, 1}, at_ms(20));
  EXPECT_EQ(fault_of(packet->octets(), direction.way_out(), fax, 46), "");
}

// RFC 3711 section 3.3.1: near the wrap, the receiver that misses the first packets never finds the
// roll-over counter.
TEST(Rework, StreamsOfOurOwnBeginInTheLowerHalfOfTheNumbers) {
  for (unsigned i = 0; i < 64; ++i) {
    Direction direction(2, at_ms(i));
    CodecPlan plan;
    plan.event_out = 101;
    plan.makes_events = true;
    ASSERT_TRUE(direction.plan(plan));
    Table& table = direction.world.table;
    ASSERT_TRUE(table.send_digit(direction.slots, 5, 60, at_ms(1000)));
    table.on_timers(at_ms(1000));
    table.relay({}, at_ms(1000));
    ASSERT_FALSE(table.made().empty());
    const Frame& frame = table.made()[0].frame;
    EXPECT_LT(read_be16(frame.l3 + frame.payload_offset + 2), 0x8000);
  }
}

TEST(Rework, AMissingPartIsCounted) {
  Direction direction;
  World& world = direction.world;
  CodecPlan plan = transcoding(30);
  ASSERT_TRUE(direction.plan(plan));
  PortPair in = world.table.acquire(realm_id(0), at_ms(0));
  const Table::SlotPair second =
      world.table.open({in, direction.out, trunk_id(0), trunk_id(1)}, at_ms(0));
  EXPECT_FALSE(world.table.plan(second, plan, 0));
  const auto count = [&world] {
    return world.region.worker(0).counters.get(WorkerCounter::repacketizers_exhausted);
  };
  EXPECT_EQ(count(), 1u);
  EXPECT_TRUE(world.table.plan(second, transcoding(), 0));
  EXPECT_EQ(count(), 1u);
  EXPECT_FALSE(world.table.plan(second, plan, 0));
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(world.table.free_repacketizers(), 0u);
  ASSERT_TRUE(direction.plan({}));
  EXPECT_EQ(world.table.free_repacketizers(), 1u);
}

TEST(Rework, AMissingDetectorIsCountedByItself) {
  Direction direction;
  World& world = direction.world;
  CodecPlan plan = transcoding();
  plan.is_listening = true;
  EXPECT_EQ(world.table.free_tone_detectors(), 1u);
  ASSERT_TRUE(direction.plan(plan));
  EXPECT_EQ(world.table.free_tone_detectors(), 0u);
  PortPair in = world.table.acquire(realm_id(0), at_ms(0));
  const Table::SlotPair second =
      world.table.open({in, direction.out, trunk_id(0), trunk_id(1)}, at_ms(0));
  EXPECT_FALSE(world.table.plan(second, plan, 0));
  const contract::WorkerCounters& counters = world.region.worker(0).counters;
  EXPECT_EQ(counters.get(WorkerCounter::tone_detectors_exhausted), 1u);
  EXPECT_EQ(counters.get(WorkerCounter::repacketizers_exhausted), 0u);
  EXPECT_EQ(counters.get(WorkerCounter::media_works_exhausted), 0u);
}

TEST(Rework, MultiplexedRtcpTakesTheWayOfRtcp) {
  Direction direction;
  Table& table = direction.world.table;
  table.multiplex(direction.slots, true);
  table.expect(direction.slots, sender, sender);
  table.aim(direction.slots, receiver, rtcp_of(receiver));
  const Octets report = {0x80, 200, 0, 1, 0, 0, 0, 7};
  const auto rtcp = direction.packet(report);
  const auto rtp = direction.packet(rtp_payload({.body = 20}));
  Frame frames[] = {rtcp->frame, rtp->frame};
  table.relay(frames, at_ms(1));
  rtcp->frame = frames[0];
  rtp->frame = frames[1];
  const Flow rtcp_out{
      {table.bound_address(direction.out), static_cast<uint16_t>(direction.out.rtp_port + 1)},
      rtcp_of(receiver)};
  EXPECT_EQ(fault_of(rtcp->octets(), rtcp_out, report, 46), "");
  EXPECT_EQ(fault_of(rtp->octets(), direction.way_out(), rtp_payload({.body = 20}), 46), "");
  // Where the receiver multiplexes as well, both leave by one port.
  table.aim(direction.slots, receiver, receiver);
  const auto again = direction.packet(report);
  table.relay({&again->frame, 1}, at_ms(2));
  EXPECT_EQ(fault_of(again->octets(), direction.way_out(), report, 46), "");
  table.close(direction.slots, direction.in, at_ms(3));
  EXPECT_EQ(table.find(direction.way_in().to.address, direction.way_in().to.port), Table::no_slot);
  EXPECT_EQ(table.find(direction.way_in().to.address,
                       static_cast<uint16_t>(direction.way_in().to.port + 1)),
            Table::no_slot);
}

TEST(Rework, AnotherMarkThanTheRealmsIsTheTrunks) {
  Direction direction;
  Table& table = direction.world.table;
  PortPair in = table.acquire(realm_id(0), at_ms(0));
  PortPair out = table.acquire(realm_id(1), at_ms(0));
  const Table::SlotPair slots = table.open(
      {.in = in, .out = out, .trunk_in = trunk_id(0), .trunk_out = trunk_id(1), .dscp = 34},
      at_ms(0));
  table.expect(slots, sender, rtcp_of(sender));
  table.aim(slots, receiver, rtcp_of(receiver));
  const Flow way_in{sender, {table.bound_address(in), in.rtp_port}};
  TestPacket packet(way_in, ip_packet(way_in, rtp_payload({})), static_cast<uint32_t>(slots.rtp));
  table.relay({&packet.frame, 1}, at_ms(1));
  const Flow way_out{{table.bound_address(out), out.rtp_port}, receiver};
  EXPECT_EQ(fault_of(packet.octets(), way_out, rtp_payload({}), 34), "");
}

}  // namespace
}  // namespace demarc::media
