// demarc: the command line of the session border controller, a client of its API.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "controlplane/cli/commands.h"

int main(int argc, char** argv) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool is_coloured =
      ::isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || no_color[0] == '\0');
  const demarc::cli::CommandLine line = demarc::cli::parse_command_line(argc, argv);
  return demarc::cli::run_command(line, {std::cout, std::cerr, is_coloured});
}
