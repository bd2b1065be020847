#include "controlplane/records/spool.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "controlplane/runtime/files.h"

namespace demarc::records {
namespace {

using contract::CallRecord;
using contract::SpoolHeader;

// pread, since the file's position is shared with the dataplane.
void read_at(int fd, uint64_t offset, void* into, size_t octets) {
  auto* out = static_cast<char*>(into);
  while (octets != 0) {
    const ssize_t got = ::pread(fd, out, octets, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      throw runtime::FileError(std::string("can not read the record spool: ") +
                               (got == 0 ? "it became shorter" : std::strerror(errno)));
    }
    out += got;
    offset += static_cast<uint64_t>(got);
    octets -= static_cast<size_t>(got);
  }
}

}  // namespace

SpoolFile::SpoolFile(int fd, uint64_t octets) : fd_(fd) {
  struct stat status {};
  if (octets == 0) return;
  if (::fstat(fd, &status) != 0) {
    throw runtime::FileError(std::string("can not read the record spool: ") + std::strerror(errno));
  }
  end_ = std::min(octets, static_cast<uint64_t>(status.st_size));
  SpoolHeader header;
  if (end_ < sizeof header) {
    end_ = 0;
    return;
  }
  const SpoolHeader ours;
  read_at(fd, 0, &header, sizeof header);
  is_foreign_ = header.magic != ours.magic || header.layout != ours.layout ||
                header.record_octets != ours.record_octets;
  offset_ = sizeof header;
}

std::vector<CallRecord> SpoolFile::next(size_t limit) {
  if (is_foreign_ || end_ < offset_) return {};
  const uint64_t left = (end_ - offset_) / sizeof(CallRecord);
  std::vector<CallRecord> records(static_cast<size_t>(std::min<uint64_t>(left, limit)));
  if (records.empty()) return records;
  read_at(fd_, offset_, static_cast<void*>(records.data()), records.size() * sizeof(CallRecord));
  offset_ += records.size() * sizeof(CallRecord);
  return records;
}

}  // namespace demarc::records
