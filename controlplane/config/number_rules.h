// Number rules of trunks and the tables that they name. Used by bind.cc, check.cc and load.cc.
#pragma once

#include "controlplane/config/problem.h"
#include "controlplane/config/tree.h"

namespace demarc::config {

// A rule that is wrong is told of and left out.
Numbers bind_numbers(const Block& block, Problems& problems);
NumberTable bind_table(const Block& block);

// Whether the tables that rules name are there.
void check_numbers(const Config& config, const Gaps& gaps, Problems& problems);

// Reads the files of all tables; a mistake in one names its line.
void read_table_files(Config& config, Problems& problems);

}  // namespace demarc::config
