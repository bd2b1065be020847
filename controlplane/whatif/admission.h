// Admission: whether there is room for a call at its trunk and at each target, by the workers' code
// for limits (decision D139). Counts in a region of what-if's own; a value for one call.
//
// As dataplane/call/ does it: a call takes of its trunk's rates once, and keeps its place there
// while its targets are tried; each target is tried as if those before it had failed.
#pragma once

#include <string>
#include <vector>

#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/contract/time.h"
#include "dataplane/route/plan.h"

namespace demarc::whatif {

class Admission {
 public:
  // All of them must outlive this.
  Admission(const contract::Snapshot& snapshot, const contract::Region& region,
            const route::Plan& plan, contract::TrunkId from, contract::Instant now)
      : snapshot_(snapshot), region_(region), plan_(plan), from_(from), now_(now) {}

  // The rates of the caller's trunk.
  [[nodiscard]] contract::LimitMet begin() const;
  // The place at the caller's trunk, the one at the target's, and the rates there.
  [[nodiscard]] contract::LimitMet try_target(const route::Target& target);
  // Of the limit of a prefix that was met: the prefix.
  std::string prefix_of(contract::TrunkId trunk) const;

 private:
  route::Entry entry_of(contract::TrunkId trunk, route::Direction direction, unsigned route) const;
  uint32_t kbps_of(contract::TrunkId trunk, contract::TrunkId other) const;

  const contract::Snapshot& snapshot_;
  const contract::Region& region_;
  const route::Plan& plan_;
  const contract::TrunkId from_;
  const contract::Instant now_;
  bool has_place_ = false;                // at the caller's trunk
  uint32_t kbps_ = 0;                     // of that place
  std::vector<contract::TrunkId> rated_;  // trunks of targets, in order
};

}  // namespace demarc::whatif
