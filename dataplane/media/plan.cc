#include "dataplane/contract/counters.h"
#include "dataplane/media/table.h"

// What Table does about payload work, and about the way of RTCP beside it.

namespace demarc::media {

using contract::Instant;

// Any SSRC does; equal ones in two streams would only look odd. The first sequence number is in the
// lower half: a receiver of SRTP that missed a wrap would count its cycles wrong from then on (RFC
// 3711 section 3.3.1).
Work::Origin Table::origin_of(SlotId rtp, unsigned side) const {
  const uint64_t seed = (at(rtp).last_packet.ns + static_cast<uint32_t>(rtp)) * 0x9e3779b97f4a7c15;
  return {.owner = {at(rtp).call, static_cast<uint8_t>(side)},
          .ssrc = static_cast<uint32_t>(seed >> 32) | 1,
          .sequence_number = static_cast<uint16_t>(seed >> 17 & 0x7fff),
          .is_under_way = at(rtp).rtp_packets != 0};
}

bool Table::plan(const SlotPair& slots, const CodecPlan& plan, unsigned side) {
  Slot& slot = at(slots.rtp);
  if (!plan.is_needed()) {
    if (slot.work != no_row) end_work(slots.rtp);
    return true;
  }
  if (slot.work == no_row) {
    slot.work = works_.open(slots.rtp, origin_of(slots.rtp, side));
    turn_rtcp(slots.rtp);
  }
  if (slot.work != no_row && works_.plan(slot.work, plan)) return true;
  region_.worker(worker_).counters.add(contract::WorkerCounter::media_works_exhausted);
  return false;
}

// What went out had numbers of its own, and goes on with them: to begin again with those that come
// in would be loss to the receiver, and replay to its SRTP.
void Table::end_work(SlotId rtp) {
  Slot& slot = at(rtp);
  if (works_.plan(slot.work, {}) && works_.is_shifted(slot.work)) return;
  works_.close(slot.work);
  slot.work = no_row;
  turn_rtcp(rtp);
}

bool Table::send_digit(const SlotPair& slots, uint8_t event, uint16_t duration_ms, Instant now) {
  const uint32_t row = at(slots.rtp).work;
  return row != no_row && works_.send_digit(row, event, duration_ms, now);
}

// Each side's RTCP is about both streams. It takes the longer way where one of them has work.
void Table::turn_rtcp(SlotId rtp) {
  const auto index = static_cast<uint32_t>(rtp);
  const uint32_t back = cold_[index].rtp_back;
  const uint32_t work = slots_[index].work;
  const uint32_t work_back = back == no_row ? no_row : slots_[back].work;
  slots_[cold_[index].rtcp].work = work != no_row ? work : work_back;
  if (back != no_row) slots_[cold_[back].rtcp].work = work_back != no_row ? work_back : work;
}

void Table::pair(SlotId rtp, SlotId back) {
  part(rtp);
  part(back);
  set_back(rtp, static_cast<uint32_t>(back));
  set_back(back, static_cast<uint32_t>(rtp));
  turn_rtcp(rtp);
}

// Who is joined with another stream, or closed, is no longer reported on here.
void Table::part(SlotId rtp) {
  const uint32_t back = cold_[static_cast<uint32_t>(rtp)].rtp_back;
  if (back == no_row) return;
  set_back(rtp, no_row);
  set_back(static_cast<SlotId>(back), no_row);
  turn_rtcp(rtp);
  turn_rtcp(static_cast<SlotId>(back));
}

void Table::set_back(SlotId rtp, uint32_t back) {
  Cold& cold = cold_[static_cast<uint32_t>(rtp)];
  cold.rtp_back = cold_[cold.rtcp].rtp_back = back;
}

}  // namespace demarc::media
