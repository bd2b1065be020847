// Which CPUs the workers get: those of PlatformSection::cores, "2,3" or "2-5,8"; without it the
// last ones that the process may run on. Called by the main thread before DPDK starts, which
// narrows the CPUs of that thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "dataplane/contract/ids.h"
#include "dataplane/wire/explanation.h"

namespace demarc::boot {

inline constexpr unsigned max_cpu = 1023;

struct Cores {
  // -1: of no worker.
  std::array<int, contract::max_workers> of_worker;
};

// The CPUs that this thread may run on, ascending.
std::vector<int> allowed_cpus();

// There must be a CPU for each of `workers`: in the text, or in `allowed` when it is empty. False:
// `why`. Pure.
[[nodiscard]] bool parse_cores(std::string_view text, unsigned workers,
                               std::span<const int> allowed, Cores& cores, wire::Explanation& why);

}  // namespace demarc::boot
