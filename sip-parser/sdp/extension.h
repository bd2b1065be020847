// What RTP and RTCP carry beside the media: extmap (RFC 8285 section 8) and rtcp-fb (RFC 4585
// section 4.2).
//
// Called by whoever asks for one, on the worker that owns the call.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/sdp/direction.h"
#include "sip-parser/sdp/format.h"
#include "sip-parser/sdp/value.h"

namespace demarc::sdp {

// 1 to 256 can be in a packet; above stand those of an offer that is still to be numbered.
inline constexpr uint16_t max_extension_id = 256;
inline constexpr uint16_t min_offered_extension_id = 4096;
inline constexpr uint16_t max_offered_extension_id = 4351;

struct ExtensionMap {
  uint16_t id = 0;
  bool has_direction = false;
  Direction direction = Direction::sendrecv;
  Span uri;
  Span attributes;  // behind the URI; empty without
};
// <id>[/<direction>] <URI> [<attributes>]
Result<ExtensionMap, ValueError> parse_extension_map(Span value, std::string_view body);

struct RtcpFeedback {
  uint8_t payload_type = no_payload_type;  // of "*"
  Span type;                               // "nack"
  Span parameters;                         // "pli"; empty without
};
// (<payload type> / "*") <type> [<parameters>]
Result<RtcpFeedback, ValueError> parse_rtcp_feedback(Span value, std::string_view body);

}  // namespace demarc::sdp
