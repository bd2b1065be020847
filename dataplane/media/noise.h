// Comfort noise in G.711, and how loud G.711 is, in the unit of RFC 3389 section 3: -dBov, 0 for
// the loudest square wave, 127 for the quietest noise.
//
// Called by work.cc, where a peer is to hear noise and where its level is not said. Pure functions
// but for the random numbers. One worker only.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/media/g711.h"

namespace demarc::media {

class NoiseMaker {
 public:
  static constexpr uint8_t quietest = 127;

  // White, which G.711 makes of it what most phones do; RFC 3389 section 4 leaves it to us.
  void fill(uint8_t level, Law law, std::span<uint8_t> audio);

 private:
  uint32_t random_ = 0x9e3779b9;
};

// The mean square of some samples all over the audio, as many as it takes to tell noise from
// speech; 0 without any.
uint32_t power_of(Law law, std::span<const uint8_t> audio);
// The level of noise that has that power.
uint8_t level_of(uint32_t power);

}  // namespace demarc::media
