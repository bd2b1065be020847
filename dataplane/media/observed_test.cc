#include "dataplane/media/observed.h"

#include <gtest/gtest.h>

#include "dataplane/media/quality.h"
#include "dataplane/media/reports.h"
#include "tests/support/udp_packet.h"

namespace demarc::media {
namespace {

using namespace support;
using contract::Instant;

struct Stream {
  Observed observed;
  Slot slot;
  Stream() {
    slot.observed = &observed;
    set_clock_rate(slot, 8000);
  }
  void arrive(std::initializer_list<unsigned> sequences) {
    for (const unsigned s : sequences)
      observe(slot, {static_cast<uint16_t>(s), s * 160, 7, 8}, {uint64_t{s} * 20'000'000 + 1});
  }
  void arrive_all(unsigned first, unsigned last) {
    for (unsigned s = first; s <= last; ++s) arrive({s});
  }
};

TEST(Observed, CountsDuplicatesLateOnesAndRunsOfLoss) {
  Stream stream;
  stream.arrive({1, 2, 2, 5, 4, 9});
  EXPECT_EQ(stream.observed.duplicates, 1u);
  EXPECT_EQ(stream.observed.late, 1u);
  EXPECT_EQ(stream.observed.loss_runs, 2u);
  EXPECT_EQ(stream.observed.payload_type, 8u);
  EXPECT_EQ(expected(stream.slot), 9u);
  EXPECT_EQ(stream.observed.first_packet.ns, 20'000'001u);
}

TEST(Observed, LossesWithLessThanSixteenBetweenAreOneBurst) {
  Stream stream;
  stream.arrive_all(1, 10);
  stream.arrive_all(12, 26);  // 15 between the losses of 11 and 27
  stream.arrive_all(28, 60);
  const Bursts bursts = bursts_of(stream.observed);
  EXPECT_EQ(bursts.count, 1u);
  EXPECT_EQ(bursts.packets, 17u);
  EXPECT_EQ(bursts.lost, 2u);
}

TEST(Observed, ALossAloneBelongsToTheGap) {
  Stream stream;
  stream.arrive_all(1, 10);
  stream.arrive_all(12, 27);  // 16 between the losses of 11 and 28
  stream.arrive_all(29, 60);
  EXPECT_EQ(bursts_of(stream.observed).count, 0u);
  stream.arrive({63, 64});
  EXPECT_EQ(bursts_of(stream.observed).count, 1u);
  EXPECT_EQ(bursts_of(stream.observed).lost, 2u);
  EXPECT_EQ(bursts_of(stream.observed).packets, 2u);
}

TEST(Observed, WhatArrivesLateIsNoLossOfABurst) {
  Stream stream;
  stream.arrive({1, 2, 4, 3, 6, 5, 7});
  EXPECT_EQ(bursts_of(stream.observed).count, 0u);
  EXPECT_EQ(stream.observed.late, 2u);
}

TEST(Observed, ABurstEndsWithItsSequence) {
  Stream stream;
  stream.arrive({1, 4, 6});
  observe(stream.slot, {900, 1, 8, 0}, {1});
  observe(stream.slot, {902, 1, 8, 0}, {1});
  EXPECT_EQ(stream.observed.bursts, 1u);
  EXPECT_EQ(stream.observed.burst_lost, 3u);
  EXPECT_EQ(expected(stream.slot), 6u + 3u);
  EXPECT_EQ(stream.observed.payload_type, 0u);
}

TEST(Observed, ASourceThatSaidByeHasLostNothingWhenItComesBack) {
  for (const uint32_t leaves : {7u, 8u}) {
    Stream stream;
    stream.slot.last_packet = {1};
    stream.arrive({1, 2, 3});
    const uint8_t bye[] = {0x81, 203, 0, 1, 0, 0, 0, static_cast<uint8_t>(leaves)};
    read_reports(stream.observed, bye, {2});
    EXPECT_EQ(has_left(stream.slot), leaves == 7);
    stream.arrive({500});
    stream.slot.last_packet = {3};
    EXPECT_FALSE(has_left(stream.slot));
    stream.arrive({501});
    EXPECT_EQ(lost(stream.slot), leaves == 7 ? 0u : 496u);
    EXPECT_EQ(expected(stream.slot), leaves == 7 ? 5u : 501u);
  }
}

TEST(Observed, WhatAByeOvertookIsNoReturn) {
  Stream stream;
  stream.slot.last_packet = {1};
  stream.arrive({1, 2, 4});
  const uint8_t bye[] = {0x81, 203, 0, 1, 0, 0, 0, 7};
  read_reports(stream.observed, bye, {2});
  stream.arrive({3, 5});
  EXPECT_EQ(lost(stream.slot), 0u);
  EXPECT_EQ(expected(stream.slot), 5u);
  EXPECT_EQ(stream.observed.late, 1u);
}

TEST(Observed, AByeOfNobodyOrCutShortIsNone) {
  const uint8_t of_nobody[] = {0x80, 203, 0, 1, 0, 0, 0, 1};
  const uint8_t cut[] = {0x81, 203, 0, 0, 0, 0, 0, 1};
  Observed observed;
  read_reports(observed, of_nobody, {2});
  read_reports(observed, cut, {2});
  EXPECT_FALSE(observed.left.is_set());
}

TEST(Observed, CountsOverTheWrap) {
  Stream stream;
  stream.arrive({65'533, 65'535});
  observe(stream.slot, {1, 1, 7, 8}, {1});
  EXPECT_EQ(bursts_of(stream.observed).lost, 2u);
  EXPECT_EQ(bursts_of(stream.observed).packets, 3u);
}

Octets report(uint8_t type, uint32_t ntp, uint32_t last, uint32_t held) {
  Octets packet = {static_cast<uint8_t>(0x80 | (last != 0 ? 1 : 0)), type, 0, 0};
  append32(packet, 7);
  if (type == 200) {
    append32(packet, ntp >> 16);
    append32(packet, ntp << 16);
    for (unsigned i = 0; i < 3; ++i) append32(packet, 1);
  }
  if (last != 0) {
    for (unsigned i = 0; i < 4; ++i) append32(packet, 0);
    append32(packet, last);
    append32(packet, held);
  }
  packet[3] = static_cast<uint8_t>(packet.size() / 4 - 1);
  return packet;
}

struct Pair {
  Observed a;
  Observed b;
  Pair() {
    a.opposite = &b;
    b.opposite = &a;
  }
};

TEST(Reports, MeasureTheWayToThePeerThatAnswersAReport) {
  Pair pair;
  read_reports(pair.a, report(200, 0x11112222, 0, 0), {1'000'000'000});
  // 500 ms later, 400 of which the peer held it (26,214 / 65,536 s).
  read_reports(pair.b, report(201, 0, 0x11112222, 26'214), {1'500'000'000});
  EXPECT_NEAR(pair.b.round_trip_us, 100'000, 20);
  EXPECT_EQ(pair.a.round_trip_us, 0u);
}

TEST(Reports, MeasureNothingOfAnotherReportOrAPeerThatHeldItTooLong) {
  Pair pair;
  read_reports(pair.b, report(201, 0, 0x11112222, 1), {1'500'000'000});
  read_reports(pair.a, report(200, 0x11112222, 0, 0), {1'000'000'000});
  read_reports(pair.b, report(201, 0, 0x11112223, 1), {1'500'000'000});
  read_reports(pair.b, report(201, 0, 0x11112222, 65'536), {1'500'000'000});
  EXPECT_EQ(pair.b.round_trip_us, 0u);
  pair.b.opposite = nullptr;
  read_reports(pair.b, report(201, 0, 0x11112222, 1), {1'500'000'000});
  EXPECT_EQ(pair.b.round_trip_us, 0u);
}

TEST(Reports, ReadAllOfACompoundPacket) {
  Pair pair;
  read_reports(pair.a, report(200, 0x11112222, 0, 0), {1'000'000'000});
  Octets compound = report(200, 5, 0, 0);
  const Octets second = report(201, 0, 0x11112222, 0);
  compound.insert(compound.end(), second.begin(), second.end());
  read_reports(pair.b, compound, {1'250'000'000});
  EXPECT_EQ(pair.b.round_trip_us, 250'000u);
  EXPECT_EQ(pair.b.report_ntp, 5u);
}

TEST(Reports, StayInsideAnyOctets) {
  TestRandom random(3);
  Pair pair;
  for (unsigned round = 0; round < 50'000; ++round) {
    Octets packet(random() % 80);
    for (uint8_t& octet : packet) octet = static_cast<uint8_t>(random());
    if (packet.size() > 3) packet[0] = static_cast<uint8_t>(0x80 | packet[0] % 64);
    if (packet.size() > 3) packet[1] = static_cast<uint8_t>(200 + packet[1] % 2);
    if (packet.size() > 3) packet[2] = 0;
    read_reports(pair.a, packet, {round + 1});
  }
}

}  // namespace
}  // namespace demarc::media
