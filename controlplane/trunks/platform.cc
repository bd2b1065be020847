#include "controlplane/trunks/platform.h"

#include <map>
#include <set>

#include "dataplane/contract/section_builder.h"

namespace demarc::trunks {
namespace {

using contract::NicPortConfig;
using contract::PlatformSection;

const PlatformSection& section_of(const link::Blob& blob) {
  DEMARC_CHECK(blob.size() >= sizeof(PlatformSection));
  return *reinterpret_cast<const PlatformSection*>(blob.data());
}

using Fields = std::map<std::string, std::string>;

Fields fields_of(const NicPortConfig& port, const PlatformSection& section) {
  return {{"device", std::string(contract::text(section.header, port.device))},
          {"twin", std::string(contract::text(section.header, port.twin))},
          {"queues", std::to_string(port.queues)},
          {"mtu", std::to_string(port.mtu)}};
}

Fields fields_of(const PlatformSection& section) {
  return {{"workers", std::to_string(section.workers)},
          {"cores", std::string(contract::text(section.header, section.cores))},
          {"idle", std::to_string(static_cast<int>(section.idle))},
          {"hugepages", std::to_string(static_cast<int>(section.hugepages))},
          {"memory_mb", std::to_string(section.memory_mb)},
          {"calls_per_worker", std::to_string(section.calls_per_worker)},
          {"transactions_per_worker", std::to_string(section.transactions_per_worker)},
          {"datagrams_per_worker", std::to_string(section.datagrams_per_worker)},
          {"tone_detectors_per_worker", std::to_string(section.tone_detectors_per_worker)},
          {"repacketizers_per_worker", std::to_string(section.repacketizers_per_worker)},
          {"trunk_capacity", std::to_string(section.trunk_capacity)},
          {"target_capacity", std::to_string(section.target_capacity)},
          {"limit_capacity", std::to_string(section.limit_capacity)},
          {"media_addresses", std::to_string(section.media_addresses)},
          {"stream_threads", std::to_string(section.stream_threads)},
          {"record_ring", std::to_string(section.record_ring_capacity)},
          {"spool_mb", std::to_string(section.spool_octets >> 20)},
          {"drain_seconds", std::to_string(section.drain_seconds)}};
}

void compare(const Fields& running, const Fields& wanted, const std::string& block,
             std::vector<std::string>& differences) {
  for (const auto& [name, value] : wanted) {
    if (running.at(name) != value) differences.push_back(block + "." + name);
  }
}

std::map<std::string, Fields> ports_of(const PlatformSection& section) {
  std::map<std::string, Fields> ports;
  for (const NicPortConfig& port : contract::elements(section.header, section.ports)) {
    ports[std::string(contract::text(section.header, port.name))] = fields_of(port, section);
  }
  return ports;
}

}  // namespace

link::Blob compile_platform(const config::Config& config) {
  const config::Platform& platform = config.platform;
  contract::SectionBuilder<PlatformSection> builder(contract::SectionKind::platform, 0);
  PlatformSection& section = builder.section();
  section.workers = platform.workers;
  section.idle = platform.idle;
  section.hugepages = platform.hugepages;
  section.memory_mb = platform.memory_mb;
  section.calls_per_worker = platform.calls_per_worker;
  section.transactions_per_worker = platform.transactions_per_worker;
  section.datagrams_per_worker = platform.datagrams_per_worker;
  section.tone_detectors_per_worker = platform.tone_detectors_per_worker;
  section.repacketizers_per_worker = platform.repacketizers_per_worker;
  section.trunk_capacity = platform.trunk_capacity;
  section.target_capacity = platform.target_capacity;
  section.limit_capacity = platform.limit_capacity;
  section.media_addresses = platform.media_addresses;
  section.stream_threads = platform.stream_threads;
  section.record_ring_capacity = platform.record_ring;
  section.spool_octets = uint64_t{platform.spool_mb} << 20;
  section.drain_seconds = platform.drain_seconds;
  section.cores = builder.text(platform.cores);
  std::vector<NicPortConfig> ports;
  for (const config::NicPort& port : config.ports) {
    NicPortConfig row;
    row.name = builder.text(port.name);
    row.device = builder.text(port.device);
    row.twin = builder.text(port.twin);
    row.queues = port.queues;
    row.mtu = port.mtu;
    ports.push_back(row);
  }
  section.ports = builder.array<NicPortConfig>(ports);
  return builder.finish();
}

std::vector<std::string> platform_differences(const link::Blob& running, const link::Blob& wanted) {
  std::vector<std::string> differences;
  compare(fields_of(section_of(running)), fields_of(section_of(wanted)), "platform", differences);
  const std::map<std::string, Fields> old_ports = ports_of(section_of(running));
  const std::map<std::string, Fields> new_ports = ports_of(section_of(wanted));
  for (const auto& [name, fields] : new_ports) {
    const auto found = old_ports.find(name);
    if (found == old_ports.end()) {
      differences.push_back("port." + name);
    } else {
      compare(found->second, fields, "port." + name, differences);
    }
  }
  for (const auto& [name, fields] : old_ports) {
    if (!new_ports.contains(name)) differences.push_back("port." + name);
  }
  return differences;
}

std::vector<std::string> port_names(const link::Blob& platform) {
  const PlatformSection& section = section_of(platform);
  std::vector<std::string> names;
  for (const NicPortConfig& port : contract::elements(section.header, section.ports)) {
    names.emplace_back(contract::text(section.header, port.name));
  }
  return names;
}

}  // namespace demarc::trunks
