// What is wrong with the policy of a trunk or with a header rule, beyond the ranges of its fields.
// A part of check().
#pragma once

#include "controlplane/config/problem.h"

namespace demarc::config {

void check_policies(const Config& config, const Gaps& gaps, Problems& problems);

}  // namespace demarc::config
