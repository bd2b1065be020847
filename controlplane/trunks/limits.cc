#include "controlplane/trunks/limits.h"

#include <array>
#include <map>
#include <utility>

namespace demarc::trunks {

using contract::LimitId;
using contract::TrunkGroup;
using contract::TrunkId;

namespace {

std::array<std::pair<GroupRate, uint32_t>, 3> rates_of(const config::Group& group) {
  return {{{GroupRate::together, group.rate},
           {GroupRate::in, group.rate_in},
           {GroupRate::out, group.rate_out}}};
}

bool has_limit(const config::Group& group) {
  return (group.max_calls | group.calls_in | group.calls_out | group.rate | group.rate_in |
          group.rate_out | group.kbps) != 0;
}

LimitId meter_of(const config::Group& group, const std::pair<GroupRate, uint32_t>& rate,
                 IdMap& ids) {
  if (rate.second == 0) return LimitId::none;
  return LimitId{ids.limits.take(limit_name(group, rate.first))};
}

}  // namespace

std::string limit_name(const config::Group& group, GroupRate rate) {
  static constexpr std::string_view ends[] = {"", "/in", "/out"};
  std::string name = "group/" + group.name;
  return name.append(ends[static_cast<size_t>(rate)]);
}

std::string limit_name(const config::PrefixLimit& limit) {
  return "trunk/" + limit.trunk + "/" + limit.prefix;
}

std::vector<std::string> limit_names(const config::Config& config) {
  std::vector<std::string> names;
  for (const config::PrefixLimit& limit : config.prefix_limits) names.push_back(limit_name(limit));
  for (const config::Group& group : config.groups) {
    for (const auto& [rate, per_second] : rates_of(group)) {
      if (per_second != 0) names.push_back(limit_name(group, rate));
    }
  }
  return names;
}

void compile_groups(const config::Config& config, IdMap& ids,
                    std::vector<contract::TrunkConfig>& rows,
                    contract::SectionBuilder<contract::TrunkSection>& builder) {
  std::vector<TrunkGroup> groups;
  std::map<uint32_t, std::vector<uint32_t>> of_trunk;
  for (const config::Group& group : config.groups) {
    if (!has_limit(group)) continue;
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
    row.calls_in = group.calls_in;
    row.calls_out = group.calls_out;
    row.rate = group.rate;
    row.rate_in = group.rate_in;
    row.rate_out = group.rate_out;
    row.burst = group.burst;
    row.kbps = group.kbps;
    const auto rates = rates_of(group);
    row.meter = meter_of(group, rates[0], ids);
    row.meter_in = meter_of(group, rates[1], ids);
    row.meter_out = meter_of(group, rates[2], ids);
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

GroupLive live_of(const config::Group& group, const IdSpace& trunks,
                  const contract::Region& region) {
  GroupLive sum;
  for (const std::string& trunk : group.trunks) {
    const TrunkId id = id_of(trunks, trunk, region);
    if (id == TrunkId::none) continue;
    const contract::TrunkLive& live = region.trunk_limits(id);
    sum.calls += count(region.trunk_live(id));
    sum.calls_in += count(live.calls_in);
    sum.calls_out += count(live.calls_out);
    sum.kbps += count(live.kbps);
  }
  return sum;
}

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
    if (!has_limit(group)) continue;
    const GroupLive live = live_of(group, trunks, region);
    add_if_near({group.name, "max_calls", live.calls, group.max_calls}, near);
    add_if_near({group.name, "max_calls_in", live.calls_in, group.calls_in}, near);
    add_if_near({group.name, "max_calls_out", live.calls_out, group.calls_out}, near);
    add_if_near({group.name, "bandwidth_kbps", live.kbps, group.kbps}, near);
  }
  return near;
}

}  // namespace demarc::trunks
