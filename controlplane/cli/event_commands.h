// `demarc events`: what changed, one event a line; with --follow also what changes from then on.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

#include "controlplane/cli/command_line.h"

namespace demarc::cli {

struct EventReader {
  // The API's answer to what came after that sequence number. Throws Unreachable.
  std::function<std::string(uint64_t after)> fetch;
  // Before the next look; false: there is none.
  std::function<bool()> pause;
};

// A control plane that went away after its first answer is waited for: it comes back.
void print_events(const EventReader& reader, bool is_json, std::ostream& out);

void run_events(const CommandLine& line, std::ostream& out);

}  // namespace demarc::cli
