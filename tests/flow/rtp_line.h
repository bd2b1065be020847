// RtpLine: RTP of a scripted peer to one port of the box, and what the box sends on for it.
//
// Used by ladders whose subject is the payload. Packets are whole IPv4 datagrams; what the box
// makes by itself comes out in its order, too.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "dataplane/media/output.h"
#include "dataplane/media/telephone_event.h"
#include "tests/flow/box.h"
#include "tests/flow/peer.h"
#include "tests/support/udp_packet.h"

namespace demarc::flow {

struct RtpPacket {
  contract::Endpoint from;  // an address of the box
  contract::Endpoint to;
  bool has_marker = false;
  uint8_t payload_type = 0;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  uint8_t dscp = 0;
  std::vector<uint8_t> payload;
};

inline RtpPacket rtp_packet_of(const uint8_t* l3, uint16_t length) {
  RtpPacket packet;
  const uint8_t* rtp = l3 + 28;
  packet.from = {contract::IpAddress::v4(l3[12], l3[13], l3[14], l3[15]),
                 media::read_be16(l3 + 20)};
  packet.to = {contract::IpAddress::v4(l3[16], l3[17], l3[18], l3[19]), media::read_be16(l3 + 22)};
  packet.dscp = l3[1] >> 2;
  packet.has_marker = (rtp[1] & 0x80) != 0;
  packet.payload_type = rtp[1] & 0x7f;
  packet.sequence = media::read_be16(rtp + 2);
  packet.timestamp = media::read_be32(rtp + 4);
  packet.payload.assign(rtp + 12, l3 + length);
  return packet;
}

class RtpLine {
 public:
  // The peer sends from `peer_port` to `box_port`, which SDP gave it.
  RtpLine(Box& box, const Peer& peer, uint16_t peer_port, uint16_t box_port)
      : box_(box),
        from_{peer.endpoint().address, peer_port},
        to_{peer.box_endpoint().address, box_port} {}

  // Octets as they are, with an IPv4 and UDP header.
  void put(const std::vector<uint8_t>& payload) {
    const support::Flow flow{from_, to_};
    const uint32_t slot = box_.engine().media().find(to_.address, to_.port);
    if (slot == media::Table::no_slot) return;
    support::TestPacket packet(flow, support::ip_packet(flow, payload), slot);
    box_.engine().on_media({&packet.frame, 1}, box_.now());
    if (packet.is_forwarded()) {
      out.push_back(rtp_packet_of(packet.frame.l3, packet.frame.l3_length));
    }
    collect();
  }
  void rtp(uint8_t payload_type, const std::vector<uint8_t>& payload, bool has_marker = false) {
    std::vector<uint8_t> octets(12);
    media::write_rtp_header({has_marker, payload_type, sequence++, timestamp, 7}, octets.data());
    octets.insert(octets.end(), payload.begin(), payload.end());
    put(octets);
  }
  // 20 ms of audio; the clock goes on by as much.
  void audio(uint8_t payload_type, const std::vector<uint8_t>& payload) {
    rtp(payload_type, payload);
    timestamp += 160;
  }
  // All packets of one digit: as it grows, and its end three times.
  void digit(uint8_t payload_type, char digit, unsigned packets = 5) {
    for (unsigned i = 1; i <= packets + 2; ++i) {
      const bool is_end = i >= packets;
      const auto duration = static_cast<uint16_t>(160 * std::min(i, packets));
      std::vector<uint8_t> payload(media::event_payload_length);
      media::write_event({media::event_of(digit), is_end, 10, duration}, payload.data());
      rtp(payload_type, payload, i == 1);
    }
    timestamp += 160 * (packets + 2);
  }
  // Lets time make what it makes.
  void collect() {
    media::Table& table = box_.engine().media();
    table.relay({}, box_.now());
    for (const media::MadePacket& made : table.made()) {
      if (made.frame.outcome != media::Frame::Outcome::forward) continue;
      out.push_back(rtp_packet_of(made.frame.l3, made.frame.l3_length));
    }
    table.clear_made();
  }
  std::vector<RtpPacket> take() { return std::exchange(out, {}); }

  uint16_t sequence = 1;
  uint32_t timestamp = 1600;
  std::vector<RtpPacket> out;

 private:
  Box& box_;
  contract::Endpoint from_;
  contract::Endpoint to_;
};

// The port of the m-line of that kind.
inline uint16_t port_in(const std::string& sdp, const std::string& media = "audio") {
  const size_t at = sdp.find("m=" + media + " ");
  return at == std::string::npos
             ? uint16_t{0}
             : static_cast<uint16_t>(std::stoi(sdp.substr(at + media.size() + 3)));
}
// "8 101": what stands behind the protocol of the m-line.
inline std::string formats_in(const std::string& sdp, const std::string& media = "audio") {
  size_t at = sdp.find("m=" + media + " ");
  if (at == std::string::npos) return "";
  for (int word = 0; word < 3; ++word) at = sdp.find(' ', at) + 1;
  return sdp.substr(at, sdp.find('\r', at) - at);
}

}  // namespace demarc::flow
