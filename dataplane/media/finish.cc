#include "dataplane/media/admission.h"
#include "dataplane/media/header.h"
#include "dataplane/media/stages.h"
#include "sip-parser/base/check.h"

namespace demarc::media {
namespace {

Frame& frame_of(Burst& burst, const Candidate& candidate) {
  return candidate.is_made ? burst.made[candidate.index].frame : burst.frames[candidate.index];
}

void count_drop(Burst& burst, const Candidate& candidate) {
  Slot& slot = *candidate.slot;
  SlowCounts& counts = burst.cold_of(candidate.slot_index).counts;
  switch (candidate.verdict) {
    case Verdict::wrong_source:
      ++slot.drop_wrong_source;
      note_refused(slot, burst.frames[candidate.index].source);
      return;
    case Verdict::learning:
      ++counts.drop_learning;
      return;
    case Verdict::malformed:
      ++slot.drop_malformed;
      return;
    case Verdict::not_ready:
      ++slot.drop_not_ready;
      return;
    case Verdict::no_route:
      ++slot.drop_no_route;
      return;
    case Verdict::unauthenticated:
      ++counts.drop_unauthenticated;
      return;
    case Verdict::replayed:
      ++counts.drop_replayed;
      return;
    case Verdict::no_key:
      ++counts.drop_no_key;
      return;
    case Verdict::key_spent:
      ++counts.drop_key_spent;
      return;
    case Verdict::absorbed:
      ++counts.absorbed;
      return;
    case Verdict::go:
      break;
  }
  DEMARC_CHECK(false);
}

// What nobody changed keeps its own checksum, so that damage before us stays visible.
uint16_t checksum_of(const Candidate& candidate) {
  const Slot& slot = *candidate.slot;
  const std::span<const uint8_t> payload(candidate.payload, candidate.length);
  if (candidate.is_changed) return whole_checksum(slot, payload);
  const uint16_t checksum = load16(candidate.payload - 2);
  if (checksum != 0) return update_udp_checksum(checksum, slot.checksum_delta);
  return slot.header_length == v6_header_length ? whole_checksum(slot, payload) : uint16_t{0};
}

void write_frame(const Candidate& candidate, Frame& frame) {
  const Slot& slot = *candidate.slot;
  const uint16_t checksum = checksum_of(candidate);
  frame.l3 = write_header(slot, candidate.payload, candidate.length, checksum);
  frame.l3_length = static_cast<uint16_t>(slot.header_length + candidate.length);
  frame.headroom = static_cast<uint16_t>(candidate.room_before - slot.header_length);
  frame.payload_offset = slot.header_length;
  frame.payload_length = candidate.length;
  frame.tailroom = candidate.room_behind;
  frame.outcome = Frame::Outcome::forward;
}

}  // namespace

void finish(Burst& burst) {
  for (Candidate& candidate : burst.all()) {
    Slot& slot = *candidate.slot;
    Frame& frame = frame_of(burst, candidate);
    frame.outcome = Frame::Outcome::drop;
    if (candidate.verdict == Verdict::go && slot.action != Action::relay) {
      candidate.verdict = Verdict::not_ready;  // made for a stream that has nowhere to go
    }
    if (candidate.verdict == Verdict::go && (candidate.room_before < slot.header_length ||
                                             candidate.length > 0xffff - v6_header_length)) {
      candidate.verdict = Verdict::no_route;
    }
    if (candidate.verdict != Verdict::go) {
      count_drop(burst, candidate);
      continue;
    }
    write_frame(candidate, frame);
    ++slot.packets_relayed;
    slot.octets_relayed += candidate.length;
  }
}

}  // namespace demarc::media
