#include "dataplane/media/tone_sender.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

#include "dataplane/media/telephone_event.h"
#include "sip-parser/base/check.h"

namespace demarc::media {
namespace {

constexpr double sample_rate = 8000;
constexpr uint32_t samples_per_ms = 8;
// Q.23 table 1: the rows and columns of the keypad.
constexpr double row_hertz[] = {697, 770, 852, 941};
constexpr double column_hertz[] = {1209, 1336, 1477, 1633};
constexpr std::string_view keypad = "123A456B789C*0#D";
// -8 and -6 dBm0, where a sine of 32,767 is 3.14 dBm0 (G.711): the higher one is lost more on
// lines.
constexpr double low_peak = 9088;
constexpr double high_peak = 11441;

}  // namespace

void ToneSender::Sine::begin(double hertz, double peak) {
  const double step = 2 * std::numbers::pi * hertz / sample_rate;
  factor = 2 * std::cos(step);
  last = 0;
  before = -peak * std::sin(step);
}

double ToneSender::Sine::next() {
  const double value = last;
  last = factor * value - before;
  before = value;
  return value;
}

bool ToneSender::add(const Digit& digit) {
  DEMARC_CHECK(digit.event < digit_events);
  if (count_ == max_waiting) return false;
  digits_[(first_ + count_++) % max_waiting] = digit;
  return true;
}

bool ToneSender::push(uint8_t event, uint16_t duration_ms) {
  return add({event, samples_per_ms * std::clamp(duration_ms, min_duration_ms, max_duration_ms)});
}

bool ToneSender::begin(uint8_t event) {
  DEMARC_CHECK(!is_held());
  return add({event, held});
}

bool ToneSender::is_held() const {
  return count_ != 0 && digits_[(first_ + count_ - 1u) % max_waiting].length == held;
}

void ToneSender::end(uint64_t duration_ms) {
  if (!is_held()) return;
  const auto limited =
      static_cast<uint32_t>(std::clamp<uint64_t>(duration_ms, min_duration_ms, max_duration_ms));
  digits_[(first_ + count_ - 1u) % max_waiting].length = limited * samples_per_ms;
}

void ToneSender::start() {
  const auto key = keypad.find(digit_of(digits_[first_].event));
  low_.begin(row_hertz[key / 4], low_peak);
  high_.begin(column_hertz[key % 4], high_peak);
}

void ToneSender::fill(std::span<int16_t> samples) {
  for (int16_t& sample : samples) {
    sample = 0;
    if (pause_ != 0) {
      --pause_;
      continue;
    }
    if (count_ == 0) continue;
    if (done_ == 0) start();
    sample = static_cast<int16_t>(low_.next() + high_.next());
    // One whose end never comes is no tone for ever.
    const uint32_t length = std::min(digits_[first_].length, max_duration_ms * samples_per_ms);
    if (++done_ < length) continue;
    first_ = static_cast<uint8_t>((first_ + 1) % max_waiting);
    --count_;
    done_ = 0;
    pause_ = pause_ms * samples_per_ms;
  }
}

}  // namespace demarc::media
