// PeerProbes: whether a trunk's peer still sends the OPTIONS that it used to send. Who stopped is
// thought to be unwell, whatever it answers itself (decision D120). No thread, no clock: time is an
// argument, in milliseconds of a clock that only grows.
#pragma once

#include <cstdint>

#include <optional>

namespace demarc::health {

class PeerProbes {
 public:
  static constexpr unsigned missed_intervals = 3;

  // How often they come; 0: nobody minds. One that changes begins anew: true then.
  bool set_interval(uint32_t interval_ms, uint64_t now_ms) {
    if (interval_ms == interval_ms_) return false;
    interval_ms_ = interval_ms;
    if (heard_ms_) heard_ms_ = now_ms;
    return true;
  }
  // How many OPTIONS and calls its peer has sent since the dataplane started. A peer whose calls
  // come is well, and many send no OPTIONS then.
  void on_counts(uint64_t options, uint64_t calls, uint64_t now_ms) {
    if (options == options_ && calls == calls_) return;
    // A dataplane that started afresh has heard of nobody, and that proves nothing.
    if (options != 0 || heard_ms_) heard_ms_ = now_ms;
    options_ = options;
    calls_ = calls;
  }
  // Never of one that sent no OPTIONS at all: most peers do not. Asked after on_counts(): what came
  // while nobody read counts is not missing.
  bool is_missing(uint64_t now_ms) const {
    return interval_ms_ != 0 && heard_ms_ &&
           now_ms - *heard_ms_ >= uint64_t{interval_ms_} * missed_intervals;
  }

 private:
  uint32_t interval_ms_ = 0;
  uint64_t options_ = 0;
  uint64_t calls_ = 0;
  std::optional<uint64_t> heard_ms_;
};

}  // namespace demarc::health
