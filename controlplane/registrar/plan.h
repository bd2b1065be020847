// Plan: what the registrar goes by for each trunk whose peers register with us. Made with each
// compile, adopted when the dataplane has taken it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/trunks/ids.h"
#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/transport.h"

namespace demarc::registrar {

struct TrunkPlan {
  std::string name;
  contract::TrunkId id = contract::TrunkId::none;
  contract::Endpoint local;  // ours
  contract::Transport transport = contract::Transport::udp;
  std::vector<config::Prefix> sources;  // where it may register from
  config::Registrar settings;
  std::map<std::string, std::string> passwords;  // by user; never logged, never shown

  bool has_source(const contract::IpAddress& address) const;
  // Whether a binding of that account, registered from there, stays.
  bool keeps(const std::string& user, const contract::IpAddress& source) const {
    return passwords.contains(user) && has_source(source);
  }
  // Whether both are served at one address and port of ours.
  bool is_beside(const TrunkPlan& other) const {
    return local == other.local && transport == other.transport;
  }
};

using Plan = std::vector<TrunkPlan>;  // sorted by name

// Without ids: what a configuration would have.
Plan make_plan(const config::Config& config);
// Only trunks that have an id.
Plan make_plan(const config::Config& config, const trunks::IdMap& ids);

}  // namespace demarc::registrar
