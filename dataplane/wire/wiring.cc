#include "dataplane/wire/wiring.h"

#include <algorithm>
#include <cstring>

namespace demarc::wire {
namespace {

// What one queue keeps in its receive and transmit rings, and what one port's rings to and from the
// kernel can hold.
constexpr uint32_t buffers_per_queue = 5120;
constexpr uint32_t buffers_per_worker = 2048;
constexpr uint32_t buffers_per_twin = 4096;
constexpr uint32_t large_buffers_per_worker = 128;
constexpr uint32_t large_buffers_per_port = 4096;

uint32_t standard_buffers(const WiringOptions& options) {
  if (options.buffers != 0) return options.buffers;
  uint32_t count = options.workers * buffers_per_worker;
  for (const WiringPort& port : options.ports) {
    count += port.queues * buffers_per_queue + (port.twin.empty() ? 0 : buffers_per_twin);
  }
  return count;
}

}  // namespace

Wiring::Wiring() = default;

Wiring::~Wiring() {
  stop();
}

bool Wiring::make_pools(const WiringOptions& options, Explanation& why) {
  uint16_t standard_room = standard_room_octets;
  uint32_t large_buffers = options.workers * large_buffers_per_worker;
  for (const WiringPort& port : options.ports) {
    const DeviceName device = parse_device(port.device);
    if (device.kind == DeviceKind::af_packet) {
      large_buffers += options.buffers == 0 ? large_buffers_per_port : options.buffers / 4;
      continue;
    }
    standard_room = std::max(standard_room, NicPort::room_octets(device, port.mtu));
  }
  MbufPoolOptions standard{"standard", standard_buffers(options)};
  standard.room_octets = standard_room;
  standard_pool_ = MbufPool::create(standard, why);
  if (!standard_pool_.is_valid()) return false;
  MbufPoolOptions large{"large", large_buffers};
  large.room_octets = large_room_octets;
  large.cache = 64;
  large_pool_ = MbufPool::create(large, why);
  return large_pool_.is_valid();
}

bool Wiring::open_port(const WiringOptions& options, unsigned i, Explanation& why) {
  const WiringPort& wanted = options.ports[i];
  const bool is_large = parse_device(wanted.device).kind == DeviceKind::af_packet;
  const MbufPool& pool = is_large ? large_pool_ : standard_pool_;
  NicPortOptions port_options;
  port_options.id = static_cast<contract::NicPortId>(i);
  port_options.device = wanted.device;
  // A queue without a worker would never be read.
  port_options.queues = std::min(wanted.queues, options.workers);
  port_options.mtu = wanted.mtu;
  ports_[i] = NicPort::open(port_options, pool, why);
  if (!ports_[i].is_valid()) return false;
  for (unsigned q = 0; q < ports_[i].queues() && options.workers > ports_[i].queues(); ++q) {
    outgoing_[i][q] = PacketRing::create(outgoing_ring_capacity, Producers::many);
    if (outgoing_[i][q].is_valid()) continue;
    why.set("no memory for the rings of port %u; raise dataplane memory", i);
    return false;
  }
  if (wanted.twin.empty()) return true;
  PuntPort& punt = punts_[i];
  punt.port = &ports_[i];
  punt.pool = standard_pool_;
  punt.tap = Tap::open({wanted.twin, ports_[i].mac(), wanted.mtu}, why);
  if (!punt.tap.is_valid()) return false;
  punt.to_kernel = PacketRing::create(punt_ring_capacity, Producers::many);
  punt.from_kernel = PacketRing::create(punt_ring_capacity, Producers::one);
  has_kernel_ = true;
  if (punt.to_kernel.is_valid() && punt.from_kernel.is_valid()) return true;
  why.set("no memory for the rings of TAP %.*s; raise dataplane memory",
          static_cast<int>(wanted.twin.size()), wanted.twin.data());
  return false;
}

bool Wiring::start_kernel(const WiringOptions& options, Explanation& why) {
  MirroredLink taps[max_ports];
  unsigned count = 0;
  for (unsigned i = 0; i < port_count_; ++i) {
    if (!punts_[i].tap.is_valid()) continue;
    MirroredLink& tap = taps[count++];
    tap.interface_index = punts_[i].tap.interface_index();
    tap.segment.port = ports_[i].id();
    tap.mac = ports_[i].mac();
    punts_[i].has_carrier = ports_[i].has_link();
    punts_[i].tap.set_carrier(punts_[i].has_carrier);
  }
  mirror_ = std::make_unique<NetlinkMirror>(*fib_, *adjacencies_);
  if (!mirror_->start({taps, count}, why)) return false;
  punt_thread_ = std::make_unique<PuntThread>(std::span(punts_, port_count_),
                                              std::span(requests_, workers_), *mirror_);
  return punt_thread_->start(options.punt_cpu, why);
}

bool Wiring::start(const WiringOptions& options, Explanation& why) {
  if (options.ports.size() > max_ports || options.workers == 0 ||
      options.workers > contract::max_workers) {
    why.set("%zu ports and %u workers: at most %u and %u, at least one worker",
            options.ports.size(), options.workers, max_ports, contract::max_workers);
    return false;
  }
  workers_ = options.workers;
  adjacencies_ = std::make_unique<AdjacencyTable>();
  fib_ = std::make_unique<SharedFib>();
  local_addresses_ = std::make_unique<SharedAddresses>();
  const size_t ring_octets = RequestRing::octets_needed(request_ring_capacity);
  request_memory_ = std::make_unique<uint8_t[]>(workers_ * ring_octets + 64);
  auto aligned = reinterpret_cast<uintptr_t>(request_memory_.get());
  aligned = (aligned + 63) & ~uintptr_t{63};
  for (unsigned i = 0; i < workers_; ++i) {
    requests_[i] = RequestRing::create(reinterpret_cast<void*>(aligned + i * ring_octets),
                                       request_ring_capacity);
  }
  if (!make_pools(options, why)) return false;
  for (unsigned i = 0; i < options.ports.size(); ++i) {
    port_count_ = i + 1;
    if (!open_port(options, i, why)) return false;
  }
  for (unsigned i = 0; i < port_count_; ++i) {
    if (!ports_[i].start(why)) return false;
  }
  return !has_kernel_ || start_kernel(options, why);
}

void Wiring::stop() {
  punt_thread_.reset();
  mirror_.reset();
  for (unsigned i = 0; i < port_count_; ++i) {
    punts_[i] = PuntPort{};
    for (PacketRing& ring : outgoing_[i]) ring = PacketRing{};
    ports_[i].close();
  }
  port_count_ = 0;
}

bool Wiring::set_local_addresses(std::span<const SegmentAddress> addresses) {
  if (addresses.size() > ConfiguredAddresses::max_addresses) return false;
  ConfiguredAddresses configured{};
  configured.count = static_cast<uint16_t>(addresses.size());
  std::copy(addresses.begin(), addresses.end(), configured.addresses.begin());
  local_addresses_->store(configured);
  return true;
}

void Wiring::wake_punt_thread() {
  if (punt_thread_ != nullptr) punt_thread_->wake();
}

void Wiring::describe(unsigned port, Explanation& text) const {
  const Tap& tap = punts_[port].tap;
  const char* twin = "without a TAP twin";
  if (tap.is_valid()) twin = "with a TAP twin";
  if (tap.may_forward()) twin = "with a TAP twin; the kernel's forwarding stays on there";
  const NicPort& nic = ports_[port];
  const auto& mac = nic.mac().octets;
  text.set(
      "port %u: %s, %u queues for %u workers, MTU %u, "
      "MAC %02x:%02x:%02x:%02x:%02x:%02x, %s",
      port, spelling(nic.kind()).data(), nic.queues(), workers_, nic.mtu(), mac[0], mac[1], mac[2],
      mac[3], mac[4], mac[5], twin);
}

}  // namespace demarc::wire
