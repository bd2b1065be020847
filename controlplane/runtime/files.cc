#include "controlplane/runtime/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace demarc::runtime {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw FileError(what + " " + path + ": " + std::strerror(errno));
}

// Closes what it opened, also when something throws.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

std::optional<std::string> read_file(const std::string& path, size_t maximum_octets) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) {
    if (errno == ENOENT) return std::nullopt;
    fail("can not open", path);
  }
  std::string content;
  char block[65536];
  for (;;) {
    const ssize_t got = ::read(file.fd, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("can not read", path);
    if (got == 0) return content;
    content.append(block, static_cast<size_t>(got));
    if (content.size() > maximum_octets) {
      throw FileError(path + " is longer than " + std::to_string(maximum_octets) + " octets");
    }
  }
}

namespace {

// As `old`. What a foreign group would gain where its own can not be kept is taken away.
void inherit(int fd, const struct stat& old, const std::string& path) {
  mode_t mode = old.st_mode & 0777;
  if (::fchown(fd, old.st_uid, old.st_gid) != 0) {
    if (::geteuid() == 0) fail("can not keep the owner of", path);
    if (::fchown(fd, static_cast<uid_t>(-1), old.st_gid) != 0) mode &= ~static_cast<mode_t>(070);
  }
  if (::fchmod(fd, mode) != 0) fail("can not keep the mode of", path);
}

// `old`: what its owner and mode come from, or nullptr.
void replace(const std::string& path, std::string_view content, const struct stat* old) {
  const std::string beside = path + ".new";
  {
    const Descriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (file.fd < 0) fail("can not create", beside);
    while (!content.empty()) {
      const ssize_t written = ::write(file.fd, content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("can not write", beside);
      content.remove_prefix(static_cast<size_t>(written));
    }
    if (old != nullptr) inherit(file.fd, *old, path);
    if (::fsync(file.fd) != 0) fail("can not sync", beside);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) fail("can not replace", path);
  const std::string directory = std::filesystem::path(path).parent_path().string();
  sync_directory(directory.empty() ? "." : directory);
}

}  // namespace

void replace_file(const std::string& path, std::string_view content) {
  replace(path, content, nullptr);
}

void replace_users_file(const std::string& path, std::string_view content) {
  std::error_code error;
  // One that can not be resolved points to nothing: it becomes a file.
  std::string target = std::filesystem::canonical(path, error).string();
  if (error) target = path;
  struct stat old {};
  replace(target, content, ::stat(target.c_str(), &old) == 0 ? &old : nullptr);
}

void sync_directory(const std::string& path) {
  const Descriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.fd < 0 || ::fsync(directory.fd) != 0) fail("can not sync", path);
}

FileLock::FileLock(const std::string& path)
    : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (fd_ < 0) fail("can not open", path);
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  const bool is_held = errno == EWOULDBLOCK;
  ::close(fd_);
  throw FileError(is_held ? path + " is held by another process that runs already"
                          : "can not lock " + path);
}

FileLock::~FileLock() {
  ::close(fd_);
}

void make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw FileError("can not create " + path + ": " + error.message());
}

}  // namespace demarc::runtime
