#include "dataplane/wire/wire.h"

#include <rte_prefetch.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace demarc::wire {
namespace {

using contract::WorkerCounter;

constexpr contract::Duration retry_interval = contract::Duration::milliseconds(100);
// A neighbour that the kernel gave up on is told apart from one whose question has just been asked.
constexpr contract::Duration failed_grace = contract::Duration::seconds(1);
constexpr unsigned send_attempts = 2;

uint16_t ethertype_of(const uint8_t* l3) {
  return l3[0] >> 4 == 4 ? ethertype_ipv4 : ethertype_ipv6;
}

}  // namespace

Wire::Wire(Wiring& wiring, contract::WorkerIndex worker, contract::WorkerCounters& counters)
    : wiring_(wiring),
      counters_(counters),
      worker_(worker),
      send_room_(wiring.send_pool().room_octets()),
      identification_(static_cast<uint32_t>(worker) << 10),
      reassembly_(wiring.large_pool()) {
  follow_tables();
}

Wire::~Wire() = default;

void Wire::count(WorkerCounter counter, uint64_t amount) {
  counters_.add(counter, amount);
}

// Copies what the netlink thread or the loader changed. A writer in the middle is met again in the
// next turn; until then the old copy serves.
void Wire::follow_tables() {
  const uint64_t fib = wiring_.fib().version();
  const uint64_t addresses = wiring_.local_addresses().version();
  if (fib == fib_version_ && addresses == addresses_version_) return;
  ConfiguredAddresses configured;
  if (fib != fib_version_ && !wiring_.fib().load(fib_, 1)) return;
  if (!wiring_.local_addresses().load(configured, 1)) return;
  fib_version_ = fib;
  addresses_version_ = addresses;
  local_.rebuild(configured, fib_, wiring_.has_kernel());
}

bool Wire::serves(const contract::IpAddress& address) const {
  return local_.serves(address);
}

// --- receiving ---

std::span<Packet> Wire::receive(contract::Instant now) {
  follow_tables();
  hops_.follow(wiring_.adjacencies().change_count());
  for (unsigned i = 0; i < received_count_; ++i) received_[i].reset();
  received_count_ = 0;
  was_busy_ = false;
  for (unsigned port = 0; port < wiring_.port_count(); ++port) {
    if (worker_ < wiring_.port(port).queues()) receive_port(port, now);
  }
  return std::span(received_).first(received_count_);
}

void Wire::receive_port(unsigned port, contract::Instant now) {
  unsigned unusable = 0;
  const unsigned frames = wiring_.port(port).receive(worker_, incoming_, unusable);
  if (unusable != 0) count(WorkerCounter::frame_unusable, unusable);
  if (frames == 0) return;
  was_busy_ = true;
  count(WorkerCounter::frames_in, frames);
  for (unsigned i = 0; i < frames; ++i) {
    rte_prefetch0(incoming_[i].octets());
    __builtin_prefetch(&incoming_[i].frame(), 1);
  }
  const PlainPort plain(wiring_.port(port).mac(), static_cast<contract::NicPortId>(port));
  for (unsigned i = 0; i < frames; ++i) {
    if (accept_plain(incoming_[i], plain)) continue;
    sort_out(incoming_[i], port, now);
    incoming_[i].reset();  // what was not taken
  }
}

// What is as nearly all frames are, at once. Whatever speaks against it is found again, and
// counted, by sort_out().
bool Wire::accept_plain(Packet& packet, const PlainPort& port) {
  Frame& frame = packet.frame();
  const VerifiedByPort verified{packet.ip_checksum_is_good(), packet.udp_checksum_is_good()};
  if (!classify_plain(packet.bytes(), port, verified, frame)) return false;
  if (local_.owner(frame.local.address, frame.segment()) != AddressOwner::workers) return false;
  const unsigned after = packet.length() - frame.payload_offset - frame.payload_length;
  if (after + packet.tailroom() < payload_padding_octets) return false;
  received_[received_count_++].fill(std::move(packet));
  return true;
}

void Wire::sort_out(Packet& packet, unsigned port, contract::Instant now) {
  FrameChecks checks;
  checks.own_mac = wiring_.port(port).mac();
  checks.ip_checksum_is_good = packet.ip_checksum_is_good();
  checks.udp_checksum_is_good = packet.udp_checksum_is_good();
  Frame& frame = packet.frame();
  frame = classify(packet.bytes(), checks);
  frame.port = static_cast<contract::NicPortId>(port);
  if (frame.kind == FrameKind::drop) return count(frame.drop_reason);
  if (frame.kind == FrameKind::punt) return punt(std::move(packet), now);
  switch (local_.owner(frame.local.address, frame.segment())) {
    case AddressOwner::kernel:
      return punt(std::move(packet), now);
    case AddressOwner::nobody:
      return count(WorkerCounter::frame_not_ours);
    case AddressOwner::workers:
      break;
  }
  // RFC 1122 section 3.3.6: what is for one host does not come by broadcast.
  if (frame.is_group) return count(WorkerCounter::frame_not_ours);
  if (!frame.remote.address.is_unicast()) return count(WorkerCounter::frame_malformed);
  if (frame.kind == FrameKind::udp) return accept(packet);
  unsigned discarded = 0;
  Packet datagram = reassembly_.add(packet, now, discarded);
  if (discarded != 0) count(WorkerCounter::frame_fragment, discarded);
  if (datagram) accept(datagram);
}

void Wire::accept(Packet& packet) {
  const Frame& frame = packet.frame();
  if (frame.kind != FrameKind::udp) return count(frame.drop_reason);
  const unsigned after = packet.length() - frame.payload_offset - frame.payload_length;
  // The rooms of the pools leave this much; a frame that fills its buffer whole is no datagram of
  // a size that SIP or RTP has.
  if (after + packet.tailroom() < payload_padding_octets) {
    return count(WorkerCounter::frame_malformed);
  }
  received_[received_count_++] = std::move(packet);
}

// --- the kernel ---

bool Wire::may_punt(PuntClass punt_class, contract::Instant now) {
  if (now - punt_window_ >= punt_interval) {
    punt_window_ = now;
    punted_.fill(0);
  }
  return punted_[static_cast<unsigned>(punt_class)]++ < punt_limit(punt_class);
}

void Wire::punt(Packet packet, contract::Instant now) {
  const Frame& frame = packet.frame();
  PuntPort& twin = wiring_.punt(contract::index_of(frame.port));
  if (!twin.to_kernel.is_valid()) return count(WorkerCounter::frame_not_ours);
  if (!may_punt(frame.punt_class, now)) return count(WorkerCounter::punt_rate_exceeded);
  if (!twin.to_kernel.push(packet)) return count(WorkerCounter::punt_ring_full);
  count(WorkerCounter::frames_punted);
  wants_wake_ = true;
}

// --- sending ---

AdjacencyIndex Wire::adjacency(Segment segment, const contract::IpAddress& destination,
                               AdjacencyUse use) {
  const NextHop hop = fib_.next_hop(segment, destination);
  if (!hop.is_set()) return AdjacencyIndex::none;
  AdjacencyTable& table = wiring_.adjacencies();
  // Gateways are few, whoever is behind them.
  if (hop.address != destination) use = AdjacencyUse::signalling;
  const AdjacencyIndex index = table.find_or_claim(hop.segment, hop.address, use);
  if (index == AdjacencyIndex::none) {
    count(WorkerCounter::adjacency_full);
    return index;
  }
  Adjacency row;
  if (table.read(index, row) && !row.is_usable()) request(index);
  return index;
}

void Wire::request(AdjacencyIndex index) {
  wiring_.adjacencies().mark_used(index);
  // A full ring loses nothing: the row is marked, and the mirror looks at marked rows by itself.
  if (wiring_.requests(worker_).push(index)) wants_wake_ = true;
}

SendOutcome Wire::send(Segment segment, const Datagram& datagram, contract::Instant now) {
  const AdjacencyIndex index = adjacency(segment, datagram.remote.address);
  if (index == AdjacencyIndex::none) {
    count(WorkerCounter::neighbour_unresolved);
    return SendOutcome::dropped;
  }
  return send_fragments(datagram, index, now);
}

uint16_t Wire::mtu_of(Segment segment) const {
  return std::min(wiring_.port(contract::index_of(segment.port)).mtu(), send_room_);
}

// In one packet when it fits.
SendOutcome Wire::send_fragments(const Datagram& datagram, AdjacencyIndex index,
                                 contract::Instant now) {
  const uint16_t mtu = mtu_of(wiring_.adjacencies().segment(index));
  DatagramWriter writer(datagram, mtu, ++identification_);
  if (!writer.is_valid()) {
    count(WorkerCounter::frame_malformed);
    return SendOutcome::dropped;
  }
  SendOutcome outcome = SendOutcome::dropped;
  while (const uint16_t length = writer.next_length()) {
    Packet packet = wiring_.send_pool().allocate();
    if (!packet) {
      count(WorkerCounter::mbuf_exhausted);
      return SendOutcome::dropped;
    }
    packet.set_l3(packet.octets(), length);
    writer.write_next(packet.l3());
    outcome = send_or_hold(packet, index, now);
    // The rest of a datagram that has lost a fragment is of no use.
    if (outcome == SendOutcome::dropped) break;
  }
  return outcome;
}

SendOutcome Wire::send(Packet&& given, AdjacencyIndex index, contract::Instant now) {
  Packet packet = std::move(given);
  if (index == AdjacencyIndex::none) {
    count(WorkerCounter::neighbour_unresolved);
    return SendOutcome::dropped;
  }
  packet.set_l3(packet.l3(), packet.l3_length());
  if (packet.length() <= mtu_of(wiring_.adjacencies().segment(index))) {
    return send_or_hold(packet, index, now);
  }
  // A driver that copies into frames of its own size (af_xdp) does not look at the length.
  Datagram datagram;
  if (read_datagram(packet.bytes(), datagram)) return send_fragments(datagram, index, now);
  count(WorkerCounter::frame_malformed);
  return SendOutcome::dropped;
}

SendOutcome Wire::send(std::span<const uint8_t> l3, AdjacencyIndex index, contract::Instant now) {
  if (index == AdjacencyIndex::none) {
    count(WorkerCounter::neighbour_unresolved);
    return SendOutcome::dropped;
  }
  if (l3.size() > mtu_of(wiring_.adjacencies().segment(index))) {
    count(WorkerCounter::frame_malformed);
    return SendOutcome::dropped;
  }
  Packet packet = wiring_.send_pool().allocate();
  if (!packet) {
    count(WorkerCounter::mbuf_exhausted);
    return SendOutcome::dropped;
  }
  packet.set_l3(packet.octets(), static_cast<uint16_t>(l3.size()));
  std::memcpy(packet.l3(), l3.data(), l3.size());
  return send_or_hold(packet, index, now);
}

SendOutcome Wire::send_or_hold(Packet& packet, AdjacencyIndex index, contract::Instant now) {
  // What waits for this neighbour goes first. The row may have become usable since the last flush,
  // which is when held packets are tried.
  if (is_held(index) && !send_held(index)) return hold(packet, index, now);
  if (try_send(packet, index)) return SendOutcome::queued;
  return hold(packet, index, now);
}

bool Wire::try_send(Packet& packet, AdjacencyIndex index) {
  AdjacencyTable& table = wiring_.adjacencies();
  Adjacency row;
  if (!table.read(index, row) || !row.is_usable()) return false;
  table.mark_used(index);
  const Segment segment = table.segment(index);
  packet.set_begin(write_ethernet(packet.l3(), row.destination, row.source, segment.vlan,
                                  ethertype_of(packet.l3())));
  put(packet, contract::index_of(segment.port));
  hops_.prepare(index, row, {segment, mtu_of(segment)});
  return true;
}

void Wire::flush_port(unsigned port) {
  Outbox& outbox = outboxes_[port];
  const std::span<Packet> packets = std::span(outbox.packets).first(outbox.count);
  outbox.count = 0;
  if (packets.empty()) return;
  NicPort& nic = wiring_.port(port);
  unsigned done = 0;
  if (worker_ < nic.queues()) {
    for (unsigned i = 0; i < send_attempts && done < packets.size(); ++i) {
      done += nic.send(worker_, packets.subspan(done));
    }
    count(WorkerCounter::frames_out, done);
  } else {
    PacketRing& ring = wiring_.outgoing(port, worker_ % nic.queues());
    while (done < packets.size() && ring.push(packets[done])) ++done;
  }
  if (done == packets.size()) return;
  count(WorkerCounter::tx_full, packets.size() - done);
  for (Packet& packet : packets.subspan(done)) packet.reset();
}

// What other workers and the kernel send by this worker's queue.
void Wire::send_from_rings(unsigned port) {
  if (worker_ >= wiring_.port(port).queues()) return;
  std::array<Packet, burst> packets;
  PacketRing& others = wiring_.outgoing(port, worker_);
  PacketRing& kernel = wiring_.punt(port).from_kernel;
  unsigned frames = others.is_valid() ? others.pop(packets) : 0;
  if (frames < burst && worker_ == 0 && kernel.is_valid()) {
    frames += kernel.pop(std::span(packets).subspan(frames));
  }
  if (frames == 0) return;
  was_busy_ = true;
  for (unsigned i = 0; i < frames; ++i) put(packets[i], port);
}

void Wire::flush(contract::Instant now) {
  retry_held(now);
  for (unsigned port = 0; port < wiring_.port_count(); ++port) {
    send_from_rings(port);
    flush_port(port);
  }
  if (std::exchange(wants_wake_, false)) wiring_.wake_punt_thread();
}

// --- packets whose neighbour is not known yet ---

SendOutcome Wire::hold(Packet& packet, AdjacencyIndex index, contract::Instant now) {
  request(index);
  const auto of_neighbour = std::count_if(held_.begin(), held_.begin() + held_count_,
                                          [&](const Held& held) { return held.index == index; });
  if (held_count_ == max_held || of_neighbour >= max_held_per_neighbour) {
    count(WorkerCounter::neighbour_unresolved);
    return SendOutcome::dropped;
  }
  held_[held_count_++] = {std::move(packet), index, now};
  held_rows_ |= held_bit(index);
  return SendOutcome::held;
}

// Every packet sent asks this, and a peer may name addresses at which nobody ever answers: one bit
// says no for nearly all others.
bool Wire::is_held(AdjacencyIndex index) const {
  if ((held_rows_ & held_bit(index)) == 0) return false;
  return std::any_of(held_.begin(), held_.begin() + held_count_,
                     [&](const Held& held) { return held.index == index; });
}

void Wire::note_held() {
  held_rows_ = 0;
  for (unsigned i = 0; i < held_count_; ++i) held_rows_ |= held_bit(held_[i].index);
}

// All of one neighbour, the oldest first. False when some is left: the rest stays behind it.
bool Wire::send_held(AdjacencyIndex index) {
  bool is_blocked = false;
  unsigned kept = 0;
  for (unsigned i = 0; i < held_count_; ++i) {
    Held& held = held_[i];
    if (held.index == index && !is_blocked) {
      if (try_send(held.packet, index)) continue;
      is_blocked = true;
    }
    if (kept != i) held_[kept] = std::move(held);
    ++kept;
  }
  held_count_ = kept;
  note_held();
  return !is_blocked;
}

void Wire::retry_held(contract::Instant now) {
  if (held_count_ == 0) return;
  const uint32_t changes = wiring_.adjacencies().change_count();
  if (changes == adjacency_changes_ && now < next_retry_) return;
  adjacency_changes_ = changes;
  next_retry_ = now + retry_interval;
  unsigned kept = 0;
  for (unsigned i = 0; i < held_count_; ++i) {
    Held& held = held_[i];
    // A row that was just being written may be read a moment later: not by what is behind.
    const bool is_behind =
        std::any_of(held_.begin(), held_.begin() + kept,
                    [&](const Held& before) { return before.index == held.index; });
    if (!is_behind && try_send(held.packet, held.index)) continue;
    Adjacency row;
    const bool is_failed =
        wiring_.adjacencies().read(held.index, row) && row.state == AdjacencyState::failed;
    if (now - held.since >= (is_failed ? failed_grace : held_for)) {
      count(WorkerCounter::neighbour_unresolved);
      held.packet.reset();
      continue;
    }
    if (kept != i) held_[kept] = std::move(held);
    ++kept;
  }
  held_count_ = kept;
  note_held();
}

}  // namespace demarc::wire
