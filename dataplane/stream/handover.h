// Handover: the sockets that the accepting stream thread has for another one. Bounded; any stream
// thread puts in, its owner takes out. Ordinary threads on both sides, so that a mutex will do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "dataplane/contract/address.h"
#include "dataplane/contract/channel.h"
#include "dataplane/contract/section.h"

namespace demarc::stream {

// A connection that a peer made, and the listener that it came to.
struct Accepted {
  contract::FileDescriptor socket;
  contract::StreamListener listener;
  contract::Endpoint remote;
  uint64_t generation = 0;  // of the snapshot that knew its trunk
};

class Handover {
 public:
  static constexpr size_t max_waiting = 1024;

  // False when as many wait as may: it is closed then.
  [[nodiscard]] bool put(Accepted one) {
    const std::lock_guard guard(mutex_);
    if (waiting_.size() == max_waiting) return false;
    waiting_.push_back(std::move(one));
    return true;
  }
  // The oldest ones, as far as a snapshot of that generation knows them: who serves by an earlier
  // one yet would take their peers for strangers.
  std::vector<Accepted> take(uint64_t generation) {
    std::vector<Accepted> taken;
    const std::lock_guard guard(mutex_);
    while (!waiting_.empty() && waiting_.front().generation <= generation) {
      taken.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    return taken;
  }

 private:
  std::mutex mutex_;
  std::deque<Accepted> waiting_;
};

}  // namespace demarc::stream
