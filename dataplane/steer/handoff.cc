#include "dataplane/steer/handoff.h"

#include <algorithm>

namespace demarc::steer {

using contract::WorkerIndex;

Handoff Handoff::create(unsigned workers, uint32_t capacity) {
  DEMARC_CHECK(workers >= 1 && workers <= contract::max_workers);
  Handoff handoff;
  handoff.rings_ = std::make_unique<wire::PacketRing[]>(size_t{workers} * workers);
  for (unsigned to = 0; to < workers; ++to) {
    for (unsigned from = 0; from < workers; ++from) {
      if (from == to) continue;
      wire::PacketRing ring = wire::PacketRing::create(capacity, wire::Producers::one);
      if (!ring.is_valid()) return Handoff();
      handoff.rings_[to * workers + from] = std::move(ring);
    }
  }
  handoff.workers_ = workers;
  return handoff;
}

bool Handoff::push(Way way, wire::Packet& packet) {
  DEMARC_DCHECK(way.from != way.to && way.from < workers_ && way.to < workers_);
  return ring(way).push(packet);
}

unsigned Handoff::pop(WorkerIndex owner, std::span<wire::Packet> packets) {
  const unsigned others = workers_ - 1;
  if (others == 0) return 0;
  const size_t share = std::max<size_t>(1, packets.size() / others);
  unsigned taken = 0;
  for (unsigned from = 0; from < workers_; ++from) {
    if (from == owner) continue;
    const size_t room = std::min(share, packets.size() - taken);
    if (room == 0) break;
    taken += ring({static_cast<WorkerIndex>(from), owner}).pop(packets.subspan(taken, room));
  }
  return taken;
}

}  // namespace demarc::steer
