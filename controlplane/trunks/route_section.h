// The routes section: routes, number rules, tables and patterns as workers read them.
#pragma once

#include <cstddef>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/numbers/databases.h"
#include "controlplane/trunks/ids.h"

namespace demarc::trunks {

// `config` is a good one whose trunks have ids; `trunk_count` rows there are in the trunks section.
// The same input gives the same octets. `databases` may be nullptr: every pattern is compiled.
// `revision` is that of the configuration, for call records.
std::vector<std::byte> compile_route_section(const config::Config& config, IdMap& ids,
                                             uint32_t trunk_count, numbers::Databases* databases,
                                             uint64_t revision = 0);

}  // namespace demarc::trunks
