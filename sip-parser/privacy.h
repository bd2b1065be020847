// Privacy (RFC 3323 section 4.2, with "id" of RFC 3325 and "history" of RFC 7044).
//
// Called by call/ on the worker that holds the message. Values are separated by ';'. A value that
// is not known is counted: with critical() a request that asks for one has to be refused.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/enum_set.h"
#include "sip-parser/params.h"

namespace demarc::sip {

enum class PrivacyValue : uint8_t { header, session, user, none, critical, id, history, other };
// "header"; empty for `other`.
std::string_view spelling(PrivacyValue value);

struct Privacy {
  EnumSet<PrivacyValue> values;  // never has `other`
  uint16_t unknown_count = 0;

  // "none" stands for no privacy at all, whatever stands beside it.
  bool wants_none() const { return values.has(PrivacyValue::none); }
  bool is_critical() const { return values.has(PrivacyValue::critical); }
};

Result<Privacy, ValueError> parse_privacy(Span value, std::string_view datagram);

}  // namespace demarc::sip
