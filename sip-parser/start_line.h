// The start line: Request-Line and Status-Line of RFC 3261 sections 7.1, 7.2 and 25.1.
//
// Used by parse() and peek(), which so agree on it. Strict: one SP between the parts, nothing
// behind the version of a request, three digits and a SP behind the version of a response.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/method.h"

namespace demarc::sip {

struct StartLine {
  enum class Kind : uint8_t {
    request,
    response,
    bad_request,  // begins like a request: a method token and a SP
    bad_version,  // a well-formed request of another version
    bad,          // nothing that could be answered
  };
  Kind kind = Kind::bad;
  Method method = Method::other;
  uint16_t status_code = 0;
  Span method_text;
  Span request_uri;
  Span reason_phrase;
};

// `line` is without its CRLF and lies in `datagram`.
StartLine parse_start_line(Span line, std::string_view datagram);

}  // namespace demarc::sip
