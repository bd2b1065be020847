// Journal: STATE/records/records.jsonl, one call record per line, each exactly once.
//
// Opening it cuts a torn last line off and learns which records are there already; a file that can
// not be read is left alone. append() is
// durable when it returns. Past a size the file is renamed with its time and a new one begun.
// Owned by the record reader's thread. Every failure is a runtime::FileError, after which the file
// holds whole records only and the same append may be tried again.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "controlplane/records/record_json.h"
#include "controlplane/records/seen.h"
#include "dataplane/contract/record.h"

namespace demarc::records {

struct JournalOptions {
  std::string directory;
  uint64_t rotate_octets = 64u << 20;
  FileName file_name = {};  // called by the thread that appends
  // Told of each record once, when it is durable.
  std::function<void(const contract::CallRecord&)> written = [](const contract::CallRecord&) {};
};

class Journal {
 public:
  // Opens or creates. Throws runtime::FileError.
  explicit Journal(JournalOptions options);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  // Those that are not there yet, in order. The count of them.
  size_t append(std::span<const contract::CallRecord> records);
  // Writes a file of some size beside the records and removes it, to see whether the disk takes
  // more. Throws runtime::FileError when it does not.
  void probe() const;

 private:
  void open();
  void learn();
  void write_durably(const std::string& lines);
  void rotate();
  std::string path() const { return options_.directory + "/records.jsonl"; }
  std::string state_path() const { return options_.directory + "/records.state.json"; }

  const JournalOptions options_;
  SeenRecords seen_;
  int fd_ = -1;
  uint64_t octets_ = 0;  // durable and whole
};

}  // namespace demarc::records
