// Silence of a sender that says nothing of it, and how long noise goes on.
#include "dataplane/media/noise.h"
#include "dataplane/media/report_harness.h"
#include "dataplane/media/work_harness.h"

namespace demarc::media {
namespace {

constexpr uint8_t noise_number = 13;

CodecPlan filled(uint8_t noise_out, std::initializer_list<PlanRow> rows = {keep_a}) {
  CodecPlan plan = plan_of(rows);
  plan.fills_silence = true;
  plan.noise_out = noise_out;
  return plan;
}

// Background noise of -60 dBov, for so many packets of 20 ms from `first` on; of those before it
// some were never sent.
void talk(Line& line, unsigned first, unsigned packets, unsigned unsent = 0) {
  NoiseMaker maker;
  for (unsigned i = first; i < first + packets; ++i) {
    std::vector<uint8_t> audio(160);
    maker.fill(60, Law::a, audio);
    line.put({.payload_type = pcma,
              .sequence = static_cast<uint16_t>(100 + i - unsent),
              .timestamp = 16000 + i * 160,
              .payload = audio},
             20 * i);
  }
}
void pass_time(Line& line, int64_t from_ms, int64_t to_ms) {
  for (int64_t ms = from_ms; ms < to_ms; ms += 5) line.tick(ms);
}

TEST(WorkSilence, IsFilledWithCnWhereTheReceiverTakesIt) {
  Line line(filled(noise_number));
  talk(line, 0, 5);
  pass_time(line, 80, 275);
  EXPECT_EQ(line.out.size(), 5u);  // a late packet is no silence
  pass_time(line, 275, 2300);
  ASSERT_EQ(line.out.size(), 8u);
  line.expect_contiguous();
  for (unsigned i = 5; i < 8; ++i) {
    EXPECT_EQ(line.out[i].payload_type, noise_number);
    EXPECT_EQ(line.out[i].ssrc, 7u);
    EXPECT_FALSE(line.out[i].has_marker);
    EXPECT_EQ(line.out[i].timestamp, 16000 + 280 * 8 + (i - 5) * 8000);
    ASSERT_EQ(line.out[i].payload.size(), 1u);
    EXPECT_NEAR(line.out[i].payload[0], 60, 3);
  }
}

// A refresh of the session repeats what was agreed.
TEST(WorkSilence, GoesOnBeingFilledThroughAnOfferThatSaysNothingNew) {
  Line line(filled(noise_number));
  talk(line, 0, 5);
  pass_time(line, 80, 500);
  line.replan(filled(noise_number));
  pass_time(line, 500, 2300);
  EXPECT_EQ(line.out.size(), 8u);
}

TEST(WorkSilence, IsFilledWithNoiseInG711ElseInTheLawAndLengthOfTheStream) {
  Line line(filled(no_payload_type, {a_to_mu}));
  talk(line, 0, 5);
  pass_time(line, 80, 480);
  ASSERT_EQ(line.out.size(), 15u);
  line.expect_contiguous();
  for (unsigned i = 5; i < 15; ++i) {
    EXPECT_EQ(line.out[i].payload_type, pcmu);
    EXPECT_EQ(line.out[i].timestamp, 16000 + 280 * 8 + (i - 5) * 160);
    ASSERT_EQ(line.out[i].payload.size(), 160u);
    EXPECT_NEAR(level_of(power_of(Law::mu, line.out[i].payload)), 60, 6);
  }
}

TEST(WorkSilence, AudioEndsItWithAMarkerAndItsOwnClock) {
  Line line(filled(noise_number));
  talk(line, 0, 5);
  pass_time(line, 80, 400);
  ASSERT_EQ(line.out.size(), 6u);
  line.out.clear();
  line.put({.payload_type = pcma,
            .sequence = 105,
            .timestamp = 16000 + 400 * 8,
            .payload = std::vector<uint8_t>(160, 0x55)},
           400);
  line.put({.payload_type = pcma,
            .sequence = 106,
            .timestamp = 16000 + 420 * 8,
            .payload = std::vector<uint8_t>(160, 0x55)},
           420);
  pass_time(line, 420, 600);
  ASSERT_EQ(line.out.size(), 2u);
  EXPECT_TRUE(line.out[0].has_marker);
  EXPECT_FALSE(line.out[1].has_marker);
  EXPECT_EQ(line.out[0].sequence, 106);
  EXPECT_EQ(line.out[0].timestamp, 16000u + 400 * 8);
  line.expect_contiguous();
  // The next silence is filled as well.
  pass_time(line, 600, 700);
  EXPECT_EQ(line.out.size(), 3u);
}

TEST(WorkSilence, SpeechThatBreaksOffIsFollowedByQuietNoise) {
  Line line(filled(noise_number));
  line.audio(pcma, 0, 0, encode(Law::a, 20'000));
  pass_time(line, 0, 300);
  ASSERT_EQ(line.out.size(), 2u);
  EXPECT_EQ(line.out[1].payload, std::vector<uint8_t>{50});
}

TEST(WorkSilence, OfASilentMicrophoneIsNotTakenForNothing) {
  Line line(filled(noise_number, {{pcmu, pcmu, Treatment::g711, Law::mu}}));
  line.audio(pcmu, 0, 0, silence_of(Law::mu));
  pass_time(line, 0, 300);
  ASSERT_EQ(line.out.size(), 2u);
  EXPECT_EQ(line.out[1].payload, std::vector<uint8_t>{75});
}

TEST(WorkSilence, EndsForWhoStaysAway) {
  for (const uint8_t number : {noise_number, no_payload_type}) {
    Line line(filled(number));
    talk(line, 0, 5);
    pass_time(line, 80, 31'000);
    const size_t count = line.out.size();
    EXPECT_EQ(count, number == noise_number ? 5u + 30 : 5u + 1500);
    EXPECT_FALSE(line.work->is_busy());
    pass_time(line, 31'000, 40'000);
    EXPECT_EQ(line.out.size(), count);
    line.expect_contiguous();
    line.audio(pcma, 2000, 40'000);
    EXPECT_TRUE(line.out.back().has_marker);
    EXPECT_TRUE(line.work->is_busy());
  }
}

TEST(WorkSilence, IsNotFilledWhereTheSenderSaidCnOrAnotherCodec) {
  for (const uint8_t said : {noise_number, uint8_t{18}}) {
    Line line(filled(noise_number));
    talk(line, 0, 5);
    line.put({.payload_type = said, .sequence = 105, .timestamp = 16800, .payload = {60}}, 100);
    pass_time(line, 100, 5000);
    EXPECT_EQ(line.out.size(), 6u);
    EXPECT_FALSE(line.work->is_busy());
  }
}

TEST(WorkSilence, IsNotFilledBeforeAnythingCameNorAfterANewPlan) {
  Line line(filled(noise_number));
  pass_time(line, 0, 1000);
  EXPECT_TRUE(line.out.empty());
  EXPECT_FALSE(line.work->is_busy());
  line.audio(pcma, 0, 1000);
  line.replan(filled(no_payload_type, {a_to_mu}));
  pass_time(line, 1000, 5000);
  EXPECT_EQ(line.out.size(), 1u);
}

TEST(WorkSilence, IsNotFilledWhereNobodyAskedForIt) {
  CodecPlan plan = plan_of({a_to_mu});
  plan.noise_out = noise_number;
  Line line(plan);
  talk(line, 0, 5);
  EXPECT_FALSE(line.work->is_busy());
  pass_time(line, 80, 5000);
  EXPECT_EQ(line.out.size(), 5u);
}

TEST(WorkSilence, EventsInterruptTheNoise) {
  Line line(filled(noise_number, {keep_a, {events, 100, Treatment::event}}));
  talk(line, 0, 5);
  pass_time(line, 80, 300);
  ASSERT_EQ(line.out.size(), 6u);
  for (unsigned i = 0; i < 5; ++i) {
    line.event(5 + i, 4, 18'400, static_cast<uint16_t>(160 * (i + 1)), i == 4, 300 + 20 * i);
    pass_time(line, 300 + 20 * i, 320 + 20 * i);
  }
  ASSERT_EQ(line.out.size(), 11u);
  for (unsigned i = 6; i < 11; ++i) EXPECT_EQ(line.out[i].payload_type, 100);
  pass_time(line, 400, 700);
  ASSERT_EQ(line.out.size(), 12u);
  EXPECT_EQ(line.out[11].payload_type, noise_number);
  line.expect_contiguous();
}

TEST(WorkSilence, PacketsThatAreCutHaveTheirLengthInIt) {
  CodecPlan plan = filled(no_payload_type);
  plan.ptime_ms = 30;
  Line line(plan);
  // Loss before a silence is no loss within it.
  talk(line, 0, 3);
  talk(line, 5, 2);
  pass_time(line, 120, 320);
  const size_t before = line.out.size();
  pass_time(line, 320, 440);
  talk(line, 30, 3, 23);
  // What was left of the audio, noise, and audio again.
  ASSERT_EQ(line.out.size(), before + 1 + 4 + 2);
  EXPECT_EQ(line.out[before].payload.size(), 80u);
  for (size_t i = before + 1; i < line.out.size(); ++i) {
    EXPECT_EQ(line.out[i].payload.size(), 240u);
    EXPECT_EQ(line.out[i].sequence, static_cast<uint16_t>(line.out[i - 1].sequence + 1));
    EXPECT_GE(line.out[i].timestamp, line.out[i - 1].timestamp + line.out[i - 1].payload.size());
    EXPECT_EQ(line.out[i].has_marker, i == before + 5);
  }
  EXPECT_EQ(line.out[before + 5].timestamp, 16000u + 30 * 160);
}

TEST(WorkSilence, ReportsCountWhatFillsIt) {
  Line line(filled(noise_number));
  talk(line, 0, 5);
  pass_time(line, 80, 1400);
  ASSERT_EQ(line.out.size(), 7u);
  const Work::Sent sent = line.work->sent({5, 800});
  EXPECT_EQ(sent.packets, 7u);
  EXPECT_EQ(sent.octets, 802u);
  Work::Received received{0, 106};
  ASSERT_TRUE(line.work->received(received));
  EXPECT_EQ(received.highest_sequence, 104u);
}

TEST(WorkSilence, NoiseThatWasSaidEndsToo) {
  Line line(plan_of({keep_a, {noise_number, pcma, Treatment::noise, Law::a}}));
  line.put({.payload_type = noise_number, .sequence = 1, .timestamp = 160, .payload = {60}}, 0);
  pass_time(line, 0, 300'000);
  EXPECT_EQ(line.out.size(), 15'000u);
  pass_time(line, 300'000, 310'000);
  EXPECT_EQ(line.out.size(), 15'000u);
  EXPECT_FALSE(line.work->is_busy());
  line.expect_contiguous();
}

}  // namespace
}  // namespace demarc::media
