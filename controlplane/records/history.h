// History: calls of the past hours as their records have them, for what-if. Reads the journal's
// files, also while it is written to: a torn last line is passed over.
//
// Any thread. Throws runtime::FileError when the directory can not be read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace demarc::records {

struct PastCall {
  std::string id;  // "BOOT/WORKER/SEQUENCE"
  std::string started;
  uint64_t started_unix_s = 0;
  std::string from;  // the trunk
  std::string called;
  std::string calling;
  std::string end;
  uint32_t status_code = 0;
};

struct History {
  std::vector<PastCall> calls;  // as they were written
  size_t left_out = 0;          // older ones beyond the limit
  size_t unreadable = 0;        // lines that are no record
};

// Those that began at `since_unix_s` or later, the newest `most` of them. Calls that a transfer
// made are left out: nobody dialled them.
History read_history(const std::string& directory, uint64_t since_unix_s, size_t most);

}  // namespace demarc::records
