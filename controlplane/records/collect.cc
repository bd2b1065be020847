#include "controlplane/records/collect.h"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include "controlplane/records/spool.h"
#include "controlplane/runtime/files.h"
#include "controlplane/runtime/log.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::records {
namespace {

using contract::CallRecord;
using contract::RecordRing;
using contract::Region;

uint64_t waiting(const RecordRing& ring) {
  return ring.is_valid() ? ring.size() : 0;
}

void keep_foreign(int fd, uint64_t octets, const std::string& directory) {
  std::string content(octets, '\0');
  const ssize_t got = ::pread(fd, content.data(), content.size(), 0);
  if (got < 0) throw runtime::FileError("can not read the record spool");
  content.resize(static_cast<size_t>(got));
  const std::string path =
      directory + "/spool-foreign-" + std::to_string(runtime::now_unix_ns()) + ".bin";
  runtime::replace_file(path, content);
  runtime::log(runtime::Level::error, "records",
               "the record spool is of another release; it is kept as " + path);
}

}  // namespace

Collected collect_rings(const Region& region, Journal& journal) {
  std::vector<CallRecord> batch;
  std::vector<uint64_t> first(region.workers());
  std::vector<uint64_t> taken(region.workers());
  const uint64_t share = std::max<uint64_t>(batch_records / region.workers(), 1);
  for (unsigned worker = 0; worker < region.workers(); ++worker) {
    const RecordRing ring = region.records(static_cast<contract::WorkerIndex>(worker));
    if (!ring.is_valid()) continue;
    first[worker] = ring.head();
    taken[worker] = std::min(ring.size(), share);
    for (uint64_t n = 0; n < taken[worker]; ++n) batch.push_back(ring.at(first[worker] + n));
  }
  if (batch.empty()) return {};
  const size_t written = journal.append(batch);
  for (unsigned worker = 0; worker < region.workers(); ++worker) {
    if (taken[worker] == 0) continue;
    // The dataplane's spooler may have taken them as well while they were being written.
    RecordRing ring = region.records(static_cast<contract::WorkerIndex>(worker));
    ring.consume_to(first[worker] + taken[worker]);
  }
  return {batch.size(), written};
}

size_t collect_left(const Region& region, Journal& journal) {
  size_t written = 0;
  for (unsigned worker = 0; worker < region.workers(); ++worker) {
    const RecordRing ring = region.records(static_cast<contract::WorkerIndex>(worker));
    const uint64_t count = waiting(ring);
    const uint64_t first = ring.is_valid() ? ring.head() : 0;
    std::vector<CallRecord> batch;
    for (uint64_t n = 0; n < count; ++n) {
      const CallRecord record = ring.at(first + n);
      // Without holes, or it is no whole record of this ring.
      const bool follows =
          batch.empty() ? record.sequence != 0 : record.sequence == batch.back().sequence + 1;
      if (!follows || record.worker != worker || record.boot_id != region.header().boot_id) break;
      batch.push_back(record);
    }
    if (!batch.empty()) written += journal.append(batch);
  }
  return written;
}

Collected collect_spool(int fd, uint64_t octets, Journal& journal, const std::string& directory) {
  SpoolFile spool(fd, octets);
  if (spool.is_foreign()) keep_foreign(fd, spool.octets(), directory);
  Collected collected;
  for (;;) {
    std::vector<CallRecord> records = spool.next(batch_records);
    if (records.empty()) return collected;
    // Sequences begin with 1: zeroes are of a page that never reached the disk.
    std::erase_if(records, [](const CallRecord& record) { return record.sequence == 0; });
    collected.written += journal.append(records);
    collected.taken += records.size();
  }
}

uint64_t pending_records(const Region& region) {
  uint64_t pending = 0;
  for (unsigned worker = 0; worker < region.workers(); ++worker) {
    pending += waiting(region.records(static_cast<contract::WorkerIndex>(worker)));
  }
  return pending;
}

}  // namespace demarc::records
