// One format of a media description: its place in the m= line, and what rtpmap and fmtp say of it
// (RFC 8866 sections 6.6 and 6.15); and the static payload types of RFC 3551 section 6.
//
// Filled by parse(), read by the codec policy and the printer. Spans borrow the body.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"

namespace demarc::sdp {

inline constexpr uint8_t max_payload_type = 127;
inline constexpr uint8_t no_payload_type = 255;
inline constexpr uint32_t max_clock_rate_hz = UINT32_MAX;
inline constexpr uint8_t max_channels = 255;

struct Format {
  Span text;                   // as it stands in the m= line
  Span encoding;               // "PCMU"; empty without an rtpmap that names a clock rate
  Span fmtp;                   // the parameters, without the format before them; empty when absent
  uint32_t clock_rate_hz = 0;  // 0 when encoding is empty
  uint8_t payload_type = no_payload_type;  // of RTP only
  uint8_t channels = 0;                    // 0 when not named, which is 1 for audio
};

// What a format is, with or without an rtpmap. The text lives as long as the body.
struct Codec {
  std::string_view encoding;  // empty when nobody said
  uint32_t clock_rate_hz = 0;
  uint8_t channels = 1;
};
// The codec that RFC 3551 gives to a payload type without an rtpmap; empty for the others.
Codec static_codec(uint8_t payload_type);
Codec codec_of(const Format& format, std::string_view body);
// RFC 8866 section 6.6: encoding names are compared without case.
bool is_same(const Codec& a, const Codec& b);

}  // namespace demarc::sdp
