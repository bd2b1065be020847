// The verbs of `demarc` that look at and change the configuration: diff, apply, confirm, rollback,
// revisions, config, and those that try a candidate: trace-route --config, replay-routes.
#pragma once

#include "controlplane/cli/commands.h"

namespace demarc::cli {

bool is_config_verb(const std::string& verb);

// Throws Unreachable.
ExitCode run_config_command(const CommandLine& line, const Streams& streams);

// "90", "90s", "5m", "1h" as seconds; 0 when it is no such time or longer than a day.
uint32_t seconds_of(const std::string& text);

}  // namespace demarc::cli
