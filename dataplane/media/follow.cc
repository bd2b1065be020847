#include "dataplane/media/outgoing.h"
#include "dataplane/media/table.h"

// What Table does about a source that is learnt instead of fixed.

namespace demarc::media {

using contract::Endpoint;
using contract::Instant;

void Table::join(const SlotPair& first, const SlotPair& second) {
  Observed& one = *at(first.rtp).observed;
  Observed& other = *at(second.rtp).observed;
  part(one);
  part(other);
  one.opposite = &other;
  other.opposite = &one;
  turn_rtcp(one);
  if (Source* source = source_of(first.rtp)) {
    source->rtp_back = second.rtp;
    source->rtcp_back = second.rtcp;
  }
  if (Source* source = source_of(second.rtp)) {
    source->rtp_back = first.rtp;
    source->rtcp_back = first.rtcp;
  }
}

// Who is joined with another stream, or closed, is no longer reported on here.
void Table::part(Observed& one) {
  if (one.opposite == nullptr) return;
  Observed& other = *one.opposite;
  one.opposite = other.opposite = nullptr;
  turn_rtcp(one);
  turn_rtcp(other);
}

Source* Table::source_of(SlotId rtp) {
  const uint32_t row = cold_of(rtp).source;
  return row == no_row ? nullptr : &sources_[row];
}

// By the trunk's policy of now; a full pool leaves the stream with the signalled source, which is
// the safe way to fail, and is counted.
void Table::begin_source(const Side& side, const SlotPair& slots) {
  if (snapshot_.trunks == nullptr || !snapshot_.has_trunk(side.trunk_in)) return;
  const contract::SourcePolicy& policy = snapshot_.trunk(side.trunk_in).media.sources;
  if (policy.mode != contract::SourcePolicy::Mode::latching) return;
  const uint32_t row = sources_.acquire();
  if (row == memory::no_index) {
    return region_.worker(worker_).counters.add(contract::WorkerCounter::media_sources_exhausted);
  }
  sources_[row] = Source();
  Source& source = sources_[row];
  source.rules = rules_of(policy);
  source.trunk = side.trunk_in;
  source.rtp = slots.rtp;
  source.rtcp = slots.rtcp;
  cold_of(slots.rtp).source = row;
}

void Table::end_source(SlotId rtp) {
  const uint32_t row = cold_of(rtp).source;
  if (row != no_row) sources_.release(row);
}

// An offer or answer names where the peer is. Its RTCP is fixed until RTP is learnt from elsewhere.
void Table::expect_source(Source& source, const Expected& expected, Instant now) {
  Slot& rtp = at(source.rtp);
  source.signalling = expected.signalling;
  source.signalled_rtcp = expected.rtcp;
  const bool has_sent =
      rtp.stream == Stream::rtp ? rtp.rtp_packets != 0 : rtp.observed->first_packet.is_set();
  at(source.rtcp).watch = Watch::fixed;
  on_offer(source.latch, source.rules, expected.rtp, has_sent ? rtp.last_packet : Instant{}, now);
  follow(source);
}

// The slots of the source, and those that send to it, do as the latch says.
void Table::follow(Source& source) {
  const Latch& latch = source.latch;
  const bool is_learnt = latch.in_force != latch.signalled;
  source.is_moved = false;
  Slot& rtp = at(source.rtp);
  rtp.watch = latch.is_open() ? Watch::latching : Watch::fixed;
  if (latch.in_force == Endpoint{rtp.expected_source, rtp.expected_port}) return;
  expect_slot(source.rtp, latch.in_force);
  if (source.rtp_back == SlotId::none) return;
  aim_slot(source.rtp_back, latch.in_force);
  const bool is_muxed = source.signalled_rtcp == latch.signalled;
  const bool has_rtcp = rtp.stream == Stream::rtp;
  if (!is_learnt || !has_rtcp) return follow_rtcp(source, source.signalled_rtcp);
  if (is_muxed) return follow_rtcp(source, latch.in_force);
  // The NAT's port of RTCP is not known before something comes from it.
  follow_rtcp(source, {});
  at(source.rtcp).watch = Watch::follows;
}

void Table::follow_rtcp(Source& source, const Endpoint& from) {
  expect_slot(source.rtcp, from);
  aim_slot(source.rtcp_back, from);
  at(source.rtcp).watch = Watch::fixed;
}

// What the inspect stage learnt in this burst.
void Table::follow_learnt() {
  for (unsigned i = 0; i < burst_.learnt_count; ++i) {
    const Burst::Learnt& learnt = burst_.learnt[i];
    Source& source = sources_[learnt.source];
    if (learnt.is_rtcp) {
      follow_rtcp(source, learnt.from);
    } else {
      follow(source);
    }
  }
  burst_.learnt_count = 0;
}

}  // namespace demarc::media
