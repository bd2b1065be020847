// Wiring: everything of this folder that workers share, built on the main thread before they start:
// pools, ports, TAPs, tables, rings and the punt thread.
//
//   start_eal -> Wiring::start(options) -> one Wire per worker -> workers run -> workers gone ->
//   Wiring::stop
//
// Queue q of a port belongs to worker q. A port with fewer queues than workers serves the others
// through outgoing rings: worker w sends by the ring of queue (w mod queues).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/contract/ids.h"
#include "dataplane/contract/ring.h"
#include "dataplane/wire/adjacency.h"
#include "dataplane/wire/fib.h"
#include "dataplane/wire/local_addresses.h"
#include "dataplane/wire/nic_port.h"
#include "dataplane/wire/packet_ring.h"
#include "dataplane/wire/punt_thread.h"

namespace demarc::wire {

struct WiringPort {
  std::string_view device;
  std::string_view twin;  // name of the TAP; empty: none (tests, benches)
  uint16_t queues = 1;
  uint16_t mtu = 1500;
};

struct WiringOptions {
  std::span<const WiringPort> ports;  // NicPortId is the position
  uint16_t workers = 1;
  uint32_t buffers = 0;  // mbufs of the largest pool; 0: as many as ports and rings can hold
  int punt_cpu = -1;
};

inline constexpr uint32_t outgoing_ring_capacity = 1024;

class Wiring {
 public:
  Wiring();
  ~Wiring();
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;

  [[nodiscard]] bool start(const WiringOptions& options, Explanation& why);
  void stop();

  // The signalling and media addresses, on one thread at a time; false when there are too many.
  [[nodiscard]] bool set_local_addresses(std::span<const SegmentAddress> addresses);

  uint16_t workers() const { return workers_; }
  unsigned port_count() const { return port_count_; }
  NicPort& port(unsigned i) { return ports_[i]; }
  const NicPort& port(unsigned i) const { return ports_[i]; }
  // Buffers for what we compose.
  const MbufPool& send_pool() const { return standard_pool_; }
  // Buffers for datagrams longer than a frame.
  const MbufPool& large_pool() const { return large_pool_; }
  AdjacencyTable& adjacencies() { return *adjacencies_; }
  SharedFib& fib() { return *fib_; }  // written by the punt thread, or by a test without TAPs
  const SharedAddresses& local_addresses() const { return *local_addresses_; }
  // False: no port has a TAP, so the kernel is not asked what it holds.
  bool has_kernel() const { return has_kernel_; }
  // Valid only when the port has fewer queues than there are workers.
  PacketRing& outgoing(unsigned port, unsigned queue) { return outgoing_[port][queue]; }
  PuntPort& punt(unsigned port) { return punts_[port]; }
  RequestRing& requests(unsigned worker) { return requests_[worker]; }
  void wake_punt_thread();
  // Routes of the kernel beyond FibTable::max_routes, which are not used.
  uint32_t refused_routes() const { return mirror_ == nullptr ? 0 : mirror_->refused_routes(); }
  // What was opened, for the log: one line per port.
  void describe(unsigned port, Explanation& text) const;

 private:
  bool make_pools(const WiringOptions& options, Explanation& why);
  bool open_port(const WiringOptions& options, unsigned i, Explanation& why);
  bool start_kernel(const WiringOptions& options, Explanation& why);

  uint16_t workers_ = 0;
  unsigned port_count_ = 0;
  bool has_kernel_ = false;
  MbufPool standard_pool_;
  MbufPool large_pool_;
  NicPort ports_[max_ports];
  PuntPort punts_[max_ports];
  PacketRing outgoing_[max_ports][contract::max_workers];
  RequestRing requests_[contract::max_workers];
  std::unique_ptr<uint8_t[]> request_memory_;
  std::unique_ptr<AdjacencyTable> adjacencies_;
  std::unique_ptr<SharedFib> fib_;
  std::unique_ptr<SharedAddresses> local_addresses_;
  std::unique_ptr<NetlinkMirror> mirror_;
  std::unique_ptr<PuntThread> punt_thread_;
};

}  // namespace demarc::wire
