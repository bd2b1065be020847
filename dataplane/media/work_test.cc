#include "dataplane/media/work.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace demarc::media {
namespace {

using contract::Duration;
using contract::Instant;

constexpr uint8_t pcmu = 0;
constexpr uint8_t pcma = 8;
constexpr uint8_t events = 101;

Instant at(int64_t ms) {
  return Instant{5'000'000'000} + Duration::milliseconds(ms);
}

struct Packet {
  bool has_marker = false;
  uint8_t payload_type = 0;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 7;
  std::vector<uint8_t> payload = {};
};

std::vector<uint8_t> octets_of(const Packet& packet) {
  std::vector<uint8_t> octets(rtp_header_length);
  write_rtp_header(
      {packet.has_marker, packet.payload_type, packet.sequence, packet.timestamp, packet.ssrc},
      octets.data());
  octets.insert(octets.end(), packet.payload.begin(), packet.payload.end());
  return octets;
}

Packet packet_of(std::span<const uint8_t> octets) {
  EXPECT_GE(octets.size(), rtp_header_length);
  return {(octets[1] & 0x80) != 0, static_cast<uint8_t>(octets[1] & 0x7f),
          read_be16(&octets[2]),   read_be32(&octets[4]),
          read_be32(&octets[8]),   {octets.begin() + rtp_header_length, octets.end()}};
}

// One direction; `out` is what went on, in order.
class Line {
 public:
  explicit Line(const CodecPlan& plan) { replan(plan); }
  void replan(const CodecPlan& plan) {
    if (!is_begun_)
      work->begin({.owner = {contract::CallSlot{77}, 1}, .ssrc = 99, .sequence_number = 4000});
    is_begun_ = true;
    work->plan(plan, {plan.is_listening ? detector.get() : nullptr,
                      plan.ptime_ms != 0 ? repacketizer.get() : nullptr});
  }
  void put(const Packet& packet, int64_t ms) { put(octets_of(packet), ms); }
  void put(std::vector<uint8_t> octets, int64_t ms) {
    Work::Packet one{octets.data(), static_cast<uint16_t>(octets.size()), 0, false};
    octets.resize(octets.size() + 400);
    one.octets = octets.data();
    one.room = static_cast<uint16_t>(octets.size());
    output->clear();
    if (work->process(one, yield, at(ms))) out.push_back(packet_of({one.octets, one.length}));
    take();
  }
  void tick(int64_t ms) {
    output->clear();
    work->tick(yield, at(ms));
    take();
  }
  // 20 ms of audio.
  void audio(uint8_t payload_type, unsigned index, int64_t ms, uint8_t octet = 0x55) {
    put({.payload_type = payload_type,
         .sequence = static_cast<uint16_t>(100 + index),
         .timestamp = 16000 + index * 160,
         .payload = std::vector<uint8_t>(160, octet)},
        ms);
  }
  void event(unsigned index, uint8_t digit, uint32_t timestamp, uint16_t duration, bool is_end,
             int64_t ms) {
    std::vector<uint8_t> payload(event_payload_length);
    write_event({digit, is_end, 10, duration}, payload.data());
    put({.payload_type = events,
         .sequence = static_cast<uint16_t>(100 + index),
         .timestamp = timestamp,
         .payload = payload},
        ms);
  }
  // Digits that were reported: "5/100 ".
  std::string reported() {
    std::string text;
    for (HeardDigit digit; digits->pop(digit);) {
      EXPECT_EQ(digit.owner.call, contract::CallSlot{77});
      EXPECT_EQ(digit.owner.side, 1);
      text += std::string(1, digit_of(digit.event)) + "/" + std::to_string(digit.duration_ms) + " ";
    }
    return text;
  }
  // Every number once, one after the other.
  void expect_contiguous() const {
    for (size_t i = 1; i < out.size(); ++i) {
      EXPECT_EQ(out[i].sequence, static_cast<uint16_t>(out[i - 1].sequence + 1)) << i;
    }
  }

  std::unique_ptr<Work> work = std::make_unique<Work>();
  std::unique_ptr<Output> output = std::make_unique<Output>();
  std::unique_ptr<DigitRing> digits = std::make_unique<DigitRing>();
  std::unique_ptr<ToneDetector> detector = std::make_unique<ToneDetector>();
  std::unique_ptr<Repacketizer> repacketizer = std::make_unique<Repacketizer>();
  Work::Yield yield{*output, *digits};
  std::vector<Packet> out;

 private:
  void take() {
    EXPECT_EQ(output->refused(), 0u);
    for (const OutputPacket& packet : output->packets()) out.push_back(packet_of(packet.view()));
  }
  bool is_begun_ = false;
};

CodecPlan plan_of(std::initializer_list<PlanRow> rows) {
  CodecPlan plan;
  for (const PlanRow& row : rows) EXPECT_TRUE(plan.add(row));
  return plan;
}

const PlanRow a_to_mu{pcma, pcmu, Treatment::transcode, Law::a};
const PlanRow keep_a{pcma, pcma, Treatment::g711, Law::a};

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

TEST(Work, ReportsADigitAndClosesTheGapInTheNumbers) {
  CodecPlan plan = plan_of({keep_a, {events, no_payload_type, Treatment::event}});
  plan.digits = Digits::reported;
  Line line(plan);
  unsigned index = 0;
  for (; index < 3; ++index) line.audio(pcma, index, 20 * index);
  for (unsigned i = 0; i < 5; ++i) {
    line.event(index++, 5, 16480, static_cast<uint16_t>(160 * (i + 1)), false, 60 + 20 * i);
  }
  for (unsigned i = 0; i < 3; ++i) line.event(index++, 5, 16480, 800, true, 160 + i);
  for (; index < 20; ++index) line.audio(pcma, index, 20 * index);
  EXPECT_EQ(line.reported(), "5/100 ");
  EXPECT_EQ(line.out.size(), 12u);
  line.expect_contiguous();
}

TEST(Work, ReportsADigitWhoseEndWasLost) {
  CodecPlan plan = plan_of({{events, no_payload_type, Treatment::event}});
  plan.digits = Digits::reported;
  Line line(plan);
  line.event(0, 11, 1000, 640, false, 0);
  EXPECT_TRUE(line.work->is_busy());
  line.tick(100);
  EXPECT_EQ(line.reported(), "");
  line.tick(201);
  EXPECT_EQ(line.reported(), "#/80 ");
  EXPECT_FALSE(line.work->is_busy());
}

TEST(Work, KeepsTheOrderOfABurstOfDigits) {
  CodecPlan plan = plan_of({{events, no_payload_type, Treatment::event}});
  plan.digits = Digits::reported;
  Line line(plan);
  unsigned index = 0;
  std::string wanted;
  for (uint8_t digit = 0; digit < 16; ++digit) {
    const uint32_t timestamp = 16000 + digit * 800;
    for (unsigned i = 0; i < 4; ++i) {
      line.event(index++, digit, timestamp, 400, i > 0, digit * 100 + i * 20);
    }
    wanted += std::string(1, digit_of(digit)) + "/50 ";
  }
  EXPECT_EQ(line.reported(), wanted);
}

TEST(Work, AReplanInTheMiddleOfADigitMakesItNoSecondOne) {
  CodecPlan plan = plan_of({{events, no_payload_type, Treatment::event}});
  plan.digits = Digits::reported;
  Line line(plan);
  line.event(0, 7, 1000, 160, false, 0);
  line.replan(plan);
  line.event(1, 7, 1000, 320, false, 20);
  line.event(2, 7, 1000, 480, true, 40);
  line.event(3, 7, 1000, 480, true, 41);
  EXPECT_EQ(line.reported(), "7/60 ");
}

TEST(Work, ScalesTimestampsAndDurationsToTheReceiversClock) {
  for (const uint8_t khz : {uint8_t{16}, uint8_t{48}}) {
    const CodecPlan plan = plan_of({{events, 110, Treatment::event, Law::a, 8, khz}});
    Line line(plan);
    // Audio of the same stream by the receiver's clock: 20 ms.
    line.put({.payload_type = 96, .sequence = 1, .timestamp = 50000, .payload = {1}}, 0);
    for (unsigned i = 0; i < 4; ++i) {
      std::vector<uint8_t> payload(event_payload_length);
      write_event({3, i == 3, 10, static_cast<uint16_t>(160 * (i + 1))}, payload.data());
      line.put({.payload_type = events,
                .sequence = static_cast<uint16_t>(2 + i),
                .timestamp = 800,
                .payload = payload},
               20 + 20 * i);
    }
    ASSERT_EQ(line.out.size(), 5u);
    for (unsigned i = 1; i < 5; ++i) {
      EXPECT_EQ(line.out[i].payload_type, 110);
      EXPECT_EQ(line.out[i].timestamp, 50000u + 20 * khz);
      EXPECT_EQ(read_event(line.out[i].payload.data()).duration, 20 * i * khz);
    }
  }
}

TEST(Work, ScalesDownAndKeepsTwoDigitsApart) {
  Line line(plan_of({{events, 101, Treatment::event, Law::a, 48, 8}}));
  line.audio(pcma, 0, 0);
  line.event(1, 1, 100000, 4800, true, 20);
  line.event(2, 1, 114400, 4800, true, 320);
  ASSERT_EQ(line.out.size(), 3u);
  EXPECT_EQ(read_event(line.out[1].payload.data()).duration, 800);
  EXPECT_EQ(line.out[1].timestamp, 16160u);
  EXPECT_EQ(line.out[2].timestamp, 16000u + 320 * 8);
}

TEST(Work, EachPayloadTypeOfEventsHasItsClock) {
  CodecPlan plan = plan_of({{events, no_payload_type, Treatment::event, Law::a, 8, 8},
                            {97, no_payload_type, Treatment::event, Law::a, 48, 48}});
  plan.digits = Digits::reported;
  Line line(plan);
  line.event(0, 5, 16000, 800, true, 0);
  std::vector<uint8_t> payload(event_payload_length);
  write_event({6, true, 10, 4800}, payload.data());
  // By its clock it began before the other one.
  line.put({.payload_type = 97, .sequence = 101, .timestamp = 900, .payload = payload}, 20);
  EXPECT_EQ(line.reported(), "5/100 6/100 ");
}

TEST(Work, ADurationThatDoesNotFitStaysAtWhatFits) {
  Line line(plan_of({{events, 101, Treatment::event, Law::a, 8, 48}}));
  line.event(0, 1, 100, 0xffff, false, 0);
  EXPECT_EQ(read_event(line.out[0].payload.data()).duration, 0xffff);
}

TEST(Work, SendsADigitOfTheCallInPlaceOfAudio) {
  CodecPlan plan = plan_of({a_to_mu});
  plan.event_out = 100;
  plan.makes_events = true;
  Line line(plan);
  unsigned index = 0;
  for (; index < 5; ++index) line.audio(pcma, index, 20 * index);
  ASSERT_TRUE(line.work->send_digit(5, 100, at(0)));
  for (; index < 20; ++index) {
    line.audio(pcma, index, 20 * index);
    line.tick(20 * index + 10);
  }
  line.expect_contiguous();
  unsigned ends = 0;
  unsigned audio = 0;
  for (const Packet& packet : line.out) {
    if (packet.payload_type != 100) {
      ++audio;
      continue;
    }
    EXPECT_EQ(packet.ssrc, 7u);
    EXPECT_EQ(packet.timestamp, 16000u + 5 * 160);
    ends += read_event(packet.payload.data()).is_end;
  }
  EXPECT_EQ(ends, 3u);
  EXPECT_EQ(audio, 14u);
}

TEST(Work, SendsADigitWithoutAnyStream) {
  CodecPlan plan;
  plan.event_out = 100;
  plan.makes_events = true;
  Line line(plan);
  ASSERT_TRUE(line.work->send_digit(5, 40, at(0)));
  for (int64_t ms = 0; ms < 100; ms += 10) line.tick(ms);
  ASSERT_EQ(line.out.size(), 5u);
  EXPECT_EQ(line.out[0].ssrc, 99u);
  EXPECT_EQ(line.out[0].sequence, 4000);
  EXPECT_TRUE(line.out[0].has_marker);
  line.expect_contiguous();
}

TEST(Work, RefusesADigitThatTheReceiverDoesNotTake) {
  Line line(CodecPlan{});
  EXPECT_FALSE(line.work->send_digit(5, 100, at(0)));
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

TEST(Work, ADigitOfAnotherStreamIsOneMore) {
  CodecPlan plan = plan_of({{events, no_payload_type, Treatment::event}});
  plan.digits = Digits::reported;
  Line line(plan);
  std::vector<uint8_t> payload(event_payload_length);
  write_event({5, false, 10, 800}, payload.data());
  line.put({.payload_type = events, .sequence = 100, .timestamp = 90000, .payload = payload}, 0);
  // An earlier timestamp says nothing of another SSRC.
  write_event({5, true, 10, 1600}, payload.data());
  line.put(
      {.payload_type = events, .sequence = 7, .timestamp = 4000, .ssrc = 8, .payload = payload},
      20);
  EXPECT_EQ(line.reported(), "5/100 5/200 ");
}

// The tone of '5' or silence, 20 ms of it as A-law.
std::vector<uint8_t> tone(bool is_on, unsigned index) {
  std::vector<uint8_t> audio;
  for (unsigned i = 0; i < 160; ++i) {
    const double time = (index * 160.0 + i) / 8000;
    const double value =
        8000 * (std::sin(2 * M_PI * 770 * time) + std::sin(2 * M_PI * 1336 * time));
    audio.push_back(encode(Law::a, is_on ? static_cast<int16_t>(value) : int16_t{0}));
  }
  return audio;
}

void play_tones(Line& line) {
  for (unsigned index = 0; index < 40; ++index) {
    const bool is_on = (index >= 5 && index < 12) || (index >= 20 && index < 25);
    line.put({.payload_type = pcma,
              .sequence = static_cast<uint16_t>(100 + index),
              .timestamp = 16000 + index * 160,
              .payload = tone(is_on, index)},
             20 * index);
    line.tick(20 * index + 10);
  }
}

TEST(Work, TonesBecomeEventsAndAreTakenOutOfTheAudio) {
  CodecPlan plan = plan_of({keep_a});
  plan.is_listening = true;
  plan.event_out = 101;
  Line line(plan);
  play_tones(line);
  line.expect_contiguous();
  unsigned begins = 0;
  unsigned ends = 0;
  unsigned loud = 0;
  for (const Packet& packet : line.out) {
    if (packet.payload_type == 101) {
      const TelephoneEvent event = read_event(packet.payload.data());
      EXPECT_EQ(event.event, 5);
      begins += packet.has_marker;
      ends += event.is_end;
      if (event.is_end) {
        EXPECT_GE(event.duration, 40 * 8);
        EXPECT_LE(event.duration, 160 * 8);
      }
      continue;
    }
    std::vector<int16_t> samples(160);
    decode(Law::a, packet.payload, samples);
    int largest = 0;
    for (const int16_t sample : samples) largest = std::max(largest, std::abs(int{sample}));
    loud += largest > 4000;
  }
  EXPECT_EQ(begins, 2u);
  EXPECT_EQ(ends, 6u);
  // What a detector must hear before it can be sure.
  EXPECT_LE(loud, 4u);
}

// A peer that suppresses silence sends nothing behind its tone.
void play_tone_without_end(Line& line, int64_t last_ms) {
  for (unsigned index = 0; index < 10; ++index) {
    line.put({.payload_type = pcma,
              .sequence = static_cast<uint16_t>(100 + index),
              .timestamp = 16000 + index * 160,
              .payload = tone(true, index)},
             20 * index);
  }
  for (int64_t ms = 180; ms <= last_ms; ms += 10) line.tick(ms);
}

TEST(Work, ATonePastWhichNoAudioComesEnds) {
  CodecPlan plan = plan_of({keep_a});
  plan.is_listening = true;
  plan.event_out = 101;
  Line line(plan);
  play_tone_without_end(line, 370);
  EXPECT_FALSE(read_event(line.out.back().payload.data()).is_end);
  EXPECT_TRUE(line.work->is_busy());
  for (int64_t ms = 380; ms < 600; ms += 10) line.tick(ms);
  unsigned ends = 0;
  for (const Packet& packet : line.out) {
    if (packet.payload_type == 101) ends += read_event(packet.payload.data()).is_end;
  }
  EXPECT_EQ(ends, 3u);
  EXPECT_FALSE(line.work->is_busy());
}

TEST(Work, AToneIsReportedAsLongAsItWasHeard) {
  CodecPlan plan = plan_of({keep_a});
  plan.is_listening = true;
  plan.digits = Digits::reported;
  Line line(plan);
  play_tone_without_end(line, 400);
  const std::string reported = line.reported();
  ASSERT_EQ(reported.substr(0, 2), "5/");
  EXPECT_LE(std::stoi(reported.substr(2)), 180);
}

TEST(Work, AToneEndsWithThePlanThatListened) {
  CodecPlan plan = plan_of({keep_a});
  plan.is_listening = true;
  plan.event_out = 101;
  Line line(plan);
  play_tone_without_end(line, 180);
  plan.is_listening = false;
  line.replan(plan);
  for (int64_t ms = 190; ms < 400; ms += 10) line.tick(ms);
  EXPECT_FALSE(line.work->is_busy());
}

TEST(Work, TonesAreReportedWhereTheReceiverTakesNoEvents) {
  CodecPlan plan = plan_of({keep_a});
  plan.is_listening = true;
  plan.digits = Digits::reported;
  Line line(plan);
  play_tones(line);
  const std::string reported = line.reported();
  EXPECT_EQ(std::count(reported.begin(), reported.end(), '5'), 2) << reported;
}

TEST(Work, AllocatesNothing) {
  CodecPlan plan = plan_of({a_to_mu, {events, 100, Treatment::event}});
  plan.is_listening = true;
  plan.event_out = 100;
  plan.ptime_ms = 30;
  Line line(plan);
  line.out.reserve(1000);
  std::vector<uint8_t> octets = octets_of({.payload_type = pcma, .payload = tone(true, 0)});
  octets.resize(600);
  const size_t before = mallinfo2().uordblks;
  for (uint16_t i = 0; i < 200; ++i) {
    write_be16(&octets[2], i);
    octets[1] = pcma;
    Work::Packet packet{octets.data(), 172, 600, false};
    line.output->clear();
    line.work->process(packet, line.yield, at(20 * i));
    line.work->tick(line.yield, at(20 * i + 10));
  }
  EXPECT_EQ(mallinfo2().uordblks, before);
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

// --- digits as tones ---

CodecPlan to_tones(bool from_call = false) {
  CodecPlan plan;
  plan.add({pcma, pcma, Treatment::g711, Law::a});
  plan.add({events, no_payload_type, Treatment::event, Law::a});
  plan.digits = Digits::tones;
  plan.tone_out = pcma;
  plan.makes_events = from_call;
  return plan;
}

// The digits that a peer hears in what went on.
std::string heard_in(const std::vector<Packet>& packets) {
  const auto detector = std::make_unique<ToneDetector>();
  detector->reset();
  std::string text;
  for (const Packet& packet : packets) {
    EXPECT_EQ(packet.payload_type, pcma);
    std::vector<int16_t> samples(packet.payload.size());
    decode(Law::a, packet.payload, samples);
    for (const uint8_t event : detector->listen(samples)) {
      if (event != no_event) text.push_back(digit_of(event));
    }
  }
  return text;
}

// A digit of `packets` packets, 20 ms each, with its end three times; the clock goes on meanwhile.
void press(Line& line, unsigned& index, uint8_t digit, unsigned packets, unsigned first = 1) {
  const uint32_t timestamp = 16000 + index * 160;
  for (unsigned i = first; i <= packets + 2; ++i) {
    const unsigned last = std::min(i, packets);
    line.event(index, digit, timestamp, static_cast<uint16_t>(160 * last), i >= packets,
               20 * index);
    for (int64_t ms = 5; ms <= 20; ms += 5) line.tick(20 * index + ms);
    ++index;
  }
}

TEST(Work, MakesTonesOfEvents) {
  Line line(to_tones());
  unsigned index = 0;
  for (; index < 5; ++index) line.audio(pcma, index, 20 * index);
  for (const char digit : {'1', '9', '9', '#'}) {
    press(line, index, event_of(digit), 5);
    for (unsigned i = 0; i < 5; ++i, ++index) line.audio(pcma, index, 20 * index);
  }
  EXPECT_EQ(heard_in(line.out), "199#");
  line.expect_contiguous();
  for (size_t i = 1; i < line.out.size(); ++i) {
    const auto step = static_cast<int32_t>(line.out[i].timestamp - line.out[i - 1].timestamp);
    EXPECT_GE(step, 0) << i;
    EXPECT_LE(step, 480) << i;
  }
  EXPECT_FALSE(line.work->is_busy());
  EXPECT_EQ(line.reported(), "");
}

TEST(Work, ATonePassesForEachEventWhateverOfItIsLost) {
  Line line(to_tones());
  unsigned index = 0;
  for (; index < 3; ++index) line.audio(pcma, index, 20 * index);
  press(line, index, event_of('4'), 5, 5);  // only its end came
  for (int64_t ms = 0; ms < 300; ms += 5) line.tick(20 * index + ms);
  index += 15;
  const uint32_t timestamp = 16000 + index * 160;
  line.event(index, event_of('7'), timestamp, 320, false, 20 * index);  // and of this, no end
  for (int64_t ms = 0; ms < 500; ms += 5) line.tick(20 * index + ms);
  EXPECT_EQ(heard_in(line.out), "47");
  EXPECT_FALSE(line.work->is_busy());
}

TEST(Work, MakesTonesOfDigitsOfTheCallBeforeAnyMedia) {
  Line line(to_tones(true));
  ASSERT_TRUE(line.work->send_digit(event_of('3'), 100, at(0)));
  ASSERT_TRUE(line.work->send_digit(event_of('8'), 100, at(0)));
  for (int64_t ms = 0; ms < 500; ms += 5) line.tick(ms);
  EXPECT_EQ(heard_in(line.out), "38");
  line.expect_contiguous();
  EXPECT_EQ(line.out.front().ssrc, 99u);
  EXPECT_FALSE(line.work->is_busy());
}

TEST(Work, LetsNoAudioBesideItsTones) {
  Line line(to_tones(true));
  for (unsigned index = 0; index < 3; ++index) line.audio(pcma, index, 20 * index);
  ASSERT_TRUE(line.work->send_digit(event_of('3'), 100, at(60)));
  for (unsigned index = 3; index < 8; ++index) {
    for (int64_t ms = 0; ms < 20; ms += 5) line.tick(20 * index + ms);
    line.audio(pcma, index, 20 * index + 19);
  }
  ASSERT_GE(line.out.size(), 8u);
  line.expect_contiguous();
  EXPECT_EQ(heard_in(line.out), "3");
}

TEST(Work, CutsItsTonesAsItCutsAudio) {
  CodecPlan plan = to_tones(true);
  plan.ptime_ms = 40;
  Line line(plan);
  ASSERT_TRUE(line.work->send_digit(event_of('D'), 200, at(0)));
  for (int64_t ms = 0; ms < 400; ms += 5) line.tick(ms);
  for (const Packet& packet : line.out) EXPECT_EQ(packet.payload.size(), 320u);
  EXPECT_EQ(heard_in(line.out), "D");
}

TEST(Work, ForgetsItsTonesWithThePlanThatWantedThem) {
  Line line(to_tones(true));
  ASSERT_TRUE(line.work->send_digit(event_of('3'), 5000, at(0)));
  CodecPlan plan;
  plan.add({pcma, pcma, Treatment::g711, Law::a});
  line.replan(plan);
  EXPECT_FALSE(line.work->is_busy());
  EXPECT_FALSE(line.work->send_digit(event_of('3'), 5000, at(0)));
}

}  // namespace
}  // namespace demarc::media
