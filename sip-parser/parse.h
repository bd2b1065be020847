// The one entry point that turns octets into a Message: start line, header field boundaries, names
// and body (RFC 3261 sections 7 and 18.3). It does not look inside field values (via.h,
// name_addr.h, ... do) and does not judge whether the message is acceptable (validate.h does).
// Called by the worker that received the datagram.
//
// A line ends with CRLF and nothing else. Two readers that disagree on what a bare LF, a bare CR or
// a NUL means see different fields in one message, so all three are refused, also where a lone NUL
// would be legal (a quoted-pair): this deviates from RFC 3261 section 25.1 on purpose. White space
// before the colon is SP and HTAB only. CR and LF before the start line are skipped.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/message.h"

namespace demarc::sip {

// Octets that must be readable behind the end of every datagram given to this library, so that
// SIMD loops need no tail case. Their values do not matter.
inline constexpr uint32_t padding_octets = 64;

enum class ParseError : uint8_t {
  empty = 1,           // nothing, or line ends only (a keep-alive, RFC 5626 section 4.4.1)
  too_long,            // more than max_message_octets
  bad_start_line,      // neither a Request-Line nor a Status-Line of RFC 3261 section 25.1
  bad_version,         // a start line with another version than SIP/2.0
  bad_header_line,     // a line without a colon, an empty name, or a name that is no token
  forbidden_octet,     // NUL, a bare CR or a bare LF in the header section
  too_many_fields,     // more than max_header_fields
  no_end_of_header,    // the empty line is missing
  bad_content_length,  // not a number, repeated with another value, or beyond the datagram
  missing_call_id,     // of peek() only; parse() leaves it to validate()
  count,
};
// "bad_start_line"
std::string_view spelling(ParseError error);

// Parses the one message of a datagram. Returns the octets consumed: header section, empty line
// and body as Content-Length says (without it, up to the end; RFC 3261 section 18.3). Octets
// behind them are ignored. `message` is complete on success. On failure its fields up to the
// mistake are valid (enough to answer 400 when Via, From, To, Call-ID and CSeq came before it). A
// mistake in the start line of what begins like a request does not end the pass: is_request and
// method are set and the fields behind it are read too.
Result<uint16_t, ParseError> parse(std::string_view datagram, Message& message);

}  // namespace demarc::sip
