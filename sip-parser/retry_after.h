// Retry-After (RFC 3261 section 20.33): when to try again, with a comment and a duration.
//
// Called by call/ on the worker that holds the message. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

struct RetryAfter {
  uint32_t delay_s = 0;
  Span comment;  // between the outer parentheses; empty when absent
  bool has_duration = false;
  uint32_t duration_s = 0;  // how long the callee will be there
  Span params;
};

Result<RetryAfter, ValueError> parse_retry_after(Span value, std::string_view datagram);

}  // namespace demarc::sip
