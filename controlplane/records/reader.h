// Reader: the thread that brings call records to disk as long as a dataplane is attached.
//
// Takes the spool when it is offered, says so to the link, then empties the rings every 50 ms. Of a
// dataplane that died it takes what is left in the rings, which no spool will offer. A disk that
// takes no more leaves the records where they are; the error stands in status() and the write is
// tried again. After some errors the connection is closed until the disk takes more, so that the
// dataplane's spool takes the records.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "controlplane/events/events.h"
#include "controlplane/link/link.h"
#include "controlplane/records/journal.h"
#include "controlplane/runtime/wakeup.h"

namespace demarc::records {

struct Status {
  uint64_t written = 0;  // since this process started
  uint64_t already_known = 0;
  // In the rings; nothing where the dataplane reads them itself, or is not there.
  std::optional<uint64_t> pending;
  std::string last_error;  // empty when all is well
};

class Reader {
 public:
  // `link` and `events` must outlive this.
  Reader(JournalOptions options, link::Link& link, events::Events& events);
  ~Reader();

  void start();
  void stop();
  Status status() const;

 private:
  void run();
  size_t round();
  void leave_to_spool();
  void finish_last(const std::shared_ptr<link::Attachment>& next);
  size_t read_from(const std::shared_ptr<link::Attachment>& attachment);
  void note_error(const std::string& error);

  const JournalOptions options_;
  link::Link& link_;
  events::Events& events_;
  runtime::Wakeup wakeup_;
  std::thread thread_;
  std::atomic<bool> is_stopping_{false};
  bool has_failed_ = false;                 // of the thread; since the last round
  unsigned failures_ = 0;                   // of the thread, in a row
  bool is_left_to_spool_ = false;           // of the thread; until the disk takes more
  std::shared_ptr<link::Attachment> last_;  // of the thread; whose rings were read last
  std::unique_ptr<Journal> journal_;        // of the thread; nullptr until it could be opened

  mutable std::mutex mutex_;  // guards status_
  Status status_;
};

}  // namespace demarc::records
