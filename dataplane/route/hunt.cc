#include "dataplane/route/hunt.h"

#include <algorithm>
#include <utility>

#include "dataplane/number/digit_trie.h"
#include "dataplane/number/rewrite.h"

namespace demarc::route {

using contract::TargetHealth;
using contract::TargetId;
using contract::TrunkId;

namespace {

uint32_t weight_of(std::span<const uint16_t> weights, size_t at) {
  return at < weights.size() ? uint32_t{weights[at]} : 1u;
}

TargetId target_id(const contract::TrunkConfig& config, unsigned place) {
  return static_cast<TargetId>(index_of(config.first_target) + place);
}

// False when the row is no target of the trunk.
bool load(const contract::Region& region, TargetId id, TrunkId trunk, contract::Target& target) {
  return region.target(id).load(target) && target.health != TargetHealth::unused &&
         target.trunk == trunk;
}

// What the trunk's table says that the number costs; the highest there is where it says nothing.
uint64_t cost_of(const contract::Snapshot& snapshot, TrunkId trunk, std::string_view called) {
  const contract::RouteSection& section = *snapshot.routes;
  const number::Trie trie{elements(section.header, section.numbers.nodes),
                          elements(section.header, section.numbers.entries)};
  unsigned length = 0;
  return number::longest_match(trie, number::numbers_of(snapshot, trunk).cost, called, length);
}

}  // namespace

Hunt::Hunt(const contract::Snapshot& snapshot, std::span<const Match> matches,
           const Chance& chance) {
  for (size_t i = 0; i < matches.size() && i < max_hunted_routes; ++i) {
    add(snapshot, matches[i], chance);
    ends_[i] = count_;
  }
}

uint8_t Hunt::route_of(unsigned place) const {
  const auto behind = std::ranges::find_if(ends_, [&](uint8_t end) { return place < end; });
  return static_cast<uint8_t>(behind - ends_.begin());
}

void Hunt::add(const contract::Snapshot& snapshot, const Match& match, const Chance& chance) {
  if (match.to == TrunkId::none || count_ == max_hunted_trunks) return;
  const uint8_t begin = count_;
  trunks_[count_++] = match.to;
  const contract::RouteSection& section = *snapshot.routes;
  const contract::RouteConfig& route = elements(section.header, section.routes)[match.route];
  for (const TrunkId trunk : elements(section.header, route.then)) {
    if (count_ == max_hunted_trunks) break;
    trunks_[count_++] = trunk;
  }
  std::span<TrunkId> trunks(trunks_.data() + begin, static_cast<size_t>(count_ - begin));
  auto weights = elements(section.header, route.weights);
  for (const contract::RouteStage& stage : elements(section.header, route.stages)) {
    const size_t count = std::min<size_t>(stage.trunk_count, trunks.size());
    arrange(snapshot, {trunks.first(count), weights, stage.order}, chance);
    trunks = trunks.subspan(count);
    weights = weights.subspan(std::min(count, weights.size()));
  }
  if (route.stages.count == 0) arrange(snapshot, {trunks, weights, route.hunt}, chance);
}

void Hunt::arrange(const contract::Snapshot& snapshot, const Stage& stage, const Chance& chance) {
  const std::span<TrunkId> trunks = stage.trunks;
  if (trunks.size() < 2) return;
  Ranks ranks = {};
  switch (stage.order) {
    case contract::HuntOrder::ordered:
      return;
    case contract::HuntOrder::round_robin: {
      const auto first = static_cast<std::ptrdiff_t>(chance.turn % trunks.size());
      std::rotate(trunks.begin(), trunks.begin() + first, trunks.end());
      return;
    }
    case contract::HuntOrder::weighted: {
      uint32_t sum = 0;
      for (size_t i = 0; i < trunks.size(); ++i) sum += weight_of(stage.weights, i);
      uint32_t left = sum == 0 ? 0 : chance.random % sum;
      std::ptrdiff_t chosen = 0;
      for (size_t i = 0; sum != 0 && left >= weight_of(stage.weights, i); ++i, ++chosen) {
        left -= weight_of(stage.weights, i);
      }
      std::rotate(trunks.begin(), trunks.begin() + chosen, trunks.begin() + chosen + 1);
      return;
    }
    case contract::HuntOrder::least_busy:
      if (chance.region == nullptr) return;
      for (size_t i = 0; i < trunks.size(); ++i) {
        const uint64_t live = chance.region->trunk_live(trunks[i]).load(std::memory_order_relaxed);
        ranks[i] = (live << 16) / std::max(weight_of(stage.weights, i), 1u);
      }
      return sort(trunks, ranks);
    case contract::HuntOrder::lowest_cost:
      for (size_t i = 0; i < trunks.size(); ++i) {
        ranks[i] = cost_of(snapshot, trunks[i], chance.called);
      }
      return sort(trunks, ranks);
    case contract::HuntOrder::shuffled:
      return shuffle(trunks, chance.random);
  }
}

// Fisher-Yates, by Knuth's linear congruential generator, whose low bits are poor.
void Hunt::shuffle(std::span<TrunkId> trunks, uint32_t random) {
  uint64_t state = random;
  for (size_t left = trunks.size(); left > 1; --left) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    std::swap(trunks[left - 1], trunks[(state >> 33) % left]);
  }
}

// Few enough to be put in order by hand; those of one rank keep their places.
void Hunt::sort(std::span<TrunkId> trunks, Ranks& ranks) {
  for (size_t i = 1; i < trunks.size(); ++i) {
    for (size_t at = i; at != 0 && ranks[at] < ranks[at - 1]; --at) {
      std::swap(ranks[at], ranks[at - 1]);
      std::swap(trunks[at], trunks[at - 1]);
    }
  }
}

Target Hunt::next(const contract::Snapshot& snapshot, const contract::Region& region,
                  uint32_t random) {
  for (;;) {
    for (; at_ < count_; skip_trunk()) {
      if (is_second_round_ && (postponed_ >> at_ & 1) == 0) continue;
      const Target target = next_of_trunk(snapshot, region, random);
      if (target.is_set()) return target;
    }
    if (is_second_round_ || postponed_ == 0) return {};
    is_second_round_ = true;
    at_ = 0;
  }
}

Target Hunt::next_of_trunk(const contract::Snapshot& snapshot, const contract::Region& region,
                           uint32_t random) {
  const TrunkId trunk = trunks_[at_];
  if (!snapshot.takes_calls(trunk)) return {};
  const contract::TrunkConfig& config = snapshot.trunk(trunk);
  for (;;) {
    Equals equals = best_of(config, trunk, region);
    if (equals.count == 0) return {};
    if (equals.is_down && tried_ == 0 && !is_second_round_) {
      postponed_ |= uint32_t{1} << at_;
      return {};
    }
    const uint8_t place = equals.places[choose(equals, random)];
    tried_ |= uint64_t{1} << place;
    const TargetId id = target_id(config, place);
    contract::Target& target = equals.first;
    // It may have gone since.
    if (equals.count != 1 && !load(region, id, trunk, target)) continue;
    return {trunk, target.endpoint, id, route_of(at_)};
  }
}

// Those that were not tried and have the lowest priority, in the order of their rows. A target that
// is down is tried behind all others, never left out.
Hunt::Equals Hunt::best_of(const contract::TrunkConfig& config, TrunkId trunk,
                           const contract::Region& region) const {
  Equals equals;
  uint16_t priority = 0;
  const unsigned targets = std::min<unsigned>(config.target_count, contract::max_targets_per_trunk);
  for (unsigned i = 0; i < targets; ++i) {
    if ((tried_ >> i & 1) != 0) continue;
    contract::Target target;
    if (!load(region, target_id(config, i), trunk, target)) continue;
    const bool this_down = target.health == TargetHealth::down;
    const auto rank = std::pair(this_down, target.priority);
    if (equals.count != 0 && rank > std::pair(equals.is_down, priority)) continue;
    if (equals.count == 0 || rank < std::pair(equals.is_down, priority)) {
      equals.count = 0;
      equals.first = target;
      equals.is_down = this_down;
      priority = target.priority;
    }
    equals.weights[equals.count] = target.weight;
    equals.places[equals.count++] = static_cast<uint8_t>(i);
  }
  return equals;
}

// The first one whose running sum of weights reaches a number from 0 to the sum of all: one without
// a weight has a small chance. Without any weights all have the same.
unsigned Hunt::choose(const Equals& equals, uint32_t random) {
  uint32_t sum = 0;
  for (unsigned i = 0; i < equals.count; ++i) sum += equals.weights[i];
  if (sum == 0) return random % equals.count;
  uint32_t left = random % (sum + 1);
  for (unsigned i = 0; i < equals.count; ++i) {
    if (left == 0 && equals.weights[i] == 0) return i;
  }
  for (unsigned i = 0; i < equals.count; ++i) {
    if (equals.weights[i] != 0 && left <= equals.weights[i]) return i;
    left -= equals.weights[i];
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
