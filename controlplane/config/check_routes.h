// What is wrong with routes, groups, usages and costs, and with the names in them. Used by
// check.cc.
#pragma once

#include "controlplane/config/problem.h"

namespace demarc::config {

void check_routes(const Config& config, const Gaps& gaps, Problems& problems);

// Reads the files of all cost tables; a mistake in one names its line.
void read_cost_files(Config& config, Problems& problems);

}  // namespace demarc::config
