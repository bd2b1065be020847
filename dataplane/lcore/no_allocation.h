// AllocationMeter: how much the calling thread has allocated, ever. A worker reads it in each loop
// and counts what came after its start in WorkerCounter::allocated_octets, which must stay 0
// (decision D8); the system tests and an operator read it like any other counter.
//
// jemalloc keeps the figure per thread, whoever called malloc, so watching it costs one load and
// needs no interposing. Under a sanitizer, which brings its own malloc, a hook counts. With neither
// (a test linked without jemalloc) nothing is watched, and is_watching() says so.
#pragma once

#include <cstdint>

namespace demarc::lcore {

class AllocationMeter {
 public:
  // Of the calling thread; used by that thread only.
  AllocationMeter();
  bool is_watching() const { return octets_ != nullptr; }
  // Octets allocated by the thread since the last call, or since the meter was made.
  uint64_t take() {
    if (octets_ == nullptr) return 0;
    const uint64_t before = seen_;
    seen_ = *octets_;
    return seen_ - before;
  }

 private:
  const uint64_t* octets_ = nullptr;
  uint64_t seen_ = 0;
};

}  // namespace demarc::lcore
