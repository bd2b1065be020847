// Moves call records from spool and rings into the journal: durable first, given up after.
// Called by the record reader's thread, and by tests on a region in plain memory.
#pragma once

#include "controlplane/records/journal.h"
#include "dataplane/contract/region.h"

namespace demarc::records {

// Records that are made durable together.
inline constexpr size_t batch_records = 512;

struct Collected {
  size_t taken = 0;    // left the rings or the spool
  size_t written = 0;  // of them, those that the journal did not have
};

// At most one batch. Throws runtime::FileError, and then nothing left a ring.
Collected collect_rings(const contract::Region& region, Journal& journal);

// What a dataplane that died left in its rings; they stay as they are, since their owner may be its
// spool thread after all: what comes again is known then. The count of those written. Throws
// runtime::FileError; may be tried again.
size_t collect_left(const contract::Region& region, Journal& journal);

// All of the spool. One that can not be read is copied into `directory` whole, so nothing is lost.
// Throws runtime::FileError; may be tried again.
Collected collect_spool(int fd, uint64_t octets, Journal& journal, const std::string& directory);

// Records that wait in the rings.
uint64_t pending_records(const contract::Region& region);

}  // namespace demarc::records
