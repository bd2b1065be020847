#include "controlplane/trunks/limits.h"

#include <map>

namespace demarc::trunks {

using contract::LimitId;
using contract::TrunkGroup;
using contract::TrunkId;

std::string limit_name(const config::Group& group) {
  return "group/" + group.name;
}

std::string limit_name(const config::PrefixLimit& limit) {
  return "trunk/" + limit.trunk + "/" + limit.prefix;
}

std::vector<std::string> limit_names(const config::Config& config) {
  std::vector<std::string> names;
  for (const config::PrefixLimit& limit : config.prefix_limits) names.push_back(limit_name(limit));
  for (const config::Group& group : config.groups) {
    if (group.rate != 0) names.push_back(limit_name(group));
  }
  return names;
}

void compile_groups(const config::Config& config, IdMap& ids,
                    std::vector<contract::TrunkConfig>& rows,
                    contract::SectionBuilder<contract::TrunkSection>& builder) {
  std::vector<TrunkGroup> groups;
  std::map<uint32_t, std::vector<uint32_t>> of_trunk;
  for (const config::Group& group : config.groups) {
    if (group.max_calls == 0 && group.rate == 0) continue;
    std::vector<TrunkId> members;
    for (const std::string& trunk : group.trunks) {
      const uint32_t id = ids.trunks.take(trunk);
      members.push_back(TrunkId{static_cast<uint16_t>(id)});
      of_trunk[id].push_back(static_cast<uint32_t>(groups.size()));
    }
    TrunkGroup& row = groups.emplace_back();
    row.name = builder.text(group.name);
    row.trunks = builder.array<TrunkId>(members);
    row.max_calls = group.max_calls;
    row.rate = group.rate;
    row.burst = group.burst;
    if (group.rate != 0) row.meter = LimitId{ids.limits.take(limit_name(group))};
  }
  for (const auto& [trunk, indexes] : of_trunk) {
    rows[trunk].groups = builder.array<uint32_t>(indexes);
  }
  builder.section().groups = builder.array<TrunkGroup>(groups);
}

namespace {

// Nothing when the region has no such trunk.
TrunkId id_of(const IdSpace& trunks, const std::string& name, const contract::Region& region) {
  const auto id = trunks.all().find(name);
  const bool is_known = id != trunks.all().end() && id->second < region.sizes().trunk_capacity;
  return is_known ? TrunkId{static_cast<uint16_t>(id->second)} : TrunkId::none;
}

uint64_t count(const std::atomic<uint32_t>& live) {
  return live.load(std::memory_order_relaxed);
}

void add_if_near(const NearLimit& limit, std::vector<NearLimit>& near) {
  if (limit.most == 0 || limit.live * 100 < limit.most * near_percent) return;
  near.push_back(limit);
}

}  // namespace

std::vector<NearLimit> near_limits(const config::Config& config, const IdSpace& trunks,
                                   const contract::Region& region) {
  std::vector<NearLimit> near;
  for (const config::Trunk& trunk : config.trunks) {
    const contract::TrunkLimits& limits = trunk.limits;
    const bool has_any = (trunk.max_calls | limits.calls_in | limits.calls_out | limits.kbps) != 0;
    if (!has_any) continue;
    const TrunkId id = id_of(trunks, trunk.name, region);
    if (id == TrunkId::none) continue;
    const contract::TrunkLive& live = region.trunk_limits(id);
    add_if_near({trunk.name, "max_calls", count(region.trunk_live(id)), trunk.max_calls}, near);
    add_if_near({trunk.name, "max_calls_in", count(live.calls_in), limits.calls_in}, near);
    add_if_near({trunk.name, "max_calls_out", count(live.calls_out), limits.calls_out}, near);
    add_if_near({trunk.name, "bandwidth_kbps", count(live.kbps), limits.kbps}, near);
  }
  for (const config::Group& group : config.groups) {
    uint64_t live = 0;
    for (const std::string& trunk : group.trunks) {
      const TrunkId id = id_of(trunks, trunk, region);
      if (id != TrunkId::none) live += count(region.trunk_live(id));
    }
    add_if_near({group.name, "max_calls", live, group.max_calls}, near);
  }
  return near;
}

}  // namespace demarc::trunks
