// The payload of a telephone event (RFC 4733 section 2.3), and how SIP writes the sixteen digits.
//
// Used by event_sender, event_reader and work, and by call/ for INFO. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/media/rtp.h"

namespace demarc::media {

inline constexpr size_t event_payload_length = 4;
inline constexpr uint8_t no_event = 255;
inline constexpr unsigned digit_events = 16;  // 0-9, *, #, A-D
// -10 dBm0, the level that gateways send by themselves.
inline constexpr uint8_t usual_event_volume = 10;
// In units of the RTP clock; what is longer goes on as the next segment (RFC 4733 section 2.5.1.3).
inline constexpr uint32_t max_event_duration = 0xffff;

struct TelephoneEvent {
  uint8_t event = 0;
  bool is_end = false;
  uint8_t volume = usual_event_volume;  // -dBm0, 0 to 63
  uint16_t duration = 0;                // in units of the RTP clock
};

// `octets` must hold event_payload_length octets.
inline TelephoneEvent read_event(const uint8_t* octets) {
  return {octets[0], (octets[1] & 0x80) != 0, static_cast<uint8_t>(octets[1] & 0x3f),
          read_be16(octets + 2)};
}
inline void write_event(const TelephoneEvent& event, uint8_t* octets) {
  octets[0] = event.event;
  octets[1] = static_cast<uint8_t>((event.is_end ? 0x80 : 0) | (event.volume & 0x3f));
  octets[2] = static_cast<uint8_t>(event.duration >> 8);
  octets[3] = static_cast<uint8_t>(event.duration);
}

inline constexpr std::string_view digit_names = "0123456789*#ABCD";

// Of an event below digit_events.
constexpr char digit_of(uint8_t event) {
  return digit_names[event];
}
// no_event when it is none of the sixteen; letters in either case.
constexpr uint8_t event_of(char digit) {
  const char upper = digit >= 'a' && digit <= 'd' ? static_cast<char>(digit - 'a' + 'A') : digit;
  const size_t found = digit_names.find(upper);
  return found == std::string_view::npos ? no_event : static_cast<uint8_t>(found);
}

}  // namespace demarc::media
