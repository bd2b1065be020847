// What makes a message acceptable, and what it earns otherwise (RFC 3261 sections 8.1.1, 8.2, 16.3
// and 18.3). parse() finds the boundaries; this is where a message that could be framed is judged.
//
// Called by the transaction layer's doorstep, on the worker that holds the message, also after a
// failed parse() to learn whether a 400 can be made at all. Looks at the top Via only: the others
// are another hop's. From and To need no tag here, since RFC 2543 peers send none.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/message.h"

namespace demarc::sip {

enum class Defect : uint8_t {
  none,
  missing_mandatory_field,  // To, From, CSeq, Call-ID or Via; no Max-Forwards counts as 70
  repeated_field,           // a field that may stand once stands twice
  bad_via,
  bad_from,
  bad_to,
  bad_cseq,
  bad_call_id,
  bad_max_forwards,
  bad_request_uri,
  bad_contact,
  method_mismatch,     // CSeq method and request method differ
  unsupported_scheme,  // Request-URI of a scheme that we do not serve: 416
  bad_content_length,
  bad_status_code,  // outside 100..699: the response is dropped
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

}  // namespace demarc::sip
