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

}  // namespace demarc::trunks
