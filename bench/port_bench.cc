// What one RTP packet costs a worker from one port to another: frames of 214 octets on DPDK's
// net_ring, 10 to 100,000 live streams at random, bursts of 32, IPv4 to IPv4, on one core; and
// beside it, on the same ports, frames whose MAC addresses are exchanged and nothing else.
//
//   taskset -c 1 build/bench/port_bench --benchmark_repetitions=11
//
// Frames are written and taken back outside of the measured time.

#include <benchmark/benchmark.h>
#include <rte_cycles.h>

#include "bench/media_ports.h"

namespace demarc::bench {
namespace {

void run(benchmark::State& state, unsigned streams, unsigned (MediaPorts::*turn)()) {
  MediaPorts ports(streams);
  const double cycle_s = 1.0 / static_cast<double>(rte_get_tsc_hz());
  uint64_t frames = 0;
  for (auto _ : state) {
    ports.make_ready();
    uint64_t cycles = 0;
    unsigned sent = 0;
    for (unsigned taken = 0; taken < MediaPorts::waiting;) {
      const uint64_t begin = rte_rdtsc_precise();
      const unsigned now_taken = (ports.*turn)();
      cycles += rte_rdtsc_precise() - begin;
      if (now_taken == 0) break;
      taken += now_taken;
      sent += ports.take_sent();
    }
    if (sent != MediaPorts::waiting) {
      state.SkipWithError("a frame was not relayed");
      break;
    }
    frames += sent;
    state.SetIterationTime(static_cast<double>(cycles) * cycle_s);
  }
  state.SetItemsProcessed(static_cast<int64_t>(frames));
}

void BM_Worker(benchmark::State& state) {
  run(state, static_cast<unsigned>(state.range(0)), &MediaPorts::turn);
}
void BM_Macswap(benchmark::State& state) {
  run(state, 10, &MediaPorts::macswap_turn);
}
BENCHMARK(BM_Worker)->Arg(10)->Arg(1000)->Arg(100'000)->UseManualTime();
BENCHMARK(BM_Macswap)->UseManualTime();

}  // namespace
}  // namespace demarc::bench

BENCHMARK_MAIN();
