// A region in memory that a test owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/contract/region.h"

namespace demarc::support {

// Laid out in `memory`, which is made as large as it needs and has to outlive it.
inline contract::Region region_in(std::vector<std::byte>& memory,
                                  const contract::RegionSizes& sizes) {
  constexpr size_t alignment = 64;
  memory.resize(contract::Region::octets_needed(sizes) + alignment);
  const size_t beyond = reinterpret_cast<uintptr_t>(memory.data()) % alignment;
  return contract::Region::create(std::span(memory).subspan((alignment - beyond) % alignment),
                                  sizes, 1);
}

}  // namespace demarc::support
