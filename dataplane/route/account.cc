#include "dataplane/route/account.h"

#include <algorithm>
#include <array>
#include <span>

#include "dataplane/route/route.h"
#include "sip-parser/base/ascii.h"

namespace demarc::route {
namespace {

using contract::AccountConfig;
using contract::KnownBy;
using contract::TrunkId;

using Rows = std::span<const AccountConfig>;

constexpr size_t max_host_octets = 253;  // of a name in DNS

struct Wanted {
  TrunkId first;
  KnownBy by;
  std::string_view name;
};

// The rows of that source and name, in order.
Rows rows_of(const contract::Snapshot& snapshot, const Wanted& wanted) {
  const contract::TrunkSection& section = *snapshot.trunks;
  const Rows rows = elements(section.header, section.accounts);
  const auto is_before = [&](const AccountConfig& row) {
    if (row.first != wanted.first) return index_of(row.first) < index_of(wanted.first);
    return row.by != wanted.by ? row.by < wanted.by : text(section.header, row.name) < wanted.name;
  };
  const auto is_it = [&](const AccountConfig& row) {
    return row.first == wanted.first && row.by == wanted.by &&
           text(section.header, row.name) == wanted.name;
  };
  const auto begin = std::partition_point(rows.begin(), rows.end(), is_before);
  return {begin, std::partition_point(begin, rows.end(), is_it)};
}

// Those of a peer's Contact; none of what is no host.
Rows rows_of_contact(const contract::Snapshot& snapshot, TrunkId first, std::string_view host) {
  std::array<char, max_host_octets> lower;
  if (host.empty() || host.size() > lower.size()) return {};
  std::transform(host.begin(), host.end(), lower.begin(), ascii::to_lower);
  return rows_of(snapshot, {first, KnownBy::contact, {lower.data(), host.size()}});
}

}  // namespace

std::span<const AccountConfig> accounts_at(const contract::Snapshot& snapshot, TrunkId found) {
  const contract::TrunkSection& section = *snapshot.trunks;
  const Rows rows = elements(section.header, section.accounts);
  const auto begin = std::partition_point(rows.begin(), rows.end(), [&](const AccountConfig& one) {
    return index_of(one.first) < index_of(found);
  });
  return {begin, std::partition_point(begin, rows.end(), [&](const AccountConfig& one) {
            return one.first == found;
          })};
}

bool has_accounts(const contract::Snapshot& snapshot, TrunkId found) {
  return !accounts_at(snapshot, found).empty();
}

TrunkId account_of(const contract::Snapshot& snapshot, TrunkId found, const Claim& claim) {
  const Rows shown = rows_of_contact(snapshot, found, claim.contact_host);
  if (!shown.empty()) return shown.front().trunk;
  const Rows own =
      claim.user.empty() ? Rows{} : rows_of(snapshot, {found, KnownBy::user, claim.user});
  if (!own.empty()) return own.front().trunk;
  const Rows rest = rows_of(snapshot, {found, KnownBy::user, {}});
  return rest.empty() ? TrunkId::none : rest.front().trunk;
}

bool speaks_for(const contract::Snapshot& snapshot, TrunkId found, TrunkId trunk) {
  if (found == TrunkId::none) return false;
  if (found == trunk) return true;
  if (!snapshot.has_trunk(trunk)) return false;
  const contract::SectionHeader& header = snapshot.trunks->header;
  const contract::TrunkConfig& config = snapshot.trunk(trunk);
  const auto is_in = [trunk](const Rows& rows) {
    return std::any_of(rows.begin(), rows.end(),
                       [trunk](const AccountConfig& row) { return row.trunk == trunk; });
  };
  return is_in(rows_of(snapshot, {found, KnownBy::user, text(header, config.contact_user)})) ||
         is_in(rows_of(snapshot, {found, KnownBy::contact, text(header, config.peer_contact)}));
}

bool is_source_of(const contract::Snapshot& snapshot, TrunkId trunk,
                  const contract::Endpoint& local, const contract::Endpoint& remote,
                  contract::Transport transport) {
  return speaks_for(snapshot, identify(snapshot, local, remote, transport), trunk);
}

}  // namespace demarc::route
