// A timer wheel with a million timers: what it costs to start one and to cancel it again, which is
// the life of nearly all timers of SIP.
#include <benchmark/benchmark.h>

#include <vector>

#include "dataplane/memory/arena.h"
#include "dataplane/transaction/timer_wheel.h"
#include "tests/support/udp_packet.h"

namespace demarc::transaction {
namespace {

using contract::Duration;
using contract::Instant;

constexpr uint32_t timer_count = 1'000'000;

// T1, T4, 64*T1, a second, three minutes: what a call starts.
constexpr int64_t lengths_ms[] = {500, 5'000, 32'000, 1'000, 180'000, 32'000, 4'000, 64'000};

class Wheel {
 public:
  Wheel() : memory_(TimerWheel::octets_needed(timer_count + 1) + 64), arena_(aligned()) {
    support::TestRandom random(1);
    for (uint32_t& draw : draws_) draw = random();
    for (uint32_t i = 0; i < timer_count; ++i) ids_.push_back(start(i));
  }

  void start_and_cancel() {
    TimerId id = start(0);
    wheel_.cancel(id);
  }
  void restart_any() {
    const uint32_t subject = draw() % timer_count;
    wheel_.cancel(ids_[subject]);
    ids_[subject] = start(subject);
  }
  uint32_t live() const { return wheel_.live(); }

 private:
  std::span<std::byte> aligned() {
    const size_t skip = (64 - reinterpret_cast<uintptr_t>(memory_.data()) % 64) % 64;
    return std::span(memory_).subspan(skip, memory_.size() - 64);
  }
  // Drawn before, since a random number costs as much as a timer.
  uint32_t draw() { return draws_[next_draw_++ % draws_.size()]; }
  TimerId start(uint32_t subject) {
    const auto due = now_ + Duration::milliseconds(lengths_ms[draw() % std::size(lengths_ms)]);
    return wheel_.start(due, {TimerEvent::Owner::call, 0, subject, 0});
  }

  std::vector<std::byte> memory_;
  memory::Arena arena_;
  Instant now_{1'000'000'000'000};
  TimerWheel wheel_{arena_, timer_count + 1, now_};
  std::vector<uint32_t> draws_ = std::vector<uint32_t>(1u << 20);
  uint32_t next_draw_ = 0;
  std::vector<TimerId> ids_;
};

void run(benchmark::State& state, void (Wheel::*step)()) {
  static Wheel wheel;
  for (auto _ : state) (wheel.*step)();
  if (wheel.live() != timer_count) state.SkipWithError("a timer was lost");
  state.SetItemsProcessed(state.iterations());
}

// The one that was started last is cancelled: its lines are in the cache.
void BM_StartAndCancel(benchmark::State& state) {
  run(state, &Wheel::start_and_cancel);
}
// Any of the million is cancelled and started anew: none of its lines is.
void BM_RestartAny(benchmark::State& state) {
  run(state, &Wheel::restart_any);
}
BENCHMARK(BM_StartAndCancel);
BENCHMARK(BM_RestartAny);

}  // namespace
}  // namespace demarc::transaction

BENCHMARK_MAIN();
