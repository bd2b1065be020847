// Diversion (RFC 5806 section 4): who a call was forwarded by, and why.
//
// Called by call/ on the worker that holds the message; trunks that know no History-Info use it. A
// value is a comma-separated list, the latest diversion first; this reads one element. Spans are
// valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/address.h"
#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"

namespace demarc::sip {

enum class DiversionReason : uint8_t {
  unknown,
  user_busy,
  no_answer,
  unavailable,
  unconditional,
  time_of_day,
  do_not_disturb,
  deflection,
  follow_me,
  out_of_service,
  away,
  other,  // none, or one that is not known
};
// "user-busy"; empty for `other`.
std::string_view spelling(DiversionReason reason);

enum class DiversionPrivacy : uint8_t { full, name, uri, off, other };
std::string_view spelling(DiversionPrivacy privacy);

inline constexpr uint8_t max_diversion_count = 99;  // two digits

struct Diversion {
  Address address;
  DiversionReason reason = DiversionReason::other;
  Span reason_text;  // empty when absent
  DiversionPrivacy privacy = DiversionPrivacy::other;
  Span privacy_text;  // empty when absent
  Span screen_text;   // "yes", "no"; empty when absent
  bool has_counter = false;
  uint8_t counter = 1;  // how many diversions this element stands for
  bool has_limit = false;
  uint8_t limit = 0;
};

Result<Diversion, ValueError> parse_diversion(Span element, std::string_view datagram);

}  // namespace demarc::sip
