// Resource-Priority and Accept-Resource-Priority (RFC 4412 section 3): emergency and government
// calls, which go first when there is not enough for all.
//
// Called by call/ on the worker that holds the message. A value is a comma-separated list of
// namespace "." priority; this reads one element. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

// The namespaces of RFC 4412 section 12.6 and "esnet" of RFC 7135.
enum class PriorityNamespace : uint8_t { dsn, drsn, q735, ets, wps, esnet, other };
// "q735"; empty for `other`.
std::string_view spelling(PriorityNamespace name);

inline constexpr uint8_t no_rank = 255;

struct ResourcePriority {
  PriorityNamespace name = PriorityNamespace::other;
  // Within its namespace, 0 is the most urgent; no_rank when the value is not one of it.
  uint8_t rank = no_rank;
  Span namespace_text;
  Span priority_text;
};

Result<ResourcePriority, ValueError> parse_resource_priority(Span element,
                                                             std::string_view datagram);

}  // namespace demarc::sip
