// The dataplane's spool file: call records that it kept while no control plane was there.
// Read by the record reader's thread once per attachment.
#pragma once

#include <cstdint>
#include <vector>

#include "dataplane/contract/record.h"

namespace demarc::records {

class SpoolFile {
 public:
  // `octets` of `fd`, which stays the caller's. Throws runtime::FileError when it can not be read.
  SpoolFile(int fd, uint64_t octets);

  // Of a release whose records this one can not read.
  bool is_foreign() const { return is_foreign_; }
  // That can be read.
  uint64_t octets() const { return end_; }
  // The next whole records, at most `limit`; empty at the end. A torn last record is left out: its
  // worker still holds it. Throws runtime::FileError.
  std::vector<contract::CallRecord> next(size_t limit);

 private:
  const int fd_;
  uint64_t offset_ = 0;
  uint64_t end_ = 0;
  bool is_foreign_ = false;
};

}  // namespace demarc::records
