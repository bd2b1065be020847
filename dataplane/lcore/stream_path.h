// StreamPath: a worker's end of its lanes with the stream threads: messages that came on
// connections go to the engine, and what it sends over TCP or TLS goes to the thread that has the
// peer's connections (decisions D28, D58).
//
// Nothing here waits: a full ring is a transport error for a request and a loss for anything else.
// One worker only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "dataplane/contract/counters.h"
#include "dataplane/engine/engine.h"
#include "dataplane/stream/shards.h"
#include "dataplane/transaction/outbox.h"

namespace demarc::lcore {

class StreamPath {
 public:
  static constexpr unsigned messages_per_loop = 16;
  static constexpr unsigned max_lost = 16;  // requests told of after one step

  // `shards` may be nullptr: nothing comes then, and nothing can be sent.
  struct Parts {
    engine::Engine& engine;
    stream::Shards* shards;
    contract::WorkerCounters& counters;
    contract::WorkerIndex worker;
  };
  explicit StreamPath(const Parts& parts) : parts_(parts) {}

  // Gives the engine the next message; false when there is none. What it wants sent must be sent
  // before the next.
  bool serve_one(contract::Instant now);
  void send(const transaction::Send& send, std::string_view message);
  // After the outbox was cleared: tells the engine of requests that found no room. True when there
  // were some: the outbox may hold more then.
  bool tell_lost(contract::Instant now);

 private:
  struct Lost {
    sip::Method method = sip::Method::other;
    uint8_t length = 0;
    std::array<char, 80> branch;
  };
  stream::MessageRing* next_ring();
  void remember(std::string_view message);

  Parts parts_;
  unsigned next_shard_ = 0;
  unsigned lost_count_ = 0;
  std::array<Lost, max_lost> lost_;
};

}  // namespace demarc::lcore
