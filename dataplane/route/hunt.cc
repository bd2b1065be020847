#include "dataplane/route/hunt.h"

#include <algorithm>

namespace demarc::route {

using contract::TargetHealth;
using contract::TrunkId;

Hunt::Hunt(const contract::Snapshot& snapshot, const Match& match) {
  if (match.to == TrunkId::none) return;
  trunks_[count_++] = match.to;
  const contract::RouteSection& section = *snapshot.routes;
  const contract::RouteConfig& route = elements(section.header, section.routes)[match.route];
  for (const TrunkId trunk : elements(section.header, route.then)) {
    if (count_ == max_hunted_trunks) break;
    trunks_[count_++] = trunk;
  }
}

Target Hunt::next(const contract::Snapshot& snapshot, const contract::Region& region) {
  for (; at_ < count_; skip_trunk()) {
    const TrunkId trunk = trunks_[at_];
    if (!snapshot.has_trunk(trunk)) continue;
    const contract::TrunkConfig& config = snapshot.trunk(trunk);
    const unsigned targets = std::min<unsigned>(config.target_count, max_hunted_targets);
    contract::Target best;
    unsigned best_at = targets;
    // A target that is down is tried behind all others, never left out.
    const auto is_before = [](const contract::Target& a, const contract::Target& b) {
      const bool a_down = a.health == TargetHealth::down;
      const bool b_down = b.health == TargetHealth::down;
      return a_down == b_down ? a.priority < b.priority : b_down;
    };
    for (unsigned i = 0; i < targets; ++i) {
      if ((tried_ >> i & 1) != 0) continue;
      contract::Target target;
      const auto id = static_cast<contract::TargetId>(index_of(config.first_target) + i);
      if (!region.target(id).load(target)) continue;
      if (target.health == TargetHealth::unused || target.trunk != trunk) continue;
      if (best_at != targets && !is_before(target, best)) continue;
      best = target;
      best_at = i;
    }
    if (best_at == targets) continue;
    tried_ |= uint64_t{1} << best_at;
    return {trunk, best.endpoint,
            static_cast<contract::TargetId>(index_of(config.first_target) + best_at)};
  }
  return {};
}

bool Hunt::has_next(const contract::Snapshot& snapshot, const contract::Region& region) const {
  Hunt copy = *this;
  return copy.next(snapshot, region).is_set();
}

void Hunt::skip_trunk() {
  if (at_ < count_) ++at_;
  tried_ = 0;
}

}  // namespace demarc::route
