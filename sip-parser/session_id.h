// Session-ID (RFC 7989): a UUID for each end of a call, which lives through all hops.
//
// Called by call/ on the worker that holds the message. A UUID is 32 lower-case hexadecimal digits
// without hyphens; all zero is the null UUID, of an end that is not known yet.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

inline constexpr uint16_t uuid_digits = 32;

struct Uuid {
  uint64_t high = 0;
  uint64_t low = 0;
  constexpr bool is_null() const { return high == 0 && low == 0; }
  friend constexpr bool operator==(const Uuid&, const Uuid&) = default;
};

struct SessionId {
  Uuid local;  // of whoever sent the message
  bool has_remote = false;
  Uuid remote;  // of whoever it is for
  Span local_text;
  Span remote_text;
};

Result<SessionId, ValueError> parse_session_id(Span value, std::string_view datagram);

}  // namespace demarc::sip
