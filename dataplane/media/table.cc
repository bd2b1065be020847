#include "dataplane/media/table.h"

#include <algorithm>

#include "dataplane/media/outgoing.h"
#include "dataplane/media/quality.h"
#include "dataplane/media/relay.h"
#include "sip-parser/base/check.h"

namespace demarc::media {
namespace {

using contract::Endpoint;
using contract::Instant;
using contract::TrunkCounter;

// More lines on their way would only push one another out of the fill buffers.
constexpr size_t relay_burst = 32;

uint16_t port_of(const PortPair& pair, Stream stream) {
  return static_cast<uint16_t>(pair.rtp_port + (stream == Stream::rtcp ? 1 : 0));
}

}  // namespace

Ports::Limits Table::port_limits(const Limits& limits) {
  return {limits.address_capacity, limits.worker, limits.workers, limits.quarantine};
}

size_t Table::octets_needed(const Limits& limits) {
  return Ports::octets_needed(port_limits(limits)) +
         memory::Pool<Slot>::octets_needed(limits.slots) +
         memory::Arena::octets_for<Cold>(limits.slots);
}

Table::Table(memory::Arena& arena, const Limits& limits, contract::Region& region)
    : region_(region),
      worker_(limits.worker),
      ports_(arena, port_limits(limits)),
      slots_(arena, limits.slots),
      cold_(arena.take<Cold>(limits.slots)) {}

void Table::adopt(const contract::Snapshot& snapshot) {
  if (snapshot.realms != nullptr) ports_.adopt(*snapshot.realms);
}

PortPair Table::acquire(contract::RealmId realm, Instant now) {
  return ports_.acquire(realm, now);
}

contract::IpAddress Table::bound_address(const PortPair& pair) const {
  return ports_.address_of(pair).bound;
}

contract::IpAddress Table::advertised_address(const PortPair& pair) const {
  return ports_.address_of(pair).advertised;
}

Table::SlotPair Table::open(const Side& side, Instant now) {
  DEMARC_CHECK(side.in.is_set() && side.out.is_set());
  const uint32_t rtp = slots_.acquire();
  if (rtp == memory::no_index) return {};
  const uint32_t rtcp = slots_.acquire();
  if (rtcp == memory::no_index) {
    slots_.release(rtp);
    return {};
  }
  open_slot(rtp, Stream::rtp, side, now);
  open_slot(rtcp, Stream::rtcp, side, now);
  return {static_cast<SlotId>(rtp), static_cast<SlotId>(rtcp)};
}

void Table::open_slot(uint32_t index, Stream stream, const Side& side, Instant now) {
  const MediaAddress& in = ports_.address_of(side.in);
  const MediaAddress& out = ports_.address_of(side.out);
  Slot& slot = slots_[index];
  slot = Slot();
  slot.action = Action::waiting;
  slot.stream = stream;
  slot.dscp = out.dscp;
  slot.trunk_in = side.trunk_in;
  slot.trunk_out = side.trunk_out;
  slot.port_out = out.port;
  slot.realm_out = out.realm;
  slot.is_v6_in = !in.bound.is_v4();
  slot.call = side.call;
  slot.local = {in.bound, port_of(side.in, stream)};
  slot.last_packet = now;
  set_clock_rate(slot, side.clock_rate_hz);
  cold_[index] = Cold();
  cold_[index].source_out = {out.bound, port_of(side.out, stream)};
  ports_.bind(side.in, slot.local.port, index);
}

void Table::expect(const SlotPair& slots, const Endpoint& rtp, const Endpoint& rtcp) {
  expect_slot(slots.rtp, rtp);
  expect_slot(slots.rtcp, rtcp);
}

void Table::expect_slot(SlotId id, const Endpoint& source) {
  Slot& slot = at(id);
  slot.expected_source = source.address;
  slot.expected_port = source.port;
  update_checksum_delta(slot);
}

void Table::aim(const SlotPair& slots, const Endpoint& rtp, const Endpoint& rtcp) {
  aim_slot(slots.rtp, rtp);
  aim_slot(slots.rtcp, rtcp);
}

void Table::aim_slot(SlotId id, const Endpoint& destination) {
  Slot& slot = at(id);
  const Endpoint& source = cold_[static_cast<uint32_t>(id)].source_out;
  slot.adjacency = unresolved_adjacency;
  slot.remote_out = destination;
  slot.action = Action::waiting;
  if (destination.port == 0 || !destination.address.is_unicast()) return;
  if (destination.address.is_v4() != source.address.is_v4()) return;
  build_header(slot, source, destination);
  update_checksum_delta(slot);
  slot.action = Action::relay;
}

void Table::retune(const SlotPair& slots, Stream stream, uint32_t clock_rate_hz) {
  Slot& slot = at(slots.rtp);
  slot.stream = stream;
  if (slot.clock_rate_hz != clock_rate_hz) set_clock_rate(slot, clock_rate_hz);
}

void Table::fold(const SlotPair& slots) {
  if (!slots.is_set()) return;
  fold_slot(slots.rtp);
  fold_slot(slots.rtcp);
}

void Table::fold_slot(SlotId id) {
  const Slot& slot = at(id);
  if (slot.trunk_in == contract::TrunkId::none) return;
  Cold& cold = cold_[static_cast<uint32_t>(id)];
  contract::TrunkCounters& trunk = region_.trunk_counters(worker_, slot.trunk_in);
  const auto add = [&trunk](TrunkCounter counter, auto value, auto& counted) {
    // Modulo 2^64: unsent() may take back what was already counted as relayed.
    if (value != counted) trunk.add(counter, static_cast<uint64_t>(value - counted));
    counted = value;
  };
  add(TrunkCounter::rtp_packets_in, slot.packets_in, cold.packets_in);
  add(TrunkCounter::rtp_octets_in, slot.octets_in, cold.octets_in);
  add(TrunkCounter::rtp_packets_out, slot.packets_relayed, cold.packets_out);
  add(TrunkCounter::rtp_octets_out, slot.octets_relayed, cold.octets_out);
  add(TrunkCounter::rtp_drop_wrong_source, slot.drop_wrong_source, cold.drop_wrong_source);
  add(TrunkCounter::rtp_drop_not_ready, slot.drop_not_ready, cold.drop_not_ready);
  add(TrunkCounter::rtp_drop_malformed, slot.drop_malformed, cold.drop_malformed);
  add(TrunkCounter::rtp_drop_no_route, slot.drop_no_route, cold.drop_no_route);
  add(TrunkCounter::rtp_drop_tx_full, slot.drop_tx_full, cold.drop_tx_full);
  // A late packet makes the loss smaller, a counter never does.
  add(TrunkCounter::rtp_lost, std::max(lost(slot), cold.lost), cold.lost);
}

contract::MediaSummary Table::summary(const SlotPair& slots) const {
  if (!slots.is_set()) return {};
  const Slot& rtp = at(slots.rtp);
  const Slot& rtcp = at(slots.rtcp);
  contract::MediaSummary sum;
  sum.packets_in = rtp.packets_in + rtcp.packets_in;
  sum.octets_in = rtp.octets_in + rtcp.octets_in;
  sum.packets_relayed = rtp.packets_relayed + rtcp.packets_relayed;
  sum.packets_dropped = sum.packets_in - sum.packets_relayed;
  sum.rtp_lost = lost(rtp);
  sum.jitter_us = jitter_us(rtp);
  sum.local = rtp.local;
  sum.remote = {rtp.expected_source, rtp.expected_port};
  return sum;
}

Instant Table::last_heard(const SlotPair& slots) const {
  if (!slots.is_set()) return {};
  return std::max(at(slots.rtp).last_packet, at(slots.rtcp).last_packet);
}

void Table::close(SlotPair& slots, PortPair& in, Instant now) {
  unbind(slots, in);
  give_back(in, now);
}

void Table::unbind(SlotPair& slots, const PortPair& in) {
  if (slots.is_set()) {
    DEMARC_CHECK(in.is_set());
    close_slot(slots.rtp, in);
    close_slot(slots.rtcp, in);
  }
  slots = {};
}

void Table::close_slot(SlotId id, const PortPair& pair) {
  Slot& slot = at(id);
  fold_slot(id);
  ports_.bind(pair, slot.local.port, no_slot);
  slot.action = Action::closed;
  slots_.release(static_cast<uint32_t>(id));
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
  while (!frames.empty()) {
    const std::span<Frame> burst = frames.first(std::min(frames.size(), relay_burst));
    frames = frames.subspan(burst.size());
    for (const Frame& frame : burst) prefetch(frame.slot);
    for (Frame& frame : burst) {
      Slot& slot = slots_[frame.slot];
      if (slot.action == Action::closed) [[unlikely]] {
        frame.outcome = Frame::Outcome::drop;
        region_.worker(worker_).counters.add(contract::WorkerCounter::media_no_slot);
        continue;
      }
      relay_one(slot, frame, now);
    }
  }
}

void Table::unsent(uint32_t index, Unsent why, uint16_t payload_length) {
  Slot& slot = slots_[index];
  --slot.packets_relayed;
  slot.octets_relayed -= payload_length;
  ++(why == Unsent::no_route ? slot.drop_no_route : slot.drop_tx_full);
}

}  // namespace demarc::media
