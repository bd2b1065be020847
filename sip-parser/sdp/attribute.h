// Attributes: one a= line of a session description (RFC 8866 section 6, RFC 3605, RFC 5761).
//
// Used by parse.cc, which counts them, and by print.cc, which asks what may go to the other side.
#pragma once

#include <string_view>

#include "sip-parser/sdp/sdp.h"

namespace demarc::sdp {

// Reads "name" or "name:value" into `attribute`, and what it says about direction, ptime and RTCP
// into `media`, or into `description` when `media` is null. False when the name is no token or the
// value of an attribute that we act on is unreadable.
bool read_attribute(std::string_view line, std::string_view body, Description& description,
                    Media* media, Attribute& attribute);

// Whether the printer may copy the attribute as it was received.
bool is_copied(const Attribute& attribute, std::string_view body);

}  // namespace demarc::sdp
