#include "controlplane/trunks/accounts.h"

#include <algorithm>
#include <set>

namespace demarc::trunks {

std::string contact_user_of(const config::Trunk& trunk) {
  return trunk.account.is_registered ? trunk.account.user : std::string();
}

bool is_shared(const config::Trunk& one, const config::Trunk& other) {
  return !one.registrar.is_used && !other.registrar.is_used && one.tls == other.tls;
}

void SharedSources::add(const config::Trunk& first, const config::Trunk& other) {
  if (first.name == other.name) return;
  std::vector<const config::Trunk*>& trunks = by_first_[first.name];
  if (trunks.empty()) trunks.push_back(&first);
  trunks.push_back(&other);
}

contract::Array<contract::AccountConfig> SharedSources::rows(
    IdSpace& trunks, contract::SectionBuilder<contract::TrunkSection>& builder) const {
  struct Row {
    contract::AccountConfig config;
    std::string user;
  };
  std::vector<Row> rows;
  for (const auto& [first, members] : by_first_) {
    std::set<const config::Trunk*> known;
    for (const config::Trunk* member : members) {
      if (!known.insert(member).second) continue;
      Row& row = rows.emplace_back();
      row.config.first = contract::TrunkId{static_cast<uint16_t>(trunks.take(first))};
      row.config.trunk = contract::TrunkId{static_cast<uint16_t>(trunks.take(member->name))};
      row.user = contact_user_of(*member);
      row.config.user = builder.text(row.user);
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    if (a.config.first != b.config.first) {
      return contract::index_of(a.config.first) < contract::index_of(b.config.first);
    }
    return a.user < b.user;
  });
  std::vector<contract::AccountConfig> sorted;
  for (const Row& row : rows) sorted.push_back(row.config);
  return builder.array<contract::AccountConfig>(sorted);
}

}  // namespace demarc::trunks
