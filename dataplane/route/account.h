// Account: which of several trunks a message is of, where they have a source in common: accounts of
// ours with one peer at one port, told apart by the user of our Contact (decision D77), or peers
// behind one address that show a host of their own in theirs.
//
// Pure reads of the snapshot. Asked by engine/ for each message of such a source, by call/ before a
// peer's address is used, and by stream/ for the connections, which such trunks share. Any thread.
#pragma once

#include <span>
#include <string_view>

#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/contract/transport.h"

namespace demarc::route {

// Whether trunks have the sources of `found`, the trunk that find_source() names, beside it.
bool has_accounts(const contract::Snapshot& snapshot, contract::TrunkId found);

// The rows of those trunks, several of one trunk too; empty when there are none.
std::span<const contract::AccountConfig> accounts_at(const contract::Snapshot& snapshot,
                                                     contract::TrunkId found);

// What a new request says of the trunk that it is of; what it does not say is empty.
struct Claim {
  std::string_view user;               // of its Request-URI; compared octet by octet
  std::string_view contact_host = {};  // compared without case
};
// Of those trunks the one that a new request is of: whose peer shows that host, else whose account
// has the user (RFC 3261 section 10.3: that of the Contact that we registered), else the one that
// has neither there, which takes the rest. none: nobody's.
contract::TrunkId account_of(const contract::Snapshot& snapshot, contract::TrunkId found,
                             const Claim& claim);

// Whether a source whose row says `found` speaks for `trunk`: it is that trunk, or has an account
// there beside it. Never for none.
bool speaks_for(const contract::Snapshot& snapshot, contract::TrunkId found,
                contract::TrunkId trunk);

// Whether what `remote` sends to `local` may be of that trunk. Not from who may only register.
bool is_source_of(const contract::Snapshot& snapshot, contract::TrunkId trunk,
                  const contract::Endpoint& local, const contract::Endpoint& remote,
                  contract::Transport transport);

}  // namespace demarc::route
