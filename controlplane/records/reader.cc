#include "controlplane/records/reader.h"

#include "controlplane/records/collect.h"
#include "controlplane/runtime/files.h"

namespace demarc::records {
namespace {

constexpr int poll_ms = 50;
constexpr int retry_ms = 1000;    // after an error
constexpr unsigned patience = 5;  // errors in a row before the spool is the better place

}  // namespace

Reader::Reader(JournalOptions options, link::Link& link, events::Events& events)
    : options_(std::move(options)), link_(link), events_(events) {}

Reader::~Reader() {
  stop();
}

void Reader::start() {
  thread_ = std::thread([this] { run(); });
}

void Reader::stop() {
  is_stopping_.store(true, std::memory_order_release);
  wakeup_.wake();
  if (thread_.joinable()) thread_.join();
}

Status Reader::status() const {
  const std::shared_ptr<link::Attachment> attachment = link_.attachment();
  const bool is_ours =
      attachment != nullptr && attachment->spool() == link::Attachment::Spool::taken;
  const std::lock_guard guard(mutex_);
  Status status = status_;
  // Of now, also when records can not be written and wait.
  if (is_ours) status.pending = pending_records(attachment->region());
  return status;
}

void Reader::run() {
  while (!is_stopping_.load(std::memory_order_acquire)) {
    int pause_ms = poll_ms;
    try {
      // A full batch: more is waiting.
      if (round() >= batch_records / 2) pause_ms = 0;
      note_error("");
      has_failed_ = false;
      failures_ = 0;
    } catch (const runtime::FileError& error) {
      note_error(error.what());
      has_failed_ = true;
      pause_ms = retry_ms;
      leave_to_spool();
    }
    runtime::wait_for(-1, wakeup_, pause_ms);
  }
}

size_t Reader::round() {
  if (journal_ == nullptr) journal_ = std::make_unique<Journal>(options_);
  // Nothing else shows that the disk takes more when no record waits.
  if (has_failed_) journal_->probe();
  if (is_left_to_spool_) {
    is_left_to_spool_ = false;
    link_.come_back();
  }
  const std::shared_ptr<link::Attachment> attachment = link_.attachment();
  if (last_ != nullptr && last_ != attachment) finish_last(attachment);
  if (attachment == nullptr) return 0;
  const std::lock_guard reading(attachment->reading());
  return attachment->is_open() ? read_from(attachment) : 0;
}

// Rings are small: before they are full the dataplane shall spool again.
void Reader::leave_to_spool() {
  if (link_.attachment() == nullptr || ++failures_ < patience) return;
  failures_ = 0;
  is_left_to_spool_ = true;
  link_.stand_back();
}

// A dataplane that lives spools what is in its rings; of one that is gone only we have them mapped.
void Reader::finish_last(const std::shared_ptr<link::Attachment>& next) {
  const bool is_another = next != nullptr && next->boot_id() != last_->boot_id();
  if (next == nullptr && !link_.is_dataplane_gone()) return;  // not known yet
  if (next == nullptr || is_another) {
    const size_t written = collect_left(last_->region(), *journal_);
    const std::lock_guard guard(mutex_);
    status_.written += written;
  }
  last_.reset();
}

size_t Reader::read_from(const std::shared_ptr<link::Attachment>& attachment) {
  Collected collected;
  switch (attachment->spool()) {
    case link::Attachment::Spool::not_offered:
      return 0;
    case link::Attachment::Spool::offered:
      collected = collect_spool(attachment->spool_file().get(), attachment->spool_octets(),
                                *journal_, options_.directory);
      link_.records_taken(attachment);
      break;
    case link::Attachment::Spool::taken:
      last_ = attachment;
      collected = collect_rings(attachment->region(), *journal_);
      break;
  }
  const std::lock_guard guard(mutex_);
  status_.written += collected.written;
  status_.already_known += collected.taken - collected.written;
  return collected.taken;
}

// Told once, not at each retry.
void Reader::note_error(const std::string& error) {
  const std::lock_guard guard(mutex_);
  if (status_.last_error == error) return;
  if (error.empty()) {
    events_.note(events::Kind::records_written, "records", "records",
                 "call records can be written again");
  } else {
    events_.note(events::Kind::records_failing, "records", "records", error);
  }
  status_.last_error = error;
}

}  // namespace demarc::records
