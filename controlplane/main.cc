// demarc-controlplane: loads the configuration, keeps the dataplane supplied with it, writes call
// records, serves the API. Exit codes: 0 stopped, 1 failed, 2 usage, 3 configuration invalid.
#include <getopt.h>
#include <signal.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "controlplane/runtime/log.h"
#include "controlplane/runtime/process.h"
#include "controlplane/runtime/wall_clock.h"
#include "controlplane/service.h"
#include "controlplane/whatif/judge.h"

namespace {

using demarc::runtime::Level;

constexpr char usage[] =
    "usage: demarc-controlplane --config FILE [--run-dir DIR] [--state-dir DIR] [--check]\n"
    "  --config FILE     the configuration\n"
    "  --run-dir DIR     sockets: dataplane.sock, api.sock (default /run/demarc)\n"
    "  --state-dir DIR   records and other state (default /var/lib/demarc)\n"
    "  --check           only check the configuration\n"
    "SIGHUP reads the configuration again; SIGTERM stops, and the dataplane goes on.\n";

// Certificates do not end by the minute.
constexpr int ticks_per_watch = 3600;
constexpr int tick_ms = 1'000;

enum ExitCode { stopped = 0, failed = 1, wrong_usage = 2, config_invalid = 3 };

struct Arguments {
  demarc::ServiceOptions service;
  bool is_check = false;
};

// False when the usage is wrong.
bool parse(int argc, char** argv, Arguments& arguments) {
  static const option options[] = {{"config", required_argument, nullptr, 'c'},
                                   {"run-dir", required_argument, nullptr, 'r'},
                                   {"state-dir", required_argument, nullptr, 's'},
                                   {"check", no_argument, nullptr, 'k'},
                                   {"version", no_argument, nullptr, 'v'},
                                   {"help", no_argument, nullptr, 'h'},
                                   {nullptr, 0, nullptr, 0}};
  for (int letter; (letter = ::getopt_long(argc, argv, "c:", options, nullptr)) != -1;) {
    switch (letter) {
      case 'c':
        arguments.service.config_file = optarg;
        break;
      case 'r':
        arguments.service.run_directory = optarg;
        break;
      case 's':
        arguments.service.state_directory = optarg;
        break;
      case 'k':
        arguments.is_check = true;
        break;
      case 'v':
        std::puts("demarc-controlplane " DEMARC_VERSION);
        std::exit(stopped);
      case 'h':
        std::fputs(usage, stdout);
        std::exit(stopped);
      default:
        return false;
    }
  }
  return optind == argc && !arguments.service.config_file.empty();
}

int run(const Arguments& arguments, demarc::config::Loaded loaded,
        demarc::runtime::Signals& signals) {
  demarc::runtime::start_logging(Level::info);
  if (!demarc::runtime::refuse_core_dumps()) {
    demarc::runtime::log(Level::warning, "runtime", "core dumps could not be turned off");
  }
  demarc::Service service(arguments.service, std::move(loaded));
  service.start();
  for (int tick = 0;; ++tick) {
    if (tick % ticks_per_watch == 0) service.watch_certificates();
    const int signal = signals.wait_for(tick_ms);
    service.tick();
    if (signal == SIGHUP) service.reload();
    if (signal != SIGHUP && signal != 0) break;
  }
  service.stop();
  demarc::runtime::log(Level::info, "runtime", "stopped; the dataplane goes on");
  return stopped;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, arguments)) {
    std::fputs(usage, stderr);
    return wrong_usage;
  }
  try {
    // Before the file is read: a reload asked for at that moment waits instead of ending us.
    demarc::runtime::Signals signals;
    arguments.service.config_file =
        std::filesystem::absolute(arguments.service.config_file).lexically_normal().string();
    if (!arguments.is_check) {
      demarc::change::Changes::recover(
          {arguments.service.config_file, arguments.service.state_directory,
           demarc::change::kept_revisions},
          demarc::runtime::now_unix_ns());
    }
    demarc::config::Loaded loaded = demarc::config::load_file(arguments.service.config_file);
    // A box comes up though one of its tables has changed: tests are asked of changes alone.
    if (arguments.is_check) demarc::whatif::judge(loaded);
    for (const std::string& text :
         demarc::config::texts_of(loaded, arguments.service.config_file)) {
      std::fprintf(stderr, "%s\n", text.c_str());
    }
    if (!loaded.is_good) return config_invalid;
    if (arguments.is_check) return stopped;
    return run(arguments, std::move(loaded), signals);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "demarc-controlplane: %s\n", error.what());
    return failed;
  }
}
