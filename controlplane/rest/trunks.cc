#include <algorithm>
#include <atomic>
#include <map>
#include <nlohmann/json.hpp>

#include "controlplane/rest/handlers.h"
#include "controlplane/rest/json_text.h"
#include "controlplane/runtime/wall_clock.h"
#include "controlplane/trunks/limits.h"

namespace demarc::rest {
namespace {

using contract::Region;
using contract::Target;
using contract::TargetHealth;
using contract::TargetId;
using contract::TrunkId;
using json = nlohmann::ordered_json;

// What probes and calls showed; null when nothing watches the target.
json proof_of(const upkeep::TargetState* state) {
  if (state == nullptr) return nullptr;
  return {{"state", health::spelling(state->health)},
          {"reason", state->reason.empty() ? json(nullptr) : json(state->reason)},
          {"since_s", state->since_s},
          {"probes", state->counts.probes},
          {"answers", state->counts.answers},
          {"losses", state->counts.losses},
          {"changes", state->counts.changes},
          {"last_status", state->last_status == 0 ? json(nullptr) : json(state->last_status)},
          {"round_trip_us", state->round_trip_us},
          {"next_probe_s", state->is_probed ? json(state->next_probe_s) : json(nullptr)}};
}

json targets_of(const config::Trunk& trunk, const link::Attachment* attachment, uint32_t first,
                const upkeep::State& upkeep) {
  json rows = json::array();
  const std::span<const upkeep::TargetState> watched = upkeep::targets_of(upkeep, trunk.name);
  for (uint16_t i = 0; i < trunk.target_rows(); ++i) {
    Target target;
    if (i < trunk.peers.size() && !trunk.has_names()) target.endpoint = trunk.peers[i].endpoint;
    target.health = TargetHealth::unknown;
    target.priority = i;
    const uint64_t index = uint64_t{first} + i;
    if (attachment != nullptr && index < attachment->region().sizes().target_capacity) {
      const auto id = TargetId{static_cast<uint32_t>(index)};
      Target row;
      if (attachment->region().target(id).load(row) && row.health != TargetHealth::unused) {
        target = row;
      }
    }
    if (target.endpoint.port == 0) continue;  // a row that DNS may fill
    const auto proof = std::find_if(
        watched.begin(), watched.end(),
        [&](const upkeep::TargetState& state) { return state.endpoint == target.endpoint; });
    rows.push_back({{"address", endpoint_or_null(target.endpoint)},
                    {"health", spelling(target.health)},
                    {"priority", target.priority},
                    {"weight", target.weight},
                    {"proof", proof_of(proof == watched.end() ? nullptr : &*proof)}});
  }
  return rows;
}

// Calls now, the limit and what is left of it; the last two are null without a limit.
json room_of(uint64_t live, uint64_t limit) {
  if (limit == 0) return {{"live", live}, {"limit", nullptr}, {"headroom", nullptr}};
  return {{"live", live}, {"limit", limit}, {"headroom", limit - std::min(limit, live)}};
}

// Of the dataplane's clock.
uint64_t now_ns(const Region& region) {
  const auto wall_offset = region.header().wall_offset_ns.load(std::memory_order_relaxed);
  return runtime::now_unix_ns() - static_cast<uint64_t>(wall_offset);
}

// Calls that may come at once now, where there is a limit a second.
json rate_of(const std::atomic<uint64_t>& due_ns, uint32_t rate, uint32_t burst, uint64_t now_ns) {
  if (rate == 0) return nullptr;
  const uint64_t interval_ns = 1'000'000'000 / rate;
  const uint64_t due = due_ns.load(std::memory_order_relaxed);
  const uint64_t ahead = due > now_ns ? (due - now_ns + interval_ns - 1) / interval_ns : 0;
  return {{"per_second", rate},
          {"burst", burst},
          {"headroom", burst - std::min<uint64_t>(burst, ahead)}};
}

// The count of a limit with that name; nullptr when the dataplane has none yet.
const contract::LimitLive* find_limit(const ConfigState& state, const Region& region,
                                      const std::string& name) {
  const auto id = state.ids.limits.all().find(name);
  const bool is_known =
      id != state.ids.limits.all().end() && id->second < region.sizes().limit_capacity;
  return is_known ? &region.limit_live(contract::LimitId{id->second}) : nullptr;
}

// Those of each trunk, in the order of the file: there may be thousands of both.
using PrefixLimits = std::multimap<std::string_view, const config::PrefixLimit*>;

PrefixLimits by_trunk(const std::vector<config::PrefixLimit>& limits) {
  PrefixLimits sorted;
  for (const config::PrefixLimit& limit : limits) sorted.emplace(limit.trunk, &limit);
  return sorted;
}

// What the answer is made of, the same for all trunks.
struct Seen {
  const ConfigState& state;
  const link::Attachment* attachment;
  const upkeep::State& upkeep;
  const PrefixLimits& prefix_limits;
};

json prefixes_of(const config::Trunk& trunk, const Seen& seen) {
  const Region& region = seen.attachment->region();
  json rows = json::array();
  const auto [begin, end] = seen.prefix_limits.equal_range(trunk.name);
  for (auto row = begin; row != end; ++row) {
    const config::PrefixLimit& limit = *row->second;
    const contract::LimitLive* live = find_limit(seen.state, region, trunks::limit_name(limit));
    if (live == nullptr) continue;
    const uint32_t calls = live->calls.load(std::memory_order_relaxed);
    rows.push_back({{"prefix", limit.prefix},
                    {"calls", room_of(calls, limit.calls)},
                    {"rate", rate_of(live->due_ns, limit.rate, limit.burst, now_ns(region))}});
  }
  return rows;
}

json limits_of(const config::Trunk& trunk, const Seen& seen, TrunkId id) {
  const Region& region = seen.attachment->region();
  const contract::TrunkLive& live = region.trunk_limits(id);
  const uint64_t now = now_ns(region);
  const auto count = [](const std::atomic<uint32_t>& calls) {
    return calls.load(std::memory_order_relaxed);
  };
  const contract::TrunkLimits& limits = trunk.limits;
  return {{"calls", room_of(count(region.trunk_live(id)), trunk.max_calls)},
          {"calls_in", room_of(count(live.calls_in), limits.calls_in)},
          {"calls_out", room_of(count(live.calls_out), limits.calls_out)},
          {"rate_in", rate_of(live.due_in_ns, limits.rate_in, limits.burst, now)},
          {"rate_out", rate_of(live.due_out_ns, limits.rate_out, limits.burst, now)},
          {"bandwidth_kbps", room_of(count(live.kbps), limits.kbps)},
          {"prefixes", prefixes_of(trunk, seen)}};
}

// Of each group: the calls and media of all of its trunks, and what is left of its rates.
json groups_of(const ConfigState& state, const link::Attachment& attachment) {
  using trunks::GroupRate;
  const Region& region = attachment.region();
  const uint64_t now = now_ns(region);
  json rows = json::array();
  for (const config::Group& group : state.config->groups) {
    const auto rate = [&](GroupRate which, uint32_t per_second) -> json {
      const contract::LimitLive* meter =
          find_limit(state, region, trunks::limit_name(group, which));
      if (meter == nullptr) return nullptr;
      return rate_of(meter->due_ns, per_second, group.burst, now);
    };
    const trunks::GroupLive live = trunks::live_of(group, state.ids.trunks, region);
    rows.push_back({{"name", group.name},
                    {"trunks", group.trunks},
                    {"calls", room_of(live.calls, group.max_calls)},
                    {"calls_in", room_of(live.calls_in, group.calls_in)},
                    {"calls_out", room_of(live.calls_out, group.calls_out)},
                    {"rate", rate(GroupRate::together, group.rate)},
                    {"rate_in", rate(GroupRate::in, group.rate_in)},
                    {"rate_out", rate(GroupRate::out, group.rate_out)},
                    {"bandwidth_kbps", room_of(live.kbps, group.kbps)}});
  }
  return rows;
}

// Null when nobody knows.
json number_of(const std::map<std::string, uint32_t>& ids, const std::string& name) {
  const auto found = ids.find(name);
  if (found == ids.end()) return nullptr;
  return found->second;
}

// Null of one that registers with us.
json peer_of(const config::Trunk& trunk) {
  if (trunk.peers.empty()) return nullptr;
  const config::Peer& peer = trunk.peers.front();
  if (!peer.is_name()) return endpoint_or_null(peer.endpoint);
  if (!peer.has_port) return peer.host;
  return peer.host + ":" + std::to_string(peer.endpoint.port);
}

json trunk_of(const config::Trunk& trunk, const Seen& seen) {
  const ConfigState& state = seen.state;
  const link::Attachment* attachment = seen.attachment;
  const json id = number_of(state.ids.trunks.all(), trunk.name);
  const std::string first_target = trunks::target_names(trunk.name, trunk.target_rows()).front();
  const json target = number_of(state.ids.targets.all(), first_target);
  const config::Realm* realm = config::find_block(state.config->realms, trunk.realm);
  json body = {{"name", trunk.name}, {"id", id}, {"realm", trunk.realm}};
  body["state"] = config::spelling(trunk.state);
  body["tenant"] = trunk.tenant.empty() ? json(nullptr) : json(trunk.tenant);
  body["local"] = realm == nullptr ? json(nullptr) : endpoint_or_null({realm->address, trunk.port});
  body["peer"] = peer_of(trunk);
  body["live_calls"] = nullptr;
  body["limits"] = nullptr;
  if (attachment != nullptr && id.is_number() &&
      id.get<uint32_t>() < attachment->region().sizes().trunk_capacity) {
    const auto trunk_id = TrunkId{id.get<uint16_t>()};
    body["live_calls"] = attachment->region().trunk_live(trunk_id).load(std::memory_order_relaxed);
    body["limits"] = limits_of(trunk, seen, trunk_id);
  }
  body["max_calls"] = trunk.max_calls == 0 ? json(nullptr) : json(trunk.max_calls);
  body["targets"] = targets_of(
      trunk, attachment, target.is_number() ? target.get<uint32_t>() : UINT32_MAX, seen.upkeep);
  return body;
}

}  // namespace

Response get_trunks(const Request&, const Sources& sources) {
  const std::shared_ptr<const link::Attachment> attachment = sources.attachment();
  const ConfigState state = sources.config();
  const upkeep::State upkeep = sources.upkeep();
  const PrefixLimits prefix_limits = by_trunk(state.config->prefix_limits);
  const Seen seen{state, attachment.get(), upkeep, prefix_limits};
  json rows = json::array();
  for (const config::Trunk& trunk : state.config->trunks) rows.push_back(trunk_of(trunk, seen));
  json groups = nullptr;
  if (attachment != nullptr) groups = groups_of(state, *attachment);
  return json_response({{"trunks", rows}, {"groups", groups}});
}

}  // namespace demarc::rest
