#include "dataplane/boot/stream_thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <string>

#include "dataplane/lcore/clock.h"

namespace demarc::boot {

namespace {

// Without anything to do it looks around so often all the same.
constexpr int64_t longest_wait_ms = 200;

void run_on(std::span<const int> cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<unsigned>(cpu), &set);
  // Where the kernel refuses, it runs where it may.
  if (!cpus.empty()) ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
}

int wait_of(contract::Instant deadline, contract::Instant now) {
  if (!deadline.is_set()) return longest_wait_ms;
  const int64_t left_ms = (deadline - now).ns / 1'000'000 + 1;
  return static_cast<int>(std::clamp<int64_t>(left_ms, 0, longest_wait_ms));
}

}  // namespace

bool StreamThread::start(const stream::Streams::Parts& parts, std::span<const int> cpus,
                         wire::Explanation& why) {
  streams_ = std::make_unique<stream::Streams>(parts);
  lanes_ = &parts.shards.lanes(parts.shard);
  if (!lanes_->is_valid() || !streams_->is_valid()) {
    why.set("the stream thread gets no epoll from the kernel");
    return false;
  }
  // Signals are the main thread's: a thread inherits the mask of its maker.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const std::vector<int> own(cpus.begin(), cpus.end());
  const std::string name =
      parts.shard == 0 ? std::string("streams") : "streams-" + std::to_string(parts.shard);
  thread_ = std::thread([this, own, name] {
    ::pthread_setname_np(::pthread_self(), name.c_str());
    run_on(own);
    run();
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return true;
}

void StreamThread::publish(std::shared_ptr<const stream::Config> config) {
  {
    const std::lock_guard guard(mutex_);
    next_ = std::move(config);
  }
  if (lanes_ != nullptr) lanes_->interrupt();
}

void StreamThread::stop() {
  is_stopping_.store(true, std::memory_order_relaxed);
  if (!thread_.joinable()) return;
  lanes_->interrupt();
  thread_.join();
  streams_.reset();
}

void StreamThread::run() {
  while (!is_stopping_.load(std::memory_order_relaxed)) {
    const contract::Instant now = lcore::read_clock();
    std::shared_ptr<const stream::Config> next;
    {
      const std::lock_guard guard(mutex_);
      next.swap(next_);
    }
    if (next != nullptr) streams_->adopt(std::move(next), now);
    streams_->poll_once(now, wait_of(streams_->next_deadline(), now));
  }
}

}  // namespace demarc::boot
