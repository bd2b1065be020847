// What a route decision costs a worker, and what it takes to compile routes and patterns.
//
// A decision is everything between the numbers of an INVITE and the target that it is sent to:
// both numbers by the rules of the caller's trunk, the route, the order of its trunks, the target,
// a place at both trunks and one of their rates, both numbers by the rules of the called trunk.
#include <benchmark/benchmark.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/call_load.h"
#include "controlplane/config/load.h"
#include "controlplane/trunks/compile.h"
#include "dataplane/number/pattern_store.h"
#include "dataplane/route/plan.h"
#include "tests/support/udp_packet.h"

namespace demarc::bench {
namespace {

using contract::LimitMet;
using contract::SectionKind;
using contract::TrunkId;

constexpr std::string_view trunks_text = R"([platform]
trunk_capacity = 8
target_capacity = 8
[port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
max_calls_in = 1000000
calls_per_second_in = 100000
call_burst = 100000
%PBX%
[trunk.itsp]
realm = "inside"
peer = ["10.0.0.30", "10.0.0.31"]
port = 5070
max_calls_out = 1000000
called_out = ['^\+(1\d{10})$ -> $1', '^\+(\d{9}\d+)$ -> 011$1']
calling_out = '^\+44(\d+)$ -> 0$1'
)";

// Patterns that are no prefix and length: a choice in the middle, each with another number. One
// that is stemmed begins with digits; of the others a database chooses.
std::string regex_rules(unsigned count, unsigned seed, bool is_stemmed = true) {
  std::string rules;
  for (unsigned i = 0; i < count; ++i) {
    const std::string number = std::to_string(100000 + (i * 7 + seed) % 900000);
    rules += (is_stemmed ? "'^8" : "'^(?:8|08)") + number + "(?:12|345)(\\d+)$ -> +1$1',\n";
  }
  return rules;
}

std::string shaped_rules(unsigned count) {
  std::string rules;
  for (unsigned i = 0; i < count; ++i) {
    rules += "'^7" + std::to_string(1000 + i) + "(\\d{4})$ -> +1425555$1',\n";
  }
  return rules;
}

config::Config config_of(const std::string& pbx) {
  std::string text(trunks_text);
  text.replace(text.find("%PBX%"), 5, pbx);
  config::Loaded loaded = config::load_text(text);
  if (!loaded.is_good) {
    for (const std::string& mistake : config::texts_of(loaded, "bench")) std::puts(mistake.c_str());
    std::abort();
  }
  return loaded.config;
}

// One of the prefixes: a country code and digits, all of one length.
std::string number_of(uint64_t index) {
  std::string number("+");
  number += std::to_string(1'000'000 + index);
  return number;
}

// A million routes are made here and not read: reading them is not what is measured.
void add_routes(config::Config& config, unsigned count) {
  config::Route route;
  route.from = "pbx";
  route.to = {"itsp"};
  route.priority = 100;
  config.routes.reserve(count + 1);
  config.routes.push_back(route);
  for (unsigned i = 0; i < count; ++i) {
    route.prefix = number_of(i);
    config.routes.push_back(route);
  }
}

// A configuration as a worker has it.
struct Compiled {
  explicit Compiled(const config::Config& config, numbers::Databases* databases = nullptr,
                    const number::PatternStore* before = nullptr) {
    trunks::Facts facts;
    facts.databases = databases;
    // As flow::Box numbers them.
    for (const char* trunk : {"pbx", "itsp"}) ids.trunks.take(trunk);
    set = trunks::compile(config, {}, ids, facts);
    snapshot.generation = 1;
    snapshot.realms = section<contract::RealmSection>(SectionKind::realms);
    snapshot.trunks = section<contract::TrunkSection>(SectionKind::trunks);
    snapshot.routes = section<contract::RouteSection>(SectionKind::routes);
    const contract::SectionBounds bounds{1, set.realms, set.trunks, 8, 8};
    is_sound = contract::check_section(set.blob(SectionKind::routes), bounds) ==
               contract::SectionError::none;
    store = number::PatternStore::build(*snapshot.routes, 2, before);
    is_sound = is_sound && store != nullptr;
    if (is_sound) snapshot.patterns = &store->patterns();
  }
  template <class Section>
  const Section* section(SectionKind kind) const {
    return reinterpret_cast<const Section*>(set.blob(kind).data());
  }

  trunks::IdMap ids;
  link::SectionSet set;
  contract::Snapshot snapshot;
  std::shared_ptr<const number::PatternStore> store;
  bool is_sound = false;
};

// A worker's view, and numbers to route, which all lead to the provider.
class Decider {
 public:
  Decider(const config::Config& config, const std::vector<std::string>& called)
      : compiled_(config), from_(trunk("pbx")), called_(called.size()) {
    const contract::RegionSizes sizes{1, 1, 8, 8, 2};
    memory_.resize(contract::Region::octets_needed(sizes) + 64);
    const auto skip = (64 - reinterpret_cast<uintptr_t>(memory_.data()) % 64) % 64;
    region_ = contract::Region::create(std::span(memory_).subspan(skip), sizes, 1);
    for (const link::TargetPlan& plan : compiled_.set.targets) {
      region_.target(plan.id).store(plan.target);
    }
    for (size_t i = 0; i < called.size(); ++i) {
      if (!number::read_text(called[i], called_[i])) std::abort();
    }
    if (!number::read_text("2123", calling_)) std::abort();
  }

  // The number as the provider sees it; empty when the call was refused.
  size_t decide() {
    const contract::Snapshot& snapshot = compiled_.snapshot;
    route::Dialled dialled;
    dialled.from = from_;
    dialled.called = called_[next_++ % called_.size()];
    dialled.calling = calling_;
    const route::Plan plan = route::plan(snapshot, 0, dialled);
    if (!plan.has_route()) return 0;
    const route::Entry in{from_, route::Direction::in};
    const LimitMet late = route::take_rate(snapshot, region_, in, {now_ns_ += 100'000});
    if (late != LimitMet::none) return 0;
    route::Hunt hunt(snapshot, plan.matches(), {&region_, 1, next_, plan.called.digits()});
    const route::Target target = hunt.next(snapshot, region_, 1);
    if (!target.is_set()) return 0;
    const route::Entry out{target.trunk, route::Direction::out};
    if (route::enter(snapshot, region_, in, out) != LimitMet::none) return 0;
    const route::Shown called =
        route::called_for(snapshot, 0, target.trunk, plan.match().called.view());
    const route::Shown calling = route::calling_for(snapshot, 0, target.trunk, plan.calling);
    route::leave_leg(region_, in);
    route::leave_leg(region_, out);
    return called.number.length + calling.number.length;
  }

 private:
  TrunkId trunk(const std::string& name) {
    return TrunkId{static_cast<uint16_t>(compiled_.ids.trunks.take(name))};
  }

  Compiled compiled_;
  TrunkId from_;
  std::vector<number::Number> called_;
  number::Number calling_;
  std::vector<std::byte> memory_;
  contract::Region region_;
  uint64_t now_ns_ = 1'000'000'000;
  uint64_t next_ = 0;
};

// Numbers over all prefixes, in no order.
std::vector<std::string> numbers_over(unsigned prefixes) {
  support::TestRandom random(7);
  std::vector<std::string> numbers;
  for (unsigned i = 0; i < 4096; ++i) {
    numbers.push_back(number_of(random() % prefixes) + "2345");
  }
  return numbers;
}

void decide(benchmark::State& state, Decider& decider) {
  for (auto _ : state) {
    const size_t length = decider.decide();
    if (length == 0) return state.SkipWithError("a call was refused");
    benchmark::DoNotOptimize(length);
  }
  state.SetItemsProcessed(state.iterations());
}

constexpr const char* calling_rules = "calling_in = '^(1|2)(\\d{3})$ -> +1425555$1$2'\n";

// Rules and routes that are prefixes and lengths, so many of each.
void BM_Shaped(benchmark::State& state) {
  static std::map<int64_t, std::unique_ptr<Decider>> deciders;
  std::unique_ptr<Decider>& decider = deciders[state.range(0)];
  if (decider == nullptr) {
    const auto count = static_cast<unsigned>(state.range(0));
    config::Config config =
        config_of(calling_rules + ("called_in = [" + shaped_rules(std::min(count, 9000u))) + "]");
    add_routes(config, count);
    decider = std::make_unique<Decider>(config, numbers_over(count));
  }
  decide(state, *decider);
}
BENCHMARK(BM_Shaped)->Arg(100)->Arg(100'000)->Arg(1'000'000);

// So many regular expressions that do not match, as for most calls, beside a million prefixes.
void decide_beside_regexes(benchmark::State& state, bool is_stemmed) {
  static std::map<std::pair<int64_t, bool>, std::unique_ptr<Decider>> deciders;
  std::unique_ptr<Decider>& decider = deciders[{state.range(0), is_stemmed}];
  if (decider == nullptr) {
    const auto count = static_cast<unsigned>(state.range(0));
    config::Config config =
        config_of(calling_rules + ("called_in = [" + regex_rules(count, 0, is_stemmed)) + "]");
    add_routes(config, 1'000'000);
    decider = std::make_unique<Decider>(config, numbers_over(1'000'000));
  }
  decide(state, *decider);
}
void BM_Regex(benchmark::State& state) {
  decide_beside_regexes(state, true);
}
void BM_Scan(benchmark::State& state) {
  decide_beside_regexes(state, false);
}
BENCHMARK(BM_Regex)->Arg(100)->Arg(10'000);
BENCHMARK(BM_Scan)->Arg(100)->Arg(10'000);

// An item is a millionth of a publication, so that a figure is milliseconds of a whole one.
constexpr double items_per_publication = 1e6;

// Compiled, checked and made ready: all but the way over the socket.
void BM_PublishRoutes(benchmark::State& state) {
  config::Config config = config_of(calling_rules);
  add_routes(config, static_cast<unsigned>(state.range(0)));
  for (auto _ : state) {
    if (!Compiled(config).is_sound) return state.SkipWithError("the section is not sound");
  }
  state.SetItemsProcessed(
      static_cast<int64_t>(static_cast<double>(state.iterations()) * items_per_publication));
}
BENCHMARK(BM_PublishRoutes)->Arg(100'000)->Unit(benchmark::kMillisecond);

// All of the patterns are others than before.
void publish_regexes(benchmark::State& state, bool is_stemmed) {
  unsigned seed = 0;
  const auto count = static_cast<unsigned>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    config::Config config =
        config_of(calling_rules + ("called_in = [" + regex_rules(count, ++seed, is_stemmed)) + "]");
    add_routes(config, 1);
    state.ResumeTiming();
    if (!Compiled(config).is_sound) return state.SkipWithError("the section is not sound");
  }
  state.SetItemsProcessed(
      static_cast<int64_t>(static_cast<double>(state.iterations()) * items_per_publication));
}
void BM_PublishRegexes(benchmark::State& state) {
  publish_regexes(state, true);
}
void BM_PublishScan(benchmark::State& state) {
  publish_regexes(state, false);
}
BENCHMARK(BM_PublishRegexes)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_PublishScan)->Arg(10'000)->Unit(benchmark::kMillisecond);

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

// Compiles snapshots of 100,000 routes one after the other, on a thread beside the worker's.
class Publisher {
 public:
  Publisher() : config_(config_of(calling_rules)) { add_routes(config_, 100'000); }
  ~Publisher() {
    stop();
    delete ready_.load();
    delete retired_.load();
  }
  // `cpu` is left to the worker.
  void start(int cpu) {
    is_over_.store(false, std::memory_order_relaxed);
    thread_ = std::thread([this, cpu] { run(cpu); });
  }
  void stop() {
    is_over_.store(true, std::memory_order_relaxed);
    if (thread_.joinable()) thread_.join();
  }
  std::unique_ptr<Compiled> make() const { return std::make_unique<Compiled>(config_); }
  // Waits for one that is whole.
  std::unique_ptr<Compiled> take() {
    for (;;) {
      if (Compiled* made = ready_.exchange(nullptr, std::memory_order_acq_rel)) {
        return std::unique_ptr<Compiled>(made);
      }
      std::this_thread::yield();
    }
  }
  // What the worker went by before is freed here, as the loader does.
  void retire(std::unique_ptr<Compiled> old) {
    delete retired_.exchange(old.release(), std::memory_order_acq_rel);
  }

 private:
  void run(int cpu) {
    leave_to_worker(cpu);
    while (!is_over_.load(std::memory_order_relaxed)) {
      std::unique_ptr<Compiled> made = make();
      if (!made->is_sound) std::abort();
      delete ready_.exchange(made.release(), std::memory_order_acq_rel);
      delete retired_.exchange(nullptr, std::memory_order_acq_rel);
    }
  }

  config::Config config_;
  std::atomic<bool> is_over_{true};
  std::atomic<Compiled*> ready_{nullptr};
  std::atomic<Compiled*> retired_{nullptr};
  std::thread thread_;
};

// The same calls for every window, with 100,000 routes in force from the first one on.
struct Published {
  Published() : in_force(publisher.make()) {
    load.settle();
    load.adopt(in_force->snapshot);
  }
  // Takes the next one; what that cost the worker, in ns.
  double adopt() {
    std::unique_ptr<Compiled> next = publisher.take();
    const auto begin = std::chrono::steady_clock::now();
    load.adopt(next->snapshot);
    const auto end = std::chrono::steady_clock::now();
    in_force.swap(next);
    publisher.retire(std::move(next));
    return std::chrono::duration<double, std::nano>(end - begin).count();
  }
  CallLoad load{1000};
  Publisher publisher;
  std::unique_ptr<Compiled> in_force;
};

// Whole calls of a worker, alone (0) and while another thread compiles snapshots one after the
// other, of which the worker takes one into force in the middle (1). bench/run gives the
// repetitions of both in random order.
void BM_CallsBeside(benchmark::State& state) {
  constexpr int middle = 20;
  static Published& published = *new Published;
  const bool is_published = state.range(0) != 0;
  if (is_published) published.publisher.start(::sched_getcpu());
  int done = 0;
  for (auto _ : state) {
    const double adopting = is_published && ++done == middle ? published.adopt() : 0;
    state.SetIterationTime((published.load.run().signalling + adopting) * 1e-9);
  }
  published.publisher.stop();
  if (!published.load.is_whole()) state.SkipWithError("a call did not go as it should");
  state.SetItemsProcessed(state.iterations() * CallLoad::burst);
}
BENCHMARK(BM_CallsBeside)->Arg(0)->Arg(1)->Iterations(40)->UseManualTime();

}  // namespace
}  // namespace demarc::bench

BENCHMARK_MAIN();
