#include "dataplane/wire/packet_ring.h"

#include <rte_ring.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <utility>

namespace demarc::wire {
namespace {

constexpr unsigned pop_burst = 32;

}  // namespace

PacketRing::PacketRing(PacketRing&& other) noexcept : ring_(std::exchange(other.ring_, nullptr)) {}

PacketRing& PacketRing::operator=(PacketRing&& other) noexcept {
  std::swap(ring_, other.ring_);
  return *this;
}

PacketRing::~PacketRing() {
  if (ring_ == nullptr) return;
  Packet packet;
  while (pop({&packet, 1}) != 0) packet.reset();
  rte_ring_free(ring_);
}

PacketRing PacketRing::create(uint32_t capacity, Producers producers) {
  static std::atomic<unsigned> next{0};
  char name[RTE_RING_NAMESIZE];
  std::snprintf(name, sizeof name, "packets%u", next.fetch_add(1, std::memory_order_relaxed));
  unsigned flags = RING_F_SC_DEQ | RING_F_EXACT_SZ;
  if (producers == Producers::one) flags |= RING_F_SP_ENQ;
  return PacketRing(rte_ring_create(name, capacity, static_cast<int>(SOCKET_ID_ANY), flags));
}

bool PacketRing::push(Packet& packet) {
  rte_mbuf* mbuf = packet.release();
  if (rte_ring_enqueue(ring_, mbuf) == 0) return true;
  packet = Packet(mbuf);
  return false;
}

unsigned PacketRing::pop(std::span<Packet> packets) {
  unsigned done = 0;
  while (done < packets.size()) {
    void* mbufs[pop_burst];
    const unsigned wanted = std::min(pop_burst, static_cast<unsigned>(packets.size()) - done);
    const unsigned count = rte_ring_dequeue_burst(ring_, mbufs, wanted, nullptr);
    for (unsigned i = 0; i < count; ++i) {
      packets[done++] = Packet(static_cast<rte_mbuf*>(mbufs[i]));
    }
    if (count < wanted) break;
  }
  return done;
}

bool PacketRing::is_empty() const {
  return rte_ring_empty(ring_) != 0;
}

}  // namespace demarc::wire
