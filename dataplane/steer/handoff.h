// Handoff: packets that one worker received and another owns, by one ring per pair of workers.
//
// Made on the main thread before the workers start. Each ring has one producer and one consumer; a
// full one refuses, and the producer counts handoff_ring_full and frees. What wire found out about
// a packet travels with it, so the owner does not look at its headers again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/contract/ids.h"
#include "dataplane/wire/packet_ring.h"

namespace demarc::steer {

inline constexpr uint32_t handoff_ring_capacity = 1024;

class Handoff {
 public:
  Handoff() = default;

  // One worker needs no ring. Not valid when DPDK's memory is exhausted.
  static Handoff create(unsigned workers, uint32_t capacity);
  bool is_valid() const { return workers_ != 0; }
  unsigned workers() const { return workers_; }

  struct Way {
    contract::WorkerIndex from;
    contract::WorkerIndex to;
  };
  // Worker `way.from`. False when full: the packet is still the caller's.
  [[nodiscard]] bool push(Way way, wire::Packet& packet);
  // Worker `owner`: takes what the others passed to it, a fair share of each ring. The targets must
  // be empty.
  unsigned pop(contract::WorkerIndex owner, std::span<wire::Packet> packets);

 private:
  wire::PacketRing& ring(Way way) { return rings_[way.to * workers_ + way.from]; }

  unsigned workers_ = 0;
  std::unique_ptr<wire::PacketRing[]> rings_;
};

}  // namespace demarc::steer
