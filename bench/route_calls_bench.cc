// Whether publishing snapshots is felt by calls: how long an INVITE takes through a worker's
// engine, in windows in which another thread compiles snapshots of 100,000 routes, one after the
// other, and in windows in which it does not, by turns. Each line printed is a figure of bench/run.
//
// The worker takes each snapshot into force between two bursts of calls and acknowledges it; the
// one before is freed then, as by the loader. A call that goes otherwise than it should ends the
// program. `--quick` is fewer windows and routes.
#include <sched.h>
#include <unistd.h>
#include <x86intrin.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/call_load.h"
#include "bench/route_config.h"

namespace demarc::bench {
namespace {

struct Options {
  unsigned pairs = 15;  // of windows with and without
  unsigned routes = 100'000;
  unsigned least_bursts = 40;  // of a window
};

[[noreturn]] void fail(const char* why) {
  std::fprintf(stderr, "route_calls_bench: %s\n", why);
  std::exit(1);
}

// The worker has its CPU for itself, at whatever priority bench/run gave it.
void leave_to_worker(int cpu) {
  cpu_set_t others;
  CPU_ZERO(&others);
  for (long i = 0; i < ::sysconf(_SC_NPROCESSORS_ONLN); ++i) CPU_SET(static_cast<int>(i), &others);
  if (CPU_COUNT(&others) > 1) CPU_CLR(cpu, &others);
  const sched_param ordinary{};
  static_cast<void>(::sched_setaffinity(0, sizeof others, &others));
  static_cast<void>(::sched_setscheduler(0, SCHED_OTHER, &ordinary));
}

// The control plane's side, on a thread and a CPU of its own.
class Publisher {
 public:
  // `cpu` is left to the worker.
  Publisher(const config::Config& config, int cpu) : config_(config), in_force_(make()) {
    thread_ = std::thread([this, cpu] {
      leave_to_worker(cpu);
      run();
    });
  }
  ~Publisher() {
    set(State::over);
    thread_.join();
  }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // What the worker begins with.
  const contract::Snapshot& first() const { return in_force_->snapshot(); }
  void begin() { set(State::publishing); }
  // No further ones; is_idle() once the last one is acknowledged.
  void end() { set(State::ending); }
  bool is_idle() const { return state_.load(std::memory_order_acquire) == State::idle; }

  // The worker's: the one that waits to be taken into force, if any; then that it was.
  const contract::Snapshot* next() const {
    const Compiled* made = ready_.load(std::memory_order_acquire);
    return made == nullptr ? nullptr : &made->snapshot();
  }
  void acknowledge() { ready_.store(nullptr, std::memory_order_release); }

 private:
  // From ending to idle by the publisher, else by the worker.
  enum class State { idle, publishing, ending, over };

  void set(State state) {
    state_.store(state, std::memory_order_release);
    state_.notify_one();
  }
  std::unique_ptr<Compiled> make() const {
    auto made = std::make_unique<Compiled>(config_);
    if (!made->is_sound()) fail("the section is not sound");
    return made;
  }
  void run() {
    for (;;) {
      State state = state_.load(std::memory_order_acquire);
      if (state == State::over) return;
      if (state == State::publishing) publish();
      if (state == State::ending) {
        state_.compare_exchange_strong(state, State::idle, std::memory_order_acq_rel);
      }
      if (state == State::idle) state_.wait(State::idle, std::memory_order_acquire);
    }
  }
  void publish() {
    std::unique_ptr<Compiled> made = make();
    ready_.store(made.get(), std::memory_order_release);
    while (ready_.load(std::memory_order_acquire) != nullptr) {
      if (state_.load(std::memory_order_acquire) == State::over) return;
      std::this_thread::yield();
    }
    in_force_ = std::move(made);
  }

  const config::Config& config_;
  std::atomic<State> state_{State::idle};
  std::atomic<const Compiled*> ready_{nullptr};
  std::unique_ptr<Compiled> in_force_;
  std::thread thread_;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options), config_(config_of(calling_rules)), cpu_(::sched_getcpu()) {
    add_routes(config_, options.routes);
    publisher_ = std::make_unique<Publisher>(config_, cpu_);
    load_.settle();
    load_.adopt(publisher_->first());
    first_generation_ = load_.generation();
  }

  void run() {
    // As many calls as there are during two publications, and for this once none is timed.
    const unsigned bursts = std::max(options_.least_bursts, bursts_of_publications(2));
    ticks_.reserve(size_t{bursts} * CallLoad::burst);
    const auto begin = std::chrono::steady_clock::now();
    const uint64_t begin_ticks = __rdtsc();
    for (unsigned pair = 0; pair < options_.pairs; ++pair) {
      // Each is the first as often as the other.
      for (const bool is_beside : {pair % 2 != 0, pair % 2 == 0}) window(bursts, is_beside);
    }
    const auto passed = std::chrono::steady_clock::now() - begin;
    ns_per_tick_ = std::chrono::duration<double, std::nano>(passed).count() /
                   static_cast<double>(__rdtsc() - begin_ticks);
    if (load_.generation() != first_generation_ + publications_) fail("a generation is missing");
    report();
  }

 private:
  unsigned bursts_of_publications(unsigned count) {
    unsigned bursts = 0;
    publisher_->begin();
    while (publications_ < count) {
      burst();
      ++bursts;
    }
    rest();
    return bursts;
  }
  void window(unsigned bursts, bool is_beside) {
    ticks_.clear();
    const uint64_t before = publications_;
    if (is_beside) publisher_->begin();
    load_.time_invites(&ticks_);
    // Two cores that others share may be slower than when the bursts were counted.
    for (unsigned i = 0; i < bursts || (is_beside && publications_ == before); ++i) burst();
    load_.time_invites(nullptr);
    if (is_beside) rest();
    invites_ += ticks_.size();
    const std::vector<double> ticks(ticks_.begin(), ticks_.end());
    (is_beside ? beside_ : alone_).push_back(median(ticks));
  }
  // Until the other core is free.
  void rest() {
    publisher_->end();
    while (!publisher_->is_idle()) {
      adopt();
      std::this_thread::yield();
    }
  }
  void burst() {
    static_cast<void>(load_.run());
    if (!load_.is_whole()) fail("a call did not go as it should");
    adopt();
  }
  void adopt() {
    const contract::Snapshot* next = publisher_->next();
    if (next == nullptr) return;
    load_.adopt(*next);
    publisher_->acknowledge();
    ++publications_;
  }
  void report() const {
    std::vector<double> ratios;
    for (size_t i = 0; i < alone_.size(); ++i) ratios.push_back(beside_[i] / alone_[i]);
    const double alone = median(alone_);
    const double beside = median(beside_);
    std::printf("route.calls.alone %.1f ns - -\n", alone * ns_per_tick_);
    std::printf("route.calls.publishing %.1f ns - -\n", beside * ns_per_tick_);
    std::printf("route.calls.ratio %.4f times - -\n", beside / alone);
    std::printf("route.calls.pairs %.4f times - -\n", median(ratios));
    std::printf("route.calls.invites %llu count - -\n", static_cast<unsigned long long>(invites_));
    std::printf("route.calls.publications %llu count - -\n",
                static_cast<unsigned long long>(publications_));
  }

  Options options_;
  config::Config config_;
  int cpu_;
  std::unique_ptr<Publisher> publisher_;
  CallLoad load_{1000};  // goes by what the publisher holds
  uint64_t first_generation_ = 0;
  uint64_t publications_ = 0;
  uint64_t invites_ = 0;
  double ns_per_tick_ = 0;
  std::vector<uint64_t> ticks_;  // of one window
  std::vector<double> alone_;    // medians of windows
  std::vector<double> beside_;
};

}  // namespace
}  // namespace demarc::bench

int main(int argc, char** argv) {
  demarc::bench::Options options;
  if (argc > 1 && std::string_view(argv[1]) == "--quick") options = {2, 1000, 4};
  demarc::bench::Bench(options).run();
}
