// StreamFault: why no connection of TCP or TLS to a peer could be made. Found by the stream thread,
// counted by the worker whose request was lost (target_signs.h), shown by the control plane.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace demarc::contract {

enum class StreamFault : uint8_t {
  none,         // nothing that was the peer's: our own limits, or a connection that broke later
  refused,      // it answers to the port that nobody listens there
  unreachable,  // no way there, or no answer in time
  handshake,    // no TLS could be agreed on, or it does not want our certificate
  untrusted,    // its certificate is none that our ca vouches for
  expired,      // its certificate is not valid yet, or not any more
  revoked,      // its certificate is on our crl
  wrong_name,   // its certificate has no name that it may have (RFC 5922)
};
inline constexpr size_t stream_fault_count = 8;

// For people; empty for none and for what this release does not know.
constexpr std::string_view text_of(StreamFault fault) {
  constexpr std::array<std::string_view, stream_fault_count> texts = {
      "",
      "connection refused",
      "no connection in time",
      "TLS handshake failed",
      "certificate not trusted",
      "certificate expired or not valid yet",
      "certificate revoked",
      "certificate has a wrong name"};
  const auto index = static_cast<size_t>(fault);
  return index < texts.size() ? texts[index] : std::string_view{};
}

}  // namespace demarc::contract
