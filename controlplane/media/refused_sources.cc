#include "controlplane/media/refused_sources.h"

#include "dataplane/contract/media_summary.h"

namespace demarc::media_report {
namespace {

void add_stream(const contract::DirectoryRow& row, const contract::MediaSummary (&media)[2],
                std::vector<RefusedSource>& all) {
  for (unsigned side = 0; side < 2; ++side) {
    const uint32_t packets =
        media[side].drops[static_cast<unsigned>(contract::MediaDrop::wrong_source)];
    if (packets == 0 || media[side].refused.port == 0) continue;
    all.push_back({std::to_string(row.worker) + "-" + std::to_string(row.serial) + "/" +
                       std::to_string(media[side].media_index) + "/" + std::to_string(side),
                   std::string(contract::print(media[side].refused.address).view()), packets});
  }
}

}  // namespace

std::vector<RefusedSource> refused_sources(const contract::Region& region) {
  std::vector<RefusedSource> all;
  const uint64_t each = region.sizes().calls_per_worker;
  const uint64_t slots = each * region.workers();
  const uint64_t step = (slots + most_rows_looked_at - 1) / most_rows_looked_at;
  for (uint64_t i = 0; i < slots; i += step) {
    const contract::DirectoryCell& cell = region.directory(
        static_cast<contract::WorkerIndex>(i / each), contract::CallSlot(i % each));
    contract::DirectoryRow row;
    if (cell.version() == 0 || !cell.load(row) || row.phase == contract::CallPhase::none) continue;
    add_stream(row, row.media, all);
    contract::Region::FurtherStreams further;
    const unsigned count = region.further_streams(row, further);
    for (unsigned k = 0; k < count; ++k) add_stream(row, further[k].media, all);
  }
  return all;
}

}  // namespace demarc::media_report
