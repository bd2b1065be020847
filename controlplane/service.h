// Service: the running control plane. Puts link, records and REST together around one
// configuration.
//
// Made and driven by main's thread; the parts have threads of their own and ask it through the
// functions that it gives them.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/change/changes.h"
#include "controlplane/config/load.h"
#include "controlplane/config/tls_expiry.h"
#include "controlplane/dns/dns.h"
#include "controlplane/events/limit_watch.h"
#include "controlplane/events/media_watch.h"
#include "controlplane/events/source_watch.h"
#include "controlplane/link/link.h"
#include "controlplane/metrics/call_tally.h"
#include "controlplane/records/reader.h"
#include "controlplane/registrar/registrar.h"
#include "controlplane/rest/server.h"
#include "controlplane/rest/sources.h"
#include "controlplane/runtime/files.h"
#include "controlplane/trunks/facts.h"
#include "controlplane/trunks/kept_ids.h"
#include "controlplane/trunks/vacated.h"
#include "controlplane/upkeep/upkeep.h"
#include "controlplane/whatif/kept_snapshot.h"

namespace demarc {

struct ServiceOptions {
  std::string config_file;  // an absolute path
  std::string run_directory = "/run/demarc";
  std::string state_directory = "/var/lib/demarc";
};

class Service {
 public:
  // Throws std::runtime_error when a directory or socket can not be had.
  Service(ServiceOptions options, config::Loaded loaded);

  void start();
  // Reads the file again; a mistake in it leaves everything as it is.
  void reload();
  // Takes back what was not confirmed in time, and forgets what calls do not need any more. Called
  // about once a second.
  void tick();
  // Logs which certificates end soon. Called at least once an hour.
  void watch_certificates();
  // The dataplane goes on.
  void stop();

 private:
  link::SectionSet compile(const link::DataplaneView& view);
  void forget_departed();
  void correct_revision();
  void settle(link::Link::Ids ids);
  void ask_dns();
  std::string misfit(const config::Config& wanted);
  void take(const config::Loaded& loaded);
  rest::ConfigState config_state() const;
  std::string name_of(contract::TrunkId id) const;
  records::JournalOptions journal_options();
  void take_record(const contract::CallRecord& record);
  void watch_room();
  void watch_limits(const contract::Region& region, uint64_t now_unix_ns);
  void watch_media();
  uint64_t count_media(const contract::Region& region, uint64_t now_unix_ns);
  rest::Sources sources();

  const ServiceOptions options_;
  const runtime::FileLock lock_;

  mutable std::mutex mutex_;  // guards what follows, up to the parts
  std::shared_ptr<const config::Config> config_;
  trunks::KeptIds ids_;
  mutable std::mutex names_mutex_;  // taken alone or last: who reads records waits for no compile
  trunks::IdSpace trunk_names_;     // as the dataplane has them
  uint64_t loaded_unix_ns_;
  std::vector<std::string> last_error_;
  config::ExpiryWatch expiries_;
  trunks::TargetRows rows_;
  trunks::Departed departed_;
  trunks::Vacated vacated_;
  std::shared_ptr<const config::Config> compiled_config_;  // with what departed
  numbers::Databases databases_;
  upkeep::Plan compiled_plan_;  // adopted when its sections are in use
  registrar::Plan compiled_registrar_plan_;
  uint64_t compiled_bindings_ = 0;
  std::optional<uint64_t> compiled_revision_;  // of the configuration that was compiled last

  const uint64_t started_unix_ns_;
  events::Events events_;
  events::LimitWatch limits_;
  events::MediaWatch media_;
  events::SourceWatch sprays_;
  change::Changes changes_;
  dns::Dns dns_;
  link::Link link_;
  registrar::Registrar registrar_;
  whatif::KeptSnapshot what_if_;
  upkeep::Upkeep upkeep_;
  metrics::CallTally tally_;
  records::Reader records_;
  const rest::Sources sources_;
  rest::Server server_;
};

}  // namespace demarc
