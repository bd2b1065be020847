// Appliance: the real engines of n workers over one region, with a snapshot made from the options,
// and datagrams steered to their owner as lcore/ does it. No threads: one step after the other.
//
//   trunk t: peers 10.9.t.0/24, targets 10.9.t.1 and 10.9.t.2, in realm t % 2
//   realm r: ours is 10.1.r.1, for signalling and media
//
// A called number is "+", the digit of its trunk, then the number of the call.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dataplane/contract/region.h"
#include "dataplane/contract/section_builder.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/engine/engine.h"
#include "dataplane/post/post.h"
#include "dataplane/steer/owner.h"
#include "tests/sim/network.h"
#include "tests/sim/options.h"
#include "tests/support/media_world.h"
#include "tests/support/snapshot_sections.h"

namespace demarc::sim {

inline constexpr uint16_t realm_count = 2;
inline constexpr uint16_t first_media_port = 16384;
constexpr uint16_t realm_of(uint16_t trunk) {
  return trunk % realm_count;
}
// Whether the trunk is in the group whose calls are limited by direction.
constexpr bool is_in_half(uint16_t trunk) {
  return trunk % 2 == 0;
}
std::string box_address(uint16_t trunk);
// "10.9.3.": what only trunk 3 may know.
std::string network_of(uint16_t trunk);

class Appliance {
 public:
  Appliance(const Options& options, contract::Instant now);

  unsigned workers() const { return static_cast<unsigned>(engines_.size()); }
  engine::Engine& engine(unsigned worker) { return *engines_[worker]; }
  contract::Region& region() { return region_; }
  // The worker whose engine took it.
  unsigned receive(const Parcel& parcel, contract::Instant now);
  // A new generation of the same configuration.
  void adopt(contract::Instant now);
  void command(unsigned worker, const contract::Command& command, contract::Instant now);
  // Media ports that nobody uses, quarantine included, over all workers and realms.
  uint32_t free_port_pairs() const;
  uint32_t live_calls() const;

 private:
  void build_realms(support::SnapshotSections& sections);
  void build_trunks(support::SnapshotSections& sections);
  void build_routes(support::SnapshotSections& sections);
  // "all", so that the media of each trunk counts, and "half" (is_in_half).
  void build_groups(contract::SectionBuilder<contract::TrunkSection>& builder,
                    std::vector<contract::TrunkConfig>& rows) const;
  contract::TrunkConfig trunk_of(uint16_t trunk) const;

  const Options& options_;
  uint64_t generation_ = 0;
  support::Memory region_memory_;
  contract::Region region_;
  std::unique_ptr<support::SnapshotSections> sections_;
  std::unique_ptr<contract::Snapshot> snapshot_;
  std::vector<std::unique_ptr<support::Memory>> arenas_;
  std::vector<std::unique_ptr<engine::Engine>> engines_;
  std::unique_ptr<steer::Owners> owners_;
  std::unique_ptr<post::Post> post_;
  std::string datagram_;  // with the padding that the parser may read
};

}  // namespace demarc::sim
