#include "dataplane/boot/options.h"

#include <cstdio>
#include <string_view>

#include "dataplane/boot/log.h"

namespace demarc::boot {

bool parse_options(int argument_count, char** arguments, Options& options) {
  for (int i = 1; i < argument_count; ++i) {
    const std::string_view name = arguments[i];
    if (name == "--probe") {
      options.is_probe = true;
    } else if (name == "--help" || name == "-h") {
      options.wants_help = true;
    } else if (name == "--socket" || name == "--state-dir") {
      if (i + 1 == argument_count) {
        log("%s needs a path", arguments[i]);
        return false;
      }
      (name == "--socket" ? options.socket_path : options.state_directory) = arguments[++i];
    } else {
      log("unknown option %s; --help lists them", arguments[i]);
      return false;
    }
  }
  if (options.is_probe || options.wants_help) return true;
  if (options.socket_path == nullptr || options.state_directory == nullptr) {
    log("--socket PATH and --state-dir DIR are needed; --help says what for");
    return false;
  }
  return true;
}

void print_help() {
  std::puts(
      "demarc-dataplane --socket PATH --state-dir DIR\n"
      "demarc-dataplane --probe\n"
      "\n"
      "  --socket PATH     listen here for the control plane, which brings the configuration\n"
      "  --state-dir DIR   keep the steering keys and the spool of call records here\n"
      "  --probe           say whether DPDK starts on this machine and with which memory\n"
      "\n"
      "SIGTERM ends it when the live calls have ended or platform.drain_seconds are over; a "
      "second\n"
      "SIGTERM hangs up the live calls and ends it at once.");
}

}  // namespace demarc::boot
