// Contact (RFC 3261 section 20.10): an address with q and expires, or "*".
//
// Called by call/ and by whoever answers a REGISTER, on the worker that holds the message. A value
// is a comma-separated list; this reads one element. "*" is given as it stands: that it is alone,
// and in a REGISTER only, is the caller's to see (section 10.2.2). Spans as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/address.h"
#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/preference.h"

namespace demarc::sip {

struct Contact {
  bool is_star = false;
  Address address;  // empty of "*"
  uint16_t q = max_q;
  bool has_expires = false;
  uint32_t expires_s = 0;
};

Result<Contact, ValueError> parse_contact(Span element, std::string_view datagram);

}  // namespace demarc::sip
