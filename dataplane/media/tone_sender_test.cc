#include "dataplane/media/tone_sender.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/media/telephone_event.h"
#include "dataplane/media/tone_detector.h"

namespace demarc::media {
namespace {

std::vector<int16_t> samples_of(ToneSender& sender, unsigned ms) {
  std::vector<int16_t> samples;
  for (unsigned at = 0; at < ms; at += 10) {
    std::vector<int16_t> some(80, 1234);
    sender.fill(some);
    samples.insert(samples.end(), some.begin(), some.end());
  }
  return samples;
}

// The digits that the detector hears, each once.
std::string heard(const std::vector<int16_t>& samples) {
  const auto detector = std::make_unique<ToneDetector>();
  detector->reset();
  std::string text;
  for (size_t at = 0; at + 160 <= samples.size(); at += 160) {
    for (const uint8_t event : detector->listen(std::span(samples).subspan(at, 160))) {
      if (event != no_event) text.push_back(digit_of(event));
    }
  }
  return text;
}

// Samples in front of the first silence of 5 ms.
size_t tone_length(const std::vector<int16_t>& samples) {
  size_t silent = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    silent = samples[i] == 0 ? silent + 1 : 0;
    if (silent == 40) return i - 39;
  }
  return samples.size();
}

double power_at(const std::vector<int16_t>& samples, double hertz) {
  double real = 0;
  double imaginary = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const double angle = 2 * M_PI * hertz * static_cast<double>(i) / 8000;
    real += samples[i] * std::cos(angle);
    imaginary += samples[i] * std::sin(angle);
  }
  return 2 * std::hypot(real, imaginary) / static_cast<double>(samples.size());
}

TEST(ToneSender, MakesEachDigitAsItIsHeard) {
  ToneSender sender;
  std::string all;
  std::vector<int16_t> samples;
  for (uint8_t event = 0; event < digit_events; ++event) {
    ASSERT_TRUE(sender.push(event, 80));
    all.push_back(digit_of(event));
  }
  EXPECT_EQ(heard(samples_of(sender, 2500)), all);
  EXPECT_FALSE(sender.is_busy());
}

TEST(ToneSender, HasThePitchAndLevelOfATelephone) {
  ToneSender sender;
  ASSERT_TRUE(sender.push(event_of('5'), 1000));
  const std::vector<int16_t> samples = samples_of(sender, 1000);
  EXPECT_NEAR(power_at(samples, 770), 9088, 100);
  EXPECT_NEAR(power_at(samples, 1336), 11441, 100);
  EXPECT_LT(power_at(samples, 697), 100);
  EXPECT_LT(power_at(samples, 1209), 100);
}

TEST(ToneSender, LastsAsLongAsItIsTold) {
  ToneSender sender;
  sender.push(1, 120);
  EXPECT_NEAR(static_cast<double>(tone_length(samples_of(sender, 300))), 960, 8);
  sender.push(1, 1);
  const std::vector<int16_t> short_one = samples_of(sender, 300);
  EXPECT_NEAR(static_cast<double>(tone_length(short_one)), 400, 8);
}

TEST(ToneSender, EndsAHeldDigitWhenItsLengthIsKnown) {
  ToneSender sender;
  ASSERT_TRUE(sender.begin(3));
  EXPECT_TRUE(sender.is_held());
  std::vector<int16_t> samples = samples_of(sender, 100);
  sender.end(150);
  EXPECT_FALSE(sender.is_held());
  const std::vector<int16_t> rest = samples_of(sender, 200);
  samples.insert(samples.end(), rest.begin(), rest.end());
  EXPECT_NEAR(static_cast<double>(tone_length(samples)), 1200, 8);
  EXPECT_FALSE(sender.is_busy());
  sender.end(100);  // there is none
}

TEST(ToneSender, EndsAtOnceADigitThatLastedLongerAlready) {
  ToneSender sender;
  sender.begin(3);
  samples_of(sender, 200);
  sender.end(60);
  EXPECT_LT(tone_length(samples_of(sender, 100)), 2u);
}

TEST(ToneSender, IsNoToneForEverWhenNoEndComes) {
  ToneSender sender;
  sender.begin(3);
  samples_of(sender, ToneSender::max_duration_ms);
  EXPECT_FALSE(sender.is_busy());
}

TEST(ToneSender, PausesBetweenDigitsThatAreTheSame) {
  ToneSender sender;
  sender.push(7, 60);
  sender.push(7, 60);
  EXPECT_EQ(heard(samples_of(sender, 400)), "77");
}

TEST(ToneSender, TakesAsManyAsItHasRoomFor) {
  ToneSender sender;
  for (unsigned i = 0; i < ToneSender::max_waiting; ++i) EXPECT_TRUE(sender.push(1, 50));
  EXPECT_FALSE(sender.push(1, 50));
  EXPECT_FALSE(sender.begin(1));
  sender.clear();
  EXPECT_FALSE(sender.is_busy());
}

}  // namespace
}  // namespace demarc::media
