// What tests and the bench of this folder stand on: an arena, a region, and realms from plain
// lists.
//
// Included by unit tests of dataplane/media/ and by bench/relay_bench.cc; it allocates.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "dataplane/contract/region.h"
#include "dataplane/contract/section_builder.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/media/table.h"
#include "dataplane/memory/arena.h"
#include "sip-parser/base/check.h"

namespace demarc::support {

// Zeroed memory that begins at a page.
class Memory {
 public:
  explicit Memory(size_t octets) : octets_(octets) {
    void* where = mmap(nullptr, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    DEMARC_CHECK(where != MAP_FAILED);
    first_ = static_cast<std::byte*>(where);
    madvise(where, octets, MADV_HUGEPAGE);
  }
  ~Memory() { munmap(first_, octets_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  std::span<std::byte> span() { return {first_, octets_}; }

 private:
  std::byte* first_;
  size_t octets_;
};

struct TestRealm {
  std::vector<contract::IpAddress> addresses;
  uint16_t low = 16384;
  uint16_t high = 32767;
  contract::NicPortId port = static_cast<contract::NicPortId>(0);
  uint8_t dscp = 46;
};

// A realms section; an advertised address is the bound one with its last octet plus 100.
inline std::vector<std::byte> realm_section(const std::vector<TestRealm>& realms) {
  contract::SectionBuilder<contract::RealmSection> builder(contract::SectionKind::realms, 1);
  std::vector<contract::RealmConfig> configs;
  for (const TestRealm& realm : realms) {
    contract::RealmConfig config;
    config.port = realm.port;
    config.media_port_low = realm.low;
    config.media_port_high = realm.high;
    config.media_dscp = realm.dscp;
    std::vector<contract::IpAddress> advertised = realm.addresses;
    for (auto& address : advertised)
      address.octets[15] = static_cast<uint8_t>(address.octets[15] + 100);
    config.media_addresses = builder.array<contract::IpAddress>(realm.addresses);
    config.advertised_media_addresses = builder.array<contract::IpAddress>(advertised);
    configs.push_back(config);
  }
  builder.section().realms = builder.array<contract::RealmConfig>(configs);
  return builder.finish();
}

inline contract::RealmId realm_id(unsigned index) {
  return static_cast<contract::RealmId>(index);
}
inline contract::TrunkId trunk_id(unsigned index) {
  return static_cast<contract::TrunkId>(index);
}
inline contract::Instant at_ms(int64_t ms) {
  return contract::Instant{1} + contract::Duration::milliseconds(ms);
}

// One worker's table with two trunks.
struct World {
  explicit World(const media::Table::Limits& limits)
      : region_memory(contract::Region::octets_needed(sizes())),
        region(contract::Region::create(region_memory.span(), sizes(), 1)),
        arena_memory(media::Table::octets_needed(limits)),
        arena(arena_memory.span()),
        table(arena, limits, region) {}

  void adopt(const std::vector<TestRealm>& realms) {
    section = realm_section(realms);
    snapshot.realms = reinterpret_cast<const contract::RealmSection*>(section.data());
    table.adopt(snapshot);
  }
  // Both trunks have this policy; to be called before adopt().
  void set_sources(const contract::SourcePolicy& policy,
                   const std::vector<contract::MediaPrefix>& prefixes) {
    contract::SectionBuilder<contract::TrunkSection> builder(contract::SectionKind::trunks, 1);
    std::vector<contract::TrunkConfig> rows(2);
    for (contract::TrunkConfig& row : rows) {
      row.realm = realm_id(0);
      row.media.sources = policy;
      row.media.sources.prefixes = builder.array<contract::MediaPrefix>(prefixes);
    }
    builder.section().trunks = builder.array<contract::TrunkConfig>(rows);
    trunks = builder.finish();
    snapshot.trunks = reinterpret_cast<const contract::TrunkSection*>(trunks.data());
  }
  uint64_t count(contract::TrunkId trunk, contract::TrunkCounter counter) const {
    return region.trunk_counters(0, trunk).get(counter);
  }

  static contract::RegionSizes sizes() { return {1, 16, 4, 4, 16}; }
  Memory region_memory;
  contract::Region region;
  Memory arena_memory;
  memory::Arena arena;
  media::Table table;
  std::vector<std::byte> section;
  std::vector<std::byte> trunks;
  contract::Snapshot snapshot;
};

}  // namespace demarc::support
