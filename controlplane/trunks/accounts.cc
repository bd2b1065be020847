#include "controlplane/trunks/accounts.h"

#include <algorithm>
#include <utility>

namespace demarc::trunks {

// A registration for all numbers has no user in its Contact, and calls for it have none but the
// number.
std::string contact_user_of(const config::Trunk& trunk) {
  const bool is_named = trunk.account.is_registered && !trunk.account.is_bulk;
  return is_named ? trunk.account.user : std::string();
}

bool is_shared(const config::Trunk& one, const config::Trunk& other) {
  return !one.registrar.is_used && !other.registrar.is_used && one.tls == other.tls;
}

void SharedSources::note_own(const config::Trunk& first, Standing standing) {
  Shared& shared = by_first_[first.name];
  if (shared.own_rows++ == 0) shared.first = {&first, standing, {}};
}

void SharedSources::note_lost(const config::Trunk& first) {
  --by_first_[first.name].own_rows;
}

void SharedSources::add(const config::Trunk& first, const config::Trunk& other, size_t row,
                        Standing standing) {
  if (first.name == other.name) return;
  std::vector<Member>& others = by_first_[first.name].others;
  auto known = std::find_if(others.begin(), others.end(),
                            [&](const Member& one) { return one.trunk->name == other.name; });
  if (known == others.end()) known = others.insert(others.end(), Member{&other, standing, {}});
  known->rows.insert(row);
}

// The first and those that share all of it; none when it is alone.
std::vector<SharedSources::Member> SharedSources::members_of(const Shared& shared) {
  std::vector<Member> members;
  for (const Member& other : shared.others) {
    const bool has_all = other.rows.size() == shared.own_rows;
    if (has_all || other.standing == Standing::left) members.push_back(other);
  }
  if (!members.empty()) members.insert(members.begin(), shared.first);
  std::stable_sort(members.begin(), members.end(),
                   [](const Member& a, const Member& b) { return a.standing < b.standing; });
  return members;
}

contract::Array<contract::AccountConfig> SharedSources::rows(
    IdSpace& trunks, contract::SectionBuilder<contract::TrunkSection>& builder) const {
  using contract::KnownBy;
  struct Row {
    contract::AccountConfig config;
    std::string name;
  };
  std::vector<Row> rows;
  const auto put = [&](const std::string& first, const std::string& trunk, std::string name,
                       KnownBy by = KnownBy::user) {
    Row& row = rows.emplace_back();
    row.config.first = contract::TrunkId{static_cast<uint16_t>(trunks.take(first))};
    row.config.trunk = contract::TrunkId{static_cast<uint16_t>(trunks.take(trunk))};
    row.config.by = by;
    row.config.name = builder.text(name);
    row.name = std::move(name);
  };
  for (const auto& [first, shared] : by_first_) {
    const std::vector<Member> members = members_of(shared);
    const auto live = std::count_if(members.begin(), members.end(), [](const Member& one) {
      return one.standing == Standing::live;
    });
    for (const Member& member : members) {
      const std::string& name = member.trunk->name;
      const std::string& contact = member.trunk->peer_contact;
      std::string user = contact_user_of(*member.trunk);
      const bool has_names = !user.empty() || !contact.empty();
      // One alone needs no name to be told by: all new calls are its.
      const bool is_only = live == 1 && member.standing == Standing::live;
      if (!has_names || is_only) put(first, name, {});
      if (!user.empty()) put(first, name, std::move(user));
      if (!contact.empty()) put(first, name, contact, KnownBy::contact);
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    if (a.config.first != b.config.first) {
      return contract::index_of(a.config.first) < contract::index_of(b.config.first);
    }
    return a.config.by != b.config.by ? a.config.by < b.config.by : a.name < b.name;
  });
  std::vector<contract::AccountConfig> sorted;
  for (const Row& row : rows) sorted.push_back(row.config);
  return builder.array<contract::AccountConfig>(sorted);
}

}  // namespace demarc::trunks
