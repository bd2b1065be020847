#include "dataplane/media/tone_detector.h"

#include "sip-parser/base/check.h"

namespace demarc::media {

void ToneDetector::reset() {
  count_ = 0;
  is_on_ = false;
  DEMARC_CHECK(dtmf_rx_init(&state_, nullptr, nullptr) == &state_);
  dtmf_rx_set_realtime_callback(&state_, on_change, this);
}

// The code is the digit's character, 0 at its end.
void ToneDetector::on_change(void* self, int code, int /*level*/, int /*delay*/) {
  auto& detector = *static_cast<ToneDetector*>(self);
  const uint8_t event = code == 0 ? no_event : event_of(static_cast<char>(code));
  const bool is_on = event != no_event;
  if (!is_on && !detector.is_on_) return;
  detector.is_on_ = is_on;
  if (detector.count_ < max_changes) detector.changes_[detector.count_++] = event;
}

std::span<const uint8_t> ToneDetector::listen(std::span<const int16_t> samples) {
  count_ = 0;
  dtmf_rx(&state_, samples.data(), static_cast<int>(samples.size()));
  return std::span(changes_).first(count_);
}

}  // namespace demarc::media
