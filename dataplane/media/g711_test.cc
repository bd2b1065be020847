#include "dataplane/media/g711.h"

#include <gtest/gtest.h>
#include <spandsp.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <vector>

namespace demarc::media {
namespace {

uint8_t converted(Law law, uint8_t octet) {
  transcode_scalar(law, {&octet, 1});
  return octet;
}

int16_t value_of(Law law, uint8_t octet) {
  int16_t sample = 0;
  decode(law, {&octet, 1}, {&sample, 1});
  return sample;
}

// Something like speech: voiced stretches of a falling series of harmonics that swell and fade,
// noise between them, from loud to quiet.
std::vector<int16_t> speech(size_t samples) {
  std::mt19937 random(20);
  std::vector<int16_t> audio(samples);
  for (size_t i = 0; i < samples; ++i) {
    const double time = static_cast<double>(i) / 8000;
    const double pitch = 110 + 30 * std::sin(2 * M_PI * 1.7 * time);
    double value = 0;
    for (int harmonic = 1; harmonic <= 20; ++harmonic) {
      value += std::sin(2 * M_PI * pitch * harmonic * time + harmonic) / harmonic;
    }
    const double swell = 0.5 + 0.5 * std::sin(2 * M_PI * 3.1 * time);
    const double noise = static_cast<double>(random() % 2001) / 1000 - 1;
    const double loudness = 9000 * std::exp(-1.5 * std::fmod(time, 2.0));
    audio[i] = static_cast<int16_t>(loudness * (swell * value / 2 + 0.02 * noise));
  }
  return audio;
}

double level_db(const std::vector<int16_t>& audio) {
  double sum = 0;
  for (const int16_t sample : audio) sum += static_cast<double>(sample) * sample;
  return 10 * std::log10(sum / static_cast<double>(audio.size()));
}

TEST(G711, ConvertsAsTheTablesOfTheRecommendation) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const auto in = static_cast<uint8_t>(octet);
    EXPECT_EQ(converted(Law::a, in), alaw_to_ulaw(in)) << octet;
    EXPECT_EQ(converted(Law::mu, in), ulaw_to_alaw(in)) << octet;
  }
}

TEST(G711, HasTheValuesOfTheRecommendation) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const auto in = static_cast<uint8_t>(octet);
    EXPECT_EQ(value_of(Law::a, in), alaw_to_linear(in)) << octet;
    EXPECT_EQ(value_of(Law::mu, in), ulaw_to_linear(in)) << octet;
  }
}

TEST(G711, TheVectorsGiveWhatTheScalarTwinGives) {
  std::mt19937 random(7);
  for (size_t length = 0; length < 200; ++length) {
    std::vector<uint8_t> audio(length);
    for (uint8_t& octet : audio) octet = static_cast<uint8_t>(random());
    for (const Law law : {Law::a, Law::mu}) {
      std::vector<uint8_t> vectors = audio;
      std::vector<uint8_t> scalar = audio;
      transcode(law, vectors);
      transcode_scalar(law, scalar);
      EXPECT_EQ(vectors, scalar) << length;
    }
  }
}

TEST(G711, EncodesWhatItDecodes) {
  for (const Law law : {Law::a, Law::mu}) {
    for (unsigned octet = 0; octet < 256; ++octet) {
      const auto in = static_cast<uint8_t>(octet);
      EXPECT_EQ(value_of(law, encode(law, value_of(law, in))), value_of(law, in)) << octet;
    }
    for (const int16_t sample : {int16_t{-32768}, int16_t{32767}}) {
      EXPECT_GT(std::abs(int{value_of(law, encode(law, sample))}), 32000);
    }
  }
}

TEST(G711, SpeechComesBackWithinHalfADecibel) {
  const std::vector<int16_t> said = speech(80'000);
  for (const Law law : {Law::a, Law::mu}) {
    std::vector<uint8_t> audio;
    for (const int16_t sample : said) audio.push_back(encode(law, sample));
    std::vector<int16_t> before(audio.size());
    decode(law, audio, before);
    transcode(law, audio);
    transcode(other(law), audio);
    std::vector<int16_t> after(audio.size());
    decode(law, audio, after);
    EXPECT_NEAR(level_db(after), level_db(before), 0.5);
    // And what was added on the way is far below what was said.
    std::vector<int16_t> difference(audio.size());
    for (size_t i = 0; i < audio.size(); ++i) {
      difference[i] = static_cast<int16_t>(after[i] - before[i]);
    }
    EXPECT_LT(level_db(difference), level_db(before) - 35);
  }
}

TEST(G711, SilenceIsSilenceInEitherLaw) {
  for (const Law law : {Law::a, Law::mu}) {
    EXPECT_LE(std::abs(int{value_of(law, silence_of(law))}), 8);
  }
}

}  // namespace
}  // namespace demarc::media
