#include "dataplane/route/hunt.h"

#include <algorithm>
#include <utility>

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

Target Hunt::next(const contract::Snapshot& snapshot, const contract::Region& region,
                  uint32_t random) {
  for (; at_ < count_; skip_trunk()) {
    const TrunkId trunk = trunks_[at_];
    if (!snapshot.has_trunk(trunk)) continue;
    const contract::TrunkConfig& config = snapshot.trunk(trunk);
    const Equals equals = best_of(config, trunk, region);
    if (equals.count == 0) continue;
    const Candidate& chosen = equals.rows[choose(equals, random)];
    tried_ |= uint64_t{1} << chosen.at;
    const auto id =
        static_cast<contract::TargetId>(index_of(config.first_target) + uint32_t{chosen.at});
    return {trunk, chosen.endpoint, id};
  }
  return {};
}

// Those that were not tried and have the lowest priority, in the order of their rows. A target that
// is down is tried behind all others, never left out.
Hunt::Equals Hunt::best_of(const contract::TrunkConfig& config, TrunkId trunk,
                           const contract::Region& region) const {
  Equals equals;
  bool is_down = false;
  uint16_t priority = 0;
  const unsigned targets = std::min<unsigned>(config.target_count, contract::max_targets_per_trunk);
  for (unsigned i = 0; i < targets; ++i) {
    if ((tried_ >> i & 1) != 0) continue;
    contract::Target target;
    const auto id = static_cast<contract::TargetId>(index_of(config.first_target) + i);
    if (!region.target(id).load(target)) continue;
    if (target.health == TargetHealth::unused || target.trunk != trunk) continue;
    const bool this_down = target.health == TargetHealth::down;
    const auto rank = std::pair(this_down, target.priority);
    if (equals.count != 0 && rank > std::pair(is_down, priority)) continue;
    if (equals.count == 0 || rank < std::pair(is_down, priority)) {
      equals.count = 0;
      is_down = this_down;
      priority = target.priority;
    }
    equals.rows[equals.count++] = {target.endpoint, target.weight, static_cast<uint8_t>(i)};
  }
  return equals;
}

// The first one whose running sum of weights reaches a number from 0 to the sum of all: one without
// a weight has a small chance. Without any weights all have the same.
unsigned Hunt::choose(const Equals& equals, uint32_t random) {
  uint32_t sum = 0;
  for (unsigned i = 0; i < equals.count; ++i) sum += equals.rows[i].weight;
  if (sum == 0) return random % equals.count;
  uint32_t left = random % (sum + 1);
  for (unsigned i = 0; i < equals.count; ++i) {
    if (left == 0 && equals.rows[i].weight == 0) return i;
  }
  for (unsigned i = 0; i < equals.count; ++i) {
    if (equals.rows[i].weight != 0 && left <= equals.rows[i].weight) return i;
    left -= equals.rows[i].weight;
  }
  return equals.count - 1;
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
