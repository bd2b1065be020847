// Where the API's answers come from: functions that the control plane's service gives and tests
// replace. Each may be called by the API's thread at any time and returns a value of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controlplane/change/changes.h"
#include "controlplane/config/model.h"
#include "controlplane/dns/dns.h"
#include "controlplane/events/events.h"
#include "controlplane/link/link.h"
#include "controlplane/metrics/call_tally.h"
#include "controlplane/records/reader.h"
#include "controlplane/registrar/registrar.h"
#include "controlplane/trunks/ids.h"
#include "controlplane/upkeep/upkeep.h"
#include "controlplane/whatif/kept_snapshot.h"

namespace demarc::rest {

struct ConfigState {
  std::shared_ptr<const config::Config> config;  // in force; never nullptr
  uint64_t revision = 0;                         // of the configuration in force
  std::string file;
  uint64_t loaded_unix_ns = 0;
  std::vector<std::string> last_error;  // of the last load, when it was not taken
  trunks::IdMap ids;
};

struct Sources {
  std::string version;
  std::function<ConfigState()> config;
  std::function<link::Status()> link;
  std::function<std::shared_ptr<const link::Attachment>()> attachment;
  std::function<records::Status()> records;
  std::function<dns::State()> dns;
  std::function<upkeep::State()> upkeep;
  std::function<std::vector<registrar::BindingView>()> bindings;
  std::function<registrar::BindingCounts()> binding_counts;
  // Registers once more, now. False when the trunk has no registration.
  std::function<bool(const std::string& trunk)> refresh;
  change::Changes* changes = nullptr;        // of the configuration; may be called by any thread
  whatif::KeptSnapshot* snapshot = nullptr;  // for questions about routes; the same
  std::string records_directory;             // where the journal is
  metrics::CallTally* tally = nullptr;       // of call records; may be called by any thread
  const events::Events* events = nullptr;    // the same
  uint64_t started_unix_ns = 0;              // of the control plane
};

}  // namespace demarc::rest
