#include "dataplane/boot/spool_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace demarc::boot {

using contract::CallRecord;
using contract::FileDescriptor;
using contract::SpoolHeader;

namespace {

bool write_at(const FileDescriptor& file, const void* octets, size_t count, uint64_t offset) {
  const auto* next = static_cast<const char*>(octets);
  while (count != 0) {
    const ssize_t written = ::pwrite(file.get(), next, count, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    next += written;
    count -= static_cast<size_t>(written);
    offset += static_cast<uint64_t>(written);
  }
  return true;
}

bool is_ours(const SpoolHeader& header) {
  const SpoolHeader expected;
  return header.magic == expected.magic && header.layout == expected.layout &&
         header.record_octets == expected.record_octets;
}

// Never over a file that was set aside before. The state directory is locked: nobody else does it.
bool set_aside(int directory) {
  char name[64];
  for (unsigned number = 0; number < 1000; ++number) {
    const int length = std::snprintf(name, sizeof name, "%s", SpoolFile::set_aside_name);
    const auto end = static_cast<size_t>(length);
    if (number != 0) std::snprintf(name + end, sizeof name - end, ".%u", number);
    if (::faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) continue;
    return errno == ENOENT && ::renameat(directory, SpoolFile::name, directory, name) == 0;
  }
  errno = EEXIST;
  return false;
}

FileDescriptor open_file(int directory) {
  return FileDescriptor(::openat(directory, SpoolFile::name, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

}  // namespace

SpoolFile SpoolFile::open(int directory, wire::Explanation& why) {
  SpoolFile spool;
  spool.directory_ = directory;
  spool.file_ = open_file(directory);
  struct stat status {};
  if (!spool.file_.is_open() || ::fstat(spool.file_.get(), &status) != 0) {
    why.set("%s: %s", name, ::strerror(errno));
    return SpoolFile();
  }
  const auto size = static_cast<uint64_t>(status.st_size);
  SpoolHeader header;
  const bool is_whole =
      ::pread(spool.file_.get(), &header, sizeof header, 0) == static_cast<ssize_t>(sizeof header);
  if (is_whole && is_ours(header)) {
    spool.end_ = size - (size - sizeof header) % sizeof(CallRecord);
    if (::ftruncate(spool.file_.get(), static_cast<off_t>(spool.end_)) == 0) return spool;
  } else if (!is_whole) {
    if (spool.start_over()) return spool;  // new, or torn in its header: no record was in it
  } else if (set_aside(directory)) {
    spool.file_ = open_file(directory);
    if (spool.file_.is_open() && spool.start_over()) return spool;
  }
  why.set("%s can not be prepared: %s", name, ::strerror(errno));
  return SpoolFile();
}

unsigned SpoolFile::append(std::span<const CallRecord> records) {
  const uint64_t room = end_ > limit_ ? 0 : (limit_ - end_) / sizeof(CallRecord);
  const size_t count = std::min<uint64_t>(records.size(), room);
  if (count == 0) return 0;
  has_failed_ = !write_at(file_, records.data(), count * sizeof(CallRecord), end_) ||
                ::fdatasync(file_.get()) != 0;
  if (has_failed_) {
    // What is behind the end is cut off now, or at the next open().
    (void)!::ftruncate(file_.get(), static_cast<off_t>(end_));
    return 0;
  }
  end_ += count * sizeof(CallRecord);
  return static_cast<unsigned>(count);
}

uint64_t SpoolFile::octets() const {
  return end_ == sizeof(SpoolHeader) ? 0 : end_;
}

FileDescriptor SpoolFile::make_reader() const {
  return FileDescriptor(::openat(directory_, name, O_RDONLY | O_CLOEXEC));
}

bool SpoolFile::clear() {
  if (::ftruncate(file_.get(), sizeof(SpoolHeader)) != 0 || ::fdatasync(file_.get()) != 0) {
    return false;
  }
  end_ = sizeof(SpoolHeader);
  return true;
}

bool SpoolFile::start_over() {
  const SpoolHeader header;
  if (::ftruncate(file_.get(), 0) != 0 || !write_at(file_, &header, sizeof header, 0) ||
      ::fdatasync(file_.get()) != 0) {
    return false;
  }
  end_ = sizeof header;
  return true;
}

}  // namespace demarc::boot
