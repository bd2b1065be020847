#include "dataplane/route/hunt.h"

#include <algorithm>
#include <utility>

namespace demarc::route {

using contract::TargetHealth;
using contract::TrunkId;

Hunt::Hunt(const contract::Snapshot& snapshot, const Match& match, const Chance& chance) {
  if (match.to == TrunkId::none) return;
  trunks_[count_++] = match.to;
  const contract::RouteSection& section = *snapshot.routes;
  const contract::RouteConfig& route = elements(section.header, section.routes)[match.route];
  for (const TrunkId trunk : elements(section.header, route.then)) {
    if (count_ == max_hunted_trunks) break;
    trunks_[count_++] = trunk;
  }
  arrange(route, elements(section.header, route.weights), chance);
}

void Hunt::arrange(const contract::RouteConfig& route, std::span<const uint16_t> weights,
                   const Chance& chance) {
  const auto weight_of = [&weights](unsigned at) {
    return at < weights.size() ? uint32_t{weights[at]} : 1u;
  };
  auto* const begin = trunks_.data();
  if (route.hunt == contract::HuntOrder::round_robin) {
    std::rotate(begin, begin + chance.turn % count_, begin + count_);
  } else if (route.hunt == contract::HuntOrder::weighted) {
    uint32_t sum = 0;
    for (unsigned i = 0; i < count_; ++i) sum += weight_of(i);
    uint32_t left = sum == 0 ? 0 : chance.random % sum;
    unsigned chosen = 0;
    while (sum != 0 && left >= weight_of(chosen)) left -= weight_of(chosen++);
    std::rotate(begin, begin + chosen, begin + chosen + 1);
  } else if (route.hunt == contract::HuntOrder::least_busy && chance.region != nullptr) {
    // Few enough to be put in order by hand; those that are as busy keep their places.
    std::array<uint64_t, max_hunted_trunks> load = {};
    for (unsigned i = 0; i < count_; ++i) {
      const uint64_t live = chance.region->trunk_live(trunks_[i]).load(std::memory_order_relaxed);
      load[i] = (live << 16) / std::max(weight_of(i), 1u);
    }
    for (unsigned i = 1; i < count_; ++i) {
      for (unsigned at = i; at != 0 && load[at] < load[at - 1]; --at) {
        std::swap(load[at], load[at - 1]);
        std::swap(trunks_[at], trunks_[at - 1]);
      }
    }
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
