// Timestamp (RFC 3261 section 20.38): a time of the sender, and the delay that the answerer adds.
//
// Called by transaction/ on the worker that holds the message. A 100 gives the field back as it
// came (section 8.2.6.1), for which the field's own Span serves; the numbers are for who sent it.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

// Digits behind the point; more are an error, as a cut number is another number.
inline constexpr uint16_t max_fraction_digits = 9;
inline constexpr uint64_t max_timestamp_s = INT64_MAX;

struct DecimalSeconds {
  uint64_t whole = 0;
  uint32_t billionths = 0;
};

struct Timestamp {
  DecimalSeconds time;
  bool has_delay = false;
  DecimalSeconds delay;
};

Result<Timestamp, ValueError> parse_timestamp(Span value, std::string_view datagram);

}  // namespace demarc::sip
