// The section of secrets: TLS profiles with their keys, and the accounts that trunks have with
// their peers.
#pragma once

#include "controlplane/config/model.h"
#include "controlplane/link/section_set.h"
#include "controlplane/trunks/ids.h"

namespace demarc::trunks {

// A profile's place in the configuration is its id.
link::Blob compile_secrets(const config::Config& config, IdMap& ids);

}  // namespace demarc::trunks
