// Output: the RTP packets that the work on one packet, or the passing of time, brought forth.
//
// Filled by work.cc and its parts, emptied by the stage that called them. One worker only; nothing
// is kept across calls.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/media/rtp.h"

namespace demarc::media {

// An RTP header and 60 ms of G.711.
inline constexpr size_t max_output_octets = rtp_header_length + 480;
inline constexpr unsigned max_output = 16;

struct OutputPacket {
  uint16_t length = 0;
  std::array<uint8_t, max_output_octets> octets = {};
  std::span<const uint8_t> view() const { return {octets.data(), length}; }
};

struct RtpFields {
  bool has_marker = false;
  uint8_t payload_type = 0;
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
};

inline void write_be16(uint8_t* octets, uint16_t number) {
  octets[0] = static_cast<uint8_t>(number >> 8);
  octets[1] = static_cast<uint8_t>(number);
}
inline void write_be32(uint8_t* octets, uint32_t number) {
  write_be16(octets, static_cast<uint16_t>(number >> 16));
  write_be16(octets + 2, static_cast<uint16_t>(number));
}
// Without CSRCs, extension and padding: rtp_header_length octets.
inline void write_rtp_header(const RtpFields& fields, uint8_t* octets) {
  octets[0] = 0x80;
  octets[1] = static_cast<uint8_t>((fields.has_marker ? 0x80 : 0) | fields.payload_type);
  write_be16(octets + 2, fields.sequence_number);
  write_be32(octets + 4, fields.timestamp);
  write_be32(octets + 8, fields.ssrc);
}

class Output {
 public:
  // A packet with that header and room for the payload, which the caller writes; empty when there
  // is no room for it, which is counted.
  std::span<uint8_t> take(const RtpFields& fields, size_t payload_octets) {
    if (count_ == max_output || rtp_header_length + payload_octets > max_output_octets) {
      ++refused_;
      return {};
    }
    OutputPacket& packet = packets_[count_++];
    packet.length = static_cast<uint16_t>(rtp_header_length + payload_octets);
    write_rtp_header(fields, packet.octets.data());
    return std::span(packet.octets).subspan(rtp_header_length, payload_octets);
  }
  std::span<const OutputPacket> packets() const {
    return std::span(packets_).subspan(first_, count_ - first_);
  }
  // Moves the first packet to `octets`, as long as it fits in there. 0: there is none, or no room.
  uint16_t take_first(std::span<uint8_t> octets) {
    if (count_ == first_ || packets_[first_].length > octets.size()) return 0;
    const OutputPacket& packet = packets_[first_++];
    std::memcpy(octets.data(), packet.octets.data(), packet.length);
    return packet.length;
  }
  unsigned refused() const { return refused_; }
  void clear() { first_ = count_ = refused_ = 0; }

 private:
  unsigned first_ = 0;
  unsigned count_ = 0;
  unsigned refused_ = 0;
  std::array<OutputPacket, max_output> packets_;
};

}  // namespace demarc::media
