#include "dataplane/boot/process.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "dataplane/boot/log.h"

namespace demarc::boot {

using contract::FileDescriptor;

namespace {

// For secrets, which are small. Kernels before 5.11 count the memory of af_xdp ports here too.
constexpr rlim_t enough_locked_memory = 1u << 20;

void raise_locked_memory() {
  rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
  if (::setrlimit(RLIMIT_MEMLOCK, &limit) == 0) return;
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_MEMLOCK, &limit);
  if (limit.rlim_max >= enough_locked_memory) return;
  log("only %llu KB of memory can be locked: an af_xdp port or a secrets section may be refused; "
      "run as root, or with CAP_SYS_RESOURCE, or with LimitMEMLOCK=infinity",
      static_cast<unsigned long long>(limit.rlim_max / 1024));
}

// One for each connection of TCP or TLS.
void raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

void harden_process() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    log("core dumps can not be switched off: %s", std::strerror(errno));
  }
  raise_locked_memory();
  raise_open_files();
}

FileDescriptor take_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t taken;
  ::sigemptyset(&taken);
  ::sigaddset(&taken, SIGTERM);
  ::sigaddset(&taken, SIGINT);
  if (::pthread_sigmask(SIG_BLOCK, &taken, nullptr) != 0) return FileDescriptor();
  return FileDescriptor(::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
}

FileDescriptor lock_state_directory(const char* path, wire::Explanation& why) {
  if (::mkdir(path, 0750) != 0 && errno != EEXIST) {
    why.set("%s can not be made: %s", path, std::strerror(errno));
    return FileDescriptor();
  }
  FileDescriptor directory(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) {
    why.set("%s: %s", path, std::strerror(errno));
    return FileDescriptor();
  }
  if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) {
    why.set("%s is in use by another demarc-dataplane", path);
    return FileDescriptor();
  }
  return directory;
}

void make_folder_of(std::string_view socket_path) {
  const size_t slash = socket_path.rfind('/');
  char folder[PATH_MAX];
  if (slash == std::string_view::npos || slash == 0 || slash >= sizeof folder) return;
  folder[socket_path.copy(folder, slash)] = '\0';
  static_cast<void>(::mkdir(folder, 0755));
}

}  // namespace demarc::boot
