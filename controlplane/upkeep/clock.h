// The clock of Upkeep: milliseconds that only grow.
#pragma once

#include <chrono>
#include <cstdint>

namespace demarc::upkeep {

inline uint64_t clock_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace demarc::upkeep
