// Options: the command line of demarc-dataplane. Everything else comes from the control plane.
#pragma once

namespace demarc::boot {

struct Options {
  const char* socket_path = nullptr;
  const char* state_directory = nullptr;
  bool is_probe = false;  // only say what this machine gives
  bool wants_help = false;
};

// False on a mistake, which has been logged.
[[nodiscard]] bool parse_options(int argument_count, char** arguments, Options& options);
void print_help();

}  // namespace demarc::boot
