// User-to-User (RFC 7433 section 4.1): call control information that a trunk passes on unread.
//
// Called by call/ on the worker that holds the message. A value is a comma-separated list; this
// reads one element. Its data is opaque; decode_hex() gives the octets of data in hex encoding into
// the caller's buffer. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/escape.h"
#include "sip-parser/params.h"

namespace demarc::sip {

enum class UuiEncoding : uint8_t { absent, hex, other };

struct UserToUser {
  Span data;  // without quotes when has_quotes
  bool has_quotes = false;
  UuiEncoding encoding = UuiEncoding::absent;
  Span encoding_text;
  Span purpose;  // the package, "isdn-uui"; empty when absent
  Span content;  // empty when absent
  Span params;
};

// In hex encoding, data that is no row of hexadecimal pairs is refused.
Result<UserToUser, ValueError> parse_user_to_user(Span element, std::string_view datagram);

// The octets of hexadecimal pairs; returns their count.
Result<uint16_t, DecodeError> decode_hex(std::string_view digits, std::span<uint8_t> out);

}  // namespace demarc::sip
