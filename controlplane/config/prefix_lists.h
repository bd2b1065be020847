// Prefix lists of routes: their files, and prefixes that two routes have. Used by bind.cc and
// load.cc.
#pragma once

#include "controlplane/config/problem.h"
#include "controlplane/config/tree.h"

namespace demarc::config {

PrefixList bind_prefix_list(const Block& block);

// Reads the files of all lists; a mistake in one names its line and column.
void read_prefix_files(Config& config, Problems& problems);

// What a route is told apart by from others, its prefixes left out.
std::string conditions_of(const Route& route);

// Routes of the same callers and conditions have no prefix in common: nobody could tell which of
// them is meant. After the files were read.
void check_listed_prefixes(const Config& config, Problems& problems);

}  // namespace demarc::config
