#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "controlplane/rest/handlers.h"
#include "controlplane/rest/json_text.h"

namespace demarc::rest {
namespace {

using contract::DelayHistogram;
using contract::Region;
using contract::WorkerIndex;
using contract::WorkerRow;
using json = nlohmann::ordered_json;

using Counts = std::array<uint64_t, contract::delay_bucket_count>;

// The delay that `share` of the packets did not exceed, in us, to within 1/16.
json percentile(const Counts& counts, uint64_t total, double share) {
  if (total == 0) return nullptr;
  uint64_t seen = 0;
  for (unsigned bucket = 0; bucket < counts.size(); ++bucket) {
    seen += counts[bucket];
    if (static_cast<double>(seen) >= share * static_cast<double>(total)) {
      return static_cast<double>(contract::delay_bucket_end(bucket)) / 1000;
    }
  }
  return nullptr;
}

json delay_of(const Counts& counts, uint64_t longest_ns) {
  uint64_t total = 0;
  for (const uint64_t count : counts) total += count;
  json body = {{"packets", total}};
  constexpr std::array<std::pair<const char*, double>, 5> shares = {
      {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99_9", 0.999}, {"p99_99", 0.9999}}};
  for (const auto& [name, share] : shares) body[name] = percentile(counts, total, share);
  body["max"] = nullptr;
  if (total != 0) body["max"] = static_cast<double>(longest_ns) / 1000;
  return body;
}

json worker_json(const Region& region, WorkerIndex index, Counts& sum, uint64_t& longest) {
  const WorkerRow& row = region.worker(index);
  Counts counts;
  for (unsigned i = 0; i < counts.size(); ++i) {
    counts[i] = row.relay_delay.packets[i].load(std::memory_order_relaxed);
    sum[i] += counts[i];
  }
  const uint64_t its_longest = row.relay_delay.longest_ns.load(std::memory_order_relaxed);
  longest = std::max(longest, its_longest);
  return {{"worker", index},
          {"generation", row.generation.load(std::memory_order_relaxed)},
          {"loops", row.loops.load(std::memory_order_relaxed)},
          {"busy_seconds", static_cast<double>(row.busy_ns.load(std::memory_order_relaxed)) / 1e9},
          {"live_calls", row.live_calls.load(std::memory_order_relaxed)},
          {"relay_delay_us", delay_of(counts, its_longest)}};
}

}  // namespace

Response get_workers(const Request& request, const Sources& sources) {
  const std::shared_ptr<const link::Attachment> attachment = sources.attachment();
  if (attachment == nullptr) return detached(request);
  const Region& region = attachment->region();
  Counts sum = {};
  uint64_t longest = 0;
  json workers = json::array();
  for (unsigned worker = 0; worker < region.workers(); ++worker) {
    workers.push_back(worker_json(region, static_cast<WorkerIndex>(worker), sum, longest));
  }
  return json_response({{"relay_delay_us", delay_of(sum, longest)}, {"workers", workers}});
}

}  // namespace demarc::rest
