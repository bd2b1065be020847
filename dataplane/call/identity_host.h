// IdentityHost: the host of the identities that the peer of a trunk is shown beside From, in
// P-Asserted-Identity, Diversion, History-Info and Referred-By: the trunk's from_domain, else the
// name in Contact, else our address. From itself has no name that Contact alone was given.
//
// Made where a message is composed; valid as long as the snapshot, and not copied.
#pragma once

#include <string_view>

#include "dataplane/contract/address.h"
#include "dataplane/contract/snapshot.h"

namespace demarc::call {

class IdentityHost {
 public:
  IdentityHost(const contract::Snapshot& snapshot, contract::TrunkId id) {
    const contract::TrunkConfig& trunk = snapshot.trunk(id);
    const contract::CallPolicy& policy = trunk.policy;
    const bool has_domain = policy.from_domain.length != 0;
    name_ = contract::text(snapshot.trunks->header,
                           has_domain ? policy.from_domain : policy.contact_host);
    if (name_.empty()) address_ = print_host(snapshot.realm(trunk.realm).advertised_address);
  }
  IdentityHost(const IdentityHost&) = delete;
  IdentityHost& operator=(const IdentityHost&) = delete;

  std::string_view view() const { return name_.empty() ? address_.view() : name_; }

 private:
  contract::AddressText address_;
  std::string_view name_;
};

}  // namespace demarc::call
