// Blocks about where calls go become the structs of model.h. Used by bind.cc.
#pragma once

#include "controlplane/config/problem.h"
#include "controlplane/config/tree.h"

namespace demarc::config {

Costs bind_costs(const Block& block);
PrefixLimit bind_prefix_limit(const Block& block);
Group bind_group(const Block& block);
// Hours and header conditions that are wrong are told of and left out.
Route bind_route(const Block& block, Problems& problems);

}  // namespace demarc::config
