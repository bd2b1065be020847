// Who was refused at the media ports of live calls: each direction of an m-line that refused
// packets of another source than the one it expects, with who sent the last of them. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dataplane/contract/region.h"

namespace demarc::media_report {

struct RefusedSource {
  std::string stream;  // WORKER-SERIAL/M-LINE/SIDE
  std::string address;
  uint64_t packets = 0;
};

// Rows of calls that are looked at, spread over the directory, so that a large one holds nobody up.
inline constexpr uint64_t most_rows_looked_at = 1u << 16;
std::vector<RefusedSource> refused_sources(const contract::Region& region);

}  // namespace demarc::media_report
