// WorkerThread: the thread of one worker: pinned, known to DPDK, in its loop until told to stop.
//
// Made and joined on the main thread. The worker is built on its own thread, so that its memory's
// first user is its own core; start() returns when it is in its loop, or says why it is not.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "dataplane/lcore/worker.h"
#include "dataplane/lcore/worker_memory.h"

namespace demarc::lcore {

struct WorkerOptions {
  engine::Limits limits;
  engine::Engine::Secrets secrets;
  contract::IdlePolicy idle = contract::IdlePolicy::spin;
  int cpu = -1;  // -1: wherever the process may run
};

class WorkerThread {
 public:
  WorkerThread() = default;
  WorkerThread(const WorkerThread&) = delete;
  WorkerThread& operator=(const WorkerThread&) = delete;
  ~WorkerThread() { stop(); }

  [[nodiscard]] bool start(const Shared& shared, const WorkerOptions& options, WorkerMemory memory,
                           wire::Explanation& why);
  void stop();
  const WorkerMemory& memory() const { return memory_; }

 private:
  enum class Progress : int { building, running, not_registered, not_pinned };

  void run(const Shared& shared, const WorkerOptions& options);
  void loop(Worker& worker, contract::IdlePolicy idle);

  WorkerMemory memory_;
  std::atomic<Progress> progress_{Progress::building};
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;
};

}  // namespace demarc::lcore
