// Channel: one connected handshake socket; sends and receives HandshakeMessages with at most one
// file descriptor beside each. Used by the dataplane's main thread and by controlplane/link.
#pragma once

#include "dataplane/contract/handshake.h"

namespace demarc::contract {

// Owns one file descriptor; closes it.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { reset(); }

  bool is_open() const { return fd_ >= 0; }
  int get() const { return fd_; }
  int release();
  void reset();

 private:
  int fd_ = -1;
};

// A message and the descriptor that came with it (closed when none did).
struct Received {
  enum class Kind : uint8_t { message, nothing, closed } kind = Kind::nothing;
  HandshakeMessage message;
  FileDescriptor fd;
};

// Listens on `path` (an old socket file there is replaced), mode 0660. Closed on failure: errno.
FileDescriptor listen_at(const char* path);
FileDescriptor accept_on(const FileDescriptor& listener);
// Connects to `path`; closed on failure: errno.
FileDescriptor connect_to(const char* path);

// Sends one message, with `fd` beside it unless it is negative. False when the peer is gone, or,
// unless `is_blocking`, when it does not read what it was sent.
[[nodiscard]] bool send_message(const FileDescriptor& channel, const HandshakeMessage& message,
                                int fd = -1, bool is_blocking = true);
// Receives one message; waits for it when `is_blocking`. A message that is no HandshakeMessage
// counts as closed; of more than one descriptor beside it none is kept.
Received receive_message(const FileDescriptor& channel, bool is_blocking);

// An anonymous file of that size. Sealed against any change when `seal_with` is given (and filled
// from it); otherwise writable, for a region. Closed on failure: errno.
FileDescriptor make_memfd(const char* name, std::span<const std::byte> seal_with);
FileDescriptor make_memfd(const char* name, size_t octets);

// A mapping that unmaps itself.
class Mapping {
 public:
  Mapping() = default;
  // Maps `octets` of fd; empty on failure: errno.
  Mapping(const FileDescriptor& fd, size_t octets, bool is_writable);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();
  bool is_mapped() const { return !octets_.empty(); }
  std::span<std::byte> octets() const { return octets_; }

 private:
  std::span<std::byte> octets_;
};

}  // namespace demarc::contract
