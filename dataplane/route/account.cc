#include "dataplane/route/account.h"

#include <algorithm>
#include <span>

#include "dataplane/route/route.h"

namespace demarc::route {
namespace {

using contract::AccountConfig;
using contract::TrunkId;

using Rows = std::span<const AccountConfig>;

struct Wanted {
  TrunkId first;
  std::string_view user;
};

// The rows of that source and user, in order.
Rows rows_of(const contract::Snapshot& snapshot, const Wanted& wanted) {
  const contract::TrunkSection& section = *snapshot.trunks;
  const Rows rows = elements(section.header, section.accounts);
  const auto is_before = [&](const AccountConfig& row) {
    if (row.first != wanted.first) return index_of(row.first) < index_of(wanted.first);
    return text(section.header, row.user) < wanted.user;
  };
  const auto is_it = [&](const AccountConfig& row) {
    return row.first == wanted.first && text(section.header, row.user) == wanted.user;
  };
  const auto begin = std::partition_point(rows.begin(), rows.end(), is_before);
  return {begin, std::partition_point(begin, rows.end(), is_it)};
}

}  // namespace

bool has_accounts(const contract::Snapshot& snapshot, TrunkId found) {
  const contract::TrunkSection& section = *snapshot.trunks;
  const Rows rows = elements(section.header, section.accounts);
  const auto row = std::partition_point(rows.begin(), rows.end(), [&](const AccountConfig& one) {
    return index_of(one.first) < index_of(found);
  });
  return row != rows.end() && row->first == found;
}

TrunkId account_of(const contract::Snapshot& snapshot, TrunkId found, std::string_view user) {
  const Rows own = user.empty() ? Rows{} : rows_of(snapshot, {found, user});
  if (!own.empty()) return own.front().trunk;
  const Rows rest = rows_of(snapshot, {found, {}});
  return rest.empty() ? TrunkId::none : rest.front().trunk;
}

bool speaks_for(const contract::Snapshot& snapshot, TrunkId found, TrunkId trunk) {
  if (found == TrunkId::none) return false;
  if (found == trunk) return true;
  if (!snapshot.has_trunk(trunk)) return false;
  const std::string_view user = text(snapshot.trunks->header, snapshot.trunk(trunk).contact_user);
  const Rows rows = rows_of(snapshot, {found, user});
  return std::any_of(rows.begin(), rows.end(),
                     [trunk](const AccountConfig& row) { return row.trunk == trunk; });
}

bool is_source_of(const contract::Snapshot& snapshot, TrunkId trunk,
                  const contract::Endpoint& local, const contract::Endpoint& remote,
                  contract::Transport transport) {
  return speaks_for(snapshot, identify(snapshot, local, remote, transport), trunk);
}

}  // namespace demarc::route
