// URNs (RFC 8141) and the service URNs among them (RFC 5031): urn:service:sos is an emergency.
//
// Called by route/ and call/ on the worker that holds the message, with a Uri that parse_uri() gave
// as UriScheme::other. Spans are valid as long as the datagram.
#pragma once

#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"
#include "sip-parser/uri.h"

namespace demarc::sip {

struct Urn {
  Span nid;         // namespace identifier, 2 to 32 octets
  Span nss;         // what it names there
  Span components;  // r-, q- and f-component, from their '?' or '#'; no part of the name
};

// bad_syntax also when the scheme is not urn.
Result<Urn, ValueError> parse_urn(const Uri& uri, std::string_view datagram);

// "sos.police" of urn:service:sos.police; empty when the URI is no service URN.
Span service_of(const Uri& uri, std::string_view datagram);

// urn:service:sos and all that is below it. Compared without case, RFC 5031 section 3.
bool is_emergency(const Uri& uri, std::string_view datagram);

}  // namespace demarc::sip
