// The second half of loading: blocks of typed fields become the structs of model.h, with the
// defaults that depend on other fields.
#pragma once

#include "controlplane/config/problem.h"
#include "controlplane/config/tree.h"

namespace demarc::config {

Config bind(Tree& tree, Problems& problems);

}  // namespace demarc::config
