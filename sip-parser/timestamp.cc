#include "sip-parser/timestamp.h"

#include "sip-parser/value_reader.h"

namespace demarc::sip {
namespace {

// *DIGIT [ "." *DIGIT ], which may be as little as a point.
Result<DecimalSeconds, ValueError> read_seconds(ValueReader& reader) {
  DecimalSeconds decimal;
  const Span whole = reader.digits();
  if (!whole.empty() &&
      !ascii::parse_decimal(reader.text_of(whole), max_timestamp_s, decimal.whole)) {
    return Fail{ValueError::out_of_range};
  }
  if (!reader.take_octet('.')) return decimal;
  const Span fraction = reader.digits();
  if (fraction.length > max_fraction_digits) return Fail{ValueError::out_of_range};
  uint32_t scale = 1'000'000'000;
  for (const char c : reader.text_of(fraction)) {
    scale /= 10;
    decimal.billionths += static_cast<uint32_t>(c - '0') * scale;
  }
  return decimal;
}

}  // namespace

Result<Timestamp, ValueError> parse_timestamp(Span value, std::string_view datagram) {
  ValueReader reader(value, datagram);
  // The time has a digit before its point; the delay need not.
  if (reader.at_end() || reader.is_at('.')) return Fail{ValueError::bad_syntax};
  Timestamp timestamp;
  const Result<DecimalSeconds, ValueError> time = read_seconds(reader);
  if (!time) return Fail{time.error()};
  timestamp.time = *time;
  timestamp.has_delay = reader.is_at_space() && !reader.at_end();
  if (timestamp.has_delay) {
    const Result<DecimalSeconds, ValueError> delay = read_seconds(reader);
    if (!delay) return Fail{delay.error()};
    timestamp.delay = *delay;
  }
  if (!reader.at_end()) return Fail{ValueError::bad_syntax};
  return timestamp;
}

}  // namespace demarc::sip
