// What is wrong with limits of prefixes, and whether the dataplane has room for all limits with a
// count of their own. Used by check.cc.
#pragma once

#include "controlplane/config/problem.h"

namespace demarc::config {

void check_limits(const Config& config, const Gaps& gaps, Problems& problems);

}  // namespace demarc::config
