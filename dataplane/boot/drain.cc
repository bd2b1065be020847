#include "dataplane/boot/drain.h"

#include "dataplane/boot/log.h"

namespace demarc::boot {

using contract::CallSlot;
using contract::Command;
using contract::DirectoryRow;
using contract::Duration;
using contract::Instant;
using contract::Region;
using contract::WorkerIndex;

namespace {

uint32_t live_calls(const Region& region) {
  uint32_t live = 0;
  for (unsigned i = 0; i < region.workers(); ++i) {
    live += region.worker(static_cast<WorkerIndex>(i)).live_calls.load(std::memory_order_relaxed);
  }
  return live;
}

}  // namespace

void Drain::request(Region& region, Duration drain_time, Instant now) {
  if (!region.is_valid()) {
    phase_ = Phase::over;
  } else if (phase_ == Phase::not_begun) {
    log("ending: no new calls; %u live calls have %lld s to end", live_calls(region),
        static_cast<long long>(drain_time.ns / 1'000'000'000));
    region.header().state.store(contract::DataplaneState::draining, std::memory_order_release);
    phase_ = Phase::draining;
    since_ = now;
    deadline_ = now + drain_time;
  } else if (phase_ == Phase::draining) {
    log("ending now: %u live calls are hung up", live_calls(region));
    hang_up_from(region, now);
  }
}

void Drain::step(Region& region, Instant now) {
  if (phase_ == Phase::not_begun || phase_ == Phase::over || now - since_ < settling) return;
  if (live_calls(region) == 0) {
    phase_ = Phase::over;
  } else if (phase_ == Phase::draining) {
    if (now < deadline_) return;
    log("the time to drain is over: %u live calls are hung up", live_calls(region));
    hang_up_from(region, now);
  } else {
    push_commands(region);
    if (now < deadline_) return;
    if (phase_ == Phase::hanging_up) {
      log("%u calls did not end and are dropped", live_calls(region));
      return enter(Phase::dropping, drop_grace, now);
    }
    log("%u calls leave no record: their workers do not answer", live_calls(region));
    phase_ = Phase::over;
  }
}

void Drain::hang_up_from(Region& region, Instant now) {
  region.header().state.store(contract::DataplaneState::ending, std::memory_order_release);
  enter(Phase::hanging_up, hang_up_grace, now);
}

void Drain::enter(Phase phase, Duration grace, Instant now) {
  phase_ = phase;
  since_ = now;
  deadline_ = now + grace;
  worker_ = 0;
  slot_ = 0;
}

// Goes once through the whole directory; where a ring is full it goes on in the next step.
void Drain::push_commands(Region& region) {
  for (; worker_ < region.workers(); ++worker_, slot_ = 0) {
    for (; slot_ < region.sizes().calls_per_worker; ++slot_) {
      const bool is_done =
          push_command(region, static_cast<WorkerIndex>(worker_), static_cast<CallSlot>(slot_));
      if (!is_done) return;
    }
  }
}

bool Drain::push_command(Region& region, WorkerIndex worker, CallSlot slot) {
  DirectoryRow row;
  if (!region.directory(worker, slot).load(row)) return true;
  if (row.phase == contract::CallPhase::none) return true;
  Command command;
  command.kind = phase_ == Phase::dropping ? Command::Kind::drop_call : Command::Kind::hang_up;
  command.slot = slot;
  command.serial = row.serial;
  return region.commands(worker).push(command);
}

}  // namespace demarc::boot
