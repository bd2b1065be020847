// Compiles a configuration into the sections and target rows that a dataplane takes.
//
// Called by the control plane's service on the link's thread. The same configuration and ids give
// the same octets, so that an unchanged section is not sent again.
#pragma once

#include <string>

#include "controlplane/config/model.h"
#include "controlplane/link/section_set.h"
#include "controlplane/trunks/facts.h"
#include "controlplane/trunks/ids.h"

namespace demarc::trunks {

// Takes ids for what is new. For a fresh dataplane the ids of what left become free first; ports
// are numbered as the running dataplane's platform numbers them. When the set has a refusal, the
// ids taken must be given back (KeptIds).
link::SectionSet compile(const config::Config& config, const link::DataplaneView& view, IdMap& ids,
                         const Facts& facts = {});

// Why the dataplane would refuse that set: what only its restart makes room for. Empty: it fits.
std::string misfit(const config::Config& config, const link::DataplaneView& view, IdMap ids);

}  // namespace demarc::trunks
