// Date (RFC 3261 section 20.17): an RFC 1123 date in GMT, read and written without libc.
//
// Called by call/ and by whoever checks an Identity (RFC 8224), on any thread; no state. Strict:
// two digits for day, hour, minute and second, four for the year, one SP between the parts, names
// with the case of the RFC, and no zone but GMT. The name of the weekday has to be one of the
// seven; it is not compared with the date, as it adds nothing to it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

// "Sat, 13 Nov 2010 23:29:00 GMT"
inline constexpr uint32_t date_octets = 29;
// 0000-01-01 00:00:00 and 9999-12-31 23:59:59, in seconds since 1970-01-01 00:00:00 UTC.
inline constexpr int64_t min_date_s = -62167219200;
inline constexpr int64_t max_date_s = 253402300799;

// Seconds since 1970-01-01 00:00:00 UTC, negative before it. A day, hour, minute or second that
// does not exist is out_of_range; a leap second, which has no number of its own, too.
Result<int64_t, ValueError> parse_date(Span value, std::string_view datagram);

// False, and nothing written, outside min_date_s..max_date_s.
[[nodiscard]] bool write_date(int64_t seconds, std::span<char, date_octets> out);

}  // namespace demarc::sip
