#include "controlplane/link/targets.h"

namespace demarc::link {
namespace {

using contract::Target;
using contract::TargetHealth;
using contract::TargetRow;

}  // namespace

std::vector<contract::TargetId> add_targets(const contract::Region& region,
                                            std::span<const TargetPlan> targets) {
  std::vector<contract::TargetId> added;
  for (const TargetPlan& plan : targets) {
    if (contract::index_of(plan.id) >= region.sizes().target_capacity) continue;
    TargetRow& row = region.target(plan.id);
    Target held;
    if (row.load(held) && held.health != TargetHealth::unused) continue;
    row.store(plan.target);
    added.push_back(plan.id);
  }
  return added;
}

void remove_targets(const contract::Region& region, std::span<const contract::TargetId> added) {
  for (const contract::TargetId id : added) region.target(id).store(Target{});
}

void write_targets(const contract::Region& region, std::span<const TargetPlan> targets) {
  for (const TargetPlan& plan : targets) {
    if (contract::index_of(plan.id) >= region.sizes().target_capacity) continue;
    TargetRow& row = region.target(plan.id);
    Target held;
    // One that can not be read was being stored when the control plane before us died.
    const bool is_same = row.load(held) && held.health != TargetHealth::unused &&
                         held.endpoint == plan.target.endpoint && held.trunk == plan.target.trunk &&
                         held.priority == plan.target.priority && held.weight == plan.target.weight;
    if (is_same) continue;
    Target next = plan.target;
    // Another place in the order says nothing of its health.
    const bool is_known = row.load(held) && held.health != TargetHealth::unused &&
                          held.endpoint == next.endpoint && held.trunk == next.trunk;
    if (is_known) next.health = held.health;
    row.store(next);
  }
}

bool set_health(const contract::Region& region, const TargetPlan& plan) {
  if (contract::index_of(plan.id) >= region.sizes().target_capacity) return false;
  TargetRow& row = region.target(plan.id);
  Target held;
  const bool is_it = row.load(held) && held.health != TargetHealth::unused &&
                     held.endpoint == plan.target.endpoint && held.trunk == plan.target.trunk;
  if (!is_it) return false;
  if (held.health == plan.target.health) return true;
  held.health = plan.target.health;
  row.store(held);
  return true;
}

void retire_targets(const contract::Region& region, std::span<const TargetPlan> targets) {
  const uint32_t capacity = region.sizes().target_capacity;
  std::vector<bool> is_used(capacity);
  for (const TargetPlan& plan : targets) {
    if (contract::index_of(plan.id) < capacity) is_used[contract::index_of(plan.id)] = true;
  }
  for (uint32_t index = 0; index < capacity; ++index) {
    TargetRow& row = region.target(contract::TargetId{index});
    if (is_used[index] || row.version() == 0) continue;
    Target held;
    if (row.load(held) && held.health == TargetHealth::unused) continue;
    row.store(Target{});
  }
}

}  // namespace demarc::link
