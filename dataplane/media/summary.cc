#include <algorithm>

#include "dataplane/media/quality.h"
#include "dataplane/media/table.h"

// What Table tells of a side: its ledger, its quality and its addresses.

namespace demarc::media {
namespace {

using contract::Instant;
using contract::MediaDrop;
using contract::MediaSummary;

contract::MediaSource source_kind(const Source* source) {
  if (source == nullptr) return contract::MediaSource::signalled;
  if (source->latch.in_force != source->latch.signalled) return contract::MediaSource::learnt;
  return source->latch.is_open() ? contract::MediaSource::learning
                                 : contract::MediaSource::signalled;
}

void add_drop(MediaSummary& sum, MediaDrop drop, uint32_t count) {
  sum.drops[static_cast<unsigned>(drop)] += count;
  sum.packets_dropped += count;
}

void add_drops(MediaSummary& sum, const Slot& slot) {
  const auto add = [&sum](MediaDrop drop, uint32_t count) { add_drop(sum, drop, count); };
  add(MediaDrop::wrong_source, slot.drop_wrong_source);
  add(MediaDrop::not_ready, slot.drop_not_ready);
  add(MediaDrop::malformed, slot.drop_malformed);
  add(MediaDrop::no_route, slot.drop_no_route);
  add(MediaDrop::tx_full, slot.drop_tx_full);
}

void add_counts(MediaSummary& sum, const SlowCounts& counts) {
  const auto add = [&sum](MediaDrop drop, uint32_t count) { add_drop(sum, drop, count); };
  add(MediaDrop::learning, counts.drop_learning);
  add(MediaDrop::unauthenticated, counts.drop_unauthenticated);
  add(MediaDrop::replayed, counts.drop_replayed);
  add(MediaDrop::no_key, counts.drop_no_key);
  add(MediaDrop::key_spent, counts.drop_key_spent);
  sum.made += counts.made;
  sum.absorbed += counts.absorbed;
}

}  // namespace

void Table::fill_quality(MediaSummary& sum, const Slot& rtp) const {
  const Observed& observed = *rtp.observed;
  const Bursts bursts = bursts_of(observed);
  sum.rtp_expected = expected(rtp);
  sum.rtp_lost = lost(rtp);
  sum.rtp_duplicate = observed.duplicates;
  sum.rtp_late = observed.late;
  sum.loss_runs = observed.loss_runs;
  sum.bursts = bursts.count;
  sum.burst_packets = bursts.packets;
  sum.burst_lost = bursts.lost;
  sum.jitter_us = jitter_us(rtp);
  sum.round_trip_us = observed.round_trip_us;
  sum.clock_rate_hz = rtp.stream == Stream::udptl ? 0 : rtp.clock_rate_hz;
  sum.payload_type = observed.payload_type;
  sum.codec = observed.codecs.of(observed.payload_type).codec;
}

MediaSummary Table::summary(const SlotPair& slots, int64_t wall_offset_ns) const {
  if (!slots.is_set()) return {};
  const Slot& rtp = at(slots.rtp);
  const Slot& rtcp = at(slots.rtcp);
  const Cold& cold = cold_of(slots.rtp);
  const Source* source = cold.source == no_row ? nullptr : &sources_[cold.source];
  const auto unix_ns = [&](Instant instant) {
    return instant.is_set() ? instant.ns + static_cast<uint64_t>(wall_offset_ns) : 0;
  };
  MediaSummary sum;
  sum.streams = 1;
  sum.packets_in = rtp.packets_in + rtcp.packets_in;
  sum.octets_in = rtp.octets_in + rtcp.octets_in;
  sum.packets_relayed = rtp.packets_relayed + rtcp.packets_relayed;
  add_drops(sum, rtp);
  add_drops(sum, rtcp);
  add_counts(sum, cold.counts);
  fill_quality(sum, rtp);
  sum.source = source_kind(source);
  sum.first_packet_unix_ns = unix_ns(rtp.observed->first_packet);
  const Instant last = std::max(rtp.last_packet, rtcp.last_packet);
  // Without a packet that was let in, it is the time of open().
  sum.last_packet_unix_ns = last == rtp.observed->opened ? 0 : unix_ns(last);
  sum.local = rtp.local;
  const contract::Endpoint in_force{rtp.expected_source, rtp.expected_port};
  sum.remote = source == nullptr ? in_force : source->latch.signalled;
  if (rtp.observed->first_packet.is_set()) sum.seen = in_force;
  sum.refused = rtp.observed->refused;
  return sum;
}

Table::Past Table::past(const SlotPair& slots) {
  fold(slots);
  const Slot& rtp = at(slots.rtp);
  const Observed& observed = *rtp.observed;
  return {.rtp = counted_by(slots.rtp),
          .rtcp = counted_by(slots.rtcp),
          .counts = cold_of(slots.rtp).counts,
          .folded = folded_[row_of(observed)],
          .expected = expected(rtp),
          .duplicates = observed.duplicates,
          .late = observed.late,
          .loss_runs = observed.loss_runs,
          .bursts = bursts_of(observed),
          .first_packet = observed.first_packet};
}

Table::Past::OfSlot Table::counted_by(SlotId id) const {
  const Slot& slot = at(id);
  return {.packets_in = slot.packets_in,
          .octets_in = slot.octets_in,
          .packets_relayed = slot.packets_relayed,
          .octets_relayed = slot.octets_relayed,
          .drop_wrong_source = slot.drop_wrong_source,
          .drop_not_ready = slot.drop_not_ready,
          .drop_malformed = slot.drop_malformed,
          .drop_no_route = slot.drop_no_route,
          .drop_tx_full = slot.drop_tx_full};
}

void Table::resume(const SlotPair& slots, const Past& past, bool is_same_peer) {
  resume_slot(slots.rtp, past.rtp);
  resume_slot(slots.rtcp, past.rtcp);
  cold_of(slots.rtp).counts = past.counts;
  Slot& rtp = at(slots.rtp);
  rtp.lost_before = past.folded.lost;
  Observed& observed = *rtp.observed;
  folded_[row_of(observed)] = past.folded;
  observed.expected_before = past.expected;
  observed.duplicates = past.duplicates;
  observed.late = past.late;
  observed.loss_runs = past.loss_runs;
  observed.bursts = past.bursts.count;
  observed.burst_packets = past.bursts.packets;
  observed.burst_lost = past.bursts.lost;
  if (is_same_peer) observed.first_packet = past.first_packet;
  // A report of ours tells a peer of what it was sent itself.
  OwnReport& own = reports_[row_of(observed)];
  own.packets_sent = static_cast<uint32_t>(past.rtp.packets_relayed);
  own.octets_sent = past.rtp.octets_relayed;
}

void Table::resume_slot(SlotId id, const Past::OfSlot& counted) {
  Slot& slot = at(id);
  slot.packets_in = counted.packets_in;
  slot.octets_in = counted.octets_in;
  slot.packets_relayed = counted.packets_relayed;
  slot.octets_relayed = counted.octets_relayed;
  slot.drop_wrong_source = counted.drop_wrong_source;
  slot.drop_not_ready = counted.drop_not_ready;
  slot.drop_malformed = counted.drop_malformed;
  slot.drop_no_route = counted.drop_no_route;
  slot.drop_tx_full = counted.drop_tx_full;
}

}  // namespace demarc::media
