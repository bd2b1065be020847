// Platform: all that runs once the platform section is known: DPDK, ports, shared memory, workers.
//
// Started once, by the main thread, when the control plane has brought that section; stopped at the
// end of the process, or when something of it can not be had.
#pragma once

#include <memory>
#include <vector>

#include "dataplane/boot/cores.h"
#include "dataplane/boot/stream_thread.h"
#include "dataplane/contract/channel.h"
#include "dataplane/contract/fixed_text.h"
#include "dataplane/contract/minted_name.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/lcore/worker_thread.h"
#include "dataplane/steer/handoff.h"
#include "dataplane/wire/wiring.h"

namespace demarc::boot {

class Platform {
 public:
  Platform(const contract::NameKeys& names, const contract::SnapshotCell& snapshot)
      : names_(names), snapshot_(snapshot) {}
  ~Platform() { stop(); }
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  // False when something can not be had: `why`; what was started is stopped again.
  [[nodiscard]] bool start(const contract::PlatformSection& section, uint64_t boot_id,
                           wire::Explanation& why);
  // Ends the workers' threads; the region stays readable.
  void stop_workers();
  void stop();
  bool is_running() const { return region_.is_valid(); }

  contract::Region& region() { return region_; }
  const contract::FileDescriptor& region_fd() const { return region_fd_; }
  uint64_t region_octets() const { return region_mapping_.octets().size(); }
  wire::Wiring& wiring() { return wiring_; }
  lcore::Quiescence& quiescence() { return quiescence_; }
  bool has_hugepages() const { return has_hugepages_; }
  // What the first port is driven by, "net_af_xdp".
  const contract::FixedText<62>& driver() const { return driver_; }

  // Connections are served by another snapshot from now on. What is wrong with a TLS profile is
  // logged.
  void serve_streams(std::shared_ptr<const contract::Snapshot> snapshot);

  // Every worker runs with this generation or a later one.
  bool has_adopted(uint64_t generation) const;
  uint32_t live_calls() const;

 private:
  bool choose_cores(const contract::PlatformSection& section, wire::Explanation& why);
  bool start_eal(const contract::PlatformSection& section, wire::Explanation& why);
  bool start_ports(const contract::PlatformSection& section, wire::Explanation& why);
  bool make_region(const contract::PlatformSection& section, uint64_t boot_id,
                   wire::Explanation& why);
  bool start_workers(const contract::PlatformSection& section, wire::Explanation& why);
  bool start_streams(const contract::PlatformSection& section, wire::Explanation& why);

  const contract::NameKeys& names_;
  const contract::SnapshotCell& snapshot_;
  Cores cores_{};
  bool has_eal_ = false;
  bool has_hugepages_ = false;
  contract::FixedText<62> driver_;
  wire::Wiring wiring_;
  contract::FileDescriptor region_fd_;
  contract::Mapping region_mapping_;
  contract::Region region_;
  steer::Handoff handoff_;
  std::unique_ptr<post::Post> post_;
  lcore::Quiescence quiescence_;
  std::unique_ptr<stream::Shards> shards_;
  std::vector<std::unique_ptr<StreamThread>> streams_;
  std::vector<std::unique_ptr<lcore::WorkerThread>> workers_;
};

}  // namespace demarc::boot
