#include "dataplane/media/table.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "dataplane/media/outgoing.h"
#include "dataplane/media/quality.h"
#include "dataplane/media/relay.h"
#include "dataplane/media/rtp.h"
#include "dataplane/media/stages.h"
#include "dataplane/media/usual.h"
#include "sip-parser/base/check.h"

namespace demarc::media {
namespace {

using contract::Endpoint;
using contract::Instant;
using contract::TrunkCounter;

// How late what is due by time may be.
constexpr contract::Duration tick = OwnReports::tick;

// Of numbers that need not be secret, only different in each run and on each worker.
uint64_t seed_of(const srtp::Secret& secret, contract::WorkerIndex worker) {
  uint64_t seed = 0;
  std::memcpy(&seed, secret.data(), sizeof seed);
  return (seed ^ (uint64_t{worker} + 1)) * 0x9e3779b97f4a7c15;
}

// Who may be learnt as the sender, of half of the directions: a call has one side behind NAT, the
// other one is a server.
constexpr uint32_t least_sources = 64;
uint32_t source_count(uint32_t slots) {
  return std::min(slots / 2, slots / 4 + least_sources);
}

uint32_t rows_of(const Table::Limits& limits) {
  return limits.slots / slots_per_row;
}

uint16_t port_of(const PortPair& pair, Stream stream) {
  return static_cast<uint16_t>(pair.rtp_port + (stream == Stream::rtcp ? 1 : 0));
}

}  // namespace

Ports::Limits Table::port_limits(const Limits& limits) {
  return {limits.address_capacity, limits.worker, limits.workers, limits.quarantine};
}

KeyRows::Limits Table::key_limits(const Limits& limits) {
  return {rows_of(limits), limits.keys};
}

size_t Table::octets_needed(const Limits& limits) {
  return Ports::octets_needed(port_limits(limits)) +
         memory::Arena::octets_for<Slot>(rows_of(limits) * slots_per_row) +
         memory::Arena::octets_for<Cold>(rows_of(limits)) +
         memory::Arena::octets_for<Folded>(rows_of(limits)) + Works::octets_needed(limits.works) +
         memory::Pool<Observed>::octets_needed(rows_of(limits)) +
         OwnReports::octets_needed(rows_of(limits)) +
         memory::Pool<Source>::octets_needed(source_count(limits.slots)) +
         MadePackets::octets_needed() + KeyRows::octets_needed(key_limits(limits)) +
         memory::Arena::octets_for<std::byte>(sizeof(Burst));
}

Table::Table(memory::Arena& arena, const Limits& limits, contract::Region& region,
             const srtp::Secret& secret)
    : region_(region),
      worker_(limits.worker),
      ports_(arena, port_limits(limits)),
      slots_(arena.take<Slot>(rows_of(limits) * slots_per_row)),
      cold_(arena.take<Cold>(rows_of(limits))),
      folded_(arena.take<Folded>(rows_of(limits))),
      observed_(arena, rows_of(limits)),
      reports_(arena, rows_of(limits), seed_of(secret, limits.worker)),
      sources_(arena, source_count(limits.slots)),
      works_(arena, limits.works),
      made_(arena),
      keys_(arena, key_limits(limits)),
      key_source_(keys_.contexts().cipher(), secret),
      burst_(*new (arena.take<std::byte>(sizeof(Burst)).data())
                 Burst(cold_, made_, region.worker(limits.worker).counters)) {
  burst_.keys = &keys_;
  burst_.slots = slots_;
  burst_.snapshot = &snapshot_;
  burst_.sources = &sources_;
}

void Table::adopt(const contract::Snapshot& snapshot) {
  if (snapshot.realms != nullptr) ports_.adopt(*snapshot.realms);
  snapshot_ = snapshot;
}

PortPair Table::acquire(contract::RealmId realm, Instant now, const contract::IpAddress& wanted) {
  return ports_.acquire(realm, now, wanted);
}

contract::IpAddress Table::bound_address(const PortPair& pair) const {
  return ports_.address_of(pair).bound;
}

contract::IpAddress Table::advertised_address(const PortPair& pair) const {
  return ports_.address_of(pair).advertised;
}

Table::SlotPair Table::open(const Side& side, Instant now) {
  DEMARC_CHECK(side.in.is_set() && side.out.is_set());
  const uint32_t row = observed_.acquire();
  if (row == memory::no_index) return {};
  const uint32_t rtp = row * slots_per_row;
  const uint32_t rtcp = rtp + 1;
  open_slot(rtp, Stream::rtp, side, now);
  open_slot(rtcp, Stream::rtcp, side, now);
  cold_[row] = Cold();
  cold_[row].source_out = {ports_.address_of(side.out).bound, side.out.rtp_port};
  observed_[row] = Observed();
  observed_[row].opened = now;
  folded_[row] = Folded();
  observed_[row].rtp = static_cast<SlotId>(rtp);
  observed_[row].rtcp = static_cast<SlotId>(rtcp);
  slots_[rtp].observed = slots_[rtcp].observed = &observed_[row];
  const SlotPair slots{static_cast<SlotId>(rtp), static_cast<SlotId>(rtcp)};
  begin_source(side, slots);
  if (side.ensures_rtcp) reports_.start(row, now);
  return slots;
}

void Table::open_slot(uint32_t index, Stream stream, const Side& side, Instant now) {
  const MediaAddress& in = ports_.address_of(side.in);
  const MediaAddress& out = ports_.address_of(side.out);
  Slot& slot = slots_[index];
  slot = Slot();
  slot.action = Action::waiting;
  slot.stream = stream;
  slot.dscp = side.dscp == realm_dscp ? out.dscp : side.dscp;
  slot.trunk_in = side.trunk_in;
  slot.trunk_out = side.trunk_out;
  slot.port_out = out.port;
  slot.realm_out = out.realm;
  slot.is_v6_in = !in.bound.is_v4();
  slot.call = side.call;
  slot.local = {in.bound, port_of(side.in, stream)};
  slot.last_packet = now;
  set_clock_rate(slot, side.clock_rate_hz);
  ports_.bind(side.in, slot.local.port, index);
}

void Table::expect(const SlotPair& slots, const Endpoint& rtp, const Endpoint& rtcp) {
  expect_slot(slots.rtp, rtp);
  expect_slot(slots.rtcp, rtcp);
}

void Table::listen(const SlotPair& slots, const Expected& expected, Instant now) {
  expect(slots, expected.rtp, expected.rtcp);
  if (Source* source = source_of(slots.rtp)) expect_source(*source, expected, now);
}

void Table::expect_slot(SlotId id, const Endpoint& source) {
  Slot& slot = at(id);
  slot.expected_source = source.address;
  slot.expected_port = source.port;
  // Else aim_slot() will.
  if (slot.action == Action::relay) update_checksum_delta(slot);
}

void Table::listen_again(const SlotPair& slots, Instant now) {
  Source* source = source_of(slots.rtp);
  if (source == nullptr || at(slots.rtp).rtp_packets != 0) return;
  const Endpoint rtp = source->latch.signalled;
  if (rtp.port == 0 || source->latch.in_force != rtp) return;
  listen(slots, {rtp, source->signalled_rtcp, source->signalling}, now);
}

void Table::aim(const SlotPair& slots, const Endpoint& rtp, const Endpoint& rtcp) {
  // Where both go to one port, both come from one port (RFC 5761 section 5.1.1).
  cold_of(slots.rtp).is_muxed_out = rtp == rtcp;
  aim_slot(slots.rtp, rtp);
  aim_slot(slots.rtcp, rtcp);
}

void Table::aim_slot(SlotId id, const Endpoint& destination) {
  Slot& slot = at(id);
  const Endpoint source = source_out(id);
  slot.adjacency = unresolved_adjacency;
  slot.remote_out = destination;
  slot.action = Action::waiting;
  if (destination.port == 0 || !destination.address.is_unicast()) return;
  if (destination.address.is_v4() != source.address.is_v4()) return;
  build_header(slot, source, destination);
  update_checksum_delta(slot);
  slot.action = Action::relay;
}

// Ours, that packets of the slot leave from.
Endpoint Table::source_out(SlotId id) const {
  const Cold& cold = cold_of(id);
  const bool is_next = at(id).stream == Stream::rtcp && !cold.is_muxed_out;
  return {cold.source_out.address, static_cast<uint16_t>(cold.source_out.port + (is_next ? 1 : 0))};
}

void Table::retune(const SlotPair& slots, Stream stream, uint32_t clock_rate_hz) {
  Slot& slot = at(slots.rtp);
  slot.stream = stream;
  slot.is_codec_due = stream == Stream::rtp;
  // One that runs keeps its clock until a packet shows another one.
  if (slot.rtp_packets == 0) set_clock_rate(slot, clock_rate_hz);
}

void Table::name_codecs(const SlotPair& slots, const SlotPair& told_by, const CodecNames& names) {
  for (unsigned i = 0; i < names.count; ++i) {
    at(slots.rtp).observed->codecs.add(names.names[i]);
    at(told_by.rtp).observed->codecs.add_missing(names.names[i]);
  }
}

bool Table::key(const SlotPair& slots, const Keying& in, const Keying& out) {
  uint32_t row = at(slots.rtp).crypto;
  // Most streams have no keys and are given none.
  const bool is_plain = in.kind == Keying::Kind::plain && out.kind == Keying::Kind::plain;
  if (is_plain && row == no_row) return true;
  if (!keys_.set(row, in, out)) {
    region_.worker(worker_).counters.add(contract::WorkerCounter::srtp_keys_exhausted);
    return false;
  }
  at(slots.rtp).crypto = row;
  at(slots.rtcp).crypto = row;
  return true;
}

void Table::settle_keys(const SlotPair& slots, srtp::OwnKey own) {
  uint32_t row = at(slots.rtp).crypto;
  keys_.settle(row, own);
  at(slots.rtp).crypto = row;
  at(slots.rtcp).crypto = row;
}

void Table::put_keys(const SlotPair& from, const SlotPair& to, const KeyRows::Row& keys) {
  keys_.put(at(from.rtp).crypto, at(to.rtp).crypto, keys);
  at(from.rtcp).crypto = at(from.rtp).crypto;
  at(to.rtcp).crypto = at(to.rtp).crypto;
}

void Table::multiplex(const SlotPair& slots, bool is_multiplexed) {
  Slot& rtp = at(slots.rtp);
  rtp.rtcp_slot = is_multiplexed ? static_cast<uint32_t>(slots.rtcp) : no_row;
  at(slots.rtcp).local.port = static_cast<uint16_t>(rtp.local.port + (is_multiplexed ? 0 : 1));
}

Instant Table::next_due() const {
  if (works_.has_digits()) return Instant{1};
  return works_.busy() == 0 ? reports_.next_due() : ticked_ + tick;
}

void Table::on_timers(Instant now) {
  if ((works_.busy() == 0 && reports_.live() == 0) || now - ticked_ < tick) return;
  if (next_busy_ == 0) send_reports(now);
  while (next_busy_ < works_.busy()) {
    if (!works_.is_due(next_busy_, now)) {
      ++next_busy_;
      continue;
    }
    if (made_.count() + max_output > max_timed_packets) return;
    const SlotId slot = works_.busy_slot(next_busy_);
    if (works_.tick(next_busy_, now)) ++next_busy_;
    for (const OutputPacket& packet : works_.output().packets()) {
      MadePacket* made = make(slot, packet.length);
      if (made == nullptr) break;
      std::memcpy(made->payload(), packet.octets.data(), packet.length);
    }
  }
  next_busy_ = 0;
  ticked_ = now;
}

void Table::fold(const SlotPair& slots) {
  if (!slots.is_set()) return;
  const Slot& rtp = at(slots.rtp);
  const Slot& rtcp = at(slots.rtcp);
  if (rtp.trunk_in == contract::TrunkId::none) return;
  Folded& folded = folded_[row_of(*rtp.observed)];
  contract::TrunkCounters& trunk = region_.trunk_counters(worker_, rtp.trunk_in);
  const auto add = [&trunk](TrunkCounter counter, uint64_t value, uint32_t& counted) {
    // unsent() may take back what was already counted as relayed.
    const auto more = static_cast<int32_t>(static_cast<uint32_t>(value) - counted);
    if (more != 0) trunk.add(counter, static_cast<uint64_t>(int64_t{more}));
    counted = static_cast<uint32_t>(value);
  };
  const auto add_both = [&](TrunkCounter counter, auto Slot::*of, uint32_t& counted) {
    add(counter, rtp.*of + rtcp.*of, counted);
  };
  add_both(TrunkCounter::rtp_packets_in, &Slot::packets_in, folded.packets_in);
  add_both(TrunkCounter::rtp_octets_in, &Slot::octets_in, folded.octets_in);
  add_both(TrunkCounter::rtp_packets_out, &Slot::packets_relayed, folded.packets_out);
  add_both(TrunkCounter::rtp_octets_out, &Slot::octets_relayed, folded.octets_out);
  add_both(TrunkCounter::rtp_drop_wrong_source, &Slot::drop_wrong_source, folded.drop_wrong_source);
  add_both(TrunkCounter::rtp_drop_not_ready, &Slot::drop_not_ready, folded.drop_not_ready);
  add_both(TrunkCounter::rtp_drop_malformed, &Slot::drop_malformed, folded.drop_malformed);
  add_both(TrunkCounter::rtp_drop_no_route, &Slot::drop_no_route, folded.drop_no_route);
  add_both(TrunkCounter::rtp_drop_tx_full, &Slot::drop_tx_full, folded.drop_tx_full);
  const SlowCounts& counts = cold_of(slots.rtp).counts;
  const auto add_slow = [&](TrunkCounter counter, uint32_t SlowCounts::*of) {
    add(counter, counts.*of, folded.counts.*of);
  };
  add_slow(TrunkCounter::rtp_drop_unauthenticated, &SlowCounts::drop_unauthenticated);
  add_slow(TrunkCounter::rtp_drop_replayed, &SlowCounts::drop_replayed);
  add_slow(TrunkCounter::rtp_drop_no_key, &SlowCounts::drop_no_key);
  add_slow(TrunkCounter::rtp_drop_key_spent, &SlowCounts::drop_key_spent);
  add_slow(TrunkCounter::rtp_drop_learning, &SlowCounts::drop_learning);
  add_slow(TrunkCounter::rtp_made, &SlowCounts::made);
  add_slow(TrunkCounter::rtp_absorbed, &SlowCounts::absorbed);
  // A late packet makes the loss smaller, a counter never does.
  add(TrunkCounter::rtp_lost, std::max(lost(rtp), folded.lost), folded.lost);
}

Table::Heard Table::last_heard(const SlotPair& slots) const {
  if (!slots.is_set()) return {};
  return {at(slots.rtp).last_packet, at(slots.rtcp).last_packet};
}

void Table::close(SlotPair& slots, PortPair& in, Instant now) {
  unbind(slots, in);
  give_back(in, now);
}

void Table::unbind(SlotPair& slots, const PortPair& in) {
  if (slots.is_set()) {
    DEMARC_CHECK(in.is_set());
    fold(slots);
    keys_.close(at(slots.rtp).crypto);
    end_source(slots.rtp);
    if (at(slots.rtp).work != no_row) works_.close(at(slots.rtp).work);
    close_slot(slots.rtp, in, in.rtp_port);
    close_slot(slots.rtcp, in, port_of(in, Stream::rtcp));
    end_observation(slots.rtp);
  }
  slots = {};
}

void Table::end_observation(SlotId rtp) {
  Observed& observed = *at(rtp).observed;
  part(observed);
  reports_.stop(row_of(observed));
  observed_.release(row_of(observed));
}

void Table::close_slot(SlotId id, const PortPair& pair, uint16_t port) {
  Slot& slot = at(id);
  ports_.bind(pair, port, no_slot);
  slot.work = no_row;
  slot.action = Action::closed;
}

void Table::give_back(PortPair& pair, Instant now) {
  if (pair.is_set()) ports_.release(pair, now);
}

uint32_t Table::free_pairs(contract::RealmId realm) const {
  return ports_.free_pairs(realm);
}

void Table::prefetch(uint32_t slot) const {
  const auto* lines = reinterpret_cast<const std::byte*>(&slots_[slot]);
  __builtin_prefetch(lines);
  __builtin_prefetch(lines + 64);
  __builtin_prefetch(lines + 128, 1);
}

void Table::relay(std::span<Frame> frames, Instant now) {
  burst_.frames = frames;
  burst_.now = now;
  burst_.count = 0;
  if (has_made()) queue_made();
  for (size_t first = 0; first < frames.size(); first += relay_burst) {
    const std::span<Frame> burst =
        frames.subspan(first, std::min<size_t>(frames.size() - first, relay_burst));
    for (const Frame& frame : burst) prefetch(frame.slot);
    for (Frame& frame : burst) {
      Slot& slot = slots_[frame.slot];
      if (slot.is_plain()) [[likely]] {
        if (!relay_usual(slot, frame, now)) relay_one(slot, frame, now);
      } else if (slot.action != Action::closed) {
        Slot& own = demultiplex(frame);
        if (own.is_plain()) {
          relay_one(own, frame, now);
        } else {
          burst_.add(own, static_cast<uint16_t>(&frame - frames.data()));
        }
      } else {
        drop_closed(frame);
      }
    }
    if (burst_.count != 0) run_stages();
  }
}

// RTCP that comes to the port for RTP is that of the slot for RTCP (RFC 5761 section 4).
Slot& Table::demultiplex(Frame& frame) {
  Slot& slot = slots_[frame.slot];
  if (slot.rtcp_slot == no_row) return slot;
  if (!looks_like_rtcp({frame.l3 + frame.payload_offset, frame.payload_length})) return slot;
  frame.slot = slot.rtcp_slot;
  return slots_[frame.slot];
}

void Table::drop_closed(Frame& frame) {
  frame.outcome = Frame::Outcome::drop;
  region_.worker(worker_).counters.add(contract::WorkerCounter::media_no_slot);
}

void Table::run_stages() {
  admit(burst_);
  unprotect(burst_);
  inspect(burst_);
  if (burst_.learnt_count != 0) follow_learnt();
  rework(burst_, works_);
  protect(burst_);
  finish(burst_);
  burst_.count = 0;
}

// What timers and signalling made since the last burst goes before its frames.
void Table::queue_made() {
  for (unsigned i = 0; i < made_.count(); ++i) {
    Slot& slot = slots_[made_[i].frame.slot];
    if (slot.action == Action::closed) {
      drop_closed(made_[i].frame);
    } else {
      burst_.add_made(slot, static_cast<uint16_t>(i));
    }
  }
  if (burst_.count != 0) run_stages();
}

MadePacket* Table::make(SlotId slot, uint16_t length) {
  DEMARC_CHECK(length <= max_made_payload);
  MadePacket* packet = made_.take(static_cast<uint32_t>(slot), behind_no_frame);
  if (packet == nullptr) {
    region_.worker(worker_).counters.add(contract::WorkerCounter::made_pool_full);
    return nullptr;
  }
  packet->frame.payload_length = length;
  packet->is_rtcp = at(slot).stream == Stream::rtcp;
  return packet;
}

void Table::unsent(uint32_t index, Unsent why, uint16_t payload_length) {
  Slot& slot = slots_[index];
  --slot.packets_relayed;
  slot.octets_relayed -= payload_length;
  ++(why == Unsent::no_route ? slot.drop_no_route : slot.drop_tx_full);
}

}  // namespace demarc::media
