// Whether two URIs are equivalent: SIP and SIPS by RFC 3261 section 19.1.4 (IPv6 references by RFC
// 5954 section 4), tel by RFC 3966 section 4, urn by RFC 8141 section 3, all others octet by octet
// with the escapes of RFC 3986 section 6.2.2.
//
// Called by dialog/, call/ and route/, on any thread; no state, no recursion. Parameters and
// headers are compared each with each: at most max_params and max_uri_headers of them.
//
// An escape equals its character unless the character is reserved: "%3B" and ";" differ, as RFC
// 3261 section 19.1.4 says. A header of a URI is compared with the case of its value, since only
// the field of that name knows better: what is found equal is equal under every rule.
#pragma once

#include <string_view>

#include "sip-parser/uri.h"

namespace demarc::sip {

// A URI and the text that its Spans are of; the two URIs of a comparison need not share one.
struct UriView {
  const Uri& uri;
  std::string_view datagram;
};

// Symmetric but not transitive (section 19.1.4: a parameter that one URI lacks is mostly ignored),
// so never a reason to replace one URI by another. Headers that are malformed or more than
// max_uri_headers equal nothing.
bool is_equivalent(const UriView& a, const UriView& b);

}  // namespace demarc::sip
