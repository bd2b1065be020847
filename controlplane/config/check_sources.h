// Whether it is clear which trunk a message is of: by our address and port and its source, or by
// the account that it is for (decision D77). Used by check.cc.
#pragma once

#include "controlplane/config/problem.h"

namespace demarc::config {

void check_sources(const Config& config, Problems& problems);

}  // namespace demarc::config
