// Packet index and replay window of one SSRC: RFC 3711 sections 3.3.1 and 3.3.2.
//
// Pure; used by Contexts both for what is received and for what is sent, where an index must not be
// used twice either (section 9.1).
#pragma once

#include <array>
#include <cstdint>

namespace demarc::media::srtp {

inline constexpr uint64_t max_index = (uint64_t{1} << 48) - 1;
inline constexpr uint64_t no_index = ~uint64_t{0};

// The likely index of a packet with this sequence number when `highest` is the highest one seen:
// the one that is nearest. no_index before the first and after the last.
constexpr uint64_t estimate_index(uint64_t highest, uint16_t sequence_number) {
  const auto last = static_cast<uint16_t>(highest);
  const auto ahead = static_cast<uint16_t>(sequence_number - last);
  const bool is_ahead = ahead < 0x8000 || (ahead == 0x8000 && last < 0x8000);
  const uint64_t index = is_ahead ? highest + ahead : highest - (0x10000u - ahead);
  return index > max_index ? no_index : index;
}

enum class Seen : uint8_t { fresh, before, too_old };

// The last 128 indexes up to `highest`.
struct ReplayWindow {
  static constexpr uint64_t size = 128;

  uint64_t highest = 0;
  std::array<uint64_t, 2> bits = {};  // bit n of the 128: highest - n was seen

  constexpr Seen look(uint64_t index) const {
    if (index > highest) return Seen::fresh;
    const uint64_t behind = highest - index;
    if (behind >= size) return Seen::too_old;
    return (bits[behind / 64] >> behind % 64 & 1) != 0 ? Seen::before : Seen::fresh;
  }
  // `index` must be fresh.
  constexpr void take(uint64_t index) {
    if (index > highest) {
      move_up(index - highest);
      highest = index;
    }
    const uint64_t behind = highest - index;
    bits[behind / 64] |= uint64_t{1} << behind % 64;
  }

 private:
  constexpr void move_up(uint64_t by) {
    if (by >= size) {
      bits = {};
    } else if (by >= 64) {
      bits = {0, bits[0] << (by - 64)};
    } else if (by != 0) {
      bits = {bits[0] << by, bits[1] << by | bits[0] >> (64 - by)};
    }
  }
};

}  // namespace demarc::media::srtp
