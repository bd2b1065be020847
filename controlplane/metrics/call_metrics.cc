#include <algorithm>

#include "controlplane/metrics/families.h"
#include "controlplane/metrics/scrape.h"
#include "controlplane/records/record_json.h"

namespace demarc::metrics {
namespace {

constexpr std::array<const char*, class_count> class_names = {"none", "3xx", "4xx", "5xx", "6xx"};

// Of ten thousand trunks nearly all of it is nothing: a distribution begins with its first value,
// and a count by why or how with its first one (decision D95).
template <size_t bounds>
void add(Metric metric, Labels labels, const std::array<double, bounds>& upper,
         const Tally<bounds>& tally, Families& families) {
  const bool has_values = std::any_of(tally.counts.begin(), tally.counts.end(),
                                      [](uint64_t count) { return count != 0; });
  if (has_values) families.add(metric, labels, Distribution{upper, tally.counts, tally.sum});
}

void add_direction(const std::string& trunk, const char* direction, const DirectionTally& tally,
                   Families& families) {
  for (size_t i = 0; i < contract::call_end_count; ++i) {
    const std::string_view end = records::spelling(static_cast<contract::CallEnd>(i));
    families.add_begun(Metric::trunk_calls_ended_total, {trunk, direction, end},
                       static_cast<double>(tally.ends[i]));
  }
  const Labels labels = {trunk, direction};
  add(Metric::trunk_post_dial_delay_seconds, labels, post_dial_bounds, tally.post_dial, families);
  add(Metric::trunk_setup_seconds, labels, setup_bounds, tally.setup, families);
  add(Metric::trunk_call_duration_seconds, labels, duration_bounds, tally.duration, families);
}

void add_trunk(const std::string& trunk, const TrunkTally& tally, Families& families) {
  add_direction(trunk, "in", tally.in, families);
  add_direction(trunk, "out", tally.out, families);
  for (size_t i = 0; i < class_count; ++i) {
    families.add_begun(Metric::trunk_call_failures_total, {trunk, class_names[i]},
                       static_cast<double>(tally.call_failures[i]));
    families.add_begun(Metric::trunk_target_failures_total, {trunk, class_names[i]},
                       static_cast<double>(tally.target_failures[i]));
  }
  for (size_t bit = 0; bit < limit_count; ++bit) {
    const std::string_view limit = records::spelling(static_cast<contract::LimitMet>(1u << bit));
    families.add_begun(Metric::trunk_limits_met_total, {trunk, limit},
                       static_cast<double>(tally.limits_met[bit]));
  }
  add(Metric::trunk_rtp_loss_ratio, {trunk}, loss_bounds, tally.loss, families);
  add(Metric::trunk_rtp_worst_loss_ratio, {trunk}, loss_bounds, tally.worst_loss, families);
  add(Metric::trunk_rtp_jitter_seconds, {trunk}, jitter_bounds, tally.jitter, families);
  add(Metric::trunk_rtp_round_trip_seconds, {trunk}, round_trip_bounds, tally.round_trip, families);
  const auto count = [&](Metric metric, uint64_t packets) {
    families.add(metric, {trunk}, static_cast<double>(packets));
  };
  count(Metric::trunk_silent_streams_total, tally.silent_streams);
  count(Metric::trunk_rtp_duplicates_total, tally.rtp_duplicates);
  count(Metric::trunk_rtp_late_total, tally.rtp_late);
  count(Metric::trunk_rtp_burst_packets_total, tally.burst_packets);
  count(Metric::trunk_rtp_burst_lost_total, tally.burst_lost);
  add(Metric::trunk_mos, {trunk}, mos_bounds, tally.mos, families);
}

}  // namespace

// What counts without a label of its own is there for every trunk, so that its rate has a first
// value before the first call.
void add_calls(const Scrape& scrape, Families& families) {
  const TrunkTally none;
  for (const config::Trunk& trunk : scrape.config.trunks) {
    const auto found = scrape.calls.find(trunk.name);
    add_trunk(trunk.name, found == scrape.calls.end() ? none : found->second, families);
  }
}

}  // namespace demarc::metrics
