// The command line of `demarc`, parsed: verb, options, or what is wrong with it.
// CLI11 stays in command_line.cc.
#pragma once

#include <string>
#include <vector>

namespace demarc::cli {

enum ExitCode {
  exit_ok = 0,
  exit_failed = 1,
  exit_usage = 2,
  exit_config_invalid = 3,
  exit_conflict = 4,
  exit_unreachable = 5,
  exit_changed = 6,  // of replay-routes: some call would go elsewhere
};

struct CommandLine {
  std::string verb;      // "status"; empty: print `message` and leave with `exit_code`
  std::string file;      // of check, diff, apply, trace-route, replay-routes
  std::string confirm;   // of apply: "5m"; empty: none
  std::string comment;   // of apply
  std::string since;     // of replay-routes: "1h"
  std::string revision;  // of rollback and config; empty: the one before, the one in force
  std::string call;      // of audio and hangup: WORKER-SERIAL
  std::string trunk;     // of register refresh, trace-route
  std::string called;    // of trace-route, as the next one
  std::string calling;   // empty: unknown
  std::vector<std::string> headers;  // of the INVITE, as NAME: VALUE
  std::string field;                 // of explain: "", "trunk" or "trunk.peer"
  std::string page;                  // of reference
  std::string shell;                 // of completion
  std::string socket_path;
  bool is_followed = false;  // of events
  bool is_json = false;
  std::string message;
  ExitCode exit_code = exit_ok;
};

// What a shell completes a line with: verbs, options, and the names of blocks and fields.
std::string bash_completion();

// `argv` as main gets it; DEMARC_SOCKET of the environment is the default of --socket.
CommandLine parse_command_line(int argc, const char* const* argv);

}  // namespace demarc::cli
