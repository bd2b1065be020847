// What each verb of `demarc` does. Writes to the streams given; returns the exit code.
#pragma once

#include <iosfwd>

#include "controlplane/cli/command_line.h"

namespace demarc::cli {

struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool is_coloured = false;
};

ExitCode run_command(const CommandLine& line, const Streams& streams);

}  // namespace demarc::cli
