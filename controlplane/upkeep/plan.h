// Plan: what upkeep does for each trunk of the configuration in force: whom to probe, whether to
// register, and as whom. Made with each compile, adopted when the dataplane has taken it.
#pragma once

#include <string>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/health/monitor.h"
#include "controlplane/link/section_set.h"
#include "controlplane/registration/agent.h"
#include "controlplane/trunks/ids.h"

namespace demarc::upkeep {

// How a trunk reaches its targets.
struct Way {
  contract::Endpoint local;  // ours
  contract::Transport transport = contract::Transport::udp;
  friend auto operator<=>(const Way&, const Way&) = default;
};

struct TrunkPlan {
  std::string name;
  contract::TrunkId id = contract::TrunkId::none;
  Way way;
  std::string advertised;                 // the same, as peers see it
  std::string peer_uri;                   // "sip:provider.example"; empty: as the target is
  std::string contact_params;             // ";transport=tcp"; empty for UDP
  std::string contact_host;               // instead of `advertised`; empty: none
  std::string from_domain;                // instead of both in From; empty: none
  std::vector<link::TargetPlan> targets;  // by row
  health::Settings probe;
  bool is_registered = false;
  bool is_taken_away = true;
  registration::Settings account;
};

using Plan = std::vector<TrunkPlan>;  // sorted by name

// Trunks whose registration begins, ends or is made anew when `after` replaces `before`; the
// others' go on as they are. Sorted.
std::vector<std::string> registrations_touched(const config::Config& before,
                                               const config::Config& after);

Plan make_plan(const config::Config& config, const trunks::IdMap& ids, const link::SectionSet& set);

}  // namespace demarc::upkeep
