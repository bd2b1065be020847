// OwnRegion: targets and live counts of a snapshot, laid out as a dataplane has them, in memory of
// what-if's own: the workers' code counts calls in here and nothing that runs is touched.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/link/section_set.h"
#include "controlplane/trunks/ids.h"
#include "controlplane/whatif/box.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"

namespace demarc::whatif {

// Where somebody registered with a trunk of ours, or where a peer is that has a name.
struct Bound {
  std::string trunk;
  contract::Endpoint target;
  uint16_t priority = 0;  // lower first
  std::string user = {};  // who registered
};

// What a snapshot was compiled from and to. Borrowed.
struct Compiled {
  const config::Config& config;
  const link::SectionSet& set;
  const trunks::IdMap& ids;
  const contract::Snapshot& snapshot;
};

class OwnRegion {
 public:
  void build(const Compiled& compiled);
  // As at the box, its trunks and limits found by name; nullptr: as a dataplane has them that has
  // just begun. `bound`: who is where.
  void fill(const Compiled& compiled, const Box* box, std::span<const Bound> bound);

  const contract::Region& region() const { return region_; }

 private:
  void take_counts(const Compiled& compiled, const Box* box) const;
  void take_targets(const Compiled& compiled, const Box* box) const;
  bool bind(const Compiled& compiled, const config::Trunk& trunk,
            std::span<const contract::Target> targets);

  std::vector<std::byte> memory_;
  contract::Region region_;
  bool is_of_box_ = false;             // what it was filled from last
  std::set<contract::TrunkId> bound_;  // by bind()
};

}  // namespace demarc::whatif
