// Sections as a control plane would send them, for the tests of this folder only.
#pragma once

#include <string_view>
#include <vector>

#include "dataplane/contract/channel.h"
#include "dataplane/contract/section_builder.h"

namespace demarc::boot::test {

using Blob = std::vector<std::byte>;

struct PlatformWish {
  std::string_view device = "net_ring0";
  uint16_t workers = 1;
  uint32_t trunk_capacity = 4;
};
inline Blob platform(const PlatformWish& wish) {
  contract::SectionBuilder<contract::PlatformSection> builder(contract::SectionKind::platform, 1);
  contract::NicPortConfig port;
  port.name = builder.text("wan");
  port.device = builder.text(wish.device);
  contract::PlatformSection& section = builder.section();
  section.workers = wish.workers;
  section.idle = contract::IdlePolicy::sleep;
  section.hugepages = contract::Hugepages::no;
  section.memory_mb = 256;
  section.calls_per_worker = 64;
  section.transactions_per_worker = 256;
  section.datagrams_per_worker = 256;
  section.trunk_capacity = wish.trunk_capacity;
  section.target_capacity = 4;
  section.record_ring_capacity = 64;
  section.drain_seconds = 5;
  section.ports = builder.array<contract::NicPortConfig>({&port, 1});
  return builder.finish();
}

inline Blob realms(uint64_t generation, const contract::IpAddress& address) {
  contract::SectionBuilder<contract::RealmSection> builder(contract::SectionKind::realms,
                                                           generation);
  contract::RealmConfig realm;
  realm.name = builder.text("outside");
  realm.port = contract::NicPortId{0};
  realm.address = address;
  realm.advertised_address = address;
  realm.media_addresses = builder.array<contract::IpAddress>({&address, 1});
  realm.advertised_media_addresses = builder.array<contract::IpAddress>({&address, 1});
  builder.section().realms = builder.array<contract::RealmConfig>({&realm, 1});
  return builder.finish();
}

inline Blob trunks(uint64_t generation, unsigned count) {
  contract::SectionBuilder<contract::TrunkSection> builder(contract::SectionKind::trunks,
                                                           generation);
  contract::TrunkConfig trunk;
  trunk.realm = contract::RealmId{0};
  const std::vector<contract::TrunkConfig> all(count, trunk);
  builder.section().trunks = builder.array<contract::TrunkConfig>(all);
  return builder.finish();
}

inline Blob routes(uint64_t generation, unsigned trunk_count) {
  contract::SectionBuilder<contract::RouteSection> builder(contract::SectionKind::routes,
                                                           generation);
  const std::vector<contract::TrunkRoutes> none(trunk_count);
  builder.section().by_trunk = builder.array<contract::TrunkRoutes>(none);
  return builder.finish();
}

inline Blob secrets(uint64_t generation, std::string_view password) {
  contract::SectionBuilder<contract::SecretSection> builder(contract::SectionKind::secrets,
                                                            generation);
  contract::SecretConfig secret;
  secret.trunk = contract::TrunkId{0};
  secret.password = builder.text(password);
  builder.section().secrets = builder.array<contract::SecretConfig>({&secret, 1});
  return builder.finish();
}

// As a section travels: sealed, but secrets writable.
inline contract::FileDescriptor sealed(const Blob& blob) {
  return contract::make_memfd("section", std::span<const std::byte>(blob));
}
inline contract::FileDescriptor writable(const Blob& blob) {
  contract::FileDescriptor fd = contract::make_memfd("section", blob.size());
  const contract::Mapping mapping(fd, blob.size(), true);
  std::memcpy(mapping.octets().data(), blob.data(), blob.size());
  return fd;
}

}  // namespace demarc::boot::test
