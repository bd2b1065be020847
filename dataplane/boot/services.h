// Services: what the main thread owns and both the control plane's session and the shutdown use.
#pragma once

#include <optional>

#include "dataplane/boot/loader.h"
#include "dataplane/boot/platform.h"
#include "dataplane/boot/publication.h"
#include "dataplane/boot/spool_file.h"
#include "dataplane/boot/spooler.h"

namespace demarc::boot {

struct Services {
  // `names` outlives it.
  Services(const contract::NameKeys& names, SpoolFile spool_file, uint64_t boot)
      : boot_id(boot), loader(snapshot), platform(names, snapshot), spool(std::move(spool_file)) {}

  uint64_t boot_id;
  contract::SnapshotCell snapshot;
  Loader loader;
  Publication publication;
  Platform platform;
  SpoolFile spool;
  std::optional<Spooler> spooler;  // once there is a region

  contract::DataplaneState state() {
    if (!platform.is_running()) return contract::DataplaneState::starting;
    return platform.region().header().state.load(std::memory_order_relaxed);
  }
};

}  // namespace demarc::boot
