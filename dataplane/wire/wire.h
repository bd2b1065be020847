// Wire: one worker's hands on the network. Lives on that worker's thread.
//
// In each turn of its loop a worker calls receive() once, works, and calls flush() once. Received
// frames that are not UDP to an address of ours have gone to the kernel when receive() returns.
// Sending never waits: what can not go is counted and freed; what has no neighbour yet is held for
// at most held_for, then dropped. What one worker sends to one neighbour leaves in that order, held
// or not: a 200 that overtook its 180 would be a different answer to many peers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "dataplane/contract/counters.h"
#include "dataplane/contract/time.h"
#include "dataplane/wire/datagram.h"
#include "dataplane/wire/plain_frame.h"
#include "dataplane/wire/prepared_hops.h"
#include "dataplane/wire/reassembly.h"
#include "dataplane/wire/wiring.h"

namespace demarc::wire {

enum class SendOutcome : uint8_t {
  queued,   // goes out with the next flush
  held,     // waits for its neighbour
  dropped,  // counted; the reason is in the counters
};

// Frames of one class that a worker gives to the kernel in each punt_interval.
inline constexpr contract::Duration punt_interval = contract::Duration::milliseconds(100);
constexpr uint32_t punt_limit(PuntClass punt_class) {
  switch (punt_class) {
    case PuntClass::neighbour:
      return 1000;
    case PuntClass::icmp:
      return 200;
    case PuntClass::tcp:
      return 20000;
    case PuntClass::udp:
      return 1000;
    default:
      return 500;
  }
}

class Wire {
 public:
  static constexpr unsigned burst = 32;  // frames taken from one queue at once
  static constexpr unsigned max_received = burst * max_ports;
  static constexpr unsigned max_held = 64;
  static constexpr unsigned max_held_per_neighbour = 16;
  static constexpr contract::Duration held_for = contract::Duration::seconds(3);

  // The thread has been registered (eal.h). `wiring` and `counters` outlive this.
  Wire(Wiring& wiring, contract::WorkerIndex worker, contract::WorkerCounters& counters);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // UDP datagrams to our addresses, from every queue of this worker: at most max_received. Valid
  // until the next call; move out what shall live longer, the rest is freed by that call. Each has
  // frame().kind == udp, frame().port and payload().
  std::span<Packet> receive(contract::Instant now);

  // A datagram that the engine composed, copied into buffers here, in fragments if need be.
  SendOutcome send(Segment segment, const Datagram& datagram, contract::Instant now);
  // A packet that begins (l3) with its IP header, to the neighbour of the row. One longer than the
  // port's MTU, which can only be a datagram that came reassembled, is copied into fragments. The
  // packet is gone afterwards, whatever became of it.
  SendOutcome send(Packet&& packet, AdjacencyIndex index, contract::Instant now);
  // The short way of the last: true when the packet of `length` octets at `l3`, inside its buffer
  // with l2_reserve_octets before it, was queued. False, with nothing done, when the neighbour was
  // not sent to since its row changed, holds packets, or the packet is too long: set_l3() and
  // send() it.
  bool forward(Packet& packet, uint8_t* l3, uint16_t length, AdjacencyIndex index) {
    const PreparedHops::Hop* hop = hops_.find(index);
    const bool may_wait = (held_rows_ & held_bit(index)) != 0;  // what is held goes first
    if (hop == nullptr || length > hop->mtu || may_wait) return false;
    wiring_.adjacencies().mark_used(index);
    packet.set_whole(write_prepared(*hop, l3), static_cast<uint16_t>(length + hop->used_octets));
    put(packet, hop->port);
    return true;
  }
  // The same for a packet of our own that is no longer than the port's MTU (else it is dropped),
  // copied into a buffer here.
  SendOutcome send(std::span<const uint8_t> l3, AdjacencyIndex index, contract::Instant now);
  // For the kernel after all (a received frame that nobody above wants).
  void punt(Packet packet, contract::Instant now);

  // Gives everything queued to the ports and tries what is held again.
  void flush(contract::Instant now);

  // The row to send by, claimed and asked for if need be; `none` without a route or with a full
  // table. It may not be usable yet: packets sent by it are held.
  AdjacencyIndex adjacency(Segment segment, const contract::IpAddress& destination,
                           AdjacencyUse use = AdjacencyUse::signalling);
  // Changes when the kernel's routes or addresses do: indexes kept elsewhere should be looked up
  // again.
  uint64_t fib_version() const { return fib_version_; }
  // Whether the kernel holds this address of ours now.
  bool serves(const contract::IpAddress& address) const;
  // Whether the last receive() found any frame, from ports or rings.
  bool was_busy() const { return was_busy_; }

 private:
  struct Held {
    Packet packet;
    AdjacencyIndex index = AdjacencyIndex::none;
    contract::Instant since;
  };
  struct Outbox {
    std::array<Packet, burst> packets;
    unsigned count = 0;
  };

  void count(contract::WorkerCounter counter, uint64_t amount = 1);
  void follow_tables();
  void receive_port(unsigned port, contract::Instant now);
  bool accept_plain(Packet& packet, const PlainPort& port);
  void sort_out(Packet& packet, unsigned port, contract::Instant now);
  void accept(Packet& packet);
  bool may_punt(PuntClass punt_class, contract::Instant now);
  void send_from_rings(unsigned port);
  SendOutcome send_fragments(const Datagram& datagram, AdjacencyIndex index, contract::Instant now);
  SendOutcome send_or_hold(Packet& packet, AdjacencyIndex index, contract::Instant now);
  uint16_t mtu_of(Segment segment) const;
  bool try_send(Packet& packet, AdjacencyIndex index);
  SendOutcome hold(Packet& packet, AdjacencyIndex index, contract::Instant now);
  bool is_held(AdjacencyIndex index) const;
  bool send_held(AdjacencyIndex index);
  void retry_held(contract::Instant now);
  void note_held();
  static constexpr uint64_t held_bit(AdjacencyIndex index) {
    return uint64_t{1} << (static_cast<uint32_t>(index) % 64);
  }
  // With its Ethernet header, to the outbox.
  void put(Packet& packet, unsigned port) {
    Outbox& outbox = outboxes_[port];
    if (outbox.count == burst) flush_port(port);
    outbox.packets[outbox.count++].fill(std::move(packet));
  }
  void flush_port(unsigned port);
  void request(AdjacencyIndex index);

  Wiring& wiring_;
  contract::WorkerCounters& counters_;
  contract::WorkerIndex worker_;
  bool was_busy_ = false;
  bool wants_wake_ = false;
  uint16_t send_room_;  // of the buffers that are sent from
  uint32_t identification_;
  uint32_t adjacency_changes_ = 0;
  unsigned received_count_ = 0;
  unsigned held_count_ = 0;
  uint64_t held_rows_ = 0;  // held_bit() of every row that something is held for
  uint64_t fib_version_ = 0;
  uint64_t addresses_version_ = 0;
  contract::Instant next_retry_;
  contract::Instant punt_window_;
  std::array<uint32_t, static_cast<unsigned>(PuntClass::count)> punted_{};  // in this window
  std::array<Packet, burst> incoming_;  // of one port, while they are sorted out; else empty
  std::array<Packet, max_received> received_;
  std::array<Outbox, max_ports> outboxes_;
  std::array<Held, max_held> held_;
  PreparedHops hops_;
  LocalAddresses local_;
  FibTable fib_;
  Reassembly reassembly_;
};

}  // namespace demarc::wire
