// What an m= line names besides its port and formats: the kind of media and the transport protocol
// (RFC 8866 section 5.14).
//
// Used by the model, by answer.h and by whoever decides what can be relayed. Those of no kind here
// are kept as text by the model. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::sdp {

enum class MediaType : uint8_t { other, audio, video, text, application, message, image, count };

enum class Protocol : uint8_t {
  other,
  rtp_avp,           // RFC 3551
  rtp_avpf,          // RFC 4585
  rtp_savp,          // RFC 3711
  rtp_savpf,         // RFC 5124
  udp_tls_rtp_savp,  // RFC 5764
  udp_tls_rtp_savpf,
  udptl,        // ITU-T T.38
  tcp_rtp_avp,  // RFC 4571
  tcp_tls_rtp_savpf,
  udp_dtls_sctp,  // RFC 8841
  tcp_msrp,       // RFC 4975
  count,
};

MediaType media_type(std::string_view text);
// The same for a text whose first eight octets, or more than it has, were read already.
inline MediaType media_type(uint64_t first_octets, std::string_view text) {
  constexpr uint64_t audio = UINT64_C(0x6f69647561);
  if (text.size() == 5 && (first_octets & UINT64_C(0xffffffffff)) == audio) return MediaType::audio;
  return media_type(text);
}
std::string_view spelling(MediaType type);
// Compared without case; RFC 8866 section 5.14 has the names as they are registered, and "UDPTL"
// is written in both ways.
Protocol protocol(std::string_view text);
inline Protocol protocol(uint64_t first_octets, std::string_view text) {
  constexpr uint64_t rtp_avp = UINT64_C(0x5056412f505452);
  if (text.size() == 7 && (first_octets & (UINT64_MAX >> 8)) == rtp_avp) return Protocol::rtp_avp;
  return protocol(text);
}
std::string_view spelling(Protocol protocol);

constexpr bool is_rtp(Protocol protocol) {
  switch (protocol) {
    case Protocol::rtp_avp:
    case Protocol::rtp_avpf:
    case Protocol::rtp_savp:
    case Protocol::rtp_savpf:
    case Protocol::udp_tls_rtp_savp:
    case Protocol::udp_tls_rtp_savpf:
    case Protocol::tcp_rtp_avp:
    case Protocol::tcp_tls_rtp_savpf:
      return true;
    default:
      return false;
  }
}
// Whether keys are needed: of a=crypto, or of DTLS where it is named.
constexpr bool is_secure(Protocol protocol) {
  switch (protocol) {
    case Protocol::rtp_savp:
    case Protocol::rtp_savpf:
    case Protocol::udp_tls_rtp_savp:
    case Protocol::udp_tls_rtp_savpf:
    case Protocol::tcp_tls_rtp_savpf:
      return true;
    default:
      return false;
  }
}
// Whether RTCP feedback (RFC 4585) may be sent.
constexpr bool has_feedback(Protocol protocol) {
  switch (protocol) {
    case Protocol::rtp_avpf:
    case Protocol::rtp_savpf:
    case Protocol::udp_tls_rtp_savpf:
    case Protocol::tcp_tls_rtp_savpf:
      return true;
    default:
      return false;
  }
}

}  // namespace demarc::sdp
