#include <algorithm>
#include <optional>

#include "controlplane/metrics/families.h"
#include "controlplane/metrics/scrape.h"
#include "controlplane/trunks/limits.h"
#include "dataplane/contract/media_summary.h"

namespace demarc::metrics {
namespace {

using contract::Region;
using contract::TrunkCounter;
using contract::TrunkId;
using contract::WorkerIndex;

// Bytes a second.
constexpr double kbps = 1000.0 / 8;

// A trunk's counters and what they are here. Those of drops are found by their reason, and `live`
// is in the counts of limits.
struct Counted {
  TrunkCounter counter;
  Metric metric;
  const char* direction;  // nullptr: none
};
constexpr Counted counted[] = {
    {TrunkCounter::attempts_in, Metric::trunk_call_attempts_total, "in"},
    {TrunkCounter::attempts_out, Metric::trunk_call_attempts_total, "out"},
    {TrunkCounter::answered_in, Metric::trunk_calls_answered_total, "in"},
    {TrunkCounter::answered_out, Metric::trunk_calls_answered_total, "out"},
    {TrunkCounter::failed_in, Metric::trunk_calls_failed_total, "in"},
    {TrunkCounter::failed_out, Metric::trunk_calls_failed_total, "out"},
    {TrunkCounter::sip_in, Metric::trunk_sip_messages_total, "in"},
    {TrunkCounter::sip_out, Metric::trunk_sip_messages_total, "out"},
    {TrunkCounter::options_in, Metric::trunk_options_total, nullptr},
    {TrunkCounter::rtp_packets_in, Metric::trunk_rtp_packets_total, "in"},
    {TrunkCounter::rtp_packets_out, Metric::trunk_rtp_packets_total, "out"},
    {TrunkCounter::rtp_octets_in, Metric::trunk_rtp_bytes_total, "in"},
    {TrunkCounter::rtp_octets_out, Metric::trunk_rtp_bytes_total, "out"},
    {TrunkCounter::rtp_made, Metric::trunk_rtp_made_total, nullptr},
    {TrunkCounter::rtp_absorbed, Metric::trunk_rtp_absorbed_total, nullptr},
    {TrunkCounter::rtp_lost, Metric::trunk_rtp_lost_total, nullptr},
};
static_assert(std::size(counted) + contract::media_drop_count + 1 == contract::trunk_counter_count,
              "every counter of a trunk is shown");

class TrunkSamples {
 public:
  TrunkSamples(const Scrape& scrape, const config::Trunk& trunk, Families& families)
      : scrape_(scrape), trunk_(trunk), families_(families) {
    if (scrape.attachment == nullptr) return;
    const auto id = scrape.ids.trunks.all().find(trunk.name);
    const Region& region = scrape.attachment->region();
    if (id == scrape.ids.trunks.all().end() || id->second >= region.sizes().trunk_capacity) return;
    id_ = TrunkId{static_cast<uint16_t>(id->second)};
  }

  void add_all() {
    add_state();
    add_limits();
    add_targets();
    if (id_ == TrunkId::none) return;
    add_live();
    add_counters();
  }

 private:
  void add(Metric metric, double value) { families_.add(metric, {trunk_.name}, value); }
  void add(Metric metric, const char* label, double value) {
    families_.add(metric, {trunk_.name, label}, value);
  }

  void add_state() {
    families_.add(Metric::trunk_state, {trunk_.name, config::spelling(trunk_.state)}, 1);
  }

  void add_limits() {
    const auto limit = [this](const char* direction, uint32_t calls) {
      if (calls != 0) add(Metric::trunk_calls_limit, direction, calls);
    };
    limit("both", trunk_.max_calls);
    limit("in", trunk_.limits.calls_in);
    limit("out", trunk_.limits.calls_out);
    if (trunk_.limits.kbps == 0) return;
    add(Metric::trunk_bandwidth_limit_bytes_per_second, trunk_.limits.kbps * kbps);
  }

  void add_targets() {
    // Of a trunk that is not watched nothing is known.
    if (scrape_.attachment == nullptr || trunk_.is_disabled()) return;
    std::array<unsigned, health::state_count> by_state = {};
    uint64_t slowest_us = 0;
    for (const upkeep::TargetState& target : upkeep::targets_of(scrape_.upkeep, trunk_.name)) {
      ++by_state[static_cast<size_t>(target.health)];
      slowest_us = std::max(slowest_us, target.round_trip_us);
    }
    unsigned usable = 0;
    for (size_t i = 0; i < by_state.size(); ++i) {
      const auto state = static_cast<health::State>(i);
      families_.add(Metric::trunk_targets, {trunk_.name, health::spelling(state)}, by_state[i]);
      if (!health::is_tried_last(state)) usable += by_state[i];
    }
    add(Metric::trunk_up, usable != 0 ? 1 : 0);
    if (slowest_us == 0) return;  // none was ever answered
    add(Metric::trunk_options_round_trip_seconds, static_cast<double>(slowest_us) / 1e6);
  }

  void add_live() {
    const contract::TrunkLive& live = scrape_.attachment->region().trunk_limits(id_);
    add(Metric::trunk_calls, "in", live.calls_in.load(std::memory_order_relaxed));
    add(Metric::trunk_calls, "out", live.calls_out.load(std::memory_order_relaxed));
    if (trunk_.limits.kbps == 0) return;
    add(Metric::trunk_bandwidth_bytes_per_second, live.kbps.load(std::memory_order_relaxed) * kbps);
  }

  double sum_of(TrunkCounter counter) const {
    const Region& region = scrape_.attachment->region();
    uint64_t sum = 0;
    for (unsigned worker = 0; worker < region.workers(); ++worker) {
      sum += region.trunk_counters(static_cast<WorkerIndex>(worker), id_).get(counter);
    }
    return static_cast<double>(sum);
  }

  void add_counters() {
    for (const Counted& row : counted) {
      if (row.direction == nullptr) {
        add(row.metric, sum_of(row.counter));
      } else {
        add(row.metric, row.direction, sum_of(row.counter));
      }
    }
    constexpr std::string_view drop = "rtp_drop_";
    for (unsigned i = 0; i < contract::trunk_counter_count; ++i) {
      const auto counter = static_cast<TrunkCounter>(i);
      const std::string_view name = contract::text_of(counter).name;
      if (!name.starts_with(drop)) continue;
      const std::string_view reason = name.substr(drop.size());
      families_.add_begun(Metric::trunk_rtp_drops_total, {trunk_.name, reason}, sum_of(counter));
    }
  }

  const Scrape& scrape_;
  const config::Trunk& trunk_;
  Families& families_;
  TrunkId id_ = TrunkId::none;
};

void add_registration(const upkeep::RegistrationState& row, Families& families) {
  const registration::View& view = row.view;
  families.add(Metric::trunk_registration_up, {row.trunk}, view.is_registered ? 1 : 0);
  families.add(Metric::trunk_registration_state, {row.trunk, registration::spelling(view.state)},
               1);
  const auto left_s = static_cast<double>(view.is_registered ? row.expires_s : 0);
  families.add(Metric::trunk_registration_left_seconds, {row.trunk}, left_s);
  families.add(Metric::trunk_registration_failures, {row.trunk}, view.failures);
  if (view.next_ms == 0) return;
  const auto next_s = static_cast<double>(row.next_s);
  families.add(Metric::trunk_registration_next_seconds, {row.trunk}, next_s);
}

void add_bindings(const Scrape& scrape, Families& families) {
  for (const config::Trunk& trunk : scrape.config.trunks) {
    if (!trunk.registrar.is_used) continue;
    const auto found = scrape.bindings.find(trunk.name);
    const size_t count = found == scrape.bindings.end() ? 0 : found->second;
    families.add(Metric::trunk_bindings, {trunk.name}, static_cast<double>(count));
  }
}

void add_group(const Scrape& scrape, const config::Group& group, Families& families) {
  const auto limit = [&](const char* direction, uint32_t calls) {
    if (calls != 0) families.add(Metric::group_calls_limit, {group.name, direction}, calls);
  };
  limit("both", group.max_calls);
  limit("in", group.calls_in);
  limit("out", group.calls_out);
  if (group.kbps != 0) {
    families.add(Metric::group_bandwidth_limit_bytes_per_second, {group.name}, group.kbps * kbps);
  }
  if (scrape.attachment == nullptr) return;
  const trunks::GroupLive live =
      trunks::live_of(group, scrape.ids.trunks, scrape.attachment->region());
  families.add(Metric::group_calls, {group.name, "both"}, static_cast<double>(live.calls));
  families.add(Metric::group_calls, {group.name, "in"}, static_cast<double>(live.calls_in));
  families.add(Metric::group_calls, {group.name, "out"}, static_cast<double>(live.calls_out));
  if (group.kbps == 0) return;
  families.add(Metric::group_bandwidth_bytes_per_second, {group.name},
               static_cast<double>(live.kbps) * kbps);
}

}  // namespace

void add_trunks(const Scrape& scrape, Families& families) {
  for (const config::Trunk& trunk : scrape.config.trunks) {
    TrunkSamples(scrape, trunk, families).add_all();
  }
  for (const upkeep::RegistrationState& row : scrape.upkeep.registrations) {
    // Upkeep follows the configuration once the dataplane has it.
    if (config::find_block(scrape.config.trunks, row.trunk) != nullptr) {
      add_registration(row, families);
    }
  }
  add_bindings(scrape, families);
  for (const config::Group& group : scrape.config.groups) add_group(scrape, group, families);
}

}  // namespace demarc::metrics
