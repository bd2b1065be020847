#include "dataplane/wire/punt_thread.h"

#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "dataplane/wire/eal.h"

namespace demarc::wire {
namespace {

constexpr unsigned serve_burst = 64;
constexpr int idle_wait_ms = 200;
constexpr contract::Duration tick_interval = contract::Duration::milliseconds(500);

// This thread is a service of the kernel, not a worker: it reads the clock itself.
contract::Instant now_of_thread() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return {static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u +
          static_cast<uint64_t>(time.tv_nsec)};
}

// A thread inherits the CPUs of the one that made it, which may be pinned to a worker's neighbour.
void choose_cpu(int cpu) {
  if (cpu >= 0 && pin_thread(static_cast<unsigned>(cpu))) return;
  cpu_set_t all;
  CPU_ZERO(&all);
  const long count = sysconf(_SC_NPROCESSORS_CONF);
  for (long i = 0; i < count && i < CPU_SETSIZE; ++i) CPU_SET(static_cast<size_t>(i), &all);
  static_cast<void>(pthread_setaffinity_np(pthread_self(), sizeof all, &all));
}

bool watch(int epoll, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

}  // namespace

PuntThread::PuntThread(std::span<PuntPort> ports, std::span<RequestRing> requests,
                       NetlinkMirror& mirror)
    : ports_(ports), requests_(requests), mirror_(mirror) {}

PuntThread::~PuntThread() {
  stop();
  if (epoll_ >= 0) close(epoll_);
  if (event_ >= 0) close(event_);
}

bool PuntThread::start(int cpu, Explanation& why) {
  cpu_ = cpu;
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  event_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  bool is_done =
      epoll_ >= 0 && event_ >= 0 && watch(epoll_, event_) && watch(epoll_, mirror_.descriptor());
  for (PuntPort& port : ports_) {
    if (port.tap.is_valid()) is_done = is_done && watch(epoll_, port.tap.descriptor());
  }
  const int error = is_done ? pthread_create(&thread_, nullptr, run_thread, this) : errno;
  if (error != 0) {
    why.set("the punt thread did not start: %s", std::strerror(error));
    return false;
  }
  is_running_ = true;
  return true;
}

void PuntThread::stop() {
  if (!is_running_) return;
  is_stopping_.store(true, std::memory_order_release);
  const uint64_t one = 1;
  static_cast<void>(!write(event_, &one, sizeof one));
  pthread_join(thread_, nullptr);
  is_running_ = false;
}

void PuntThread::wake() {
  // Pairs with the fence in wait(): either we see that it sleeps, or it sees what we put in.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!is_asleep_.load(std::memory_order_relaxed)) return;
  if (!is_asleep_.exchange(false, std::memory_order_relaxed)) return;
  const uint64_t one = 1;
  static_cast<void>(!write(event_, &one, sizeof one));
}

void* PuntThread::run_thread(void* self) {
  static_cast<PuntThread*>(self)->run();
  return nullptr;
}

void PuntThread::run() {
  pthread_setname_np(pthread_self(), "punt");
  choose_cpu(cpu_);
  // Without an id it works as well, only without the pools' caches.
  const bool is_registered = register_thread();
  contract::Instant next_tick;
  while (!is_stopping_.load(std::memory_order_acquire)) {
    const contract::Instant now = now_of_thread();
    mirror_.receive(now);
    bool is_busy = serve_requests(now);
    for (PuntPort& port : ports_) {
      if (!port.tap.is_valid()) continue;
      is_busy |= serve_to_kernel(port);
      is_busy |= serve_from_kernel(port);
    }
    if (now >= next_tick) {
      next_tick = now + tick_interval;
      mirror_.tick(now);
      follow_links();
    }
    if (!is_busy) wait();
  }
  if (is_registered) unregister_thread();
}

void PuntThread::wait() {
  is_asleep_.store(true, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  std::array<epoll_event, 16> events;
  const int timeout = has_work() ? 0 : idle_wait_ms;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
  is_asleep_.store(false, std::memory_order_relaxed);
  for (int i = 0; i < count; ++i) {
    if (events[static_cast<unsigned>(i)].data.fd != event_) continue;
    uint64_t ignored;
    static_cast<void>(!read(event_, &ignored, sizeof ignored));
  }
}

bool PuntThread::has_work() const {
  if (is_stopping_.load(std::memory_order_acquire)) return true;
  for (const PuntPort& port : ports_) {
    if (port.to_kernel.is_valid() && !port.to_kernel.is_empty()) return true;
  }
  for (const RequestRing& ring : requests_) {
    if (ring.size() != 0) return true;
  }
  return false;
}

bool PuntThread::serve_requests(contract::Instant now) {
  bool is_busy = false;
  for (RequestRing& ring : requests_) {
    AdjacencyIndex index;
    for (unsigned i = 0; i < serve_burst && ring.pop(index); ++i) {
      mirror_.resolve(index, now);
      is_busy = true;
    }
  }
  return is_busy;
}

bool PuntThread::serve_to_kernel(PuntPort& port) {
  std::array<Packet, serve_burst> packets;
  const unsigned count = port.to_kernel.pop(packets);
  for (unsigned i = 0; i < count; ++i) {
    if (!port.tap.write(packets[i].bytes())) lose();
  }
  return count != 0;
}

bool PuntThread::serve_from_kernel(PuntPort& port) {
  bool is_busy = false;
  for (unsigned i = 0; i < serve_burst; ++i) {
    Packet packet = port.pool.allocate();
    if (!packet) {
      // Left in the TAP's queue it would wake this thread again and again; a short read takes the
      // whole frame out.
      std::array<uint8_t, ethernet_octets> discarded;
      if (port.tap.read(discarded) == 0) break;
      lose();
      is_busy = true;
      continue;
    }
    const size_t length = port.tap.read({packet.octets(), port.pool.room_octets()});
    if (length == 0) break;
    is_busy = true;
    packet.set_l3(packet.octets(), static_cast<uint16_t>(length));
    if (!port.from_kernel.push(packet)) lose();
  }
  return is_busy;
}

void PuntThread::follow_links() {
  for (PuntPort& port : ports_) {
    if (!port.tap.is_valid()) continue;
    const bool has_carrier = port.port->has_link();
    if (has_carrier != port.has_carrier) port.tap.set_carrier(has_carrier);
    port.has_carrier = has_carrier;
  }
}

}  // namespace demarc::wire
