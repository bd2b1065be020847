// MadePackets: the packets of our own making that wait to be sent, in a fixed pool.
//
// Filled by the work stage (each behind the frame that it follows) and by Table::make between
// bursts; finished by Table::relay; sent and given back by lcore/, in the order of the pool. One
// worker only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/media/frame.h"
#include "dataplane/memory/arena.h"

namespace demarc::media {

inline constexpr unsigned max_made_packets = 128;
// So many of them what is due by time may take; the others are left for what is heard meanwhile.
inline constexpr unsigned max_timed_packets = 96;
inline constexpr uint16_t made_headroom = 64;      // for the IP and UDP header
inline constexpr uint16_t max_made_payload = 512;  // octets of RTP or RTCP as it is made
inline constexpr uint16_t made_tailroom = 64;      // for what SRTP adds
inline constexpr uint16_t behind_no_frame = 0xffff;

struct MadePacket {
  Frame frame;  // finished by relay(): outcome, l3, slot
  bool is_rtcp = false;
  uint16_t after = behind_no_frame;  // index of the frame that it follows; none: before all frames
  alignas(64) std::array<uint8_t, made_headroom + max_made_payload + made_tailroom> octets;

  uint8_t* payload() { return octets.data() + made_headroom; }
};

class MadePackets {
 public:
  explicit MadePackets(memory::Arena& arena) : packets_(arena.take<MadePacket>(max_made_packets)) {}
  static constexpr size_t octets_needed() {
    return memory::Arena::octets_for<MadePacket>(max_made_packets);
  }

  // nullptr when all are taken: the caller counts it and does without.
  MadePacket* take(uint32_t slot, uint16_t after) {
    if (count_ == max_made_packets) return nullptr;
    MadePacket& packet = packets_[count_++];
    packet.frame = {};
    packet.frame.slot = slot;
    packet.is_rtcp = false;
    packet.after = after;
    return &packet;
  }
  std::span<MadePacket> all() { return packets_.first(count_); }
  unsigned count() const { return count_; }
  MadePacket& operator[](unsigned index) { return packets_[index]; }
  void clear() { count_ = 0; }

 private:
  std::span<MadePacket> packets_;
  unsigned count_ = 0;
};

}  // namespace demarc::media
