// What one block says about another: references, addresses and ports taken twice, ambiguous
// sources, orders of values. The last step of loading.
#pragma once

#include "controlplane/config/problem.h"

namespace demarc::config {

void check(const Config& config, const Gaps& gaps, Problems& problems);

}  // namespace demarc::config
