#include <algorithm>

#include "dataplane/route/route.h"

namespace demarc::route {

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

// Whether each of the trunk's groups has room for the place that was just taken. A group has no
// count of its own: that of its trunks is what it has. Workers that come at once may all be refused
// the last place, and never get more than there are.
bool fits_groups(const Snapshot& snapshot, const Region& region,
                 const contract::TrunkConfig& trunk) {
  const contract::TrunkSection& section = *snapshot.trunks;
  const auto ids = elements(section.header, trunk.groups);
  if (ids.empty()) return true;
  // Of two workers at least one sees the place that the other one took.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const auto groups = elements(section.header, section.groups);
  return std::all_of(ids.begin(), ids.end(), [&](uint32_t id) {
    uint64_t live = 0;
    for (const TrunkId member : elements(section.header, groups[id].trunks)) {
      live += region.trunk_live(member).load(std::memory_order_relaxed);
    }
    return groups[id].max_calls == 0 || live <= groups[id].max_calls;
  });
}

}  // namespace

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
    return LimitMet::trunk_calls;
  }
  if (entry.is_exempt || fits_groups(snapshot, region, trunk)) return LimitMet::none;
  leave_leg(region, entry.trunk, entry.direction);
  return is_in ? LimitMet::group_in : LimitMet::group_out;
}

void leave_leg(const Region& region, TrunkId trunk, Direction direction) {
  TrunkLive& live = region.trunk_limits(trunk);
  (direction == Direction::in ? live.calls_in : live.calls_out)
      .fetch_sub(1, std::memory_order_relaxed);
  region.trunk_live(trunk).fetch_sub(1, std::memory_order_relaxed);
}

LimitMet enter(const Snapshot& snapshot, const Region& region, TrunkId from, TrunkId to,
               bool is_exempt) {
  const LimitMet met = enter_leg(snapshot, region, {from, Direction::in, is_exempt});
  if (met != LimitMet::none) return met;
  const LimitMet other = enter_leg(snapshot, region, {to, Direction::out, is_exempt});
  if (other != LimitMet::none) leave_leg(region, from, Direction::in);
  return other;
}

void leave(const Region& region, TrunkId from, TrunkId to) {
  leave_leg(region, from, Direction::in);
  leave_leg(region, to, Direction::out);
}

bool take_rate(const Snapshot& snapshot, const Region& region, const Entry& entry,
               contract::Instant now) {
  const TrunkLimits& limits = snapshot.trunk(entry.trunk).limits;
  const bool is_in = entry.direction == Direction::in;
  const uint32_t rate = is_in ? limits.rate_in : limits.rate_out;
  if (rate == 0 || entry.is_exempt) return true;
  TrunkLive& live = region.trunk_limits(entry.trunk);
  std::atomic<uint64_t>& due = is_in ? live.due_in_ns : live.due_out_ns;
  const uint64_t interval_ns = 1'000'000'000 / rate;
  const uint64_t ahead_ns = interval_ns * (std::max<uint32_t>(limits.burst, 1) - 1);
  // Each try that fails is another worker's call that was taken.
  constexpr unsigned most_tries = 64;
  uint64_t before = due.load(std::memory_order_relaxed);
  for (unsigned i = 0; i < most_tries; ++i) {
    const uint64_t earliest = std::max(before, now.ns);
    if (earliest - now.ns > ahead_ns) return false;
    if (due.compare_exchange_weak(before, earliest + interval_ns, std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

}  // namespace demarc::route
