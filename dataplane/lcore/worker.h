// Worker: one pinned core's loop, and everything that this core owns.
//
// poll_once() is one turn: snapshot, commands, receive, media, signalling, timers, send, report.
// Media goes first, so that no signalling work delays RTP. Nothing here waits, allocates or formats
// text; the thread around it (worker_thread.h) reads the clock and sleeps if cores are shared.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/engine/engine.h"
#include "dataplane/lcore/cycle_clock.h"
#include "dataplane/lcore/local_map.h"
#include "dataplane/lcore/media_path.h"
#include "dataplane/lcore/no_allocation.h"
#include "dataplane/lcore/quiescence.h"
#include "dataplane/lcore/sip_path.h"
#include "dataplane/memory/arena.h"
#include "dataplane/post/post.h"
#include "dataplane/steer/handoff.h"
#include "dataplane/wire/wire.h"

namespace demarc::lcore {

// What all workers share; outlives them.
struct Shared {
  wire::Wiring& wiring;
  steer::Handoff& handoff;
  contract::Region& region;
  const contract::SnapshotCell& snapshot;
  Quiescence& quiescence;
  stream::Shards* streams = nullptr;  // nullptr: no TCP and no TLS
  post::Post* post = nullptr;         // nullptr: legs of calls stay on their worker
};

class Worker {
 public:
  // Packets taken from other workers' rings per loop.
  static constexpr unsigned max_handed_off = 64;
  // Letters and notes of other workers per loop.
  static constexpr unsigned max_post = 32;
  static constexpr contract::Duration report_interval = contract::Duration::milliseconds(1);

  // On the worker's own, registered thread. `memory` is engine::Engine::octets_needed(limits) long.
  Worker(const Shared& shared, const engine::Limits& limits, std::span<std::byte> memory,
         const engine::Engine::Secrets& secrets, contract::Instant now);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // One turn of the loop. True when it found work.
  bool poll_once(contract::Instant now);
  // What is worth waking for; not set when there is nothing.
  contract::Instant next_due() const { return engine_.next_due(); }

 private:
  void follow_snapshot(contract::Instant now);
  void follow_state();
  void receive(contract::Instant now);
  void take_handed_off(contract::Instant now);
  void take_post(contract::Instant now);
  void relay_media(contract::Instant now);
  void sort(wire::Packet& packet, contract::Instant now);
  void report(contract::Instant now, bool was_busy);
  void count(contract::WorkerCounter counter, uint64_t amount = 1);

  Shared shared_;
  contract::WorkerIndex worker_;
  contract::WorkerRow& row_;
  memory::Arena arena_;
  engine::Engine engine_;
  wire::Wire wire_;
  LocalMap local_map_;
  MediaPath media_path_;
  SipPath sip_path_;
  AllocationMeter allocations_;
  CycleClock cycles_;
  const contract::Snapshot* snapshot_ = nullptr;
  bool is_draining_ = false;
  bool has_found_work_ = false;
  bool was_busy_ = false;
  contract::Instant last_loop_;
  contract::Instant next_report_;
  std::array<wire::Packet, max_handed_off> handed_off_;
};

}  // namespace demarc::lcore
