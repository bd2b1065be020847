#include "controlplane/metrics/call_tally.h"

#include <algorithm>
#include <optional>

#include "controlplane/media/emodel.h"

namespace demarc::metrics {
namespace {

using contract::CallRecord;
using contract::MediaSummary;

// Nothing for one that is no failure.
std::optional<size_t> class_of(uint16_t status_code) {
  if (status_code < 100) return 0;
  if (status_code < 300) return std::nullopt;
  return std::min<size_t>(status_code / 100, 6) - 2;
}

void count_class(std::array<uint64_t, class_count>& counts, uint16_t status_code) {
  if (const std::optional<size_t> index = class_of(status_code)) ++counts[*index];
}

double seconds_between(uint64_t begin_unix_ns, uint64_t end_unix_ns) {
  return static_cast<double>(end_unix_ns - std::min(begin_unix_ns, end_unix_ns)) / 1e9;
}

// When the target that answered was called: what was tried before took its time from the caller,
// but says nothing of this one.
uint64_t called_unix_ns(const CallRecord& record) {
  const size_t attempts = std::min<size_t>(record.attempt_count, contract::max_attempts);
  for (size_t i = attempts; i-- > 0;) {
    const contract::Attempt& attempt = record.attempts[i];
    if (attempt.end != contract::AttemptEnd::answered) continue;
    return record.started_unix_ns + uint64_t{attempt.after_ms} * 1'000'000;
  }
  return record.started_unix_ns;
}

void add_times(DirectionTally& tally, const CallRecord& record, uint64_t invited_unix_ns) {
  const auto end = static_cast<size_t>(record.end);
  if (end < contract::call_end_count) ++tally.ends[end];
  if (record.answered_unix_ns == 0) return;
  tally.setup.add(setup_bounds, seconds_between(invited_unix_ns, record.answered_unix_ns));
  tally.duration.add(duration_bounds,
                     seconds_between(record.answered_unix_ns, record.ended_unix_ns));
}

// What an attempt says of its target; that a caller gave up, or that a limit kept it from being
// asked at all, says nothing.
void count_attempt(TrunkTally& tally, const contract::Attempt& attempt) {
  using contract::AttemptEnd;
  switch (attempt.end) {
    case AttemptEnd::refused:
      return count_class(tally.target_failures, attempt.status_code);
    case AttemptEnd::no_response:
    case AttemptEnd::no_progress:
    case AttemptEnd::no_answer:
    case AttemptEnd::unreachable:
      return count_class(tally.target_failures, 0);
    default:
      return;
  }
}

// Of all m-lines; of those of a call with several, the worst by itself.
void add_totals(TrunkTally& tally, const contract::MediaTotals& totals) {
  // A packet is a packet, however few they are.
  tally.rtp_duplicates += totals.rtp_duplicate;
  tally.rtp_late += totals.rtp_late;
  tally.burst_packets += totals.burst_packets;
  tally.burst_lost += totals.burst_lost;
  const contract::WorstStream& worst = totals.worst;
  if (totals.streams < 2 || !worst.is_set) return;
  if (worst.is_silent) ++tally.silent_streams;
  if (worst.rtp_expected < media_report::fewest_packets) return;
  tally.worst_loss.add(loss_bounds, static_cast<double>(worst.rtp_lost) / worst.rtp_expected);
}

// Of its first m-line of audio.
void add_media(TrunkTally& tally, const MediaSummary& media, const MediaSummary& back) {
  // One report is enough for a round trip.
  if (media.round_trip_us != 0) tally.round_trip.add(round_trip_bounds, media.round_trip_us / 1e6);
  if (media.rtp_expected < media_report::fewest_packets) return;
  const media_report::Quality quality = media_report::quality_of(media, back);
  if (quality.loss) tally.loss.add(loss_bounds, *quality.loss);
  const bool has_jitter = media.rtp_expected - std::min(media.rtp_expected, media.rtp_lost) >= 2;
  if (media.clock_rate_hz != 0 && has_jitter)
    tally.jitter.add(jitter_bounds, media.jitter_us / 1e6);
  if (quality.mos_lq) tally.mos.add(mos_bounds, *quality.mos_lq);
}

}  // namespace

std::string name_in(const contract::FixedText<62>& text) {
  return std::string(text.octets, std::min<size_t>(text.length, 62));
}

TrunkTally* CallTally::find(const std::string& trunk) {
  if (trunk.empty()) return nullptr;
  const auto known = tallies_.find(trunk);
  if (known != tallies_.end()) return &known->second;
  return tallies_.size() < most_trunks_ ? &tallies_[trunk] : nullptr;
}

void CallTally::add(const CallRecord& record) {
  // Before our own lock: it takes the service's.
  std::array<std::string, contract::max_attempts> tried;
  const size_t attempts = std::min<size_t>(record.attempt_count, contract::max_attempts);
  for (size_t i = 0; i < attempts; ++i) tried[i] = name_of_(record.attempts[i].trunk);
  const std::lock_guard guard(mutex_);
  TrunkTally* from = find(name_in(record.from_name));
  TrunkTally* to = find(name_in(record.to_name));
  if (from != nullptr) {
    add_times(from->in, record, record.started_unix_ns);
    if (record.ringing_unix_ns != 0) {
      from->in.post_dial.add(post_dial_bounds,
                             seconds_between(record.started_unix_ns, record.ringing_unix_ns));
    }
    add_media(*from, record.media[0], record.media[1]);
    add_totals(*from, record.totals[0]);
    if (record.answered_unix_ns == 0) count_class(from->call_failures, record.status_code);
  }
  if (to != nullptr) {
    add_times(to->out, record, called_unix_ns(record));
    add_media(*to, record.media[1], record.media[0]);
    add_totals(*to, record.totals[1]);
  }
  for (size_t i = 0; i < attempts; ++i) {
    TrunkTally* target = find(tried[i]);
    if (target == nullptr) continue;
    const contract::Attempt& attempt = record.attempts[i];
    count_attempt(*target, attempt);
    if (attempt.ringing_ms == 0) continue;
    target->out.post_dial.add(post_dial_bounds, attempt.ringing_ms / 1e3);
  }
  for (size_t bit = 0; bit < limit_count; ++bit) {
    // Of the caller always: a record does not say which of several trunks tried had the limit.
    if (from != nullptr && (record.limits_met & 1u << bit) != 0) ++from->limits_met[bit];
  }
}

TrunkTallies CallTally::of(const std::set<std::string>& trunks) {
  const std::lock_guard guard(mutex_);
  std::erase_if(tallies_, [&](const auto& row) { return !trunks.contains(row.first); });
  return tallies_;
}

}  // namespace demarc::metrics
