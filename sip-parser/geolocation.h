// Where a caller is: Geolocation, Geolocation-Routing and Geolocation-Error (RFC 6442 section 4).
//
// Called by call/ on the worker that holds the message, for emergency calls. A location is the URI
// of a body part (cid:) or of a server. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/call_info.h"

namespace demarc::sip {

// One element of a Geolocation value.
struct Location {
  BracketedUri location;
  bool is_by_value = false;  // cid: the location is in the body of this message
};

// May a location be used to route the call? A value that is not known counts as "no".
struct GeolocationRouting {
  bool is_allowed = false;
  Span text;
};

inline constexpr uint16_t max_geolocation_error = 999;

struct GeolocationError {
  uint16_t code = 0;
  Span text;  // of the code parameter, without quotes; empty when absent
};

Result<Location, ValueError> parse_geolocation(Span element, std::string_view datagram);
Result<GeolocationRouting, ValueError> parse_geolocation_routing(Span value,
                                                                 std::string_view datagram);
Result<GeolocationError, ValueError> parse_geolocation_error(Span value, std::string_view datagram);

}  // namespace demarc::sip
