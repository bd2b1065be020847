// SipPath: the way of SIP through a worker: a datagram is steered, worked off by the engine, and
// answered; what came on a connection was steered before, and waits in its ring.
//
// Called by Worker for datagrams that arrived at a SIP listener. What belongs to another worker
// goes to it by its ring; the rest waits in a short backlog, of which each loop works off a few, so
// that a storm of signalling never holds up media. A received buffer lives a bounded number of
// loops here, never for a transaction's life. One worker only.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/contract/counters.h"
#include "dataplane/engine/engine.h"
#include "dataplane/lcore/local_map.h"
#include "dataplane/lcore/stream_path.h"
#include "dataplane/steer/handoff.h"
#include "dataplane/steer/owner.h"
#include "dataplane/wire/wire.h"

namespace demarc::lcore {

class SipPath {
 public:
  static constexpr unsigned max_backlog = 512;  // a power of two
  static constexpr unsigned datagrams_per_loop = 16;

  struct Parts {
    engine::Engine& engine;
    wire::Wire& wire;
    steer::Handoff& handoff;
    const LocalMap& local_map;
    contract::WorkerCounters& counters;
    contract::WorkerIndex worker;
    stream::Shards* shards = nullptr;
  };
  SipPath(const Parts& parts, const steer::Owners& owners)
      : parts_(parts),
        owners_(owners),
        streams_({parts.engine, parts.shards, parts.counters, parts.worker}) {}

  // From a queue of this worker's own: passed on when another worker owns it.
  void accept(wire::Packet packet);
  // From another worker's ring: it has decided that it is ours.
  void accept_handed_off(wire::Packet packet) { keep(std::move(packet)); }
  // Works off some of the backlog.
  void serve(contract::Instant now);
  // Works off some of what came on connections. True when there was something.
  bool serve_streams(contract::Instant now);
  // Sends what the engine's steps have left in its outbox.
  void send_outbox(contract::Instant now);

  bool has_backlog() const { return head_ != tail_; }

 private:
  void keep(wire::Packet packet);
  // Steps that follow from messages that could not be sent, within one loop.
  static constexpr unsigned max_rounds = 4;

  void send(const transaction::Send& send, contract::Instant now);

  Parts parts_;
  steer::Owners owners_;
  StreamPath streams_;
  // Counts of all that was ever put in and taken out; the place is the lower bits.
  uint32_t head_ = 0;
  uint32_t tail_ = 0;
  std::array<wire::Packet, max_backlog> backlog_;
};

}  // namespace demarc::lcore
