// RTP and RTCP headers as they stand in a packet, and what makes one acceptable to relay.
//
// Called by relay() for each packet. RFC 3550 sections 5.1, 5.3.1 and 6.4.1; RFC 5761 section 4 for
// telling the two apart on one port. The padding count at the packet's end is left to the receiver:
// it would cost a cache line per packet and is encrypted under SRTP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace demarc::media {

inline constexpr size_t rtp_header_length = 12;
inline constexpr size_t rtcp_header_length = 8;

// Packet types of RTCP, and octets of reports up to their blocks (RFC 3550 section 6.4).
inline constexpr uint8_t sender_report = 200;
inline constexpr uint8_t receiver_report = 201;
inline constexpr uint8_t source_description = 202;
inline constexpr uint8_t goodbye = 203;
inline constexpr size_t sender_report_length = 28;
inline constexpr size_t receiver_report_length = 8;
inline constexpr size_t report_block_length = 24;

inline uint16_t read_be16(const uint8_t* octets) {
  return static_cast<uint16_t>(octets[0] << 8 | octets[1]);
}
inline uint32_t read_be32(const uint8_t* octets) {
  return uint32_t{read_be16(octets)} << 16 | read_be16(octets + 2);
}

struct RtpHeader {
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
  uint8_t payload_type = 0;
};

// The payload must hold rtp_header_length octets.
inline RtpHeader read_rtp_header(const uint8_t* payload) {
  return {read_be16(payload + 2), read_be32(payload + 4), read_be32(payload + 8),
          static_cast<uint8_t>(payload[1] & 0x7f)};
}

// The CSRC list and the extension, where there are any, end inside the packet.
inline bool has_room_for_extras(std::span<const uint8_t> payload) {
  size_t length = rtp_header_length + 4u * (payload[0] & 0x0f);
  if ((payload[0] & 0x10) != 0) {
    if (payload.size() < length + 4) return false;
    length += 4 + 4u * read_be16(&payload[length + 2]);
  }
  return payload.size() >= length;
}

inline bool is_rtp(std::span<const uint8_t> payload) {
  if (payload.size() < rtp_header_length || (payload[0] & 0xc0) != 0x80) return false;
  return (payload[0] & 0x1f) == 0 || has_room_for_extras(payload);
}

inline bool is_rtcp(std::span<const uint8_t> payload) {
  return payload.size() >= rtcp_header_length && (payload[0] & 0xc0) == 0x80;
}

// On a port for RTP: the second octet is an RTCP packet type (RFC 5761 section 4).
inline bool looks_like_rtcp(std::span<const uint8_t> payload) {
  return payload.size() >= rtcp_header_length && payload[1] >= 192 && payload[1] <= 223;
}

}  // namespace demarc::media
