// wire_echo: a test program that answers UDP datagrams by the fast path, for wire_veth_test and for
// trying a port by hand:
//
//   wire_echo DEVICE TWIN WORKERS QUEUES hugepages|no ADDRESS...
//
// The TWIN is made if need be, each ADDRESS (put on it by whoever calls) is served on every UDP
// port. A payload that begins with 'S' is copied into a new datagram, as SIP is; any other is
// turned around in place, as media is. Ends at SIGTERM or SIGINT and prints its counters.
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "dataplane/wire/eal.h"
#include "dataplane/wire/wire.h"

namespace demarc::wire {
namespace {

std::atomic<bool> is_stopping{false};

contract::Instant read_clock() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return {static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u +
          static_cast<uint64_t>(time.tv_nsec)};
}

// Swapping source and destination changes no checksum.
void turn_around(Packet& packet) {
  const Frame& frame = packet.frame();
  uint8_t* ip = packet.l3();
  uint8_t* udp = packet.octets() + frame.udp_offset;
  const bool is_v4 = frame.local.address.is_v4();
  uint8_t* source = ip + (is_v4 ? 12 : 8);
  std::swap_ranges(source, source + (is_v4 ? 4 : 16), source + (is_v4 ? 4 : 16));
  std::swap_ranges(udp, udp + 2, udp + 2);
}

void echo(Wire& wire, Packet& packet, contract::Instant now) {
  const Frame frame = packet.frame();
  const std::string_view payload = packet.payload();
  if (!payload.empty() && payload.front() == 'S') {
    Datagram answer{frame.local,
                    frame.remote,
                    frame.dscp,
                    {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()}};
    static_cast<void>(wire.send(frame.segment(), answer, now));
    return;
  }
  turn_around(packet);
  const AdjacencyIndex index = wire.adjacency(frame.segment(), frame.remote.address);
  static_cast<void>(wire.send(std::move(packet), index, now));
}

void work(Wiring& wiring, unsigned index, contract::WorkerCounters& counters) {
  if (!register_thread()) std::abort();
  {
    Wire wire(wiring, static_cast<contract::WorkerIndex>(index), counters);
    while (!is_stopping.load(std::memory_order_relaxed)) {
      const contract::Instant now = read_clock();
      for (Packet& packet : wire.receive(now)) echo(wire, packet, now);
      wire.flush(now);
      if (!wire.was_busy()) usleep(20);
    }
  }
  unregister_thread();
}

int run(int count, char** arguments) {
  if (count < 7) {
    std::fprintf(stderr, "wire_echo DEVICE TWIN WORKERS QUEUES hugepages|no ADDRESS...\n");
    return 2;
  }
  EalOptions eal;
  eal.memory_mb = 256;
  eal.hugepages = std::strcmp(arguments[5], "hugepages") == 0 ? contract::Hugepages::automatic
                                                              : contract::Hugepages::no;
  EalReport report;
  Explanation why;
  if (!start_eal(eal, report, why)) {
    std::fprintf(stderr, "%s\n", why.c_str());
    return 1;
  }
  std::printf("%s\n", report.note.c_str());
  WiringPort port{arguments[1], arguments[2]};
  port.queues = static_cast<uint16_t>(std::atoi(arguments[4]));
  WiringOptions options;
  options.ports = {&port, 1};
  options.workers = static_cast<uint16_t>(std::atoi(arguments[3]));
  auto wiring = std::make_unique<Wiring>();
  if (!wiring->start(options, why)) {
    std::fprintf(stderr, "%s\n", why.c_str());
    return 1;
  }
  std::vector<SegmentAddress> served;
  for (int i = 6; i < count; ++i) {
    const auto address = contract::parse_address(arguments[i]);
    if (!address) return 2;
    served.push_back({*address, {contract::NicPortId{0}, 0}});
  }
  if (!wiring->set_local_addresses(served)) return 2;
  wiring->describe(0, why);
  std::printf("%s\nready\n", why.c_str());
  std::fflush(stdout);

  std::vector<std::unique_ptr<contract::WorkerCounters>> counters;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.workers; ++i) {
    counters.push_back(std::make_unique<contract::WorkerCounters>());
    threads.emplace_back(work, std::ref(*wiring), i, std::ref(*counters.back()));
  }
  for (std::thread& thread : threads) thread.join();
  for (unsigned i = 0; i < options.workers; ++i) {
    for (unsigned c = 0; c < contract::worker_counter_count; ++c) {
      const auto counter = static_cast<contract::WorkerCounter>(c);
      if (counters[i]->get(counter) == 0) continue;
      std::printf("worker %u %s %lu\n", i, contract::text_of(counter).name.data(),
                  static_cast<unsigned long>(counters[i]->get(counter)));
    }
  }
  std::fflush(stdout);
  wiring.reset();
  stop_eal();
  return 0;
}

}  // namespace
}  // namespace demarc::wire

int main(int count, char** arguments) {
  struct sigaction action {};
  action.sa_handler = [](int) { demarc::wire::is_stopping.store(true, std::memory_order_relaxed); };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  return demarc::wire::run(count, arguments);
}
