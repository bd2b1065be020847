// What a whole call costs a worker, beside 1,000 to 1,000,000 that stand (call_load.h), and what a
// confirmed one holds.
//
//   call_bench --count N   N bursts of whole calls beside 1,000, for callgrind; prints the calls
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>

#include "bench/call_load.h"
#include "dataplane/contract/directory.h"
#include "dataplane/transaction/timer_wheel.h"

namespace demarc::bench {
namespace {

// Confirming them takes longer than what is measured, so each number of calls is set up once.
CallLoad& load_of(uint32_t standing, contract::Transport transport) {
  static std::map<std::pair<uint32_t, contract::Transport>, std::unique_ptr<CallLoad>> loads;
  auto& load = loads[{standing, transport}];
  if (!load) {
    load = std::make_unique<CallLoad>(standing, transport);
    load->settle();
  }
  return *load;
}

void run(benchmark::State& state, double CallLoad::Cost::*part, double items,
         contract::Transport transport = contract::Transport::udp) {
  CallLoad& load = load_of(static_cast<uint32_t>(state.range(0)), transport);
  for (auto _ : state) state.SetIterationTime(load.run().*part * 1e-9);
  if (!load.is_whole()) state.SkipWithError("a call did not go as it should");
  state.SetItemsProcessed(static_cast<int64_t>(static_cast<double>(state.iterations()) * items));
}

void BM_Signalling(benchmark::State& state) {
  run(state, &CallLoad::Cost::signalling, CallLoad::burst);
}
// With what the lanes to and from the stream thread cost the worker.
void BM_SignallingTls(benchmark::State& state) {
  run(state, &CallLoad::Cost::signalling, CallLoad::burst, contract::Transport::tls);
}
void BM_Transactions(benchmark::State& state) {
  run(state, &CallLoad::Cost::transactions, CallLoad::burst);
}
// An item is a live call and second.
void BM_Supervision(benchmark::State& state) {
  run(state, &CallLoad::Cost::supervision,
      static_cast<double>(state.range(0)) * CallLoad::seconds_per_run);
}
// Ten seconds of 256 calls a second.
void stand(benchmark::internal::Benchmark* bench, std::initializer_list<int64_t> calls) {
  for (const int64_t count : calls) bench->Arg(count);
  bench->Iterations(40)->UseManualTime();
}
BENCHMARK(BM_Signalling)->Apply([](auto* bench) {
  stand(bench, {1'000, 10'000, 100'000, 1'000'000});
});
BENCHMARK(BM_SignallingTls)->Apply([](auto* bench) { stand(bench, {1'000}); });
// With more standing, moving their timers through the wheel would be counted here.
BENCHMARK(BM_Transactions)->Apply([](auto* bench) { stand(bench, {1'000}); });
BENCHMARK(BM_Supervision)->Apply([](auto* bench) { stand(bench, {1'000, 100'000}); });

// What one more call makes the tables larger by: the call with its text and both legs, its share of
// early dialogs, exchanges, transfers and further text, its places in the indexes, its timers, its
// row in the directory. Media slots are not signalling, and the record ring is sized by how long
// its reader may be away, whatever calls there are. Over UDP, without session timers and transfers,
// a confirmed call holds no message in the pool of datagrams.
void BM_Memory(benchmark::State& state) {
  constexpr uint32_t calls = 1'000'000;
  const auto octets = [](uint32_t count) {
    return call::Calls::octets_needed({0, 1, count}) +
           transaction::TimerWheel::octets_needed(call::Limits{0, 1, count}.timers());
  };
  for (auto _ : state) benchmark::DoNotOptimize(octets(calls));
  state.SetItemsProcessed(state.iterations());
  state.counters["octets"] = static_cast<double>(octets(2 * calls) - octets(calls)) / calls +
                             sizeof(contract::DirectoryCell);
}
BENCHMARK(BM_Memory);

}  // namespace
}  // namespace demarc::bench

int main(int argument_count, char** arguments) {
  using demarc::bench::CallLoad;
  if (argument_count == 3 && std::strcmp(arguments[1], "--count") == 0) {
    CallLoad load(1'000);
    const int bursts = std::atoi(arguments[2]);
    for (int i = 0; i < bursts; ++i) static_cast<void>(load.run());
    std::printf("%d\n", bursts * static_cast<int>(CallLoad::burst));
    return load.is_whole() ? 0 : 1;
  }
  benchmark::Initialize(&argument_count, arguments);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
