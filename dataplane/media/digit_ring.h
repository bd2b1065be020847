// DigitRing: digits on their way from the media of a worker to its calls.
//
// Filled by work.cc while bursts are relayed, drained by the engine in its loop: media/ knows no
// calls, only the number of one. Both ends are one worker's.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/contract/ids.h"

namespace demarc::media {

// Whose digit it is: a leg of a call.
struct DigitOwner {
  contract::CallSlot call = contract::CallSlot::none;
  uint8_t side = 0;
};

struct HeardDigit {
  DigitOwner owner;
  uint8_t event = 0;  // below digit_events
  uint16_t duration_ms = 0;
};

class DigitRing {
 public:
  static constexpr unsigned capacity = 256;

  // False when it is full: the digit is lost, which the caller counts.
  bool push(const HeardDigit& digit) {
    if (count_ == capacity) return false;
    digits_[(first_ + count_++) % capacity] = digit;
    return true;
  }
  bool pop(HeardDigit& digit) {
    if (count_ == 0) return false;
    digit = digits_[first_];
    first_ = (first_ + 1) % capacity;
    --count_;
    return true;
  }
  bool empty() const { return count_ == 0; }

 private:
  unsigned first_ = 0;
  unsigned count_ = 0;
  std::array<HeardDigit, capacity> digits_ = {};
};

}  // namespace demarc::media
