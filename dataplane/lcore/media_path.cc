#include "dataplane/lcore/media_path.h"

#include <algorithm>
#include <cstring>

namespace demarc::lcore {

using contract::Instant;
using contract::IpAddress;
using contract::WorkerCounter;
using contract::WorkerIndex;

namespace {

// The addresses of the prebuilt IP header of what goes out.
struct Ends {
  IpAddress source;
  IpAddress destination;
};

Ends ends_of(const media::Slot& slot) {
  Ends ends;
  const uint8_t* header = slot.header.data();
  if (slot.header_length == media::v4_header_length) {
    ends.source = IpAddress::v4(header[12], header[13], header[14], header[15]);
    ends.destination = IpAddress::v4(header[16], header[17], header[18], header[19]);
  } else {
    std::memcpy(ends.source.octets.data(), header + 8, 16);
    std::memcpy(ends.destination.octets.data(), header + 24, 16);
  }
  return ends;
}

}  // namespace

MediaPath::MediaPath(const Parts& parts) : parts_(parts), fib_version_(parts.wire.fib_version()) {}

void MediaPath::accept(wire::Packet&& packet, Instant now) {
  const contract::Endpoint& local = packet.frame().local;
  const WorkerIndex owner = media::owner_of_port(local.port, parts_.handoff.workers());
  if (owner != parts_.worker) return hand_off(packet, owner);
  cells_[count_] = parts_.engine.media().begin_find(local.address, local.port);
  packets_[count_++].fill(std::move(packet));
  if (count_ == max_burst) relay(now);
}

void MediaPath::relay(Instant now) {
  media::Table& table = parts_.engine.media();
  if (count_ == 0 && !table.has_made()) return;
  count_ = find_slots();
  parts_.engine.on_media({frames_.data(), count_}, now);
  const bool has_made = table.has_made();
  if (has_made) send_made(media::behind_no_frame, now);
  for (unsigned i = 0; i < count_; ++i) {
    if (frames_[i].outcome == media::Frame::Outcome::forward) {
      send(packets_[i], frames_[i], now);
    }
    packets_[i].reset();  // what was not sent is counted in its slot
    if (has_made) [[unlikely]]
      send_made(static_cast<uint16_t>(i), now);
  }
  table.clear_made();
  count_ = 0;
}

// Keeps the packets that have a slot, in their order; returns how many those are.
unsigned MediaPath::find_slots() {
  const media::Table& table = parts_.engine.media();
  unsigned kept = 0;
  for (unsigned i = 0; i < count_; ++i) {
    wire::Packet& packet = packets_[i];
    const wire::Frame& frame = packet.frame();
    const uint32_t slot = media::Table::finish_find(cells_[i]);
    if (slot == media::Table::no_slot) {
      parts_.counters.add(WorkerCounter::media_no_slot);
      packet.reset();
      continue;
    }
    table.prefetch(slot);
    media::Frame& given = frames_[kept];
    given.l3 = packet.l3();
    given.l3_length = frame.l3_length;
    given.headroom = packet.l3_headroom();
    given.payload_offset = static_cast<uint16_t>(frame.payload_offset - frame.l3_offset);
    given.payload_length = frame.payload_length;
    given.source = frame.remote;
    given.slot = slot;
    given.outcome = media::Frame::Outcome::drop;
    given.tailroom = packet.l3_tailroom();
    if (kept != i) packets_[kept].fill(std::move(packet));
    ++kept;
  }
  return kept;
}

void MediaPath::hand_off(wire::Packet& packet, WorkerIndex owner) {
  const bool is_taken = parts_.handoff.push({parts_.worker, owner}, packet);
  parts_.counters.add(is_taken ? WorkerCounter::frames_handed_off
                               : WorkerCounter::handoff_ring_full);
}

void MediaPath::send(wire::Packet& packet, const media::Frame& frame, Instant now) {
  const media::Slot& slot = parts_.engine.media().slot(frame.slot);
  const auto row = static_cast<wire::AdjacencyIndex>(slot.adjacency);
  if (!parts_.wire.forward(packet, frame.l3, frame.l3_length, row)) [[unlikely]] {
    return send_slowly(packet, frame, now);
  }
  ++sent_;
}

void MediaPath::send_slowly(wire::Packet& packet, const media::Frame& frame, Instant now) {
  media::Table& table = parts_.engine.media();
  media::Slot& slot = table.slot(frame.slot);
  if (!resolve(slot)) {
    return table.unsent(frame.slot, media::Table::Unsent::no_route, frame.payload_length);
  }
  packet.set_l3(frame.l3, frame.l3_length);
  ++sent_;
  const auto row = static_cast<wire::AdjacencyIndex>(slot.adjacency);
  if (parts_.wire.send(std::move(packet), row, now) == wire::SendOutcome::dropped) {
    table.unsent(frame.slot, media::Table::Unsent::tx_full, frame.payload_length);
  }
}

void MediaPath::send_made(uint16_t after, Instant now) {
  for (media::MadePacket& made : parts_.engine.media().made()) {
    if (made.after == after && made.frame.outcome == media::Frame::Outcome::forward) {
      send_made(made, now);
    }
  }
}

void MediaPath::send_made(media::MadePacket& made, Instant now) {
  media::Table& table = parts_.engine.media();
  const media::Frame& frame = made.frame;
  media::Slot& slot = table.slot(frame.slot);
  if (!resolve(slot)) {
    return table.unsent(frame.slot, media::Table::Unsent::no_route, frame.payload_length);
  }
  const auto row = static_cast<wire::AdjacencyIndex>(slot.adjacency);
  if (parts_.wire.send({frame.l3, frame.l3_length}, row, now) == wire::SendOutcome::dropped) {
    table.unsent(frame.slot, media::Table::Unsent::tx_full, frame.payload_length);
  }
}

bool MediaPath::resolve(media::Slot& slot) {
  if (slot.adjacency != media::unresolved_adjacency) return true;
  const Ends ends = ends_of(slot);
  const LocalAddress* local = parts_.local_map.find(ends.source);
  if (local == nullptr) return false;
  slot.adjacency = static_cast<uint32_t>(
      parts_.wire.adjacency(local->segment, ends.destination, wire::AdjacencyUse::media));
  return slot.adjacency != media::unresolved_adjacency;
}

void MediaPath::follow_routes() {
  if (fib_version_ != parts_.wire.fib_version()) {
    fib_version_ = parts_.wire.fib_version();
    sweep_ = 0;
  }
  media::Table& table = parts_.engine.media();
  const uint32_t end = std::min(sweep_ + slots_per_sweep, table.slot_count());
  for (; sweep_ < end; ++sweep_) table.slot(sweep_).adjacency = media::unresolved_adjacency;
}

}  // namespace demarc::lcore
