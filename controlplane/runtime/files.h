// Files read and replaced whole, for the small state that the control plane keeps. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace demarc::runtime {

struct FileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Nothing when there is no such file. Throws FileError when it can not be read or is longer than
// `maximum_octets`.
std::optional<std::string> read_file(const std::string& path, size_t maximum_octets);

// After a crash either the old or the new content is there: written beside it, synced, renamed.
// Mode 0600. Throws FileError.
void replace_file(const std::string& path, std::string_view content);

// The same for a file that somebody else owns, too: it keeps its mode and, as far as this process
// may say so, its owner; a symbolic link stays and what it points to is replaced. A new one: mode
// 0600.
void replace_users_file(const std::string& path, std::string_view content);

// Makes the entries of a directory durable. Throws FileError.
void sync_directory(const std::string& path);

// The directory and its parents. Throws FileError.
void make_directory(const std::string& path);

// Held while one process owns a directory of state; the kernel lets go of it when the process ends.
class FileLock {
 public:
  // Throws FileError when another process holds it.
  explicit FileLock(const std::string& path);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  int fd_;
};

}  // namespace demarc::runtime
