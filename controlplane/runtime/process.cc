#include "controlplane/runtime/process.h"

#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

namespace demarc::runtime {
namespace {

bool is_in_group(uid_t uid, gid_t primary, gid_t wanted) {
  if (primary == wanted) return true;
  char buffer[4096];
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) != 0 || found == nullptr) {
    return false;
  }
  int count = 64;
  std::vector<gid_t> groups(static_cast<size_t>(count));
  if (::getgrouplist(found->pw_name, found->pw_gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<size_t>(count));
    if (::getgrouplist(found->pw_name, found->pw_gid, groups.data(), &count) < 0) return false;
  }
  groups.resize(static_cast<size_t>(count));
  return std::find(groups.begin(), groups.end(), wanted) != groups.end();
}

}  // namespace

bool refuse_core_dumps() {
  const rlimit none{0, 0};
  return ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && ::setrlimit(RLIMIT_CORE, &none) == 0;
}

Signals::Signals() : fd_(-1) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&wanted, number);
  if (::pthread_sigmask(SIG_BLOCK, &wanted, nullptr) == 0) {
    fd_ = ::signalfd(-1, &wanted, SFD_CLOEXEC);
  }
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
}

Signals::~Signals() {
  ::close(fd_);
}

int Signals::wait() {
  signalfd_siginfo info{};
  while (::read(fd_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "signalfd read");
  }
  return static_cast<int>(info.ssi_signo);
}

int Signals::wait_for(int milliseconds) {
  pollfd waiting{fd_, POLLIN, 0};
  return ::poll(&waiting, 1, milliseconds) == 1 ? wait() : 0;
}

bool user_of_socket(int fd, UnixUser& user) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 ||
      credentials.uid == static_cast<uid_t>(-1)) {
    return false;
  }
  user = {credentials.uid, credentials.gid};
  return true;
}

std::string name_of(const UnixUser& user) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> text{};
  if (::getpwuid_r(user.uid, &entry, text.data(), text.size(), &found) == 0 && found != nullptr) {
    return found->pw_name;
  }
  return "uid " + std::to_string(user.uid);
}

bool may_use_api(const UnixUser& user) {
  return user.uid == 0 || user.uid == ::geteuid() || is_in_group(user.uid, user.gid, ::getegid());
}

}  // namespace demarc::runtime
