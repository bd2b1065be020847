#include <algorithm>

#include "dataplane/number/digit_trie.h"
#include "dataplane/route/route.h"

namespace demarc::route {

using contract::LimitId;
using contract::LimitMet;
using contract::Region;
using contract::Snapshot;
using contract::TrunkId;
using contract::TrunkLimits;
using contract::TrunkLive;

namespace {

// Takes a place of at most `limit`, 0 being any number; nothing changes when there is none.
bool take_place(std::atomic<uint32_t>& live, uint32_t limit, bool is_exempt) {
  const uint32_t before = live.fetch_add(1, std::memory_order_relaxed);
  if (is_exempt || limit == 0 || before < limit) return true;
  live.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

// The same of bandwidth.
bool take_kbps(std::atomic<uint32_t>& live, uint32_t limit, const Entry& entry) {
  if (entry.kbps == 0) return true;
  const uint64_t before = live.fetch_add(entry.kbps, std::memory_order_relaxed);
  if (entry.is_exempt || limit == 0 || before + entry.kbps <= limit) return true;
  live.fetch_sub(entry.kbps, std::memory_order_relaxed);
  return false;
}

// What the trunks of a group have together, this leg among it.
struct GroupLive {
  uint64_t calls = 0;
  uint64_t one_way = 0;  // in the direction of the leg
  uint64_t kbps = 0;
};

GroupLive live_of(const Region& region, std::span<const TrunkId> members, Direction direction) {
  GroupLive sum;
  for (const TrunkId member : members) {
    const TrunkLive& live = region.trunk_limits(member);
    sum.calls += region.trunk_live(member).load(std::memory_order_relaxed);
    sum.one_way += (direction == Direction::in ? live.calls_in : live.calls_out)
                       .load(std::memory_order_relaxed);
    sum.kbps += live.kbps.load(std::memory_order_relaxed);
  }
  return sum;
}

bool is_over(uint64_t live, uint32_t limit) {
  return limit != 0 && live > limit;
}

LimitMet bandwidth_met_of_group(const contract::TrunkGroup& group, const GroupLive& live,
                                const Entry& entry) {
  if (entry.kbps == 0 || !is_over(live.kbps, group.kbps)) return LimitMet::none;
  return entry.direction == Direction::in ? LimitMet::group_bandwidth_in
                                          : LimitMet::group_bandwidth_out;
}

LimitMet met_of_group(const contract::TrunkGroup& group, const GroupLive& live,
                      const Entry& entry) {
  const bool is_in = entry.direction == Direction::in;
  if (is_over(live.one_way, is_in ? group.calls_in : group.calls_out)) {
    return is_in ? LimitMet::group_one_way_in : LimitMet::group_one_way_out;
  }
  if (is_over(live.calls, group.max_calls)) {
    return is_in ? LimitMet::group_in : LimitMet::group_out;
  }
  return bandwidth_met_of_group(group, live, entry);
}

// Whether one of the trunk's groups has no room, as `judge` sees it, for what was just taken. A
// group has no counts of its own: those of its trunks are what it has. Workers that come at once
// may all be refused the last place, and never get more than there are.
using Judge = LimitMet (*)(const contract::TrunkGroup&, const GroupLive&, const Entry&);
LimitMet met_of_groups(const Snapshot& snapshot, const Region& region, const Entry& entry,
                       Judge judge) {
  const contract::TrunkSection& section = *snapshot.trunks;
  const auto ids = elements(section.header, snapshot.trunk(entry.trunk).groups);
  if (ids.empty()) return LimitMet::none;
  // Of two workers at least one sees the place that the other one took.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const auto groups = elements(section.header, section.groups);
  for (const uint32_t id : ids) {
    const auto members = elements(section.header, groups[id].trunks);
    const GroupLive live = live_of(region, members, entry.direction);
    const LimitMet met = judge(groups[id], live, entry);
    if (met != LimitMet::none) return met;
  }
  return LimitMet::none;
}

// When the next call is due by a rate, and how many may come at once.
struct Meter {
  std::atomic<uint64_t>* due_ns = nullptr;
  uint32_t rate = 0;  // a second; 0: any
  uint32_t burst = 1;
  // In 32 bits, which is a fraction of the time of 64.
  uint64_t interval_ns() const { return uint32_t{1'000'000'000} / rate; }
};

// Those that a leg passes, by index: of its trunk, of its prefix, then two of each of the trunk's
// groups, of both directions together and of its own.
class Meters {
 public:
  Meters(const Snapshot& snapshot, const Region& region, const Entry& entry)
      : snapshot_(snapshot),
        region_(region),
        entry_(entry),
        groups_(elements(snapshot.trunks->header, snapshot.trunk(entry.trunk).groups)) {}

  size_t size() const { return first_of_groups + 2 * groups_.size(); }
  Meter operator[](size_t index) const {
    if (index == 0) return of_trunk();
    if (index == 1) return of_prefix();
    const contract::TrunkSection& section = *snapshot_.trunks;
    const uint32_t id = groups_[(index - first_of_groups) / 2];
    const contract::TrunkGroup& group = elements(section.header, section.groups)[id];
    return is_one_way(index) ? one_way_of(group) : together_of(group);
  }
  LimitMet name(size_t index) const {
    const bool is_in = entry_.direction == Direction::in;
    if (index == 0) return is_in ? LimitMet::rate_in : LimitMet::rate_out;
    if (index == 1) return is_in ? LimitMet::prefix_rate_in : LimitMet::prefix_rate_out;
    if (is_one_way(index)) {
      return is_in ? LimitMet::group_one_way_rate_in : LimitMet::group_one_way_rate_out;
    }
    return is_in ? LimitMet::group_rate_in : LimitMet::group_rate_out;
  }

 private:
  static constexpr size_t first_of_groups = 2;
  static bool is_one_way(size_t index) { return (index - first_of_groups) % 2 != 0; }

  bool has(const contract::TrunkGroup& group, TrunkId trunk) const {
    const auto trunks = elements(snapshot_.trunks->header, group.trunks);
    return trunk != TrunkId::none && std::find(trunks.begin(), trunks.end(), trunk) != trunks.end();
  }
  Meter meter_of(LimitId id, uint32_t rate, uint32_t burst) const {
    if (id == LimitId::none) return {};
    return {&region_.limit_live(id).due_ns, rate, burst};
  }
  Meter together_of(const contract::TrunkGroup& group) const {
    if (has(group, entry_.rated_in) || has(group, entry_.rated_out)) return {};
    return meter_of(group.meter, group.rate, group.burst);
  }
  Meter one_way_of(const contract::TrunkGroup& group) const {
    if (entry_.direction == Direction::in) {
      return meter_of(group.meter_in, group.rate_in, group.burst);
    }
    if (has(group, entry_.rated_out)) return {};
    return meter_of(group.meter_out, group.rate_out, group.burst);
  }
  Meter of_trunk() const {
    const TrunkLimits& limits = snapshot_.trunk(entry_.trunk).limits;
    TrunkLive& live = region_.trunk_limits(entry_.trunk);
    if (entry_.direction == Direction::in) return {&live.due_in_ns, limits.rate_in, limits.burst};
    return {&live.due_out_ns, limits.rate_out, limits.burst};
  }
  Meter of_prefix() const {
    // From a trunk to itself: the way in took of the same one.
    const bool is_rated = entry_.rated_in == entry_.trunk;
    if (entry_.prefix == LimitId::none || is_rated) return {};
    const contract::PrefixLimit* limit = snapshot_.prefix_limit(entry_.prefix);
    if (limit == nullptr) return {};
    return meter_of(entry_.prefix, limit->rate, limit->burst);
  }

  const Snapshot& snapshot_;
  const Region& region_;
  const Entry& entry_;
  std::span<const uint32_t> groups_;
};

bool take(const Meter& meter, contract::Instant now) {
  if (meter.rate == 0) return true;
  const uint64_t interval_ns = meter.interval_ns();
  const uint64_t ahead_ns = interval_ns * (std::max<uint32_t>(meter.burst, 1) - 1);
  // Each try that fails is another worker's call that was taken.
  constexpr unsigned most_tries = 64;
  uint64_t before = meter.due_ns->load(std::memory_order_relaxed);
  for (unsigned i = 0; i < most_tries; ++i) {
    const uint64_t earliest = std::max(before, now.ns);
    if (earliest - now.ns > ahead_ns) return false;
    if (meter.due_ns->compare_exchange_weak(before, earliest + interval_ns,
                                            std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

void give_back(const Meter& meter) {
  if (meter.rate != 0) meter.due_ns->fetch_sub(meter.interval_ns(), std::memory_order_relaxed);
}

}  // namespace

LimitId prefix_limit(const Snapshot& snapshot, TrunkId trunk, std::string_view called) {
  const contract::RouteSection& section = *snapshot.routes;
  const auto by_trunk = elements(section.header, section.by_trunk);
  if (called.empty() || index_of(trunk) >= by_trunk.size()) return LimitId::none;
  const uint32_t root = by_trunk[index_of(trunk)].limited;
  if (root == contract::no_row) return LimitId::none;
  const number::Trie trie{elements(section.header, section.numbers.nodes),
                          elements(section.header, section.numbers.entries)};
  unsigned length = 0;
  const LimitId found{number::longest_match(trie, root, called, length)};
  return snapshot.prefix_limit(found) == nullptr ? LimitId::none : found;
}

bool counts_bandwidth(const Snapshot& snapshot, TrunkId trunk) {
  const contract::TrunkSection& section = *snapshot.trunks;
  const contract::TrunkConfig& config = snapshot.trunk(trunk);
  if (config.limits.kbps != 0) return true;
  const auto groups = elements(section.header, section.groups);
  const auto ids = elements(section.header, config.groups);
  return std::any_of(ids.begin(), ids.end(), [&](uint32_t id) { return groups[id].kbps != 0; });
}

LimitMet enter_leg(const Snapshot& snapshot, const Region& region, const Entry& entry) {
  const contract::TrunkConfig& trunk = snapshot.trunk(entry.trunk);
  const bool is_in = entry.direction == Direction::in;
  TrunkLive& live = region.trunk_limits(entry.trunk);
  std::atomic<uint32_t>& one_way = is_in ? live.calls_in : live.calls_out;
  const uint32_t limit = is_in ? trunk.limits.calls_in : trunk.limits.calls_out;
  if (!take_place(one_way, limit, entry.is_exempt)) {
    return is_in ? LimitMet::calls_in : LimitMet::calls_out;
  }
  if (!take_place(region.trunk_live(entry.trunk), trunk.max_calls, entry.is_exempt)) {
    one_way.fetch_sub(1, std::memory_order_relaxed);
    return is_in ? LimitMet::trunk_calls_in : LimitMet::trunk_calls_out;
  }
  if (entry.prefix != LimitId::none) {
    // A leg that came from another worker may have a limit that has left the configuration.
    const contract::PrefixLimit* prefix = snapshot.prefix_limit(entry.prefix);
    const uint32_t most = prefix == nullptr ? 0 : prefix->calls;
    if (!take_place(region.limit_live(entry.prefix).calls, most, entry.is_exempt)) {
      leave_leg(region, {entry.trunk, entry.direction});
      return is_in ? LimitMet::prefix_in : LimitMet::prefix_out;
    }
  }
  if (!take_kbps(live.kbps, trunk.limits.kbps, entry)) {
    leave_leg(region, {entry.trunk, entry.direction, false, entry.prefix});
    return is_in ? LimitMet::bandwidth_in : LimitMet::bandwidth_out;
  }
  if (entry.is_exempt) return LimitMet::none;
  const LimitMet met = met_of_groups(snapshot, region, entry, met_of_group);
  if (met != LimitMet::none) leave_leg(region, entry);
  return met;
}

void leave_leg(const Region& region, const Entry& entry) {
  TrunkLive& live = region.trunk_limits(entry.trunk);
  (entry.direction == Direction::in ? live.calls_in : live.calls_out)
      .fetch_sub(1, std::memory_order_relaxed);
  region.trunk_live(entry.trunk).fetch_sub(1, std::memory_order_relaxed);
  if (entry.kbps != 0) live.kbps.fetch_sub(entry.kbps, std::memory_order_relaxed);
  if (entry.prefix == LimitId::none) return;
  region.limit_live(entry.prefix).calls.fetch_sub(1, std::memory_order_relaxed);
}

void weigh_leg(const Region& region, TrunkId trunk, uint32_t was, uint32_t kbps) {
  // What is less wraps round, and so does the sum.
  region.trunk_limits(trunk).kbps.fetch_add(kbps - was, std::memory_order_relaxed);
}

LimitMet take_more(const Snapshot& snapshot, const Region& region, const Entry& entry,
                   uint32_t was) {
  if (entry.kbps <= was || entry.is_exempt) {
    weigh_leg(region, entry.trunk, was, entry.kbps);
    return LimitMet::none;
  }
  Entry more = entry;
  more.kbps = entry.kbps - was;
  std::atomic<uint32_t>& live = region.trunk_limits(entry.trunk).kbps;
  if (!take_kbps(live, snapshot.trunk(entry.trunk).limits.kbps, more)) {
    return entry.direction == Direction::in ? LimitMet::bandwidth_in : LimitMet::bandwidth_out;
  }
  const LimitMet met = met_of_groups(snapshot, region, more, bandwidth_met_of_group);
  if (met != LimitMet::none) weigh_leg(region, entry.trunk, entry.kbps, was);
  return met;
}

LimitMet enter(const Snapshot& snapshot, const Region& region, const Entry& from, const Entry& to) {
  const LimitMet met = enter_leg(snapshot, region, from);
  if (met != LimitMet::none) return met;
  const LimitMet other = enter_leg(snapshot, region, to);
  if (other != LimitMet::none) leave_leg(region, from);
  return other;
}

LimitMet take_rate(const Snapshot& snapshot, const Region& region, const Entry& entry,
                   contract::Instant now) {
  if (entry.is_exempt) return LimitMet::none;
  const Meters meters(snapshot, region, entry);
  for (size_t i = 0; i < meters.size(); ++i) {
    if (take(meters[i], now)) continue;
    for (size_t taken = 0; taken < i; ++taken) give_back(meters[taken]);
    return meters.name(i);
  }
  return LimitMet::none;
}

}  // namespace demarc::route
