// ToneDetector: hears the tones of DTMF (ITU-T Q.23, Q.24) in linear samples.
//
// The state of libspandsp's receiver in memory of our own: listening allocates nothing. Called by
// work.cc with the G.711 of a peer that sends its digits as tones. One worker only.
#pragma once

#include <spandsp.h>

#include <spandsp/expose.h>

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/media/telephone_event.h"

namespace demarc::media {

class ToneDetector {
 public:
  static constexpr unsigned max_changes = 4;  // that one packet can bring

  // Forgets what it heard. To be called before the first listen(), where the object stands.
  void reset();
  // 8,000 samples a second; loss between two calls is silence. What changed comes in order: the
  // event of a tone that began, or no_event for the end of one. Valid until the next call.
  std::span<const uint8_t> listen(std::span<const int16_t> samples);
  // Whether a tone is being heard.
  bool is_on() const { return is_on_; }

 private:
  static void on_change(void* self, int code, int level, int delay);

  std::array<uint8_t, max_changes> changes_ = {};
  uint8_t count_ = 0;
  bool is_on_ = false;
  dtmf_rx_state_t state_ = {};
};

}  // namespace demarc::media
