#include "controlplane/records/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include "controlplane/runtime/files.h"
#include "controlplane/runtime/log.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::records {
namespace {

using runtime::FileError;

constexpr size_t longest_state = 16u << 20;

RecordKey key_of(const contract::CallRecord& record) {
  return {record.boot_id, record.worker, record.sequence};
}

[[noreturn]] void fail(const std::string& what, const std::string& path, int error) {
  throw FileError(what + " " + path + ": " + std::strerror(error));
}

// "records-20240501T093000.125Z.jsonl", or with "-1" and so on behind when that is taken.
std::string rotated_path(const std::string& directory) {
  std::string time = runtime::utc_text(runtime::now_unix_ns());
  std::erase_if(time, [](char c) { return c == ':' || c == '-'; });
  std::string path = directory + "/records-" + time + ".jsonl";
  for (unsigned i = 1; std::filesystem::exists(path); ++i) {
    path = directory + "/records-" + time + "-" + std::to_string(i) + ".jsonl";
  }
  return path;
}

}  // namespace

Journal::Journal(JournalOptions options) : options_(std::move(options)) {
  runtime::make_directory(options_.directory);
  const std::optional<std::string> state = runtime::read_file(state_path(), longest_state);
  if (state && !seen_.add_json(*state)) {
    runtime::log(runtime::Level::error, "records", state_path() + " can not be understood");
  }
  learn();
  open();
}

Journal::~Journal() {
  if (fd_ >= 0) ::close(fd_);
}

// Reads the keys of the present file; octets_ becomes the end of its last whole line.
void Journal::learn() {
  octets_ = 0;
  errno = 0;
  std::ifstream file(path(), std::ios::binary);
  if (!file.is_open()) {
    // What can not be read must not be taken for empty: open() cuts at octets_.
    const int error = errno;
    struct stat status {};
    if (::stat(path().c_str(), &status) != 0 && errno == ENOENT) return;
    fail("can not open", path(), error);
  }
  uint64_t end = 0;
  for (std::string line; std::getline(file, line);) {
    end += line.size() + 1;
    RecordKey key;
    // Without its line feed the last line may have been cut anywhere, even at a closing brace.
    if (file.eof() || !key_of_line(line, key)) continue;
    seen_.add(key);
    octets_ = end;
  }
  if (file.bad()) fail("can not read", path(), errno);
}

void Journal::open() {
  fd_ = ::open(path().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (fd_ < 0) fail("can not open", path(), errno);
  const int error = ::ftruncate(fd_, static_cast<off_t>(octets_)) == 0 ? 0 : errno;
  if (error == 0) {
    // What was read back may be in memory only, and is about to be taken for durable.
    if (::fsync(fd_) == 0) return runtime::sync_directory(options_.directory);
  }
  const int reason = error != 0 ? error : errno;
  ::close(fd_);
  fd_ = -1;
  fail("can not recover", path(), reason);
}

size_t Journal::append(std::span<const contract::CallRecord> records) {
  if (fd_ < 0) open();
  std::string lines;
  SeenRecords seen = seen_;
  std::vector<const contract::CallRecord*> fresh;
  for (const contract::CallRecord& record : records) {
    const RecordKey key = key_of(record);
    if (seen.has(key)) continue;
    seen.add(key);
    lines += json_line(record, options_.file_name);
    fresh.push_back(&record);
  }
  if (fresh.empty()) return 0;
  write_durably(lines);
  seen_ = std::move(seen);
  for (const contract::CallRecord* record : fresh) options_.written(*record);
  if (octets_ >= options_.rotate_octets) rotate();
  return fresh.size();
}

void Journal::probe() const {
  const std::string path = options_.directory + "/records.probe";
  std::error_code ignored;
  try {
    runtime::replace_file(path, std::string(256u << 10, '\n'));
  } catch (const FileError&) {
    std::filesystem::remove(path + ".new", ignored);
    throw;
  }
  std::filesystem::remove(path, ignored);
}

void Journal::write_durably(const std::string& lines) {
  int error = 0;
  for (size_t done = 0; done < lines.size() && error == 0;) {
    const ssize_t written = ::write(fd_, lines.data() + done, lines.size() - done);
    if (written >= 0) {
      done += static_cast<size_t>(written);
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (error == 0 && ::fdatasync(fd_) != 0) error = errno;
  if (error == 0) {
    octets_ += lines.size();
    return;
  }
  // Back to whole records: opening again cuts what was written of these.
  ::close(fd_);
  fd_ = -1;
  fail("can not write", path(), error);
}

// The state is durable before the lines that it stands for leave the file that is scanned at start.
void Journal::rotate() {
  try {
    runtime::replace_file(state_path(), seen_.to_json());
    std::filesystem::rename(path(), rotated_path(options_.directory));
  } catch (const std::exception& error) {  // FileError or filesystem_error
    runtime::log(runtime::Level::warning, "records",
                 std::string("can not rotate, will try again: ") + error.what());
    return;
  }
  ::close(fd_);
  fd_ = -1;
  octets_ = 0;
  // The records are safe already; a failure here shows at the next append, which opens again.
  try {
    open();
  } catch (const FileError& error) {
    runtime::log(runtime::Level::warning, "records", error.what());
  }
}

}  // namespace demarc::records
