// TOML text to toml++'s table, going on after wrong syntax so that every mistake is found at once.
// Used by tree.cc only; the one header that shows toml++.
#pragma once

#include <toml++/toml.h>

#include <string>

#include "controlplane/config/problem.h"

namespace demarc::config {

// What could be read. After a syntax error the line (for a block's header: the block) is left out
// and the rest is read again.
toml::table parse_all(std::string text, uint16_t file, Problems& problems, Gaps& gaps);

}  // namespace demarc::config
