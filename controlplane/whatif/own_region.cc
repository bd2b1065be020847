#include "controlplane/whatif/own_region.h"

#include <algorithm>
#include <map>
#include <optional>

#include "controlplane/trunks/facts.h"

namespace demarc::whatif {

using contract::LimitId;
using contract::Target;
using contract::TargetHealth;
using contract::TargetId;
using contract::TrunkId;

namespace {

// The number of that name, where the table has a row for it.
std::optional<uint32_t> number_of(const trunks::IdSpace& ids, const std::string& name,
                                  uint32_t rows) {
  const auto found = ids.all().find(name);
  if (found == ids.all().end() || found->second >= rows) return std::nullopt;
  return found->second;
}

template <class Value>
void copy(std::atomic<Value>& to, const std::atomic<Value>* from) {
  to.store(from == nullptr ? Value{} : from->load(std::memory_order_relaxed),
           std::memory_order_relaxed);
}

void copy(contract::TrunkLive& to, const contract::TrunkLive* from) {
  copy(to.calls_in, from == nullptr ? nullptr : &from->calls_in);
  copy(to.calls_out, from == nullptr ? nullptr : &from->calls_out);
  copy(to.due_in_ns, from == nullptr ? nullptr : &from->due_in_ns);
  copy(to.due_out_ns, from == nullptr ? nullptr : &from->due_out_ns);
  copy(to.kbps, from == nullptr ? nullptr : &from->kbps);
}

// The targets of the box by the name of their trunk, in the order of its rows.
using Targets = std::map<std::string_view, std::vector<Target>>;
Targets targets_of(const Box& box) {
  Targets targets;
  for (uint32_t i = 0; i < box.region->sizes().target_capacity; ++i) {
    Target target;
    const bool is_used =
        box.region->target(TargetId{i}).load(target) && target.health != TargetHealth::unused;
    if (!is_used || target.trunk == TrunkId::none) continue;
    targets[box.ids->trunks.name_of(index_of(target.trunk))].push_back(target);
  }
  return targets;
}

const Target* find(const Targets& targets, const std::string& trunk,
                   const contract::Endpoint& endpoint) {
  const auto of_trunk = targets.find(trunk);
  if (of_trunk == targets.end()) return nullptr;
  const auto found =
      std::find_if(of_trunk->second.begin(), of_trunk->second.end(),
                   [&](const Target& target) { return target.endpoint == endpoint; });
  return found == of_trunk->second.end() ? nullptr : &*found;
}

TargetHealth health_of(const Targets& targets, const std::string& trunk,
                       const contract::Endpoint& endpoint) {
  const Target* found = find(targets, trunk, endpoint);
  return found == nullptr ? TargetHealth::unknown : found->health;
}

// Whether what DNS said of the trunk in force is true of the other one, too.
bool has_same_peers(const config::Trunk& one, const config::Trunk* other) {
  const auto is_same = [](const config::Peer& a, const config::Peer& b) {
    return a.host == b.host && a.endpoint == b.endpoint;
  };
  return other != nullptr && one.transport == other->transport &&
         std::equal(one.peers.begin(), one.peers.end(), other->peers.begin(), other->peers.end(),
                    is_same);
}

}  // namespace

void OwnRegion::build(const Compiled& compiled) {
  uint32_t targets = 1;
  for (const link::TargetPlan& plan : compiled.set.targets) {
    targets = std::max(targets, contract::index_of(plan.id) + 1);
  }
  // A trunk may name rows that nothing fills yet.
  for (const config::Trunk& trunk : compiled.config.trunks) targets += trunk.target_rows();
  const uint32_t limits = std::max(compiled.ids.limits.end(), 1u);
  const contract::RegionSizes sizes{1, 1, std::max(compiled.set.trunks, 1u), targets, 2, limits};
  memory_.resize(contract::Region::octets_needed(sizes) + 64);
  const auto skip = (64 - reinterpret_cast<uintptr_t>(memory_.data()) % 64) % 64;
  region_ = contract::Region::create(std::span(memory_).subspan(skip), sizes, 1);
  take_targets(compiled, nullptr);
}

void OwnRegion::fill(const Compiled& compiled, const Box* box, std::span<const Bound> bound) {
  // What nothing was counted in is as it was built: a replay asks a hundred thousand times.
  bool is_stale = box != nullptr || is_of_box_;
  if (is_stale) take_counts(compiled, box);
  is_of_box_ = box != nullptr;
  const Targets known = box == nullptr ? Targets() : targets_of(*box);
  for (const config::Trunk& trunk : compiled.config.trunks) {
    if (!trunk.registrar.is_used && !trunk.has_names()) continue;
    std::vector<Target> targets;
    for (const Bound& one : bound) {
      if (one.trunk != trunk.name) continue;
      const TargetHealth health = health_of(known, trunk.name, one.target);
      targets.push_back({one.target, TrunkId::none, health, one.priority});
    }
    const auto resolved = known.find(trunk.name);
    if (trunk.has_names() && targets.empty() && resolved != known.end() &&
        has_same_peers(trunk, config::find_block(box->config->trunks, trunk.name))) {
      targets = resolved->second;
    }
    is_stale |= bind(compiled, trunk, targets);
  }
  if (is_stale) take_targets(compiled, box);
}

void OwnRegion::take_counts(const Compiled& compiled, const Box* box) const {
  for (const auto& [name, id] : compiled.ids.trunks.all()) {
    if (id >= region_.sizes().trunk_capacity) continue;
    const auto its = box == nullptr
                         ? std::nullopt
                         : number_of(box->ids->trunks, name, box->region->sizes().trunk_capacity);
    const TrunkId own{static_cast<uint16_t>(id)};
    const TrunkId there{static_cast<uint16_t>(its.value_or(0))};
    copy(region_.trunk_live(own), its ? &box->region->trunk_live(there) : nullptr);
    copy(region_.trunk_limits(own), its ? &box->region->trunk_limits(there) : nullptr);
  }
  for (const auto& [name, id] : compiled.ids.limits.all()) {
    const auto its = box == nullptr
                         ? std::nullopt
                         : number_of(box->ids->limits, name, box->region->sizes().limit_capacity);
    contract::LimitLive& own = region_.limit_live(LimitId{id});
    const contract::LimitLive* there = its ? &box->region->limit_live(LimitId{*its}) : nullptr;
    copy(own.due_ns, there == nullptr ? nullptr : &there->due_ns);
    copy(own.calls, there == nullptr ? nullptr : &there->calls);
  }
}

// Those that the configuration has addresses of; the health of the same address at the box.
void OwnRegion::take_targets(const Compiled& compiled, const Box* box) const {
  const Targets known = box == nullptr ? Targets() : targets_of(*box);
  std::map<TrunkId, std::vector<dns::Choice>> choices;
  for (const link::TargetPlan& plan : compiled.set.targets) {
    choices[plan.target.trunk].push_back({plan.target.endpoint, plan.priority, 0});
  }
  for (const link::TargetPlan& plan : compiled.set.targets) {
    Target target = plan.target;
    if (bound_.count(target.trunk) != 0) continue;
    const std::string trunk(compiled.ids.trunks.name_of(index_of(target.trunk)));
    target.health = health_of(known, trunk, target.endpoint);
    const auto holder =
        box == nullptr ? decltype(box->registered_at.end()){} : box->registered_at.find(trunk);
    if (box != nullptr && holder != box->registered_at.end()) {
      const dns::Choice choice{target.endpoint, plan.priority, 0};
      target.priority = trunks::priority_of(choice, choices[target.trunk], holder->second);
    }
    region_.target(plan.id).store(target);
  }
}

// The rows of a trunk of which no configuration says where its peers are, as many as fit, in order.
// True when it was bound before and is no more: its rows are as no configuration has them.
bool OwnRegion::bind(const Compiled& compiled, const config::Trunk& trunk,
                     std::span<const Target> targets) {
  const auto known = compiled.ids.trunks.all().find(trunk.name);
  if (known == compiled.ids.trunks.all().end()) return false;
  const TrunkId id{static_cast<uint16_t>(known->second)};
  if (targets.empty() && bound_.count(id) == 0) return false;
  const contract::TrunkConfig& row = compiled.snapshot.trunk(id);
  for (uint32_t i = 0; i < row.target_count; ++i) {
    Target target;
    if (i < targets.size()) target = targets[i];
    if (i < targets.size()) target.trunk = id;
    region_.target(TargetId{contract::index_of(row.first_target) + i}).store(target);
  }
  if (targets.empty()) return bound_.erase(id) != 0;
  bound_.insert(id);
  return false;
}

}  // namespace demarc::whatif
