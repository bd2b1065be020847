// The ACK to a non-2xx final response (RFC 3261 section 17.1.1.3), with the credentials of its
// INVITE (section 22.1). Called by the layer, on the worker that owns it.
#pragma once

#include <span>
#include <string_view>

namespace demarc::transaction {

// What the ACK is made of.
struct AckSource {
  std::string_view request;  // the INVITE that was sent; padded like every kept datagram
  std::string_view to;       // the To value of the response
};
// Written into `buffer`; empty when it does not fit.
std::string_view compose_ack(const AckSource& source, std::span<char> buffer);

}  // namespace demarc::transaction
