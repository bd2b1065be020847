#include "dataplane/media/burst.h"

#include "sip-parser/base/check.h"

namespace demarc::media {

void Burst::add(Slot& slot, uint16_t frame_index) {
  DEMARC_DCHECK(count < candidates.size());
  const Frame& frame = frames[frame_index];
  const unsigned end = unsigned{frame.payload_offset} + frame.payload_length;
  candidates[count++] = {
      .slot = &slot,
      .payload = frame.l3 + frame.payload_offset,
      .slot_index = frame.slot,
      .length = frame.payload_length,
      .room_before = static_cast<uint16_t>(frame.headroom + frame.payload_offset),
      // What stands behind the datagram inside the packet belongs to nobody.
      .room_behind = static_cast<uint16_t>(frame.l3_length - end + frame.tailroom),
      .index = frame_index,
      .verdict = Verdict::go,
      .is_made = false,
      .is_rtcp = false,
      .is_stranger = false,
      .is_authentic = false,
      .is_changed = false};
}

Candidate& Burst::add_made(Slot& slot, uint16_t made_index) {
  DEMARC_DCHECK(count < candidates.size());
  MadePacket& packet = made[made_index];
  Candidate& candidate = candidates[count++];
  candidate = {.slot = &slot,
               .payload = packet.payload(),
               .slot_index = packet.frame.slot,
               .length = packet.frame.payload_length,
               .room_before = made_headroom,
               .room_behind = static_cast<uint16_t>(max_made_payload + made_tailroom -
                                                    packet.frame.payload_length),
               .index = made_index,
               .verdict = Verdict::go,
               .is_made = true,
               .is_rtcp = packet.is_rtcp,
               .is_stranger = false,
               .is_authentic = false,
               .is_changed = true};
  ++cold_of(packet.frame.slot).counts.made;
  return candidate;
}

Candidate* Burst::make(Slot& slot, uint32_t slot_index, uint16_t after, uint16_t length) {
  DEMARC_CHECK(length <= max_made_payload);
  MadePacket* packet = made.take(slot_index, after);
  if (packet == nullptr) {
    counters.add(contract::WorkerCounter::made_pool_full);
    return nullptr;
  }
  packet->frame.payload_length = length;
  return &add_made(slot, static_cast<uint16_t>(made.count() - 1));
}

}  // namespace demarc::media
