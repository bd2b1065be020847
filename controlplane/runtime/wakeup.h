// Wakeup: lets one thread wake another out of poll(). Any thread calls wake(); the owner polls fd()
// and calls clear(). Valid until destroyed; must outlive every thread that wakes by it.
#pragma once

namespace demarc::runtime {

class Wakeup {
 public:
  Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  ~Wakeup();

  int fd() const { return fd_; }
  void wake();
  void clear();

 private:
  int fd_;
};

// Waits until `fd` is readable, `wakeup` is woken, or `timeout_ms` passed (-1: no limit). A
// negative fd waits for the others only.
struct Ready {
  bool is_readable = false;
  bool is_woken = false;
};
Ready wait_for(int fd, const Wakeup& wakeup, int timeout_ms);

}  // namespace demarc::runtime
