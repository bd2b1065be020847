// Spooler: the reader of all record rings while no control plane is (decision D2), on a thread of
// its own, since it writes to disk.
//
// collect() is one pass and may be called without the thread (tests, and the end of the process).
// The main thread pauses it before it hands the rings to a control plane, and resumes it when that
// one is gone.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "dataplane/boot/spool_file.h"
#include "dataplane/contract/region.h"

namespace demarc::boot {

class Spooler {
 public:
  static constexpr unsigned max_batch = 64;

  // Both outlive it.
  Spooler(SpoolFile& file, contract::Region region) : file_(file), region_(region) {}
  ~Spooler() { stop(); }
  Spooler(const Spooler&) = delete;
  Spooler& operator=(const Spooler&) = delete;

  // Moves what waits in the rings to the file; returns how many records. What does not fit stays in
  // its ring, so that the rings fill and new calls are refused.
  unsigned collect();
  // The end of the process: copies what is in the rings and leaves it there, since a control plane
  // may be reading them still. It drops what it already has.
  void copy_all();

  // Starts the thread, not paused.
  void start();
  // Returns when the thread touches neither rings nor file.
  void pause();
  void resume();
  void stop();

 private:
  enum class Wish : uint8_t { run, pause, stop };
  void run();
  void tell(Wish wish);

  SpoolFile& file_;
  contract::Region region_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Wish wish_ = Wish::run;
  bool is_paused_ = false;
  std::thread thread_;
};

}  // namespace demarc::boot
