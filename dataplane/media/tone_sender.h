// ToneSender: digits as tones, for a peer that takes them in no other form.
//
// Two sines for each digit (ITU-T Q.23), at the levels of a telephone set, with a pause between
// digits (Q.24: 40 ms of each are recognized). Digits come whole, from SIP INFO, or begin and end
// as the packets of a telephone event say. Called by work.cc, which makes packets of the samples,
// 8,000 a second. One worker only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace demarc::media {

class ToneSender {
 public:
  static constexpr unsigned max_waiting = 16;
  static constexpr uint16_t min_duration_ms = 50;
  static constexpr uint16_t max_duration_ms = 60000;
  static constexpr uint16_t pause_ms = 50;

  // One digit, below digit_events, behind those that wait. The duration is brought into its limits.
  // False when too many wait.
  bool push(uint8_t event, uint16_t duration_ms);
  // A digit whose end is not known yet; false likewise. At most one is held at a time.
  bool begin(uint8_t event);
  bool is_held() const;
  // The held one lasts so long, which it may have done already. Nothing without one.
  void end(uint64_t duration_ms);
  // The next samples: of tones, of the pauses between them, silence once all are over.
  void fill(std::span<int16_t> samples);
  // Forgets all digits.
  void clear() { *this = ToneSender{}; }
  bool is_busy() const { return count_ != 0; }

 private:
  static constexpr uint32_t held = 0xffffffff;
  struct Digit {
    uint8_t event = 0;
    uint32_t length = 0;  // in samples, or `held`
  };
  // A sine by its recurrence: each value of the two before.
  struct Sine {
    double factor = 0;
    double last = 0;
    double before = 0;
    void begin(double hertz, double peak);
    double next();
  };

  bool add(const Digit& digit);
  void start();

  std::array<Digit, max_waiting> digits_ = {};
  uint8_t first_ = 0;
  uint8_t count_ = 0;
  uint32_t done_ = 0;   // samples of the first digit; 0: it has not begun
  uint32_t pause_ = 0;  // samples that are left of it
  Sine low_;
  Sine high_;
};

}  // namespace demarc::media
