// What is wrong with routes beside the trunks that they name. Used by check.cc.
#pragma once

#include "controlplane/config/problem.h"

namespace demarc::config {

void check_routes_of(const Config& config, Problems& problems);

}  // namespace demarc::config
