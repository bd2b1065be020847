// Reason (RFC 3326): why a request was sent or a call ended, one value per protocol.
//
// Called by call/ on the worker that holds the message, which maps SIP status codes and Q.850
// causes between trunks. A value is a comma-separated list; parse_reason() reads one element and
// find_reason() the element of one protocol. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

enum class ReasonProtocol : uint8_t {
  sip,         // cause is a status code
  q850,        // cause is one of ITU-T Q.850
  preemption,  // RFC 4411
  stir,        // RFC 9366
  other,
};
// "Q.850"; empty for `other`.
std::string_view spelling(ReasonProtocol protocol);

inline constexpr uint32_t min_sip_cause = 100;
inline constexpr uint32_t max_sip_cause = 699;
inline constexpr uint32_t max_q850_cause = 127;  // seven bits of a Cause information element

struct Reason {
  ReasonProtocol protocol = ReasonProtocol::other;
  bool has_cause = false;
  uint32_t cause = 0;
  Span protocol_text;
  Span text;    // without quotes, escapes as they stand; empty when absent
  Span params;  // all of them, from the first ';'
};

Result<Reason, ValueError> parse_reason(Span element, std::string_view datagram);

// The first element of `protocol` in a Reason field value. One of bad syntax on the way fails;
// without any, protocol_text is empty.
Result<Reason, ValueError> find_reason(Span value, ReasonProtocol protocol,
                                       std::string_view datagram);

}  // namespace demarc::sip
