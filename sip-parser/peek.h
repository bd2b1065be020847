// Peek: the few facts that choose a worker for a message, found without the full parse.
//
// Called by steer/ for every datagram that may be SIP, on the worker that received it. It walks the
// same lines as parse() with the same FieldWalker but fills no table (RFC 3261 section 7.3).
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/method.h"
#include "sip-parser/parse.h"

namespace demarc::sip {

struct Peek {
  bool is_request = false;
  Method method = Method::other;  // of a request; `other` in a response
  uint16_t status_code = 0;
  Span call_id;
  Span top_via_branch;    // the value of the branch parameter, empty when absent
  Span to_tag;            // empty when absent
  Span replaces_call_id;  // from Replaces, of an INVITE without a To tag; empty when absent
  Span replaces;          // the whole value of the same field
};

// Agrees with parse() on every message that parse() accepts and that has a Call-ID. It stops where
// all is known and skips what it does not need, so it accepts more: a mistake behind that is left
// to parse(), on the worker that was chosen. Fails when the start line is no SIP, a line that it
// walks has no end or no colon, or Call-ID is missing or empty. Does not look at Content-Length and
// does not count fields.
Result<Peek, ParseError> peek(std::string_view datagram);

}  // namespace demarc::sip
