// host [ ":" port ] of RFC 3261 section 25.1, as it stands in URIs and in the sent-by of a Via.
//
// Used by parse_uri() and parse_via(). White space around the colon is legal in a Via only; a URI
// has none to begin with, since parse_uri() refuses blanks anywhere.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

struct HostPort {
  Span host;          // an IPv6 reference with its brackets
  uint16_t port = 0;  // 0 when absent
  uint32_t end = 0;   // the position behind both
};

// Reads at the beginning of `span` and says where it stopped. A port is 1..65535.
Result<HostPort, ValueError> read_host_port(Span span, std::string_view datagram);

}  // namespace demarc::sip
