#include "dataplane/media/noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace demarc::media {
namespace {

std::vector<uint8_t> noise_of(uint8_t level, Law law) {
  NoiseMaker maker;
  std::vector<uint8_t> audio(8000);
  maker.fill(level, law, audio);
  return audio;
}

double level_in_db(Law law, const std::vector<uint8_t>& audio) {
  std::vector<int16_t> samples(audio.size());
  decode(law, audio, samples);
  double sum = 0;
  for (const int16_t sample : samples) sum += double{1} * sample * sample;
  return -10 * std::log10(sum / static_cast<double>(samples.size()) / (1 << 30));
}

TEST(Noise, IsAsLoudAsItsLevelSays) {
  for (const Law law : {Law::a, Law::mu}) {
    for (unsigned level = 10; level <= 65; ++level) {
      EXPECT_NEAR(level_in_db(law, noise_of(static_cast<uint8_t>(level), law)), level, 1)
          << static_cast<int>(law);
    }
  }
}

TEST(Noise, TooQuietForG711IsSilence) {
  for (const uint8_t level : {uint8_t{100}, uint8_t{127}, uint8_t{255}}) {
    EXPECT_GT(level_in_db(Law::mu, noise_of(level, Law::mu)), 80);
    EXPECT_GT(level_in_db(Law::a, noise_of(level, Law::a)), 70);
  }
}

TEST(Noise, IsNotTheSameAllTheTime) {
  NoiseMaker maker;
  std::vector<uint8_t> first(160);
  std::vector<uint8_t> second(160);
  maker.fill(40, Law::a, first);
  maker.fill(40, Law::a, second);
  EXPECT_NE(first, second);
}

TEST(Noise, ItsLevelIsHeardInAPacketOfIt) {
  for (const Law law : {Law::a, Law::mu}) {
    for (const uint8_t level : {uint8_t{20}, uint8_t{40}, uint8_t{60}}) {
      const std::vector<uint8_t> audio = noise_of(level, law);
      EXPECT_NEAR(level_of(power_of(law, std::span(audio).first(160))), level, 3);
    }
  }
}

TEST(Noise, LevelsReachFromTheLoudestToSilence) {
  EXPECT_EQ(level_of(0), 127);
  EXPECT_EQ(level_of(1u << 30), 0);
  EXPECT_EQ(level_of(0xffffffff), 0);
  EXPECT_EQ(level_of((1u << 30) / 100), 20);
}

TEST(Noise, ShortAudioHasALevelAndNoneIsSilence) {
  EXPECT_EQ(power_of(Law::a, {}), 0u);
  const uint8_t one = encode(Law::a, 8000);
  EXPECT_NEAR(level_of(power_of(Law::a, {&one, 1})), 12, 1);
}

}  // namespace
}  // namespace demarc::media
