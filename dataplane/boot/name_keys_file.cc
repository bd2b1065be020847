#include "dataplane/boot/name_keys_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "dataplane/contract/channel.h"

namespace demarc::boot {

using contract::FileDescriptor;
using contract::NameKeys;

namespace {

// The file, whole.
struct KeyFile {
  char magic[8] = {'D', 'M', 'K', 'E', 'Y', 'S', '0', '1'};
  NameKeys keys;
};
static_assert(sizeof(KeyFile) == 40);

constexpr char temporary_file[] = "steering.keys.new";

bool read_keys(const FileDescriptor& file, NameKeys& keys, wire::Explanation& why) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || (status.st_mode & 0077) != 0) {
    why.set("%s can be read by others: chmod 0600, or remove it to get new keys", name_keys_file);
    return false;
  }
  KeyFile content;
  const KeyFile expected;
  if (::read(file.get(), &content, sizeof content) != static_cast<ssize_t>(sizeof content) ||
      status.st_size != static_cast<off_t>(sizeof content) ||
      ::memcmp(content.magic, expected.magic, sizeof content.magic) != 0) {
    why.set("%s is damaged: remove it to get new keys", name_keys_file);
    return false;
  }
  keys = content.keys;
  ::explicit_bzero(&content, sizeof content);
  return true;
}

bool write_keys(int directory, const NameKeys& keys, wire::Explanation& why) {
  KeyFile content;
  content.keys = keys;
  const FileDescriptor file(
      ::openat(directory, temporary_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const bool is_written =
      file.is_open() &&
      ::write(file.get(), &content, sizeof content) == static_cast<ssize_t>(sizeof content) &&
      ::fsync(file.get()) == 0 &&
      ::renameat(directory, temporary_file, directory, name_keys_file) == 0 &&
      ::fsync(directory) == 0;
  if (!is_written) why.set("%s can not be written: %s", name_keys_file, ::strerror(errno));
  ::explicit_bzero(&content, sizeof content);
  return is_written;
}

}  // namespace

bool load_or_make_name_keys(int directory, NameKeys& keys, wire::Explanation& why) {
  const FileDescriptor file(::openat(directory, name_keys_file, O_RDONLY | O_CLOEXEC));
  if (file.is_open()) return read_keys(file, keys, why);
  if (errno != ENOENT) {
    why.set("%s: %s", name_keys_file, ::strerror(errno));
    return false;
  }
  if (!fill_random(std::as_writable_bytes(std::span(&keys, 1)))) {
    why.set("the kernel gives no random numbers: %s", ::strerror(errno));
    return false;
  }
  return write_keys(directory, keys, why);
}

bool fill_random(std::span<std::byte> octets) {
  while (!octets.empty()) {
    const ssize_t got = ::getrandom(octets.data(), octets.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    octets = octets.subspan(static_cast<size_t>(got));
  }
  return true;
}

}  // namespace demarc::boot
