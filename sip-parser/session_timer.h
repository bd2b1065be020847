// Session timers: Session-Expires and Min-SE (RFC 4028 sections 4 and 5).
//
// Called by call/ on the worker that holds the message. A number is read as it was sent, up to
// 2**32-1; more is an error, never a cut value. A timer is armed with clamp_session_interval()
// of it: not less than 90 s, which RFC 4028 section 5 forbids, and not more than a day, so that a
// peer can neither make us refresh all the time nor keep a dead call for a century.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

inline constexpr uint32_t min_session_interval_s = 90;
inline constexpr uint32_t max_session_interval_s = 86400;

enum class Refresher : uint8_t { absent, uac, uas };

struct SessionExpires {
  uint32_t interval_s = 0;
  Refresher refresher = Refresher::absent;
};

Result<SessionExpires, ValueError> parse_session_expires(Span value, std::string_view datagram);
// Min-SE in seconds.
Result<uint32_t, ValueError> parse_min_se(Span value, std::string_view datagram);

constexpr uint32_t clamp_session_interval(uint32_t interval_s) {
  if (interval_s < min_session_interval_s) return min_session_interval_s;
  return interval_s > max_session_interval_s ? max_session_interval_s : interval_s;
}

}  // namespace demarc::sip
