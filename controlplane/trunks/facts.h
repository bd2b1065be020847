// What a compile takes beside the configuration: what DNS, health and registration know now. Any
// part may be missing, which a test and a first compile make use of.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/dns/walk.h"
#include "controlplane/numbers/databases.h"
#include "controlplane/trunks/departed.h"
#include "dataplane/contract/address.h"
#include "dataplane/contract/target_table.h"

namespace demarc::trunks {

// Which row of a trunk's targets has which address. An address that stays keeps its row, and with
// it what calls showed of it. Not thread-safe: the owner locks.
class TargetRows {
 public:
  // The addresses by row, port 0 where a row is free. Those of `wanted` that do not fit are left
  // out.
  const std::vector<contract::Endpoint>& assign(const std::string& trunk, unsigned rows,
                                                const std::vector<dns::Choice>& wanted);

 private:
  std::map<std::string, std::vector<contract::Endpoint>> by_trunk_;
};

// Where a peer that registered with us is.
struct BoundPlace {
  contract::Endpoint target;  // where calls go
  contract::Endpoint source;  // where its REGISTER came from
  std::string host;           // of its Contact
  uint16_t port = 5060;       // the same
  std::string route;          // of calls; empty: none
  uint16_t priority = 0;      // lower first
  bool is_over = false;       // no target any more; calls that there are go on
};

struct Facts {
  uint64_t revision = 0;  // of the configuration; 0: it is none
  std::function<std::vector<dns::Choice>(const dns::Host&)> choices;
  std::function<contract::TargetHealth(const std::string& trunk, const contract::Endpoint&)> health;
  std::function<std::string(const std::string& trunk)> service_route;
  // The target that holds a trunk's registration; port 0: none does.
  std::function<contract::Endpoint(const std::string& trunk)> registered_at;
  std::function<std::vector<BoundPlace>(const std::string& trunk)> bound;
  TargetRows* rows = nullptr;
  const std::vector<FormerListener>* former = nullptr;  // of trunks of the configuration
  std::set<std::string> left;  // trunks of what is compiled that left the configuration
  numbers::Databases* databases = nullptr;  // what was compiled before; nullptr: all anew
};

// What DNS is asked for a peer that is a name; of a trunk in a realm of this family.
dns::Host host_of(const config::Trunk& trunk, const config::Peer& peer, bool is_v4);
// The targets of a trunk in the order of its peers, or of what registered.
std::vector<dns::Choice> targets_of(const config::Trunk& trunk, bool is_v4, const Facts& facts);
// The priority at which calls try it: the target that holds the registration is tried before all
// others (decision D127).
uint16_t priority_of(const dns::Choice& choice, const std::vector<dns::Choice>& targets,
                     const contract::Endpoint& registered_at);

}  // namespace demarc::trunks
