// Warning (RFC 3261 section 20.43): a code, who says it, and a text for a human.
//
// Called by call/ on the worker that holds the message. A value is a comma-separated list; this
// reads one element. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

struct Warning {
  uint16_t code = 0;  // three digits
  Span agent;         // host [ ":" port ], or the pseudonym of one
  Span text;          // without quotes, escapes as they stand
};

Result<Warning, ValueError> parse_warning(Span element, std::string_view datagram);

}  // namespace demarc::sip
