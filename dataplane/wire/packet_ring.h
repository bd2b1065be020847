// PacketRing: packets from one thread to another, by reference (an rte_ring).
//
// Used between workers (handoff, sending through the owner of a queue) and between workers and the
// punt thread. Fixed capacity; a full ring refuses and the producer counts and frees. Made on the
// main thread before the workers start. One consumer; one or several producers, as said at create.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/wire/packet.h"

struct rte_ring;

namespace demarc::wire {

enum class Producers : uint8_t { one, many };

class PacketRing {
 public:
  PacketRing() = default;
  PacketRing(PacketRing&& other) noexcept;
  PacketRing& operator=(PacketRing&& other) noexcept;
  ~PacketRing();

  // `capacity` is a power of two. Not valid when DPDK's memory is exhausted.
  static PacketRing create(uint32_t capacity, Producers producers);
  bool is_valid() const { return ring_ != nullptr; }

  // False when full: the packet is still the caller's.
  [[nodiscard]] bool push(Packet& packet);
  // Takes up to packets.size(); returns how many. The targets must be empty.
  unsigned pop(std::span<Packet> packets);
  bool is_empty() const;

 private:
  explicit PacketRing(rte_ring* ring) : ring_(ring) {}
  rte_ring* ring_ = nullptr;
};

}  // namespace demarc::wire
