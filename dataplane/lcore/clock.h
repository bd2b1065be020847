// Clock: the only place of the dataplane's workers that reads one. Once per loop of a worker, and
// on the main thread for the wall-clock offset. CLOCK_MONOTONIC comes from the vDSO without a
// system call, and every process of the machine reads the same one.
#pragma once

#include <cstdint>
#include <ctime>

#include "dataplane/contract/time.h"

namespace demarc::lcore {

inline uint64_t read_clock_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

inline contract::Instant read_clock() {
  return {read_clock_ns(CLOCK_MONOTONIC)};
}

// CLOCK_REALTIME - CLOCK_MONOTONIC, for RegionHeader::wall_offset_ns.
inline int64_t read_wall_offset_ns() {
  return static_cast<int64_t>(read_clock_ns(CLOCK_REALTIME) - read_clock_ns(CLOCK_MONOTONIC));
}

}  // namespace demarc::lcore
