// History-Info (RFC 7044): the targets that a request went through, in a tree of indices.
//
// Called by call/ on the worker that holds the message, also to make a Diversion of it for a trunk
// that knows no other. A value is a comma-separated list; this reads one element. Spans are valid
// as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/address.h"
#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"

namespace demarc::sip {

// How the target came about, RFC 7044 section 5.
enum class HistoryTarget : uint8_t {
  unknown,
  rc,  // the Request-URI changed, the user is the same
  mp,  // mapped: another user
  np,  // neither
};

struct HistoryEntry {
  Address address;
  Span index;  // "1.2.1": numbers without leading zeros
  HistoryTarget target = HistoryTarget::unknown;
  Span target_index;  // the index that rc, mp or np names
  // Headers of the URI: their values with escapes as they stand, for unescape() and then
  // parse_reason() or parse_privacy(). Empty when absent.
  Span escaped_reason;
  Span escaped_privacy;
};

Result<HistoryEntry, ValueError> parse_history_info(Span element, std::string_view datagram);

}  // namespace demarc::sip
