#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "controlplane/rest/handlers.h"
#include "controlplane/rest/json_text.h"

namespace demarc::rest {
namespace {

using contract::Region;
using contract::TrunkCounter;
using contract::TrunkId;
using contract::WorkerIndex;
using json = nlohmann::ordered_json;

// Of the slowest worker.
uint64_t generation_in_force(const Region& region) {
  uint64_t lowest = UINT64_MAX;
  for (unsigned i = 0; i < region.workers(); ++i) {
    const auto worker = static_cast<WorkerIndex>(i);
    lowest = std::min(lowest, region.worker(worker).generation.load(std::memory_order_relaxed));
  }
  return lowest;
}

uint64_t sum_of(const Region& region, TrunkCounter counter) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < region.workers(); ++i) {
    for (uint32_t trunk = 0; trunk < region.sizes().trunk_capacity; ++trunk) {
      sum +=
          region.trunk_counters(static_cast<WorkerIndex>(i), TrunkId{static_cast<uint16_t>(trunk)})
              .get(counter);
    }
  }
  return sum;
}

json calls_of(const link::Attachment* attachment) {
  if (attachment == nullptr) {
    return {{"live", nullptr}, {"attempts", nullptr}, {"answered", nullptr}, {"failed", nullptr}};
  }
  const Region& region = attachment->region();
  uint64_t live = 0;
  for (unsigned i = 0; i < region.workers(); ++i) {
    live += region.worker(static_cast<WorkerIndex>(i)).live_calls.load(std::memory_order_relaxed);
  }
  return {{"live", live},
          {"attempts", sum_of(region, TrunkCounter::attempts_in)},
          {"answered", sum_of(region, TrunkCounter::answered_in)},
          {"failed", sum_of(region, TrunkCounter::failed_in)}};
}

json dataplane_of(const link::Attachment* attachment, const link::Status& status) {
  json body = {{"attached", attachment != nullptr}};
  if (attachment == nullptr) {
    for (const char* name : {"boot_id", "state", "workers", "driver", "hugepages", "generation"}) {
      body[name] = nullptr;
    }
  } else {
    const Region& region = attachment->region();
    char boot_id[17];
    std::snprintf(boot_id, sizeof boot_id, "%016llx",
                  static_cast<unsigned long long>(attachment->boot_id()));
    body["boot_id"] = boot_id;
    body["state"] = spelling(region.header().state.load(std::memory_order_relaxed));
    body["workers"] = region.workers();
    body["driver"] = attachment->driver();
    body["hugepages"] = attachment->has_hugepages();
    body["generation"] = generation_in_force(region);
  }
  // Of a dataplane that is not seen nobody knows what it runs with.
  const bool is_published = attachment != nullptr && status.published_generation != 0;
  body["published_generation"] = is_published ? json(status.published_generation) : json(nullptr);
  if (status.last_error.empty()) {
    body["last_error"] = nullptr;
  } else {
    body["last_error"] = status.last_error;
  }
  return body;
}

}  // namespace

bool is_ready(const link::Attachment* attachment, const link::Status& status) {
  if (attachment == nullptr || status.published_generation == 0) return false;
  const Region& region = attachment->region();
  return region.header().state.load(std::memory_order_relaxed) ==
             contract::DataplaneState::running &&
         generation_in_force(region) >= status.published_generation;
}

Response get_status(const Request&, const Sources& sources) {
  const std::shared_ptr<const link::Attachment> attachment = sources.attachment();
  const link::Status link = sources.link();
  const ConfigState config = sources.config();
  const records::Status records = sources.records();
  json body = {
      {"ready", is_ready(attachment.get(), link)},
      {"version", sources.version},
      {"dataplane", dataplane_of(attachment.get(), link)},
      {"calls", calls_of(attachment.get())},
      {"config",
       {{"revision", config.revision},
        {"file", config.file},
        {"loaded_at", time_or_null(config.loaded_unix_ns)},
        {"needs_restart", attachment == nullptr ? json(nullptr) : json(link.needs_restart)},
        {"last_error", config.last_error}}},
      {"records",
       {{"written", records.written},
        {"already_known", records.already_known},
        {"pending", records.pending ? json(*records.pending) : json(nullptr)},
        {"last_error", nullptr}}}};
  if (!records.last_error.empty()) body["records"]["last_error"] = records.last_error;
  return json_response(body);
}

}  // namespace demarc::rest
