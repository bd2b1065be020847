// What a program does to itself at start: no core dumps (keys are in memory), and signals taken
// from a descriptor instead of handlers. Called by main before any thread starts.
#pragma once

#include <cstdint>
#include <string>

namespace demarc::runtime {

// No core file, no ptrace by other processes of the user. False when the kernel refuses.
[[nodiscard]] bool refuse_core_dumps();

// SIGTERM, SIGINT and SIGHUP are blocked in this thread and those that it starts, and read here.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  // Waits for the next signal; its number.
  int wait();
  // The same for at most so long; 0 when none came.
  int wait_for(int milliseconds);

 private:
  int fd_;
};

// The user at the other end of a connected Unix socket.
struct UnixUser {
  uint32_t uid;
  uint32_t gid;
};
// False when `fd` is no such socket.
[[nodiscard]] bool user_of_socket(int fd, UnixUser& user);
// "root", or "uid 1000" where the user has no name.
std::string name_of(const UnixUser& user);
// Root, the user that this process runs as, and members of its group.
bool may_use_api(const UnixUser& user);

}  // namespace demarc::runtime
