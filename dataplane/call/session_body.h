// SessionBody: what the body of a message says of the session. It is the SDP, which may be one part
// of a multipart beside a location or ISUP (RFC 5621, RFC 6442, ITU-T Q.1912.5).
//
// Read once of every message that is accepted, by Received. The Span is of the message's datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/call/headers/location.h"
#include "sip-parser/base/span.h"
#include "sip-parser/message.h"

namespace demarc::call {

struct SessionBody {
  enum class Kind : uint8_t {
    none,       // no body, or one of parts that may all be passed over
    sdp,        // `octets` is SDP
    foreign,    // another type, or a part that must be understood and is not: 415
    malformed,  // a multipart whose parts can not be told: 400
  };
  Kind kind = Kind::none;
  Span octets;  // of a method without offers and answers the body as it is, multipart or not
  headers::Locations locations = {};  // beside it, where the body is a multipart
};

SessionBody session_body_of(const sip::Message& message, std::string_view datagram);

}  // namespace demarc::call
