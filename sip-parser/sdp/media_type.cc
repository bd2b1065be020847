#include "sip-parser/sdp/media_type.h"

#include <array>

#include "sip-parser/base/ascii.h"

namespace demarc::sdp {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(MediaType::count)> media_types = {
    "", "audio", "video", "text", "application", "message", "image",
};
constexpr std::array<std::string_view, static_cast<size_t>(Protocol::count)> protocols = {
    "",
    "RTP/AVP",
    "RTP/AVPF",
    "RTP/SAVP",
    "RTP/SAVPF",
    "UDP/TLS/RTP/SAVP",
    "UDP/TLS/RTP/SAVPF",
    "udptl",
    "TCP/RTP/AVP",
    "TCP/TLS/RTP/SAVPF",
    "UDP/DTLS/SCTP",
    "TCP/MSRP",
};

}  // namespace

MediaType media_type(std::string_view text) {
  if (text == "audio") return MediaType::audio;
  for (size_t i = 1; i < media_types.size(); ++i) {
    if (text == media_types[i]) return static_cast<MediaType>(i);
  }
  return MediaType::other;
}

std::string_view spelling(MediaType type) {
  const auto index = static_cast<size_t>(type);
  return index < media_types.size() ? media_types[index] : std::string_view{};
}

Protocol protocol(std::string_view text) {
  if (text == "RTP/AVP") return Protocol::rtp_avp;
  for (size_t i = 1; i < protocols.size(); ++i) {
    if (ascii::iequals(text, protocols[i])) return static_cast<Protocol>(i);
  }
  return Protocol::other;
}

std::string_view spelling(Protocol protocol) {
  const auto index = static_cast<size_t>(protocol);
  return index < protocols.size() ? protocols[index] : std::string_view{};
}

}  // namespace demarc::sdp
