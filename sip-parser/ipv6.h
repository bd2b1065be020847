// Whether a text is an IPv6 address (RFC 4291 section 2.2), for the references in URIs and Vias.
//
// The grammar of RFC 3261 section 25.1 lets three colons in a row through; RFC 5954 section 3.1
// mends it and RFC 5118 section 4.10 asks for care. Called by validate() on the worker that holds
// the message; no state, nothing is kept.
#pragma once

#include <string_view>

namespace demarc::sip {

// Without brackets and zone: one to four hexadecimal digits a group, eight groups or fewer with
// one "::", an IPv4 address in place of the last two.
bool is_ipv6_address(std::string_view text);

// The same with the brackets around it: "[2001:db8::1]".
bool is_ipv6_reference(std::string_view text);

}  // namespace demarc::sip
