// PuntThread: the one service thread between ports and the kernel: TAPs, netlink, requests.
//
// Workers put frames for the kernel into a ring per port and wake the thread only when it sleeps;
// frames from the kernel come back by a ring to the worker that owns the port's queue 0. The same
// thread runs the NetlinkMirror, since both wait in one epoll.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <span>

#include "dataplane/contract/ring.h"
#include "dataplane/wire/netlink_mirror.h"
#include "dataplane/wire/nic_port.h"
#include "dataplane/wire/packet_ring.h"
#include "dataplane/wire/tap.h"

namespace demarc::wire {

inline constexpr uint32_t punt_ring_capacity = 4096;
inline constexpr uint32_t request_ring_capacity = 256;

// One port's way to the kernel and back.
struct PuntPort {
  Tap tap;
  PacketRing to_kernel;    // many workers -> punt thread
  PacketRing from_kernel;  // punt thread -> owner of queue 0
  const NicPort* port = nullptr;
  MbufPool pool;  // for frames from the kernel
  bool has_carrier = false;
};

// What a worker asks of the thread; each worker is the only producer of its own ring.
using RequestRing = contract::Ring<AdjacencyIndex>;

class PuntThread {
 public:
  PuntThread(std::span<PuntPort> ports, std::span<RequestRing> requests, NetlinkMirror& mirror);
  ~PuntThread();
  PuntThread(const PuntThread&) = delete;
  PuntThread& operator=(const PuntThread&) = delete;

  // `cpu` -1: wherever the process may run.
  [[nodiscard]] bool start(int cpu, Explanation& why);
  void stop();

  // Workers, after they put something into a ring.
  void wake();
  // Frames lost between the rings and the kernel, in either direction.
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  static void* run_thread(void* self);
  void run();
  void wait();
  bool serve_requests(contract::Instant now);
  bool serve_to_kernel(PuntPort& port);
  bool serve_from_kernel(PuntPort& port);
  void follow_links();
  bool has_work() const;
  void lose() { dropped_.fetch_add(1, std::memory_order_relaxed); }

  std::span<PuntPort> ports_;
  std::span<RequestRing> requests_;
  NetlinkMirror& mirror_;
  int epoll_ = -1;
  int event_ = -1;
  int cpu_ = -1;
  std::atomic<bool> is_asleep_{false};
  std::atomic<bool> is_stopping_{false};
  std::atomic<uint64_t> dropped_{0};
  pthread_t thread_{};
  bool is_running_ = false;
};

}  // namespace demarc::wire
