// One scrape: what the control plane holds and the dataplane's shared memory as the text that
// Prometheus reads. Called by the API's thread, over values that stay as they are meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/events/events.h"
#include "controlplane/link/link.h"
#include "controlplane/metrics/call_tally.h"
#include "controlplane/records/reader.h"
#include "controlplane/registrar/registrar.h"
#include "controlplane/trunks/ids.h"
#include "controlplane/upkeep/upkeep.h"

namespace demarc::metrics {

class Families;

struct Scrape {
  std::string version;
  uint64_t now_unix_ns = 0;
  uint64_t started_unix_ns = 0;
  bool is_ready = false;
  const config::Config& config;
  uint64_t revision = 0;
  uint64_t loaded_unix_ns = 0;
  bool is_config_refused = false;
  bool is_confirm_pending = false;
  const trunks::IdMap& ids;
  const link::Attachment* attachment = nullptr;  // nullptr: no dataplane
  link::Status link;
  records::Status records;
  upkeep::State upkeep;
  registrar::BindingCounts bindings;
  TrunkTallies calls;
  std::array<uint64_t, events::kind_count> events = {};
};

// The text format of Prometheus, version 0.0.4.
std::string text_of(const Scrape& scrape);
inline constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";

// The parts of it, one in each .cc file.
void add_process(const Scrape& scrape, Families& families);
void add_dataplane(const contract::Region& region, Families& families);
void add_trunks(const Scrape& scrape, Families& families);
void add_calls(const Scrape& scrape, Families& families);

}  // namespace demarc::metrics
