#include "dataplane/media/quality.h"
#include "tests/support/seed.h"

#include <gtest/gtest.h>

#include "tests/support/udp_packet.h"

namespace demarc::media {
namespace {

using namespace support;

using contract::Instant;

// RFC 3550 appendix A.1 and A.8 as they stand there, without probation.
struct Reference {
  bool is_started = false;
  uint16_t max_seq = 0;
  uint32_t cycles = 0, base_seq = 0, bad_seq = 0, received = 0, transit = 0;
  uint32_t last_timestamp = 0;
  double jitter = 0;

  void init(uint16_t seq) {
    base_seq = seq;
    max_seq = seq;
    bad_seq = 0x10001;
    cycles = 0;
    received = 0;
  }
  bool update(uint16_t seq) {
    const auto udelta = static_cast<uint16_t>(seq - max_seq);
    if (udelta < 3000) {
      if (seq < max_seq) cycles += 65536;
      max_seq = seq;
    } else if (udelta <= 65536 - 100) {
      if (seq != bad_seq) {
        bad_seq = static_cast<uint16_t>(seq + 1);
        return false;
      }
      init(seq);
    }
    ++received;
    return true;
  }
  void on_packet(uint16_t seq, uint32_t timestamp, uint32_t arrival) {
    const bool is_first = !is_started;
    if (is_first) init(seq);
    is_started = true;
    if (!update(seq)) return;
    if (!is_first && timestamp == last_timestamp) return;  // which the appendix does not say
    last_timestamp = timestamp;
    const uint32_t now = arrival - timestamp;
    const auto d = static_cast<int32_t>(now - transit);
    transit = now;
    if (!is_first) jitter += (1. / 16) * (std::abs(static_cast<double>(d)) - jitter);
  }
  int64_t lost() const { return int64_t{cycles} + max_seq - base_seq + 1 - received; }
};

Instant at_unit(uint64_t unit) {
  return {unit * 125'000 + 1};
}  // 8 kHz

struct Stream8k {
  Stream8k() { set_clock_rate(slot, 8000); }
  void send(unsigned sequence, uint64_t arrival_unit, uint32_t ssrc = 1) {
    const auto number = static_cast<uint16_t>(sequence);
    observe(slot, {number, sequence * 160, ssrc}, at_unit(arrival_unit));
  }
  Slot slot;
};

TEST(Quality, CountsNoLossInASteadyStreamOverManyWraps) {
  Stream8k stream;
  for (unsigned i = 0; i < 200'000; ++i) stream.send(65'000 + i, i * 160ull);
  EXPECT_EQ(lost(stream.slot), 0u);
  EXPECT_EQ(stream.slot.rtp_packets, 200'000u);
  EXPECT_EQ(stream.slot.highest_sequence - stream.slot.base_sequence, 199'999u);
  EXPECT_EQ(jitter_us(stream.slot), 0u);
}

TEST(Quality, CountsLossOverAWrap) {
  Stream8k stream;
  for (unsigned i = 0; i < 100; ++i) {
    if (i % 10 != 5) stream.send(65'500 + i, i * 160ull);
  }
  EXPECT_EQ(lost(stream.slot), 10u);
}

TEST(Quality, ALatePacketIsNotLost) {
  Stream8k stream;
  for (const unsigned sequence : {10u, 11u, 13u, 12u, 14u})
    stream.send(sequence, sequence * 160ull);
  EXPECT_EQ(lost(stream.slot), 0u);
  EXPECT_EQ(stream.slot.rtp_packets, 5u);
}

TEST(Quality, DuplicatesDoNotMakeLossNegative) {
  Stream8k stream;
  for (const unsigned sequence : {10u, 11u, 11u, 11u, 12u})
    stream.send(sequence, sequence * 160ull);
  EXPECT_EQ(lost(stream.slot), 0u);
}

TEST(Quality, AnotherSsrcStartsAnewAndKeepsTheLossBefore) {
  Stream8k stream;
  stream.send(10, 1600);
  stream.send(13, 2080);
  EXPECT_EQ(lost(stream.slot), 2u);
  stream.send(50'000, 2240, 2);
  stream.send(50'002, 2560, 2);
  EXPECT_EQ(lost(stream.slot), 3u);
  EXPECT_EQ(stream.slot.ssrc, 2u);
}

TEST(Quality, ALoneJumpIsNoLossAndTwoInARowAreARestart) {
  Stream8k stream;
  stream.send(10, 1600);
  stream.send(12, 1920);
  stream.send(20'000, 2080);
  EXPECT_EQ(lost(stream.slot), 1u);
  EXPECT_EQ(stream.slot.rtp_packets, 2u);
  stream.send(20'001, 2240);
  EXPECT_EQ(lost(stream.slot), 1u);
  EXPECT_EQ(stream.slot.base_sequence, 20'001u);
}

TEST(Quality, JitterIsInTheUnitsOfTheClockRate) {
  Slot slot;
  set_clock_rate(slot, 48'000);
  // Every other packet is 4 ms late: the mean distance of two is 4 ms.
  for (unsigned i = 0; i < 2000; ++i) {
    const uint64_t late = i % 2 == 0 ? 0 : 4'000'000;
    observe(slot, {static_cast<uint16_t>(i), i * 960, 1}, {1 + i * 20'000'000ull + late});
  }
  EXPECT_NEAR(jitter_us(slot), 4000, 40);
}

TEST(Quality, PacketsOfOneEventAreNoJitter) {
  Slot slot;
  set_clock_rate(slot, 8000);
  uint16_t sequence = 0;
  for (unsigned unit = 0; unit < 16'000; unit += 160) {
    const bool is_event = unit / 1600 % 2 == 1;
    const uint32_t timestamp = is_event ? unit / 1600 * 1600 : unit;
    observe(slot, {sequence++, timestamp, 1}, at_unit(unit));
  }
  EXPECT_EQ(slot.rtp_packets, 100u);
  EXPECT_EQ(jitter_us(slot), 0u);
}

TEST(Quality, JitterSurvivesAnyTimestamps) {
  Slot slot;
  set_clock_rate(slot, 8000);
  for (unsigned i = 0; i < 1000; ++i) {
    observe(slot, {static_cast<uint16_t>(i), i % 2 == 0 ? 0u : 0x80000000u, 1}, {1});
    EXPECT_LT(slot.jitter, 0x80000010u);
  }
}

TEST(Quality, WithoutAClockRateThereIsNoJitter) {
  Slot slot;
  set_clock_rate(slot, 0);
  for (unsigned i = 0; i < 10; ++i) observe(slot, {static_cast<uint16_t>(i), i * 160, 1}, {1});
  EXPECT_EQ(jitter_us(slot), 0u);
}

TEST(Quality, AgreesWithTheAppendixUnderLossReorderingAndDuplicates) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  TestRandom random(seed);
  Stream8k stream;
  Reference reference;
  uint64_t unit = 1'000'000;
  unsigned sequence = 64'000;
  for (unsigned i = 0; i < 100'000; ++i) {
    unit += 100 + random() % 121;
    sequence += random() % 10 == 0 ? 1 + random() % 5 : 1;
    unsigned sent = sequence;
    if (random() % 20 == 0) sent -= random() % 50;
    stream.send(sent, unit);
    reference.on_packet(static_cast<uint16_t>(sent), sent * 160, static_cast<uint32_t>(unit));
    ASSERT_EQ(stream.slot.rtp_packets, reference.received) << i;
  }
  EXPECT_EQ(lost(stream.slot), std::max<int64_t>(0, reference.lost()));
  EXPECT_NEAR(stream.slot.jitter / 16.0, reference.jitter, 1.5);
}

}  // namespace
}  // namespace demarc::media
