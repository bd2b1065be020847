// The parameters of a=fmtp, name=value with ';' between them, and those of telephone-event
// (RFC 4733 section 2.4.1), which are a list of events.
//
// Called by the codec policy with Format::fmtp, on the worker that owns the call. No state.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/sdp/value.h"

namespace demarc::sdp {

struct FmtpParameter {
  std::string_view name;
  std::string_view value;  // empty without '='
};
// Cuts the next parameter off `rest`, blanks around it left out; false at the end.
//   std::string_view rest = text(format.fmtp, body);
//   for (FmtpParameter parameter; take_parameter(rest, parameter);) ...
bool take_parameter(std::string_view& rest, FmtpParameter& parameter);
// The value of one parameter, name compared without case; false when it is absent.
bool find_parameter(std::string_view fmtp, std::string_view name, std::string_view& value);

inline constexpr unsigned telephone_event_count = 256;

// A set of telephone events; 0 to 15 are the digits of DTMF.
class TelephoneEvents {
 public:
  bool has(uint8_t event) const { return ((bits_[event / 64] >> (event % 64)) & 1) != 0; }
  void add(uint8_t event) { bits_[event / 64] |= UINT64_C(1) << (event % 64); }
  bool empty() const { return (bits_[0] | bits_[1] | bits_[2] | bits_[3]) == 0; }
  // What both have.
  TelephoneEvents common_with(const TelephoneEvents& other) const;
  friend bool operator==(const TelephoneEvents&, const TelephoneEvents&) = default;

 private:
  std::array<uint64_t, telephone_event_count / 64> bits_{};
};
// The events of DTMF, which a telephone-event without fmtp stands for.
TelephoneEvents dtmf_events();

// "0-15", "0-11,16,66": events below 256, ranges in ascending order.
Result<TelephoneEvents, ValueError> parse_telephone_events(Span value, std::string_view body);

// No list is longer than that of every single event with a comma.
inline constexpr size_t telephone_events_octets = 4 * telephone_event_count;
using TelephoneEventsText = std::array<char, telephone_events_octets>;
// Writes the shortest list of ranges into `text` and gives the part that was written.
std::string_view print_telephone_events(const TelephoneEvents& events, TelephoneEventsText& text);

}  // namespace demarc::sdp
