// StreamThread: a thread of stream::Streams: in its loop until told to stop. An ordinary thread:
// it may allocate and sleeps in epoll. Made, given snapshots and joined on the main thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <thread>

#include "dataplane/stream/streams.h"
#include "dataplane/wire/explanation.h"

namespace demarc::boot {

class StreamThread {
 public:
  StreamThread() = default;
  StreamThread(const StreamThread&) = delete;
  StreamThread& operator=(const StreamThread&) = delete;
  ~StreamThread() { stop(); }

  // What `parts` refers to outlives it. `cpus`: where it may run; empty: wherever the process may.
  [[nodiscard]] bool start(const stream::Streams::Parts& parts, std::span<const int> cpus,
                           wire::Explanation& why);
  // Connections are served by this one soon.
  void publish(std::shared_ptr<const stream::Config> config);
  void stop();

 private:
  void run();

  std::unique_ptr<stream::Streams> streams_;
  stream::Lanes* lanes_ = nullptr;
  std::mutex mutex_;
  std::shared_ptr<const stream::Config> next_;  // under mutex_
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;
};

}  // namespace demarc::boot
