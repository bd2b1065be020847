#include "dataplane/media/work.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "dataplane/media/work_harness.h"

namespace demarc::media {
namespace {

TEST(CodecPlan, IsNeededForChangesOnly) {
  EXPECT_FALSE(CodecPlan{}.is_needed());
  EXPECT_FALSE(plan_of({keep_a, {events, events, Treatment::event}}).is_needed());
  EXPECT_TRUE(plan_of({a_to_mu}).is_needed());
  EXPECT_TRUE(plan_of({{events, 100, Treatment::event}}).is_needed());
  EXPECT_TRUE(plan_of({{events, events, Treatment::event, Law::a, 48, 8}}).is_needed());
  EXPECT_TRUE(plan_of({{13, 13, Treatment::swallow}}).is_needed());
}

TEST(CodecPlan, TakesNoMoreRowsThanItHas) {
  CodecPlan plan;
  for (unsigned i = 0; i < CodecPlan::max_rows; ++i) EXPECT_TRUE(plan.add({}));
  EXPECT_FALSE(plan.add({}));
}

TEST(Work, RenumbersAndTouchesNothingElse) {
  Line line(plan_of({{events, 100, Treatment::event}, {96, 97, Treatment::renumber}}));
  line.audio(pcma, 0, 0, 0x12);
  line.event(1, 5, 16160, 160, false, 20);
  line.audio(96, 2, 40);
  ASSERT_EQ(line.out.size(), 3u);
  EXPECT_EQ(line.out[0].payload_type, pcma);
  EXPECT_EQ(line.out[1].payload_type, 100);
  EXPECT_EQ(line.out[1].timestamp, 16160u);
  EXPECT_EQ(line.out[2].payload_type, 97);
  EXPECT_EQ(line.out[2].payload, std::vector<uint8_t>(160, 0x55));
  line.expect_contiguous();
  EXPECT_EQ(line.out[0].sequence, 100);
}

TEST(Work, Transcodes) {
  Line line(plan_of({a_to_mu}));
  Packet packet{.has_marker = true, .payload_type = pcma, .sequence = 65535, .timestamp = 3};
  for (unsigned i = 0; i < 256; ++i) packet.payload.push_back(static_cast<uint8_t>(i));
  line.put(packet, 0);
  ASSERT_EQ(line.out.size(), 1u);
  std::vector<uint8_t> wanted = packet.payload;
  transcode_scalar(Law::a, wanted);
  EXPECT_EQ(line.out[0].payload, wanted);
  EXPECT_EQ(line.out[0].payload_type, pcmu);
  EXPECT_TRUE(line.out[0].has_marker);
  EXPECT_EQ(line.out[0].sequence, 65535);
  EXPECT_EQ(line.out[0].ssrc, 7u);
}

TEST(Work, TranscodesAudioNotPaddingOrExtension) {
  Line line(plan_of({a_to_mu}));
  std::vector<uint8_t> octets = octets_of({.payload_type = pcma, .sequence = 1});
  octets[0] |= 0x30;
  for (const int octet : {0xbe, 0xde, 0x00, 0x01, 0x55, 0x55, 0x55, 0x55}) {
    octets.push_back(static_cast<uint8_t>(octet));
  }
  octets.insert(octets.end(), 10, 0x55);
  octets.insert(octets.end(), {0x55, 0x55, 3});
  line.put(octets, 0);
  ASSERT_EQ(line.out.size(), 1u);
  const std::vector<uint8_t>& payload = line.out[0].payload;
  ASSERT_EQ(payload.size(), 8u + 10 + 3);
  EXPECT_EQ(payload[4], 0x55);
  EXPECT_EQ(payload[8], 0x7e);
  EXPECT_EQ(payload[17], 0x7e);
  EXPECT_EQ(payload[18], 0x55);
  EXPECT_EQ(payload[20], 3);
}

TEST(Work, LossAndReorderingStayAsTheyWere) {
  Line line(plan_of({a_to_mu}));
  for (const unsigned index : {0u, 1u, 4u, 3u, 5u}) line.audio(pcma, index, 20 * index);
  std::vector<int> numbers;
  for (const Packet& packet : line.out) numbers.push_back(packet.sequence);
  EXPECT_EQ(numbers, (std::vector<int>{100, 101, 104, 103, 105}));
}

TEST(Work, ComfortNoiseBecomesNoiseUntilThereIsAudio) {
  Line line(plan_of({keep_a, {13, pcma, Treatment::noise, Law::a}}));
  line.audio(pcma, 0, 0);
  line.put({.payload_type = 13, .sequence = 101, .timestamp = 16160, .payload = {40}}, 20);
  for (int64_t ms = 25; ms < 200; ms += 5) line.tick(ms);
  line.put({.has_marker = true,
            .payload_type = pcma,
            .sequence = 102,
            .timestamp = 16000 + 200 * 8,
            .payload = std::vector<uint8_t>(160, 0x55)},
           200);
  for (int64_t ms = 205; ms < 300; ms += 5) line.tick(ms);
  ASSERT_EQ(line.out.size(), 11u);
  line.expect_contiguous();
  for (unsigned i = 0; i < line.out.size(); ++i) {
    EXPECT_EQ(line.out[i].payload_type, pcma);
    EXPECT_EQ(line.out[i].timestamp, 16000 + i * 160);
    EXPECT_EQ(line.out[i].payload.size(), 160u);
  }
  std::vector<int16_t> samples(160);
  decode(Law::a, line.out[3].payload, samples);
  int largest = 0;
  for (const int16_t sample : samples) largest = std::max(largest, std::abs(int{sample}));
  EXPECT_GT(largest, 100);
  EXPECT_LT(largest, 1000);
}

TEST(Work, SwallowsWhatTheReceiverDoesNotTake) {
  Line line(plan_of({{13, 13, Treatment::swallow}}));
  line.audio(pcma, 0, 0);
  line.put({.payload_type = 13, .sequence = 101, .timestamp = 16160, .payload = {40}}, 20);
  line.audio(pcma, 2, 40);
  ASSERT_EQ(line.out.size(), 2u);
  line.expect_contiguous();
}

TEST(Work, CutsAndTranscodesAtOnce) {
  for (const uint8_t ptime : {uint8_t{10}, uint8_t{20}, uint8_t{30}, uint8_t{40}}) {
    CodecPlan plan = plan_of({a_to_mu});
    plan.ptime_ms = ptime;
    Line line(plan);
    for (unsigned i = 0; i < 12; ++i) line.audio(pcma, i, 20 * i);
    ASSERT_EQ(line.out.size(), 240u / ptime);
    line.expect_contiguous();
    for (unsigned i = 0; i < line.out.size(); ++i) {
      EXPECT_EQ(line.out[i].payload, std::vector<uint8_t>(ptime * 8u, 0x7e));
      EXPECT_EQ(line.out[i].timestamp, 16000 + i * ptime * 8);
    }
  }
}

TEST(Work, CuttingOutlivesLossReorderingAndEvents) {
  CodecPlan plan = plan_of({keep_a, {events, 100, Treatment::event}});
  plan.ptime_ms = 30;
  Line line(plan);
  std::mt19937 random(5);
  unsigned index = 0;
  for (; index < 500; ++index) {
    if (random() % 10 == 0) continue;
    if (random() % 50 == 0) line.event(index, 3, 16000 + index * 160, 160, true, 20 * index);
    line.audio(pcma, random() % 20 == 0 ? index - 3 : index, 20 * index);
  }
  const size_t before = line.out.size();
  for (unsigned i = 0; i < 30; ++i, ++index) line.audio(pcma, index, 20 * index);
  EXPECT_GE(line.out.size() - before, 19u);
  for (size_t i = before + 1; i < line.out.size(); ++i) {
    EXPECT_EQ(line.out[i].timestamp, line.out[i - 1].timestamp + 240);
    EXPECT_EQ(line.out[i].sequence, static_cast<uint16_t>(line.out[i - 1].sequence + 1));
  }
}

TEST(Work, ANewSsrcIsANewStream) {
  CodecPlan plan = plan_of({keep_a});
  plan.ptime_ms = 40;
  Line line(plan);
  line.audio(pcma, 0, 0);
  for (unsigned i = 0; i < 2; ++i) {
    line.put({.payload_type = pcma,
              .sequence = static_cast<uint16_t>(9000 + i),
              .timestamp = 77 + i * 160,
              .ssrc = 8,
              .payload = std::vector<uint8_t>(160, 1)},
             20 + 20 * i);
  }
  ASSERT_EQ(line.out.size(), 1u);
  EXPECT_EQ(line.out[0].ssrc, 8u);
  EXPECT_EQ(line.out[0].timestamp, 77u);
  EXPECT_EQ(line.out[0].payload, std::vector<uint8_t>(320, 1));
}

TEST(Work, WhatIsNoRtpGoesOnAsItIs) {
  Line line(plan_of({a_to_mu}));
  const std::vector<std::vector<uint8_t>> packets = {
      {0x80, 200, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 1},  // RTCP
      {0x00, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},     // STUN-like
      std::vector<uint8_t>(12, 0xff)};
  for (std::vector<uint8_t> octets : packets) {
    const std::vector<uint8_t> before = octets;
    Work::Packet packet{octets.data(), static_cast<uint16_t>(octets.size()),
                        static_cast<uint16_t>(octets.size()), false};
    EXPECT_TRUE(line.work->process(packet, line.yield, at(0)));
    EXPECT_EQ(octets, before);
  }
}

TEST(Work, AnEventTooShortToBeOneIsSwallowed) {
  Line line(plan_of({{events, 100, Treatment::event}}));
  line.put({.payload_type = events, .sequence = 1, .payload = {5, 0, 1}}, 0);
  EXPECT_TRUE(line.out.empty());
}

TEST(Work, AnyOctetsAreTaken) {
  CodecPlan plan = plan_of({a_to_mu,
                            {pcmu, pcmu, Treatment::g711, Law::mu},
                            {events, 100, Treatment::event, Law::a, 8, 16},
                            {13, pcmu, Treatment::noise, Law::mu},
                            {9, 9, Treatment::swallow}});
  plan.is_listening = true;
  plan.event_out = 100;
  plan.event_khz = 16;
  plan.makes_events = true;
  std::mt19937 random(11);
  for (unsigned round = 0; round < 8; ++round) {
    plan.ptime_ms = round % 2 == 0 ? uint8_t{0} : uint8_t{30};
    plan.digits = round % 4 < 2 ? Digits::events : Digits::reported;
    Line line(plan);
    const uint8_t types[] = {pcma, pcmu, events, 13, 9, 96};
    for (unsigned i = 0; i < 3000; ++i) {
      std::vector<uint8_t> octets(random() % 300 + 12);
      for (uint8_t& octet : octets) octet = static_cast<uint8_t>(random());
      octets[0] = static_cast<uint8_t>(0x80 | (random() % 3 == 0 ? random() & 0x3f : 0));
      octets[1] = static_cast<uint8_t>((random() & 0x80) | types[random() % 6]);
      if (random() % 4 != 0) write_be32(&octets[8], 7);
      octets.shrink_to_fit();
      Work::Packet packet{octets.data(), static_cast<uint16_t>(octets.size()),
                          static_cast<uint16_t>(octets.size()), false};
      line.output->clear();
      if (line.work->process(packet, line.yield, at(i * 7))) {
        EXPECT_LE(packet.length, octets.size());
      }
      if (random() % 20 == 0)
        line.work->send_digit(static_cast<uint8_t>(random() % 16), 100, at(0));
      line.work->tick(line.yield, at(i * 7 + 3));
      for (HeardDigit digit; line.digits->pop(digit);) EXPECT_LT(digit.event, digit_events);
    }
  }
}

}  // namespace
}  // namespace demarc::media
