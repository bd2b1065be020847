#include "dataplane/contract/channel.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace demarc::contract {
namespace {

bool make_address(const char* path, sockaddr_un& address) {
  const size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return false;
  }
  address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, length);
  return true;
}

FileDescriptor make_socket() {
  return FileDescriptor(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
}

// Room for one descriptor beside a message.
union Control {
  cmsghdr align;
  char octets[CMSG_SPACE(sizeof(int))];
};

// The one descriptor that came with a message. More than one is not of the protocol: the kernel has
// opened as many as there was room for, and all of them are closed.
FileDescriptor take_descriptor(msghdr& envelope) {
  FileDescriptor taken;
  unsigned count = 0;
  for (cmsghdr* header = CMSG_FIRSTHDR(&envelope); header != nullptr;
       header = CMSG_NXTHDR(&envelope, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const size_t octets = header->cmsg_len - CMSG_LEN(0);
    for (size_t at = 0; at + sizeof(int) <= octets; at += sizeof(int), ++count) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(header) + at, sizeof fd);
      taken = FileDescriptor(fd);  // closes the one before
    }
  }
  return count == 1 ? std::move(taken) : FileDescriptor();
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int FileDescriptor::release() {
  return std::exchange(fd_, -1);
}

void FileDescriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

FileDescriptor listen_at(const char* path) {
  sockaddr_un address;
  if (!make_address(path, address)) return FileDescriptor();
  FileDescriptor listener = make_socket();
  ::unlink(path);
  if (!listener.is_open() ||
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path, 0660) != 0 || ::listen(listener.get(), 4) != 0) {
    return FileDescriptor();
  }
  return listener;
}

FileDescriptor accept_on(const FileDescriptor& listener) {
  return FileDescriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

FileDescriptor connect_to(const char* path) {
  sockaddr_un address;
  if (!make_address(path, address)) return FileDescriptor();
  FileDescriptor channel = make_socket();
  if (!channel.is_open() ||
      ::connect(channel.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return FileDescriptor();
  }
  return channel;
}

bool send_message(const FileDescriptor& channel, const HandshakeMessage& message, int fd,
                  bool is_blocking) {
  iovec part{const_cast<HandshakeMessage*>(&message), sizeof message};
  Control control{};
  msghdr envelope{};
  envelope.msg_iov = &part;
  envelope.msg_iovlen = 1;
  if (fd >= 0) {
    envelope.msg_control = control.octets;
    envelope.msg_controllen = sizeof control.octets;
    cmsghdr* header = CMSG_FIRSTHDR(&envelope);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  const int flags = MSG_NOSIGNAL | (is_blocking ? 0 : MSG_DONTWAIT);
  for (;;) {
    const ssize_t sent = ::sendmsg(channel.get(), &envelope, flags);
    if (sent >= 0) return static_cast<size_t>(sent) == sizeof message;
    if (errno != EINTR) return false;
  }
}

Received receive_message(const FileDescriptor& channel, bool is_blocking) {
  Received received;
  iovec part{&received.message, sizeof received.message};
  Control control{};
  msghdr envelope{};
  envelope.msg_iov = &part;
  envelope.msg_iovlen = 1;
  envelope.msg_control = control.octets;
  envelope.msg_controllen = sizeof control.octets;
  const int flags = MSG_CMSG_CLOEXEC | (is_blocking ? 0 : MSG_DONTWAIT);
  ssize_t length;
  do {
    length = ::recvmsg(channel.get(), &envelope, flags);
  } while (length < 0 && errno == EINTR);
  if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return received;
  if (length >= 0) received.fd = take_descriptor(envelope);
  const bool is_message = length == static_cast<ssize_t>(sizeof received.message) &&
                          received.message.magic == handshake_magic;
  received.kind = is_message ? Received::Kind::message : Received::Kind::closed;
  return received;
}

FileDescriptor make_memfd(const char* name, std::span<const std::byte> seal_with) {
  FileDescriptor fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.is_open()) return fd;
  for (size_t done = 0; done < seal_with.size();) {
    const ssize_t written = ::write(fd.get(), seal_with.data() + done, seal_with.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return FileDescriptor();
    done += static_cast<size_t>(written);
  }
  constexpr int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (::fcntl(fd.get(), F_ADD_SEALS, seals) != 0) return FileDescriptor();
  return fd;
}

FileDescriptor make_memfd(const char* name, size_t octets) {
  FileDescriptor fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.is_open()) return fd;
  if (::ftruncate(fd.get(), static_cast<off_t>(octets)) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
    return FileDescriptor();
  }
  return fd;
}

Mapping::Mapping(const FileDescriptor& fd, size_t octets, bool is_writable) {
  struct stat status {};
  if (octets == 0 || ::fstat(fd.get(), &status) != 0 ||
      static_cast<uint64_t>(status.st_size) < octets) {
    return;  // a mapping past the file's end would fault when touched
  }
  void* memory = ::mmap(nullptr, octets, is_writable ? PROT_READ | PROT_WRITE : PROT_READ,
                        MAP_SHARED, fd.get(), 0);
  if (memory != MAP_FAILED) octets_ = {static_cast<std::byte*>(memory), octets};
}

Mapping::Mapping(Mapping&& other) noexcept : octets_(std::exchange(other.octets_, {})) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  if (this != &other) {
    if (is_mapped()) ::munmap(octets_.data(), octets_.size());
    octets_ = std::exchange(other.octets_, {});
  }
  return *this;
}

Mapping::~Mapping() {
  if (is_mapped()) ::munmap(octets_.data(), octets_.size());
}

}  // namespace demarc::contract
