#include "controlplane/metrics/families.h"
#include "controlplane/metrics/scrape.h"

namespace demarc::metrics {
namespace {

using contract::Region;
using contract::StreamCounter;
using contract::WorkerCounter;
using contract::WorkerIndex;
using contract::WorkerRow;

// Two bounds to each power of two, from 0.5 us to 1.1 s.
constexpr unsigned lowest_power = 9;
constexpr unsigned highest_power = 30;

// The region's buckets, 16 to a power of two, put together: their ends are ends of these, so that
// nothing is guessed.
void add_delay(const WorkerRow& row, std::string_view worker, Families& families) {
  constexpr unsigned half = 1u << (contract::delay_sub_bits - 1);
  std::vector<double> upper;
  std::vector<uint64_t> counts(1);
  double sum_ns = 0;
  constexpr unsigned first = contract::delay_bucket_of((1u << lowest_power) - 1);
  constexpr unsigned last = contract::delay_bucket_of((1u << highest_power) - 1);
  for (unsigned bucket = 0; bucket < contract::delay_bucket_count; ++bucket) {
    const uint64_t packets = row.relay_delay.packets[bucket].load(std::memory_order_relaxed);
    const auto end_ns = static_cast<double>(contract::delay_bucket_end(bucket));
    counts.back() += packets;
    sum_ns += static_cast<double>(packets) * end_ns;
    if (bucket < first || bucket > last || (bucket + 1) % half != 0) continue;
    upper.push_back(end_ns / 1e9);
    counts.push_back(0);
  }
  families.add(Metric::worker_relay_delay_seconds, {worker},
               Distribution{upper, counts, sum_ns / 1e9});
  const auto longest =
      static_cast<double>(row.relay_delay.longest_ns.load(std::memory_order_relaxed));
  families.add(Metric::worker_relay_delay_longest_seconds, {worker}, longest / 1e9);
}

void add_worker(const WorkerRow& row, std::string_view worker, Families& families) {
  const auto add = [&](Metric metric, const auto& value) {
    families.add(metric, {worker}, static_cast<double>(value.load(std::memory_order_relaxed)));
  };
  add(Metric::worker_calls, row.live_calls);
  add(Metric::worker_transactions, row.live_transactions);
  add(Metric::worker_free_datagrams, row.free_datagrams);
  add(Metric::worker_free_tone_detectors, row.free_tone_detectors);
  add(Metric::worker_free_repacketizers, row.free_repacketizers);
  add(Metric::worker_generation, row.generation);
  add(Metric::worker_loops_total, row.loops);
  const auto busy_ns = static_cast<double>(row.busy_ns.load(std::memory_order_relaxed));
  families.add(Metric::worker_busy_seconds_total, {worker}, busy_ns / 1e9);
  for (unsigned i = 0; i < contract::worker_counter_count; ++i) {
    const auto counter = static_cast<WorkerCounter>(i);
    families.add(place_of(counter), {worker}, static_cast<double>(row.counters.get(counter)));
  }
  add_delay(row, worker, families);
}

}  // namespace

void add_dataplane(const Region& region, Families& families) {
  for (unsigned i = 0; i < region.workers(); ++i) {
    add_worker(region.worker(static_cast<WorkerIndex>(i)), std::to_string(i), families);
  }
  for (unsigned i = 0; i < contract::stream_counter_count; ++i) {
    const auto counter = static_cast<StreamCounter>(i);
    const uint64_t value = region.header().streams.get(counter);
    families.add(place_of(counter), {}, static_cast<double>(value));
  }
}

}  // namespace demarc::metrics
