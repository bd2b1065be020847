#include "dataplane/contract/counters.h"
#include "dataplane/media/table.h"

// What Table does about payload work, and about the way of RTCP beside it.

namespace demarc::media {

using contract::Instant;
using contract::WorkerCounter;

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
    if (slot.work != no_row) end_work(slot);
    return true;
  }
  if (slot.work == no_row) {
    slot.work = works_.open(slots.rtp, origin_of(slots.rtp, side));
    turn_rtcp(*slot.observed);
  }
  contract::WorkerCounters& counters = region_.worker(worker_).counters;
  if (slot.work == no_row) {
    counters.add(WorkerCounter::media_works_exhausted);
    return false;
  }
  const Works::Missing missing = works_.plan(slot.work, plan);
  if (missing.detector) counters.add(WorkerCounter::tone_detectors_exhausted);
  if (missing.repacketizer) counters.add(WorkerCounter::repacketizers_exhausted);
  return !missing.any();
}

// What went out had numbers of its own, and goes on with them: to begin again with those that come
// in would be loss to the receiver, and replay to its SRTP.
void Table::end_work(Slot& slot) {
  static_cast<void>(works_.plan(slot.work, {}));  // gives its parts back
  if (works_.is_shifted(slot.work)) return;
  works_.close(slot.work);
  slot.work = no_row;
  turn_rtcp(*slot.observed);
}

bool Table::send_digit(const SlotPair& slots, uint8_t event, uint16_t duration_ms, Instant now) {
  const uint32_t row = at(slots.rtp).work;
  return row != no_row && works_.send_digit(row, event, duration_ms, now);
}

// Each side's RTCP is about both streams. It takes the longer way where one of them has work.
void Table::turn_rtcp(const Observed& one) {
  const Observed* other = one.opposite;
  const uint32_t work = at(one.rtp).work;
  const uint32_t other_work = other == nullptr ? no_row : at(other->rtp).work;
  at(one.rtcp).work = work != no_row ? work : other_work;
  if (other != nullptr) at(other->rtcp).work = other_work != no_row ? other_work : work;
}

}  // namespace demarc::media
