// What makes a message acceptable, and what it earns otherwise (RFC 3261 sections 8.1.1, 8.2, 16.3
// and 18.3). parse() finds the boundaries; this is where a message that could be framed is judged.
//
// This part needs no policy: what it refuses, nobody may serve. capabilities.h adds what depends on
// the element, and outcome.h joins both with what parse() said. Called by the transaction layer's
// doorstep, on the worker that holds the message, also after a failed parse() to learn whether a
// 400 can be made at all. Looks at the top Via only: the others are another hop's. From and To need
// no tag here, since RFC 2543 peers send none.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/essentials.h"
#include "sip-parser/message.h"
#include "sip-parser/parse.h"

namespace demarc::sip {

// Limits beside those of message.h and params.h. Elements of a list count one by one, however many
// fields they stand in.
inline constexpr uint32_t max_field_value_octets = 8192;
inline constexpr uint32_t max_vias = 128;
inline constexpr uint32_t max_routes = 64;         // of Route and of Record-Route, each
inline constexpr uint32_t max_max_forwards = 255;  // RFC 3261 section 20.22

// Every way in which a message can be bad; also the index of whoever counts them.
enum class Defect : uint8_t {
  none,
  // What parse() or the framing found.
  keep_alive,  // nothing but line ends; no mistake, but no message either
  message_too_large,
  bad_start_line,
  bad_version,
  bad_header_line,
  forbidden_octet,
  too_many_fields,
  no_end_of_header,
  missing_content_length,  // on a stream
  bad_content_length,
  // What validate() finds.
  missing_mandatory_field,  // To, From, CSeq, Call-ID or Via; no Max-Forwards counts as 70
  repeated_field,           // a field that may stand once stands twice
  field_too_large,          // a value beyond max_field_value_octets
  too_many_vias,
  too_many_routes,
  bad_via,
  bad_branch,  // the magic cookie and nothing behind it
  bad_from,
  bad_to,
  bad_cseq,
  bad_call_id,
  bad_max_forwards,
  bad_request_uri,
  bad_contact,
  bad_rack,  // absent or malformed in a PRACK
  bad_rseq,
  method_mismatch,     // CSeq method and request method differ
  unsupported_scheme,  // Request-URI of a scheme that we do not serve: 416
  bad_status_code,     // outside 100..699: the response is dropped
  // What validate() with Capabilities finds.
  bad_route,  // Route or Record-Route
  unknown_method,
  method_not_allowed,
  bad_require,
  unsupported_extension,
  missing_content_type,
  bad_content_type,
  unsupported_media_type,
  unsupported_encoding,
  bad_multipart,
  bad_accept,
  not_acceptable,
  too_many_hops,
  no_credentials,        // 401
  no_proxy_credentials,  // 407
  misrouted_response,    // a response with a second Via came to a user agent
  count,
};
// "bad_via"
std::string_view spelling(Defect defect);

struct Verdict {
  Defect defect = Defect::none;
  uint16_t status_code = 0;  // what a bad request earns; 0: drop (a response or an ACK)
  std::string_view reason;   // static text for the reason phrase, "Bad Via Header Field"
  bool is_acceptable() const { return defect == Defect::none; }
};

Verdict validate(const Message& message, std::string_view datagram);
// The same, and what it read on the way. Whole after a message that is acceptable; of another each
// part holds that can be read, whatever is wrong with the rest. `essentials` is as it was made.
Verdict validate(const Message& message, std::string_view datagram, Essentials& essentials);
// That of a message that validate() did not see, since parse() failed.
Essentials read_essentials(const Message& message, std::string_view datagram);

// What a defect earns in this message: its status in a request that may be answered, else a drop.
Verdict verdict_of(Defect defect, const Message& message);
// The defect that a failed parse() stands for.
Defect defect_of(ParseError error);

}  // namespace demarc::sip
