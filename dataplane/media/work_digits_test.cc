// Digits in what a Work does: events to events, tones to events, both to INFO, and digits as tones.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/media/work_harness.h"

namespace demarc::media {
namespace {

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
