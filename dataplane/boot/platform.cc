#include "dataplane/boot/platform.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "dataplane/boot/log.h"
#include "dataplane/boot/name_keys_file.h"
#include "dataplane/lcore/clock.h"
#include "dataplane/wire/device_name.h"
#include "dataplane/wire/eal.h"

namespace demarc::boot {

using contract::NicPortConfig;
using contract::PlatformSection;
using contract::WorkerIndex;

namespace {

// "net_af_xdp" of "af_xdp:IFACE", "net_ring" of "net_ring0,...", "pci" of a PCI address.
std::string driver_of(std::string_view device) {
  const wire::DeviceName name = wire::parse_device(device);
  switch (name.kind) {
    case wire::DeviceKind::af_xdp:
      return "net_af_xdp";
    case wire::DeviceKind::af_packet:
      return "net_af_packet";
    case wire::DeviceKind::vdev:
      return std::string(name.view().substr(0, name.view().find_first_of("0123456789,")));
    default:
      return "pci";
  }
}

}  // namespace

bool Platform::start(const PlatformSection& section, uint64_t boot_id, wire::Explanation& why) {
  if (choose_cores(section, why) && start_eal(section, why) && start_ports(section, why) &&
      make_region(section, boot_id, why) && start_streams(section, why) &&
      start_workers(section, why)) {
    region_.header().state.store(contract::DataplaneState::running, std::memory_order_release);
    return true;
  }
  stop();
  return false;
}

bool Platform::choose_cores(const PlatformSection& section, wire::Explanation& why) {
  return parse_cores(text(section.header, section.cores), section.workers, allowed_cpus(), cores_,
                     why);
}

bool Platform::start_eal(const PlatformSection& section, wire::Explanation& why) {
  std::vector<std::string> devices;
  std::vector<const char*> pci;
  for (const NicPortConfig& port : elements(section.header, section.ports)) {
    const wire::DeviceName name = wire::parse_device(text(section.header, port.device));
    if (name.kind == wire::DeviceKind::pci) devices.emplace_back(name.view());
  }
  for (const std::string& device : devices) pci.push_back(device.c_str());
  wire::EalOptions options;
  options.memory_mb = section.memory_mb;
  options.hugepages = section.hugepages;
  options.pci_devices = pci;
  wire::EalReport report;
  if (!wire::start_eal(options, report, why)) return false;
  has_eal_ = true;
  has_hugepages_ = report.has_hugepages;
  log("%s", report.note.c_str());
  return true;
}

bool Platform::start_ports(const PlatformSection& section, wire::Explanation& why) {
  std::vector<wire::WiringPort> ports;
  for (const NicPortConfig& port : elements(section.header, section.ports)) {
    ports.push_back({.device = text(section.header, port.device),
                     .twin = text(section.header, port.twin),
                     .queues = port.queues,
                     .mtu = port.mtu});
  }
  driver_.assign(driver_of(ports.front().device));
  wire::WiringOptions options;
  options.ports = ports;
  options.workers = section.workers;
  if (!wiring_.start(options, why)) return false;
  for (unsigned i = 0; i < wiring_.port_count(); ++i) {
    wire::Explanation line;
    wiring_.describe(i, line);
    log("%s", line.c_str());
  }
  return true;
}

bool Platform::make_region(const PlatformSection& section, uint64_t boot_id,
                           wire::Explanation& why) {
  const contract::RegionSizes sizes{.workers = section.workers,
                                    .calls_per_worker = section.calls_per_worker,
                                    .trunk_capacity = section.trunk_capacity,
                                    .target_capacity = section.target_capacity,
                                    .record_ring_capacity = section.record_ring_capacity,
                                    .limit_capacity = section.limit_capacity};
  const size_t octets = contract::Region::octets_needed(sizes);
  region_fd_ = contract::make_memfd("demarc-region", octets);
  if (region_fd_.is_open()) region_mapping_ = contract::Mapping(region_fd_, octets, true);
  if (!region_mapping_.is_mapped()) {
    why.set("no shared memory of %zu octets: %s", octets, std::strerror(errno));
    return false;
  }
  region_ = contract::Region::create(region_mapping_.octets(), sizes, boot_id);
  region_.header().wall_offset_ns.store(lcore::read_wall_offset_ns(), std::memory_order_relaxed);
  log("shared memory: %.1f MB: %u trunks, %u targets, %u call records waiting per worker",
      static_cast<double>(octets) / (1 << 20), sizes.trunk_capacity, sizes.target_capacity,
      sizes.record_ring_capacity);
  return true;
}

bool Platform::start_workers(const PlatformSection& section, wire::Explanation& why) {
  handoff_ = steer::Handoff::create(section.workers, steer::handoff_ring_capacity);
  if (!handoff_.is_valid() || !quiescence_.start(section.workers)) {
    why.set("no memory for the rings between workers; raise memory_mb");
    return false;
  }
  post_ = std::make_unique<post::Post>(section.workers);
  const lcore::Shared shared{wiring_,     handoff_,      region_,    snapshot_,
                             quiescence_, shards_.get(), post_.get()};
  for (unsigned i = 0; i < section.workers; ++i) {
    lcore::WorkerOptions options;
    options.limits = engine::limits_of(section, static_cast<WorkerIndex>(i));
    options.idle = section.idle;
    options.cpu = cores_.of_worker[i];
    options.secrets.names = names_;
    if (!fill_random(std::as_writable_bytes(std::span(&options.secrets.entropy, 1))) ||
        !fill_random(std::as_writable_bytes(std::span(&options.secrets.tables, 1))) ||
        !fill_random(std::as_writable_bytes(std::span(options.secrets.media)))) {
      why.set("the kernel gives no random numbers");
      return false;
    }
    lcore::WorkerMemory memory = lcore::WorkerMemory::map(
        engine::Engine::octets_needed(options.limits), has_hugepages_, why);
    if (!memory.is_valid()) return false;
    wire::Explanation line;
    lcore::describe(options.limits, memory, line);
    log("%s", line.c_str());
    workers_.push_back(std::make_unique<lcore::WorkerThread>());
    if (!workers_.back()->start(shared, options, std::move(memory), why)) return false;
  }
  return true;
}

// On the CPUs that are no worker's, where there are such.
bool Platform::start_streams(const PlatformSection& section, wire::Explanation& why) {
  shards_ = std::make_unique<stream::Shards>(section.workers, section.stream_threads);
  std::vector<int> cpus = allowed_cpus();
  std::erase_if(cpus, [this](int cpu) {
    return std::find(cores_.of_worker.begin(), cores_.of_worker.end(), cpu) !=
           cores_.of_worker.end();
  });
  for (unsigned i = 0; i < shards_->count(); ++i) {
    streams_.push_back(std::make_unique<StreamThread>());
    const stream::Streams::Parts parts{.shards = *shards_,
                                       .counters = region_.header().streams,
                                       .owners = steer::Owners(names_, section.workers),
                                       .shard = i};
    if (!streams_.back()->start(parts, cpus, why)) return false;
  }
  return true;
}

void Platform::serve_streams(std::shared_ptr<const contract::Snapshot> snapshot) {
  if (streams_.empty() || snapshot == nullptr) return;
  const std::shared_ptr<const stream::Config> config = stream::make_config(std::move(snapshot));
  for (const std::string& problem : config->problems) log("%s", problem.c_str());
  for (const auto& thread : streams_) thread->publish(config);
}

void Platform::stop_workers() {
  workers_.clear();
}

void Platform::stop() {
  stop_workers();
  streams_.clear();
  shards_.reset();
  wiring_.stop();
  handoff_ = steer::Handoff();
  post_.reset();
  if (region_.is_valid()) {
    region_.header().state.store(contract::DataplaneState::stopped, std::memory_order_release);
  }
  region_ = contract::Region();
  if (std::exchange(has_eal_, false)) wire::stop_eal();
}

bool Platform::has_adopted(uint64_t generation) const {
  for (unsigned i = 0; i < region_.workers(); ++i) {
    const auto& row = region_.worker(static_cast<WorkerIndex>(i));
    if (row.generation.load(std::memory_order_acquire) < generation) return false;
  }
  return true;
}

uint32_t Platform::live_calls() const {
  uint32_t live = 0;
  for (unsigned i = 0; i < region_.workers(); ++i) {
    live += region_.worker(static_cast<WorkerIndex>(i)).live_calls.load(std::memory_order_relaxed);
  }
  return live;
}

}  // namespace demarc::boot
