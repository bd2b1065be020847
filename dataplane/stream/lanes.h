// Lanes: the two message rings of each worker with one stream thread, and what wakes that thread.
// Part of Shards.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/contract/channel.h"
#include "dataplane/stream/message_ring.h"

namespace demarc::stream {

struct Lane {
  explicit Lane(uint64_t octets) : to_streams(octets), to_worker(octets) {}
  MessageRing to_streams;
  MessageRing to_worker;
};

class Lanes {
 public:
  static constexpr uint64_t usual_octets = 1u << 20;  // of each ring

  explicit Lanes(unsigned workers, uint64_t octets = usual_octets)
      : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    for (unsigned i = 0; i < workers; ++i) lanes_.push_back(std::make_unique<Lane>(octets));
  }
  bool is_valid() const { return event_.is_open(); }
  unsigned workers() const { return static_cast<unsigned>(lanes_.size()); }
  Lane& of(contract::WorkerIndex worker) { return *lanes_[worker]; }

  // A worker has put something in. The one system call that this may cost is made when the stream
  // thread sleeps, never while it has work.
  void wake() {
    // Pairs with the fence in sleep(): either we see that it sleeps, or it sees what we put in.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (!is_asleep_.load(std::memory_order_relaxed)) return;
    if (!is_asleep_.exchange(false, std::memory_order_relaxed)) return;
    interrupt();
  }
  // Wakes it whatever it does. Any thread.
  void interrupt() {
    const uint64_t one = 1;
    static_cast<void>(!::write(event_.get(), &one, sizeof one));
  }

  // --- the stream thread ---

  int descriptor() const { return event_.get(); }
  // Before it waits; true when it must not, since something is there.
  [[nodiscard]] bool sleep() {
    is_asleep_.store(true, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    for (const auto& lane : lanes_) {
      if (!lane->to_streams.is_empty()) return true;
    }
    return false;
  }
  void awake() {
    is_asleep_.store(false, std::memory_order_relaxed);
    uint64_t count = 0;
    static_cast<void>(!::read(event_.get(), &count, sizeof count));
  }

 private:
  std::vector<std::unique_ptr<Lane>> lanes_;
  contract::FileDescriptor event_;
  std::atomic<bool> is_asleep_{false};
};

}  // namespace demarc::stream
