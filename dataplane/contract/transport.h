// Transport: what carries SIP between a trunk's peer and us (RFC 3261 section 18). Used by both
// planes, in sections and by whoever identifies a trunk.
#pragma once

#include <cstdint>

namespace demarc::contract {

enum class Transport : uint8_t { udp, tcp, tls };

// The port that a SIP URI means when it names none (RFC 3261 section 19.1.2).
constexpr uint16_t default_port(Transport transport) {
  return transport == Transport::tls ? 5061 : 5060;
}

}  // namespace demarc::contract
