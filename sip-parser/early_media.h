// P-Early-Media (RFC 5009 section 8): whether media before the answer is let through.
//
// Called by call/ on the worker that holds the message. A set of the known parameters and a count
// of others; an empty value is legal and has none.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/enum_set.h"
#include "sip-parser/params.h"

namespace demarc::sip {

enum class EarlyMediaParam : uint8_t {
  supported,
  sendrecv,
  sendonly,
  recvonly,
  inactive,
  gated,
  other,
};
std::string_view spelling(EarlyMediaParam param);

struct EarlyMedia {
  EnumSet<EarlyMediaParam> params;  // never has `other`
  uint16_t unknown_count = 0;
};

Result<EarlyMedia, ValueError> parse_early_media(Span value, std::string_view datagram);

}  // namespace demarc::sip
