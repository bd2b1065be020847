// Box: the dataplane that runs and what the control plane knows of it, as what-if looks at them.
// Borrowed while a question is answered; only read. Made by the API.
#pragma once

#include <map>
#include <string>

#include "controlplane/config/model.h"
#include "controlplane/trunks/ids.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/time.h"

namespace demarc::whatif {

struct Box {
  const contract::Region* region = nullptr;
  const config::Config* config = nullptr;  // in force; a candidate's trunks are found in it by name
  const trunks::IdMap* ids = nullptr;      // as the region has them
  contract::Instant now;                   // of the dataplane's clock
  // By trunk: the target that holds its registration.
  std::map<std::string, contract::Endpoint> registered_at = {};
};

}  // namespace demarc::whatif
