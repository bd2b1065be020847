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
    if (!is_same) row.store(plan.target);
  }
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
