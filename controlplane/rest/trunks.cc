#include <algorithm>
#include <nlohmann/json.hpp>

#include "controlplane/rest/handlers.h"
#include "controlplane/rest/json_text.h"

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
        upkeep.targets.begin(), upkeep.targets.end(), [&](const upkeep::TargetState& state) {
          return state.trunk == trunk.name && state.endpoint == target.endpoint;
        });
    rows.push_back({{"address", endpoint_or_null(target.endpoint)},
                    {"health", spelling(target.health)},
                    {"priority", target.priority},
                    {"weight", target.weight},
                    {"proof", proof_of(proof == upkeep.targets.end() ? nullptr : &*proof)}});
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

json trunk_of(const config::Trunk& trunk, const ConfigState& state,
              const link::Attachment* attachment, const upkeep::State& upkeep) {
  const json id = number_of(state.ids.trunks.all(), trunk.name);
  const std::string first_target = trunks::target_names(trunk.name, trunk.target_rows()).front();
  const json target = number_of(state.ids.targets.all(), first_target);
  const config::Realm* realm = config::find_block(state.config->realms, trunk.realm);
  json body = {{"name", trunk.name}, {"id", id}, {"realm", trunk.realm}};
  body["tenant"] = trunk.tenant.empty() ? json(nullptr) : json(trunk.tenant);
  body["local"] = realm == nullptr ? json(nullptr) : endpoint_or_null({realm->address, trunk.port});
  body["peer"] = peer_of(trunk);
  body["live_calls"] = nullptr;
  if (attachment != nullptr && id.is_number() &&
      id.get<uint32_t>() < attachment->region().sizes().trunk_capacity) {
    const auto trunk_id = TrunkId{id.get<uint16_t>()};
    body["live_calls"] = attachment->region().trunk_live(trunk_id).load(std::memory_order_relaxed);
  }
  body["max_calls"] = trunk.max_calls == 0 ? json(nullptr) : json(trunk.max_calls);
  body["targets"] = targets_of(trunk, attachment,
                               target.is_number() ? target.get<uint32_t>() : UINT32_MAX, upkeep);
  return body;
}

}  // namespace

Response get_trunks(const Request&, const Sources& sources) {
  const std::shared_ptr<const link::Attachment> attachment = sources.attachment();
  const ConfigState state = sources.config();
  const upkeep::State upkeep = sources.upkeep();
  json rows = json::array();
  for (const config::Trunk& trunk : state.config->trunks) {
    rows.push_back(trunk_of(trunk, state, attachment.get(), upkeep));
  }
  return json_response({{"trunks", rows}});
}

}  // namespace demarc::rest
