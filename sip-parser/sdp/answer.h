// Whether a description answers another one, RFC 3264 section 6, and what to answer.
//
// Called by the offer/answer of call/ with both descriptions, on the worker that owns the call.
// Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/sdp/sdp.h"

namespace demarc::sdp {

// A description and the body that it was parsed from.
struct Described {
  const Description& description;
  std::string_view body;
};

// From what can not be worked with to what may be lived with.
enum class AnswerFault : uint8_t {
  none,
  media_count,       // not as many m-lines as the offer has
  media_type,        // an m-line of another media than the offer's
  protocol,          // of another protocol
  revived,           // a port where the offer had 0
  no_common_format,  // none of the formats is of the offer
  // RFC 3264 section 6.1 forbids these two, yet peers do them and streams work.
  wrong_direction,  // sends or receives what the offer does not take or give
  added_format,     // formats of the offer, and others
  count,
};
std::string_view spelling(AnswerFault fault);

struct AnswerCheck {
  AnswerFault fault = AnswerFault::none;
  uint8_t media_index = 0;  // where; of no meaning for none and media_count
};

// The worst fault, of the first m-line that has it. A refused m-line (port 0) needs the right media
// and protocol only. A format is of the offer when it is the same codec, by rtpmap or static
// payload type, whatever number it has (section 6.1: an answer may number anew); where nothing
// names a codec, and for what is not RTP, the text counts.
AnswerCheck answers(const Described& offer, const Described& answer);

// The format of `media` that is the same as `wanted` of another description; nullptr when it has
// none.
const Format* find_format(const Media& media, std::string_view body, const Format& wanted,
                          std::string_view wanted_body);

}  // namespace demarc::sdp
