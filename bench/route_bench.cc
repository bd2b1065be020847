// What a route decision costs a worker, and what it takes to compile routes and patterns.
//
// A decision is everything between the numbers of an INVITE and the target that it is sent to:
// both numbers by the rules of the caller's trunk, the route, the order of its trunks, the target,
// a place at both trunks and one of their rates, both numbers by the rules of the called trunk.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/route_config.h"
#include "controlplane/config/load.h"
#include "dataplane/route/plan.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/udp_packet.h"

namespace demarc::bench {
namespace {

using contract::LimitMet;
using contract::TrunkId;

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

// A worker's view, and numbers to route, which all lead to the provider.
class Decider {
 public:
  Decider(const config::Config& config, const std::vector<std::string>& called)
      : compiled_(config), from_(compiled_.trunk("pbx")), called_(called.size()) {
    const contract::RegionSizes sizes{1, 1, 8, 8, 2};
    memory_.resize(contract::Region::octets_needed(sizes) + 64);
    const auto skip = (64 - reinterpret_cast<uintptr_t>(memory_.data()) % 64) % 64;
    region_ = contract::Region::create(std::span(memory_).subspan(skip), sizes, 1);
    for (const link::TargetPlan& plan : compiled_.targets()) {
      region_.target(plan.id).store(plan.target);
    }
    for (size_t i = 0; i < called.size(); ++i) {
      if (!number::read_text(called[i], called_[i])) std::abort();
    }
    if (!number::read_text("2123", calling_)) std::abort();
  }

  // The number as the provider sees it; empty when the call was refused.
  size_t decide() {
    const contract::Snapshot& snapshot = compiled_.snapshot();
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

// Rules and routes that are prefixes and lengths, so many of each.
void BM_Shaped(benchmark::State& state) {
  static std::map<int64_t, std::unique_ptr<Decider>> deciders;
  std::unique_ptr<Decider>& decider = deciders[state.range(0)];
  if (decider == nullptr) {
    const auto count = static_cast<unsigned>(state.range(0));
    config::Config config =
        config_of(std::string(calling_rules) +
                  ("called_in = [" + shaped_rules(std::min(count, 9000u))) + "]");
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
    config::Config config = config_of(std::string(calling_rules) +
                                      ("called_in = [" + regex_rules(count, 0, is_stemmed)) + "]");
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
    if (!Compiled(config).is_sound()) return state.SkipWithError("the section is not sound");
  }
  state.SetItemsProcessed(
      static_cast<int64_t>(static_cast<double>(state.iterations()) * items_per_publication));
}
BENCHMARK(BM_PublishRoutes)->Arg(100'000)->Unit(benchmark::kMillisecond);

// A route with a list of so many prefixes.
class ListedRoute {
 public:
  explicit ListedRoute(unsigned count) {
    std::string rows = "prefix,destination\n";
    for (unsigned i = 0; i < count; ++i) rows += number_of(i) + ",somewhere\n";
    std::ofstream(directory_.path("prefixes.csv")) << rows;
  }
  config::Loaded load() const {
    return config::load_text(text_of(calling_rules, "[prefixes.all]\nfile = \"" +
                                                        directory_.path("prefixes.csv") +
                                                        "\"\n[[route]]\nfrom = \"pbx\"\n" +
                                                        "to = \"itsp\"\nprefixes = \"all\"\n"));
  }

 private:
  support::TemporaryDirectory directory_;
};

// From the file on disk to what a worker can use: read, checked, compiled, checked again and made
// ready.
void BM_PublishPrefixes(benchmark::State& state) {
  const ListedRoute route(static_cast<unsigned>(state.range(0)));
  for (auto _ : state) {
    const config::Loaded loaded = route.load();
    if (!loaded.is_good) return state.SkipWithError("the configuration is not good");
    if (!Compiled(loaded.config).is_sound()) return state.SkipWithError("the section is not sound");
  }
  state.SetItemsProcessed(
      static_cast<int64_t>(static_cast<double>(state.iterations()) * items_per_publication));
}
BENCHMARK(BM_PublishPrefixes)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

size_t heap_octets() {
  const struct mallinfo2 heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

// What the control plane keeps of them, in its configuration and in the section that it sends.
void BM_PrefixMemory(benchmark::State& state) {
  const ListedRoute route(static_cast<unsigned>(state.range(0)));
  const size_t before = heap_octets();
  const config::Loaded loaded = route.load();
  const size_t kept = heap_octets() - before;
  const Compiled compiled(loaded.config);
  for (auto _ : state) benchmark::DoNotOptimize(compiled.is_sound());
  state.SetItemsProcessed(state.iterations());
  state.counters["octets"] =
      static_cast<double>(kept + compiled.route_octets()) / static_cast<double>(state.range(0));
  state.counters["section"] =
      static_cast<double>(compiled.route_octets()) / static_cast<double>(state.range(0));
}
BENCHMARK(BM_PrefixMemory)->Arg(1'000'000);

// All of the patterns are others than before.
void publish_regexes(benchmark::State& state, bool is_stemmed) {
  unsigned seed = 0;
  const auto count = static_cast<unsigned>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    config::Config config =
        config_of(std::string(calling_rules) +
                  ("called_in = [" + regex_rules(count, ++seed, is_stemmed)) + "]");
    add_routes(config, 1);
    state.ResumeTiming();
    if (!Compiled(config).is_sound()) return state.SkipWithError("the section is not sound");
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

}  // namespace
}  // namespace demarc::bench

BENCHMARK_MAIN();
