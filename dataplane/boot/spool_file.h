// SpoolFile: call records kept on disk while no control plane takes them: STATE/records.spool.
//
// A SpoolHeader, then whole CallRecords. Appended and synced by the spool thread, or by the main
// thread while that one is paused; never by two at once. A record torn by a crash is cut off at
// open(); a file of another layout is set aside, not lost.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/contract/channel.h"
#include "dataplane/contract/record.h"
#include "dataplane/wire/explanation.h"

namespace demarc::boot {

class SpoolFile {
 public:
  static constexpr char name[] = "records.spool";
  // Where a file of a layout that this release can not continue is moved to; with a number behind
  // it when there is one already.
  static constexpr char set_aside_name[] = "records.spool.other";

  SpoolFile() = default;
  // In the open directory. Not open on failure: `why`.
  static SpoolFile open(int directory, wire::Explanation& why);
  bool is_open() const { return file_.is_open(); }
  void set_limit(uint64_t octets) { limit_ = octets; }

  // Appends as many of the records as the limit allows and makes them durable; returns how many
  // those are. 0 also when the disk refuses: has_failed() until it takes some again.
  unsigned append(std::span<const contract::CallRecord> records);
  bool has_failed() const { return has_failed_; }
  // No whole record fits below the limit any more.
  bool is_full() const { return end_ + sizeof(contract::CallRecord) > limit_; }

  // Of the file; 0 when it holds no record.
  uint64_t octets() const;
  // For the control plane: read only. Not open on failure.
  contract::FileDescriptor make_reader() const;
  // The records are the control plane's now. False when the disk refuses: they stay.
  [[nodiscard]] bool clear();

 private:
  bool start_over();

  contract::FileDescriptor file_;
  int directory_ = -1;
  uint64_t end_ = 0;  // of the last whole record
  uint64_t limit_ = 64ull << 20;
  bool has_failed_ = false;
};

}  // namespace demarc::boot
