#include "controlplane/trunks/vacated.h"

#include <algorithm>
#include <iterator>

#include "controlplane/trunks/limits.h"

namespace demarc::trunks {
namespace {

using contract::Region;
using contract::TrunkId;
using contract::WorkerIndex;
using Names = std::set<std::string>;

// Those of `space` that nobody uses.
Names unused(const IdSpace& space, const Names& used) {
  Names names;
  for (const auto& [name, id] : space.all()) {
    if (!used.contains(name)) names.insert(name);
  }
  return names;
}

// Calls that began before a moment: which trunks they have, and whether one still looks for a
// target, since its list may hold whatever its route had then.
struct OlderCalls {
  std::set<TrunkId> trunks;
  bool is_one_hunting = false;
};

OlderCalls calls_before(const Region& region, uint64_t unix_ns) {
  OlderCalls calls;
  for (unsigned worker = 0; worker < region.workers(); ++worker) {
    for (uint32_t slot = 0; slot < region.sizes().calls_per_worker; ++slot) {
      const contract::DirectoryCell& cell =
          region.directory(static_cast<WorkerIndex>(worker), contract::CallSlot{slot});
      contract::DirectoryRow row;
      const bool is_used = cell.version() != 0 && cell.load(row);
      if (!is_used || row.phase == contract::CallPhase::none) continue;
      if (row.started_unix_ns > unix_ns) continue;
      calls.trunks.insert({row.from, row.to});
      calls.is_one_hunting |= row.answered_unix_ns == 0;
    }
  }
  return calls;
}

bool are_read(const Region& region, const std::vector<uint64_t>& tails) {
  for (unsigned worker = 0; worker < tails.size(); ++worker) {
    if (region.records(static_cast<WorkerIndex>(worker)).head() < tails[worker]) return false;
  }
  return true;
}

template <class Block>
void clear_counters(Block& block) {
  for (auto& value : block.values) value.store(0, std::memory_order_relaxed);
}

// False while a leg counts.
bool clear_trunk(const Region& region, uint32_t id) {
  if (id >= region.sizes().trunk_capacity) return true;
  const TrunkId trunk{static_cast<uint16_t>(id)};
  if (region.trunk_live(trunk).load(std::memory_order_relaxed) != 0) return false;
  contract::TrunkLive& live = region.trunk_limits(trunk);
  live.due_in_ns.store(0, std::memory_order_relaxed);
  live.due_out_ns.store(0, std::memory_order_relaxed);
  for (unsigned i = 0; i < region.workers(); ++i) {
    clear_counters(region.trunk_counters(static_cast<WorkerIndex>(i), trunk));
  }
  return true;
}

void clear_target(const Region& region, uint32_t id) {
  if (id >= region.sizes().target_capacity) return;
  for (unsigned i = 0; i < region.workers(); ++i) {
    contract::TargetSigns& signs =
        region.target_signs(static_cast<WorkerIndex>(i), contract::TargetId{id});
    for (auto* value : {&signs.answered, &signs.unanswered, &signs.unavailable, &signs.refused}) {
      value->store(0, std::memory_order_relaxed);
    }
    signs.retry_after_s.store(0, std::memory_order_relaxed);
    signs.fault.store(contract::StreamFault::none, std::memory_order_relaxed);
  }
}

bool clear_limit(const Region& region, uint32_t id) {
  if (id >= region.sizes().limit_capacity) return true;
  contract::LimitLive& live = region.limit_live(contract::LimitId{id});
  if (live.calls.load(std::memory_order_relaxed) != 0) return false;
  live.due_ns.store(0, std::memory_order_relaxed);
  return true;
}

// Takes names from both where `clear` finds that nobody counts there.
template <class Clear>
void release(Names& names, IdSpace& space, const Clear& clear) {
  std::erase_if(names, [&](const std::string& name) {
    const auto found = space.all().find(name);
    if (found == space.all().end()) return true;
    if (!clear(name, found->second)) return false;
    space.release(name);
    return true;
  });
}

}  // namespace

void Vacated::note(const config::Config& in_force, const IdMap& ids, const Region& region,
                   const Moment& moment) {
  Names trunks, targets, limits;
  for (const config::Trunk& trunk : in_force.trunks) {
    trunks.insert(trunk.name);
    for (std::string& name : target_names(trunk.name, trunk.target_rows())) {
      targets.insert(std::move(name));
    }
  }
  for (std::string& name : limit_names(in_force)) limits.insert(std::move(name));
  Batch fresh{moment,
              {},
              unused(ids.trunks, trunks),
              unused(ids.targets, targets),
              unused(ids.limits, limits)};
  for (Batch& batch : batches_) {
    // Who came back is gone from here; who is still away is not new.
    const auto part = [](Names& known, Names& now) {
      std::erase_if(known, [&](const std::string& name) { return now.erase(name) == 0; });
    };
    part(batch.trunks, fresh.trunks);
    part(batch.targets, fresh.targets);
    part(batch.limits, fresh.limits);
  }
  std::erase_if(batches_, [](const Batch& batch) { return batch.is_empty(); });
  if (fresh.is_empty()) return;
  for (unsigned i = 0; i < region.workers(); ++i) {
    fresh.record_tails.push_back(region.records(static_cast<WorkerIndex>(i)).tail());
  }
  batches_.push_back(std::move(fresh));
}

void Vacated::give_back(IdMap& ids, const Region& region, const Moment& moment) {
  for (Batch& batch : batches_) {
    if (moment.now_ms - batch.left.now_ms < rest_ms) break;  // later ones left later
    if (!are_read(region, batch.record_tails)) continue;
    const OlderCalls older = calls_before(region, batch.left.now_unix_ns);
    if (older.is_one_hunting) continue;
    // Before the trunks: their numbers say whose calls have them.
    release(batch.targets, ids.targets, [&](const std::string& name, uint32_t id) {
      const auto trunk = ids.trunks.all().find(name.substr(0, name.find('/')));
      const bool is_known = trunk != ids.trunks.all().end();
      if (is_known && older.trunks.contains(TrunkId{static_cast<uint16_t>(trunk->second)})) {
        return false;
      }
      clear_target(region, id);
      return true;
    });
    release(batch.trunks, ids.trunks,
            [&](const std::string&, uint32_t id) { return clear_trunk(region, id); });
    release(batch.limits, ids.limits,
            [&](const std::string&, uint32_t id) { return clear_limit(region, id); });
  }
  std::erase_if(batches_, [](const Batch& batch) { return batch.is_empty(); });
}

// Counts that it clears are those of nobody: clearing them again later does no harm.
IdMap Vacated::with_given_back(IdMap ids, const Region& region, const Moment& moment) const {
  Vacated(*this).give_back(ids, region, moment);
  return ids;
}

}  // namespace demarc::trunks
