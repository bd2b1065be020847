#include "dataplane/lcore/worker_thread.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

#include <cstdio>

#include "dataplane/lcore/clock.h"
#include "dataplane/lcore/idle.h"
#include "dataplane/wire/eal.h"

namespace demarc::lcore {
namespace {

// A sleep of 100 us shall not take the 50 us more that the kernel allows itself by default.
constexpr unsigned long timer_slack_ns = 1000;

void sleep_for(contract::Duration duration) {
  const timespec time{.tv_sec = 0, .tv_nsec = duration.ns};
  ::clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

void name_thread(contract::WorkerIndex worker) {
  char name[16];
  std::snprintf(name, sizeof name, "worker-%u", worker);
  ::pthread_setname_np(::pthread_self(), name);
}

}  // namespace

bool WorkerThread::start(const Shared& shared, const WorkerOptions& options, WorkerMemory memory,
                         wire::Explanation& why) {
  memory_ = std::move(memory);
  // Signals are the main thread's: a thread inherits the mask of its maker.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this, shared, options] { run(shared, options); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);

  progress_.wait(Progress::building, std::memory_order_acquire);
  switch (progress_.load(std::memory_order_acquire)) {
    case Progress::not_registered:
      why.set("worker %u: DPDK takes no more threads", options.limits.worker);
      return false;
    case Progress::not_pinned:
      why.set("worker %u: CPU %d is not one that this process may use; see 'cores'",
              options.limits.worker, options.cpu);
      return false;
    default:
      return true;
  }
}

void WorkerThread::stop() {
  is_stopping_.store(true, std::memory_order_relaxed);
  if (thread_.joinable()) thread_.join();
}

void WorkerThread::run(const Shared& shared, const WorkerOptions& options) {
  const auto reach = [this](Progress progress) {
    progress_.store(progress, std::memory_order_release);
    progress_.notify_one();
  };
  name_thread(options.limits.worker);
  ::prctl(PR_SET_TIMERSLACK, timer_slack_ns, 0, 0, 0);
  if (options.cpu >= 0 && !wire::pin_thread(static_cast<unsigned>(options.cpu))) {
    return reach(Progress::not_pinned);
  }
  if (!wire::register_thread()) return reach(Progress::not_registered);
  shared.quiescence.join(options.limits.worker);
  {
    const auto worker = std::make_unique<Worker>(shared, options.limits, memory_.octets(),
                                                 options.secrets, read_clock());
    reach(Progress::running);
    loop(*worker, options.idle);
  }
  shared.quiescence.leave(options.limits.worker);
  wire::unregister_thread();
}

void WorkerThread::loop(Worker& worker, contract::IdlePolicy policy) {
  Idle idle(policy);
  while (!is_stopping_.load(std::memory_order_relaxed)) {
    const contract::Instant now = read_clock();
    const bool was_busy = worker.poll_once(now);
    const contract::Duration sleep =
        idle.sleep_after({.was_busy = was_busy, .now = now, .next_due = worker.next_due()});
    if (sleep.ns > 0) sleep_for(sleep);
  }
}

}  // namespace demarc::lcore
