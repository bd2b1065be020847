// Repacketizer: G.711 in packets of one length becomes packets of another.
//
// An octet is a sample is a unit of the timestamp (RFC 3551 section 4.5.14), so the timestamps say
// what is missing. A packet that comes late is left out; a gap ends the packet that was being
// filled. Called by work.cc; one worker only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/contract/time.h"
#include "dataplane/media/out_stream.h"
#include "dataplane/media/output.h"

namespace demarc::media {

class Repacketizer {
 public:
  static constexpr uint16_t max_packet_octets = 480;  // 60 ms

  // Between streams, and when the packets' length changes. 1 to max_packet_octets.
  void reset(uint16_t packet_octets) {
    packet_octets_ = packet_octets;
    filled_ = 0;
    is_begun_ = false;
  }
  uint16_t packet_octets() const { return packet_octets_; }
  // Of the packet that is being filled.
  uint16_t filled() const { return filled_; }

  struct Chunk {
    std::span<const uint8_t> audio;
    uint32_t timestamp = 0;
    bool has_marker = false;
    uint8_t payload_type = 0;  // of what goes out
  };
  // The audio of a packet that stream.follow() took as new. Packets that are full go to `output`.
  void put(const Chunk& chunk, OutStream& stream, Output& output, contract::Instant now);
  // What is there goes out as a shorter packet: another payload type follows, or nothing.
  void flush(OutStream& stream, Output& output, contract::Instant now);

 private:
  void meet_gap(const Chunk& chunk, OutStream& stream, Output& output, contract::Instant now);

  uint32_t timestamp_ = 0;  // of the first octet in store; of the next one, when there is none
  uint16_t packet_octets_ = 160;
  uint16_t filled_ = 0;
  uint8_t payload_type_ = 0;
  bool has_marker_ = false;
  bool is_begun_ = false;
  std::array<uint8_t, max_packet_octets> octets_ = {};
};

}  // namespace demarc::media
