// Locations: the parts of a multipart body that say where a caller is (PIDF-LO, RFC 4119), to which
// a Geolocation refers by their Content-ID (RFC 6442 section 4.1).
//
// Found by session_body.h, named by header_policy.h, enclosed by compose.h. The Spans are of the
// message's datagram. One worker only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"

namespace demarc::call::headers {

inline constexpr unsigned max_locations = 4;  // of one message

struct LocationPart {
  Span whole;       // its header fields, the empty line and its body
  Span content_id;  // with its angle brackets; empty: none
};

struct Locations {
  std::array<LocationPart, max_locations> parts = {};
  uint8_t count = 0;
  bool is_required = false;  // one of them says handling=required

  bool empty() const { return count == 0; }
  // Whether "place@pbx" of "cid:place@pbx" is the name of one of them (RFC 2392).
  bool has(std::string_view cid, std::string_view datagram) const;
};

}  // namespace demarc::call::headers
