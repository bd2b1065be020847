// SRTP lines of SDP as ladders write and read them, and SRTP of a peer on its way through the box.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "dataplane/media/srtp/srtp_harness.h"
#include "sip-parser/sdp/base64.h"
#include "tests/flow/box.h"
#include "tests/flow/peer.h"
#include "tests/support/udp_packet.h"

namespace demarc::flow {

using media::srtp::Octets;

inline constexpr contract::SrtpSuite cm_80 = contract::SrtpSuite::aes_cm_128_hmac_sha1_80;
inline constexpr contract::SrtpSuite gcm_128 = contract::SrtpSuite::aead_aes_128_gcm;

inline std::string base64_of(const media::srtp::MasterKey& key) {
  char text[64];
  const unsigned octets = media::srtp::traits_of(key.suite).master_octets();
  return std::string(sdp::base64_encode(std::span(key.octets).first(octets), text));
}

inline std::string crypto_line(unsigned tag, const media::srtp::MasterKey& key,
                               const std::string& more = "") {
  std::string line = "a=crypto:";
  line.append(std::to_string(tag)).append(1, ' ');
  return line.append(contract::spelling(key.suite))
      .append(" inline:")
      .append(base64_of(key))
      .append(more)
      .append("\r\n");
}

inline std::string media_line(const std::string& protocol, const std::string& more,
                              int port = 40000) {
  std::string line = "m=audio ";
  return line.append(std::to_string(port)).append(1, ' ').append(protocol).append(" 8\r\n") + more;
}

inline std::string line_of(const std::string& body, const std::string& begin) {
  const size_t at = body.find(begin);
  return at == std::string::npos ? "" : body.substr(at, body.find("\r\n", at) - at);
}

inline uint16_t audio_port(const std::string& body) {
  return static_cast<uint16_t>(std::stoi(body.substr(body.find("m=audio ") + 8)));
}

// The key of our line for that suite.
inline media::srtp::MasterKey key_in(const std::string& body, contract::SrtpSuite suite) {
  const std::string name = std::string(contract::spelling(suite)) + " inline:";
  const size_t at = body.find(name);
  EXPECT_NE(at, std::string::npos) << body;
  media::srtp::MasterKey key;
  key.suite = suite;
  const std::string text = body.substr(at + name.size());
  const unsigned octets = media::srtp::traits_of(suite).master_octets();
  EXPECT_TRUE(sdp::base64_decode(text.substr(0, text.find_first_of("\r |")),
                                 std::span(key.octets).first(octets)));
  return key;
}

inline BoxOptions with_srtp(contract::SrtpUse of_pbx, contract::SrtpUse of_itsp) {
  BoxOptions options;
  const contract::SrtpUse uses[2] = {of_pbx, of_itsp};
  for (unsigned i = 0; i < 2; ++i) {
    if (uses[i] == contract::SrtpUse::off) continue;
    options.srtp[i] = {uses[i], 2, {gcm_128, cm_80}};
  }
  return options;
}

// The payload of one packet of a peer to a port of the box as it goes on; empty when it is dropped.
inline Octets relayed(Box& box, const Peer& from, uint16_t port, const Octets& payload) {
  const support::Flow way{{from.endpoint().address, Peer::media_port},
                          {from.box_endpoint().address, port}};
  Octets ip = support::ip_packet(way, payload);
  const size_t length = ip.size();
  ip.resize(length + 64);
  const uint32_t slot = box.engine().media().find(way.to.address, port);
  if (slot == media::Table::no_slot) return {};
  support::TestPacket packet(way, ip, slot);
  packet.frame.l3_length = static_cast<uint16_t>(length);
  packet.frame.payload_length = static_cast<uint16_t>(payload.size());
  packet.frame.tailroom = 64;
  box.engine().on_media({&packet.frame, 1}, box.now());
  if (!packet.is_forwarded()) return {};
  const Octets out = packet.octets();
  return Octets(out.begin() + 28, out.end());
}

}  // namespace demarc::flow
