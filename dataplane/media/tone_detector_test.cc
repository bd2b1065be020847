#include "dataplane/media/tone_detector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dataplane/media/g711.h"

namespace demarc::media {
namespace {

constexpr double rows[] = {697, 770, 852, 941};
constexpr double columns[] = {1209, 1336, 1477, 1633};
constexpr std::string_view keys = "123A456B789C*0#D";

class Line {
 public:
  Line() { detector_->reset(); }
  // A tone through G.711, in packets of 20 ms.
  void tone(char key, unsigned ms, double level = 8000) {
    const size_t at = keys.find(key);
    for (unsigned i = 0; i < ms * 8; ++i) {
      const double time = static_cast<double>(i) / 8000;
      put(level * std::sin(2 * M_PI * rows[at / 4] * time) +
          level * std::sin(2 * M_PI * columns[at % 4] * time));
    }
  }
  void silence(unsigned ms) {
    for (unsigned i = 0; i < ms * 8; ++i) put(0);
  }
  // Digits as they began, '-' where one ended.
  std::string heard;

 private:
  void put(double value) {
    audio_.push_back(encode(Law::a, static_cast<int16_t>(value)));
    if (audio_.size() < 160) return;
    std::vector<int16_t> samples(160);
    decode(Law::a, audio_, samples);
    for (const uint8_t event : detector_->listen(samples)) {
      heard += event == no_event ? '-' : digit_of(event);
    }
    audio_.clear();
  }
  std::unique_ptr<ToneDetector> detector_ = std::make_unique<ToneDetector>();
  std::vector<uint8_t> audio_;
};

TEST(ToneDetector, HearsEveryDigitOnce) {
  Line line;
  std::string wanted;
  for (const char key : keys) {
    line.tone(key, 80);
    line.silence(80);
    wanted += std::string(1, key) + "-";
  }
  EXPECT_EQ(line.heard, wanted);
}

TEST(ToneDetector, TheSameDigitTwiceIsTwo) {
  Line line;
  for (int i = 0; i < 2; ++i) {
    line.tone('5', 60);
    line.silence(60);
  }
  EXPECT_EQ(line.heard, "5-5-");
}

TEST(ToneDetector, ALongDigitIsOne) {
  Line line;
  line.tone('9', 5000);
  line.silence(100);
  EXPECT_EQ(line.heard, "9-");
}

TEST(ToneDetector, HearsNothingInTooShortOrTooQuietTones) {
  Line line;
  line.tone('1', 15);
  line.silence(200);
  line.tone('1', 100, 20);
  line.silence(200);
  EXPECT_EQ(line.heard, "");
}

TEST(ToneDetector, HearsNothingInNoiseAndSingleTones) {
  auto detector = std::make_unique<ToneDetector>();
  detector->reset();
  std::mt19937 random(3);
  std::vector<int16_t> samples(160);
  for (int packet = 0; packet < 500; ++packet) {
    for (size_t i = 0; i < samples.size(); ++i) {
      const double time = static_cast<double>(packet * 160) / 8000 + static_cast<double>(i) / 8000;
      samples[i] = packet < 250 ? static_cast<int16_t>(random() % 16000 - 8000)
                                : static_cast<int16_t>(9000 * std::sin(2 * M_PI * 770 * time));
    }
    EXPECT_TRUE(detector->listen(samples).empty());
  }
  EXPECT_FALSE(detector->is_on());
}

}  // namespace
}  // namespace demarc::media
