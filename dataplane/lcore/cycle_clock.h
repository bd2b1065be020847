// CycleClock: short times by the processor's time stamp counter, one instruction each. For what is
// measured in every loop; all else takes the loop's Instant. One worker only.
#pragma once

#include <rte_cycles.h>

#include <cstdint>

namespace demarc::lcore {

class CycleClock {
 public:
  // DPDK has measured the counter's rate when it was initialized; before that there is no time.
  CycleClock() : hz_(rte_get_tsc_hz()) {
    if (hz_ != 0) ns_per_cycle_ = static_cast<uint64_t>((Wide{1'000'000'000} << 32) / hz_);
  }
  bool is_known() const { return hz_ != 0; }
  static uint64_t read() { return rte_rdtsc(); }
  uint64_t ns_since(uint64_t before) const {
    return static_cast<uint64_t>(Wide{read() - before} * ns_per_cycle_ >> 32);
  }

 private:
  __extension__ typedef unsigned __int128 Wide;
  uint64_t hz_;
  uint64_t ns_per_cycle_ = 0;  // times 2^32
};

}  // namespace demarc::lcore
