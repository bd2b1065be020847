// MediaPath: the way of an RTP or RTCP packet through a worker: port -> slot -> rewritten -> sent.
//
// Called by Worker for datagrams that arrived at a media port. A packet whose port block belongs to
// another worker goes to it by its ring; the rest are gathered, relayed as a burst by media::Table
// and sent before any signalling is looked at. Decisions D5 and D6. One worker only.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "dataplane/contract/counters.h"
#include "dataplane/engine/engine.h"
#include "dataplane/lcore/local_map.h"
#include "dataplane/steer/handoff.h"
#include "dataplane/wire/wire.h"

namespace demarc::lcore {

class MediaPath {
 public:
  static constexpr unsigned max_burst = 64;
  // Slots whose neighbour is looked up again per loop, after the kernel's routes changed.
  static constexpr unsigned slots_per_sweep = 512;

  struct Parts {
    engine::Engine& engine;
    wire::Wire& wire;
    steer::Handoff& handoff;
    const LocalMap& local_map;
    contract::WorkerCounters& counters;
    contract::WorkerIndex worker;
  };
  explicit MediaPath(const Parts& parts);

  // A datagram to a media port, from a port's queue or from another worker's ring. The local ports'
  // index is on its way into the cache when it returns.
  void accept(wire::Packet&& packet, contract::Instant now);
  // Relays and sends what was accepted since, and what the table made by itself.
  void relay(contract::Instant now);
  // Frames given to a port since the last call of it.
  unsigned take_sent() { return std::exchange(sent_, 0); }
  // Once per loop: forgets neighbours that the kernel's routes may have moved, some slots at a
  // time.
  void follow_routes();

 private:
  void hand_off(wire::Packet& packet, contract::WorkerIndex owner);
  unsigned find_slots();
  void send(wire::Packet& packet, const media::Frame& frame, contract::Instant now);
  void send_slowly(wire::Packet& packet, const media::Frame& frame, contract::Instant now);
  // Those of our own making that follow the frame, in their order.
  void send_made(uint16_t after, contract::Instant now);
  void send_made(media::MadePacket& made, contract::Instant now);
  bool resolve(media::Slot& slot);

  Parts parts_;
  unsigned count_ = 0;
  unsigned sent_ = 0;
  uint64_t fib_version_ = 0;
  uint32_t sweep_ = 0;  // the next slot to look at; the table's size when the sweep is over
  std::array<media::Ports::Cell, max_burst> cells_{};  // of packets_ before find_slots()
  std::array<wire::Packet, max_burst> packets_;
  std::array<media::Frame, max_burst> frames_;  // of packets_, one to one, after find_slots()
};

}  // namespace demarc::lcore
