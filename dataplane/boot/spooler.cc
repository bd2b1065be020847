#include "dataplane/boot/spooler.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "dataplane/boot/log.h"

namespace demarc::boot {

using contract::CallRecord;
using contract::RecordRing;
using contract::WorkerIndex;

namespace {

constexpr std::chrono::milliseconds idle_wait{10};

}  // namespace

unsigned Spooler::collect() {
  unsigned collected = 0;
  std::array<CallRecord, max_batch> batch;
  for (unsigned worker = 0; worker < region_.workers(); ++worker) {
    RecordRing ring = region_.records(static_cast<WorkerIndex>(worker));
    const uint64_t first = ring.head();
    const auto count = static_cast<unsigned>(std::min<uint64_t>(ring.size(), max_batch));
    if (count == 0) continue;
    for (unsigned i = 0; i < count; ++i) batch[i] = ring.at(first + i);
    // Taken by another reader meanwhile, so maybe written over: the next pass sees the rest.
    if (ring.head() != first) continue;
    const unsigned kept = file_.append({batch.data(), count});
    ring.consume_to(first + kept);
    collected += kept;
  }
  return collected;
}

void Spooler::copy_all() {
  std::array<CallRecord, max_batch> batch;
  for (unsigned worker = 0; worker < region_.workers(); ++worker) {
    const RecordRing ring = region_.records(static_cast<WorkerIndex>(worker));
    // No worker writes any more, so what another reader gives up meanwhile stays readable.
    const uint64_t first = ring.head();
    const uint64_t last = std::max(first, ring.tail());
    const uint64_t waiting = std::min(last - first, ring.capacity());
    for (uint64_t done = 0; done < waiting;) {
      const auto count = static_cast<unsigned>(std::min<uint64_t>(waiting - done, max_batch));
      for (unsigned i = 0; i < count; ++i) batch[i] = ring.at(first + done + i);
      const unsigned kept = file_.append({batch.data(), count});
      done += kept;
      if (kept == count) continue;
      log("worker %u: %llu call records do not fit the spool and are lost", worker,
          static_cast<unsigned long long>(waiting - done));
      break;
    }
  }
}

void Spooler::start() {
  thread_ = std::thread([this] { run(); });
}

void Spooler::pause() {
  tell(Wish::pause);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_paused_ || !thread_.joinable(); });
}

void Spooler::resume() {
  tell(Wish::run);
}

void Spooler::stop() {
  tell(Wish::stop);
  if (thread_.joinable()) thread_.join();
}

void Spooler::tell(Wish wish) {
  {
    const std::lock_guard lock(mutex_);
    wish_ = wish;
    if (wish != Wish::pause) is_paused_ = false;
  }
  changed_.notify_all();
}

void Spooler::run() {
  ::pthread_setname_np(::pthread_self(), "spool");
  bool was_failing = false;
  bool was_full = false;
  std::unique_lock lock(mutex_);
  while (wish_ != Wish::stop) {
    if (wish_ == Wish::pause) {
      is_paused_ = true;
      changed_.notify_all();
      // Woken by any change: a pause right after a resume wants to be answered again.
      changed_.wait(lock);
      continue;
    }
    lock.unlock();
    const unsigned collected = collect();
    if (file_.has_failed() && !was_failing) log("the record spool can not be written");
    if (file_.is_full() && !was_full) {
      log("the record spool is full: new calls are refused when the record rings are full too");
    }
    was_failing = file_.has_failed();
    was_full = file_.is_full();
    lock.lock();
    if (collected == 0) changed_.wait_for(lock, idle_wait);
  }
}

}  // namespace demarc::boot
