#include <nlohmann/json.hpp>
#include <vector>

#include "controlplane/rest/handlers.h"
#include "controlplane/rest/json_text.h"

namespace demarc::rest {
namespace {

using contract::Region;
using contract::TrunkCounter;
using contract::TrunkId;
using contract::WorkerCounter;
using contract::WorkerIndex;
using contract::WorkerRow;
using json = nlohmann::ordered_json;

json worker_counters(const std::vector<uint64_t>& values) {
  json body = json::object();
  for (unsigned i = 0; i < contract::worker_counter_count; ++i) {
    body[std::string(contract::text_of(static_cast<WorkerCounter>(i)).name)] = values[i];
  }
  return body;
}

json stream_counters(const Region& region) {
  json body = json::object();
  for (unsigned i = 0; i < contract::stream_counter_count; ++i) {
    const auto counter = static_cast<contract::StreamCounter>(i);
    body[std::string(contract::text_of(counter).name)] = region.header().streams.get(counter);
  }
  return body;
}

json worker_of(const Region& region, WorkerIndex index, std::vector<uint64_t>& sum) {
  const WorkerRow& row = region.worker(index);
  std::vector<uint64_t> values(contract::worker_counter_count);
  for (unsigned i = 0; i < contract::worker_counter_count; ++i) {
    values[i] = row.counters.get(static_cast<WorkerCounter>(i));
    sum[i] += values[i];
  }
  return {{"worker", index},
          {"generation", row.generation.load(std::memory_order_relaxed)},
          {"loops", row.loops.load(std::memory_order_relaxed)},
          {"busy_seconds", static_cast<double>(row.busy_ns.load(std::memory_order_relaxed)) / 1e9},
          {"live_calls", row.live_calls.load(std::memory_order_relaxed)},
          {"live_transactions", row.live_transactions.load(std::memory_order_relaxed)},
          {"free_datagrams", row.free_datagrams.load(std::memory_order_relaxed)},
          {"free_tone_detectors", row.free_tone_detectors.load(std::memory_order_relaxed)},
          {"free_repacketizers", row.free_repacketizers.load(std::memory_order_relaxed)},
          {"counters", worker_counters(values)}};
}

// "rtp_drop_X" and "rtp_X" nest, so that what is added to the table of names shows up by itself.
json trunk_of(const Region& region, const std::string& name, TrunkId id) {
  constexpr std::string_view drop = "rtp_drop_";
  constexpr std::string_view rtp = "rtp_";
  json body = {{"name", name}, {"id", contract::index_of(id)}};
  json media = json::object();
  json drops = json::object();
  for (unsigned i = 0; i < contract::trunk_counter_count; ++i) {
    const auto counter = static_cast<TrunkCounter>(i);
    uint64_t sum = 0;
    for (unsigned worker = 0; worker < region.workers(); ++worker) {
      sum += region.trunk_counters(static_cast<WorkerIndex>(worker), id).get(counter);
    }
    const std::string_view text = contract::text_of(counter).name;
    if (text.starts_with(drop)) {
      drops[std::string(text.substr(drop.size()))] = sum;
    } else if (text.starts_with(rtp)) {
      media[std::string(text.substr(rtp.size()))] = sum;
    } else {
      body[std::string(text)] = sum;
    }
  }
  media["drops"] = std::move(drops);
  body["rtp"] = std::move(media);
  return body;
}

}  // namespace

Response get_counters(const Request& request, const Sources& sources) {
  const std::shared_ptr<const link::Attachment> attachment = sources.attachment();
  if (attachment == nullptr) return detached(request);
  const Region& region = attachment->region();
  std::vector<uint64_t> sum(contract::worker_counter_count);
  json workers = json::array();
  for (unsigned worker = 0; worker < region.workers(); ++worker) {
    workers.push_back(worker_of(region, static_cast<WorkerIndex>(worker), sum));
  }
  json trunks = json::array();
  const ConfigState state = sources.config();
  for (const config::Trunk& trunk : state.config->trunks) {
    const auto found = state.ids.trunks.all().find(trunk.name);
    if (found == state.ids.trunks.all().end()) continue;
    if (found->second >= region.sizes().trunk_capacity) continue;
    const auto id = TrunkId{static_cast<uint16_t>(found->second)};
    trunks.push_back(trunk_of(region, trunk.name, id));
  }
  return json_response({{"total", worker_counters(sum)},
                        {"streams", stream_counters(region)},
                        {"workers", workers},
                        {"trunks", trunks}});
}

}  // namespace demarc::rest
