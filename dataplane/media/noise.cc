#include "dataplane/media/noise.h"

#include <algorithm>
#include <array>

namespace demarc::media {
namespace {

constexpr unsigned levels = 128;
constexpr double full_power = 1u << 30;  // of a square wave of 32,768
constexpr unsigned most_samples = 32;    // that power_of() looks at

using Powers = std::array<uint32_t, levels>;

constexpr Powers make_powers() {
  constexpr double tenth_root_of_ten = 1.2589254117941673;
  Powers powers{};
  double power = full_power;
  for (uint32_t& one : powers) {
    one = static_cast<uint32_t>(power + 0.5);
    power /= tenth_root_of_ten;
  }
  return powers;
}

// Samples that are spread evenly up to a peak have a third of its square as their power.
constexpr std::array<uint16_t, levels> make_peaks(const Powers& powers) {
  std::array<uint16_t, levels> peaks{};
  for (unsigned level = 0; level < levels; ++level) {
    uint64_t peak = 0;
    for (uint64_t bit = 1u << 14; bit != 0; bit >>= 1) {
      if ((peak + bit) * (peak + bit) <= uint64_t{powers[level]} * 3) peak += bit;
    }
    peaks[level] = static_cast<uint16_t>(peak);
  }
  return peaks;
}

constexpr Powers powers = make_powers();
constexpr std::array<uint16_t, levels> peaks = make_peaks(powers);

}  // namespace

void NoiseMaker::fill(uint8_t level, Law law, std::span<uint8_t> audio) {
  const int peak = peaks[std::min<unsigned>(level, quietest)];
  const uint64_t values = 2u * static_cast<unsigned>(peak) + 1;
  for (uint8_t& octet : audio) {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    const auto value = static_cast<int>(random_ * values >> 32);
    octet = encode(law, static_cast<int16_t>(value - peak));
  }
}

uint32_t power_of(Law law, std::span<const uint8_t> audio) {
  if (audio.empty()) return 0;
  const size_t count = std::min<size_t>(audio.size(), most_samples);
  std::array<uint8_t, most_samples> octets;
  for (size_t i = 0; i < count; ++i) octets[i] = audio[i * audio.size() / count];
  std::array<int16_t, most_samples> samples;
  decode(law, std::span(octets).first(count), samples);
  uint64_t sum = 0;
  for (size_t i = 0; i < count; ++i) sum += static_cast<uint64_t>(int64_t{samples[i]} * samples[i]);
  return static_cast<uint32_t>(sum / count);
}

uint8_t level_of(uint32_t power) {
  if (power == 0) return NoiseMaker::quietest;
  const auto found = std::find_if(powers.begin(), powers.end(),
                                  [power](uint32_t of_level) { return of_level <= power; });
  return static_cast<uint8_t>(found - powers.begin());
}

}  // namespace demarc::media
