#include "controlplane/runtime/wakeup.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace demarc::runtime {

Wakeup::Wakeup() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Wakeup::~Wakeup() {
  ::close(fd_);
}

void Wakeup::wake() {
  const uint64_t one = 1;
  // A counter that is full already wakes; nothing else can fail here.
  [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
}

void Wakeup::clear() {
  uint64_t count;
  [[maybe_unused]] const ssize_t got = ::read(fd_, &count, sizeof count);
}

Ready wait_for(int fd, const Wakeup& wakeup, int timeout_ms) {
  pollfd fds[2] = {{wakeup.fd(), POLLIN, 0}, {fd, POLLIN, 0}};
  const int count = ::poll(fds, 2, timeout_ms);
  if (count <= 0) return {};
  return {fds[1].revents != 0, fds[0].revents != 0};
}

}  // namespace demarc::runtime
