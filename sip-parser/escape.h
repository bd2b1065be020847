// Percent-escapes of URIs, decoded exactly once and made again (RFC 3261 sections 19.1.2, 25.1).
//
// Called by call/ on the worker that holds the message, with a buffer of its own. A URI is compared
// (uri_compare.h) and passed on with its escapes as they stand; decoding is for what needs the
// octets themselves: a Replaces inside a Refer-To, a name for a record. No state, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/base/result.h"

namespace demarc::sip {

enum class DecodeError : uint8_t {
  bad_escape = 1,   // a '%' without two hexadecimal digits behind it
  no_room,          // the buffer is too small; what it holds means nothing
  forbidden_octet,  // NUL, CR or LF came out
};

// The value of a hexadecimal digit.
constexpr uint8_t hex_value(char c) {
  return static_cast<uint8_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

// Decodes into `out`, once: "%2541" gives "%41". A NUL, CR or LF fails, so that what comes out may
// stand in a header field. Returns the part of `out` that was written. `text` may not lie in `out`.
Result<std::string_view, DecodeError> unescape(std::string_view text, std::span<char> out);
// The same with any octet, for what never comes near a message.
Result<std::string_view, DecodeError> unescape_any(std::string_view text, std::span<char> out);

// Whether `escaped`, decoded once, is `plain`, without regard to case: for names of headers and
// parameters in a URI, which may be escaped as well. False when an escape is bad.
bool is_escaped_name(std::string_view escaped, std::string_view plain);

// Where escaped text is to stand, which decides what has to be escaped.
enum class UriPart : uint8_t { user, password, param, header };

// Escapes every octet that may not stand in `part` as it is. Fails with no_room only.
Result<std::string_view, DecodeError> escape(std::string_view octets, UriPart part,
                                             std::span<char> out);

}  // namespace demarc::sip
