// Addresses of a session description: c= and the end of o= and a=rtcp (RFC 8866 sections 5.2, 5.7).
//
// Used by the model and the printer. An address is text here: its octets are those of an address or
// a host name and its length is limited, yet whoever sends to it converts it and may refuse it.
// Spans borrow the body.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"

namespace demarc::sdp {

// The longest text of a host name, RFC 1123 section 2.1.
inline constexpr uint32_t max_address_octets = 255;

enum class AddressType : uint8_t { none, ip4, ip6 };
// "IN IP4 "; that of IP4 for `none`.
std::string_view network_of(AddressType type);

struct Connection {
  AddressType type = AddressType::none;
  Span address;  // without "/ttl"
};

bool is_address(std::string_view text, AddressType type);
// Whether nothing can be sent there: 0.0.0.0 (hold as of RFC 2543, RFC 3264 section 8.4), "::" and
// the names below ".invalid" that stand for it with IPv6 (RFC 6157 section 4.1).
bool is_unspecified(std::string_view address);
// Whether the text is that of a multicast address, 224.0.0.0/4 or ff00::/8.
bool is_multicast(std::string_view address, AddressType type);

}  // namespace demarc::sdp
