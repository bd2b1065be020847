// Accept-Encoding, Accept-Language and Content-Language, and the q of a preference (RFC 3261
// sections 20.2, 20.3, 20.13; qvalue in section 25.1).
//
// Called by call/ on the worker that holds the message. Values are comma-separated lists; these
// read one element. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

inline constexpr uint16_t max_q = 1000;  // thousandths

// "0", "0.5", "1.000": in thousandths. More than three digits behind the point is bad_syntax, more
// than 1 is out_of_range.
Result<uint16_t, ValueError> parse_q(Span value, std::string_view datagram);

struct Preference {
  Span name;  // "gzip", "en-gb", "*"
  uint16_t q = max_q;
  Span params;
};

Result<Preference, ValueError> parse_accept_encoding(Span element, std::string_view datagram);
Result<Preference, ValueError> parse_accept_language(Span element, std::string_view datagram);
// A language-tag: letters of 1 to 8, separated by hyphens.
Result<Span, ValueError> parse_content_language(Span element, std::string_view datagram);

}  // namespace demarc::sip
