// What relaying one RTP packet costs a worker: frames of 214 octets (G.711, 20 ms) over 10 to
// 100,000 live streams in random order, in bursts of 32, IPv4 to IPv4, on one core.
//
//   taskset -c 1 build/bench/relay_bench --benchmark_repetitions=11
//       --benchmark_report_aggregates_only
//
// BM_Relay is Table::relay alone; BM_FindAndRelay finds the slot by the index first; BM_Transcode
// relays PCMA as PCMU by the stages. BM_Silence is a packet of noise in the place of a sender that
// fell silent without a word: made when its time has come, and finished by Table::relay; BM_Talk is
// a packet of such a sender while it talks. Packets that come are made ready in batches outside the
// measured time; each stream's sequence goes on by one.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <vector>

#include "tests/support/media_world.h"
#include "tests/support/udp_packet.h"

namespace demarc::media {
namespace {

using namespace support;

constexpr unsigned burst_size = 32;
constexpr unsigned batch_size = 32 * burst_size;
constexpr unsigned address_count = 16;
constexpr size_t buffer_octets = 512;
constexpr uint16_t headroom = 128 + 14;  // of an mbuf, and the Ethernet header

contract::IpAddress address(uint8_t network, unsigned host) {
  return contract::IpAddress::v4(10, network, static_cast<uint8_t>(host >> 8),
                                 static_cast<uint8_t>(host));
}

TestRealm wide_realm(uint8_t network) {
  TestRealm realm{{}, 1024, 65535};
  for (unsigned i = 1; i <= address_count; ++i) realm.addresses.push_back(address(network, i));
  return realm;
}

// What is done with the payload.
enum class Payload : uint8_t { passed, transcoded, filled };

class Load {
 public:
  Load(unsigned streams, Payload work)
      : world_({streams * 2,
                address_count * 2,
                0,
                1,
                contract::Duration::seconds(5),
                {work == Payload::passed ? 0 : streams, 0}}),
        work_(work),
        sequences_(streams),
        buffers_(batch_size * buffer_octets),
        frames_(batch_size),
        destinations_(batch_size) {
    world_.adopt({wide_realm(1), wide_realm(2)});
    for (unsigned i = 0; i < streams; ++i) open(i);
    const Octets ip = ip_packet(routes_[0], rtp_payload({}));
    for (unsigned i = 0; i < batch_size; ++i) {
      std::memcpy(&buffers_[i * buffer_octets + headroom], ip.data(), ip.size());
    }
  }

  Table& table() { return world_.table; }
  std::vector<Frame>& frames() { return frames_; }
  const std::vector<contract::Endpoint>& destinations() const { return destinations_; }

  // The next packets of streams drawn at random, as lcore/ has them after the receive.
  void make_ready() {
    for (unsigned i = 0; i < batch_size; ++i) {
      const auto stream = static_cast<unsigned>(random_() % routes_.size());
      uint8_t* l3 = &buffers_[i * buffer_octets + headroom];
      const uint16_t sequence = ++sequences_[stream];
      l3[28 + 1] = 8;  // PCMA, which transcoding wrote over
      l3[28 + 2] = static_cast<uint8_t>(sequence >> 8);
      l3[28 + 3] = static_cast<uint8_t>(sequence);
      frames_[i] = {l3, 200, headroom, 28, 172, routes_[stream].from, slots_[stream]};
      destinations_[i] = routes_[stream].to;
    }
    now_ = now_ + contract::Duration::milliseconds(1);
  }
  contract::Instant now() const { return now_; }
  // What is due by time, sent as lcore/ does; how many packets that were.
  unsigned pass(contract::Duration time) {
    now_ = now_ + time;
    table().on_timers(now_);
    table().relay({}, now_);
    const auto made = static_cast<unsigned>(table().made().size());
    table().clear_made();
    return made;
  }
  bool is_all_relayed() const {
    return std::all_of(frames_.begin(), frames_.end(),
                       [](const Frame& frame) { return frame.outcome == Frame::Outcome::forward; });
  }

 private:
  void open(unsigned i) {
    const PortPair in = table().acquire(realm_id(0), at_ms(0));
    const PortPair out = table().acquire(realm_id(1), at_ms(0));
    const contract::Endpoint sender{address(3, i % 60'000), 10'000};
    const contract::Endpoint receiver{address(4, i % 60'000), 20'000};
    const Table::SlotPair pair =
        table().open({in, out, trunk_id(0), trunk_id(1), contract::CallSlot::none, 8000}, at_ms(0));
    table().expect(pair, sender, sender);
    table().aim(pair, receiver, receiver);
    if (work_ != Payload::passed) {
      CodecPlan plan;
      if (work_ == Payload::transcoded) {
        plan.add({8, 0, Treatment::transcode, Law::a});
      } else {
        plan.add({8, 8, Treatment::g711, Law::a});
        plan.fills_silence = true;
      }
      DEMARC_CHECK(table().plan(pair, plan, 0));
    }
    routes_.push_back({sender, {table().bound_address(in), in.rtp_port}});
    slots_.push_back(static_cast<uint32_t>(pair.rtp));
  }

  World world_;
  Payload work_;
  TestRandom random_{1};
  contract::Instant now_ = at_ms(0);
  std::vector<Flow> routes_;
  std::vector<uint32_t> slots_;
  std::vector<uint16_t> sequences_;
  std::vector<uint8_t> buffers_;
  std::vector<Frame> frames_;
  std::vector<contract::Endpoint> destinations_;
};

void find(Load& load, std::span<Frame> burst, size_t first) {
  const Table& table = load.table();
  const contract::Endpoint* to = &load.destinations()[first];
  std::array<Ports::Cell, burst_size> cells;
  for (size_t i = 0; i < burst.size(); ++i) {
    cells[i] = table.begin_find(to[i].address, to[i].port);
  }
  for (size_t i = 0; i < burst.size(); ++i) {
    burst[i].slot = Table::finish_find(cells[i]);
    table.prefetch(burst[i].slot);
  }
}

using Clock = std::chrono::steady_clock;

enum class How : uint8_t { relay, find_and_relay };

void run(benchmark::State& state, How how, Payload work = Payload::passed) {
  Load load(static_cast<unsigned>(state.range(0)), work);
  for (auto _ : state) {
    load.make_ready();
    const Clock::time_point begin = Clock::now();
    for (size_t first = 0; first < batch_size; first += burst_size) {
      const std::span<Frame> burst = std::span(load.frames()).subspan(first, burst_size);
      if (how == How::find_and_relay) find(load, burst, first);
      load.table().relay(burst, load.now());
    }
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - begin).count());
    if (!load.is_all_relayed()) state.SkipWithError("a packet was not relayed");
  }
  state.SetItemsProcessed(state.iterations() * batch_size);
  state.SetBytesProcessed(state.iterations() * batch_size * 214);
}

void BM_Relay(benchmark::State& state) {
  run(state, How::relay);
}
void BM_FindAndRelay(benchmark::State& state) {
  run(state, How::find_and_relay);
}
void BM_Transcode(benchmark::State& state) {
  run(state, How::relay, Payload::transcoded);
}
void BM_Talk(benchmark::State& state) {
  run(state, How::relay, Payload::filled);
}

// A second of silence at a time, in the steps of the worker's timers.
void BM_Silence(benchmark::State& state) {
  constexpr unsigned steps = 200;
  constexpr contract::Duration step = contract::Duration::milliseconds(5);
  Load load(static_cast<unsigned>(state.range(0)), Payload::filled);
  int64_t made = 0;
  for (auto _ : state) {
    // A talkspurt ends the silence before, which would not be filled for ever.
    load.make_ready();
    load.table().relay(load.frames(), load.now());
    load.table().clear_made();
    const Clock::time_point begin = Clock::now();
    unsigned of_second = 0;
    for (unsigned i = 0; i < steps; ++i) of_second += load.pass(step);
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - begin).count());
    if (of_second == 0) state.SkipWithError("no silence was filled");
    made += of_second;
  }
  state.SetItemsProcessed(made);
}

// What one more direction of a call makes the tables larger by: its slots of RTP and RTCP, what is
// noted of it, its reports, and, with SRTP, its share of key rows and one key: that of one side's
// incoming or outgoing packets. Ports are not in it, they are there whatever calls there are.
void run_memory(benchmark::State& state, uint32_t keys_per_direction) {
  constexpr uint32_t directions = 100'000;
  const auto octets = [keys_per_direction](uint32_t count) {
    Table::Limits limits;
    limits.slots = count * 2;
    limits.keys = count * keys_per_direction;
    return Table::octets_needed(limits);
  };
  for (auto _ : state) benchmark::DoNotOptimize(octets(directions));
  state.SetItemsProcessed(state.iterations());
  state.counters["octets"] =
      static_cast<double>(octets(2 * directions) - octets(directions)) / directions;
}
void BM_MemoryPlain(benchmark::State& state) {
  run_memory(state, 0);
}
void BM_MemorySrtp(benchmark::State& state) {
  run_memory(state, 1);
}
BENCHMARK(BM_MemoryPlain);
BENCHMARK(BM_MemorySrtp);
BENCHMARK(BM_Talk)->Arg(10)->UseManualTime();
BENCHMARK(BM_Silence)->Arg(10)->UseManualTime();
BENCHMARK(BM_Transcode)->Arg(10)->Arg(1000)->Arg(100'000)->UseManualTime();
BENCHMARK(BM_Relay)->Arg(10)->Arg(1000)->Arg(100'000)->UseManualTime();
BENCHMARK(BM_FindAndRelay)->Arg(10)->Arg(1000)->Arg(100'000)->UseManualTime();

}  // namespace
}  // namespace demarc::media

BENCHMARK_MAIN();
