// demarc-dataplane: holds every call; started first, configured by the control plane.

#include <cerrno>
#include <cstring>

#include "dataplane/boot/dataplane.h"
#include "dataplane/boot/log.h"
#include "dataplane/boot/name_keys_file.h"
#include "dataplane/boot/options.h"
#include "dataplane/boot/process.h"
#include "dataplane/wire/eal.h"

namespace demarc::boot {
namespace {

int fail(const wire::Explanation& why) {
  log("%s", why.c_str());
  return exit_bad_environment;
}

// Says what DPDK gets on this machine, and ends.
int probe() {
  wire::EalOptions options;
  options.memory_mb = 64;
  wire::EalReport report;
  wire::Explanation why;
  if (!wire::start_eal(options, report, why)) return fail(why);
  log("%s", report.note.c_str());
  wire::stop_eal();
  return exit_ok;
}

int serve(const Options& options) {
  wire::Explanation why;
  const contract::FileDescriptor directory = lock_state_directory(options.state_directory, why);
  if (!directory.is_open()) return fail(why);
  contract::NameKeys names;
  if (!load_or_make_name_keys(directory.get(), names, why)) return fail(why);
  SpoolFile spool = SpoolFile::open(directory.get(), why);
  if (!spool.is_open()) return fail(why);
  uint64_t boot_id = 0;
  contract::FileDescriptor signals = take_signals();
  if (!signals.is_open() || !fill_random(std::as_writable_bytes(std::span(&boot_id, 1)))) {
    why.set("signals or random numbers: %s", std::strerror(errno));
    return fail(why);
  }
  make_folder_of(options.socket_path);
  contract::FileDescriptor listener = contract::listen_at(options.socket_path);
  if (!listener.is_open()) {
    why.set("%s can not be listened on: %s", options.socket_path, std::strerror(errno));
    return fail(why);
  }
  Services services(names, std::move(spool), boot_id);
  return Dataplane(services, std::move(listener), std::move(signals)).run();
}

}  // namespace
}  // namespace demarc::boot

int main(int argument_count, char** arguments) {
  using namespace demarc::boot;
  Options options;
  if (!parse_options(argument_count, arguments, options)) return exit_bad_environment;
  if (options.wants_help) {
    print_help();
    return exit_ok;
  }
  harden_process();
  return options.is_probe ? probe() : serve(options);
}
