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

json targets_of(const config::Trunk& trunk, const link::Attachment* attachment, uint32_t first) {
  json rows = json::array();
  for (uint16_t i = 0; i < trunk.peers.size(); ++i) {
    Target target;
    target.endpoint = trunk.peers[i];
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
    rows.push_back({{"address", endpoint_or_null(target.endpoint)},
                    {"health", spelling(target.health)},
                    {"priority", target.priority},
                    {"weight", target.weight}});
  }
  return rows;
}

// Null when nobody knows.
json number_of(const std::map<std::string, uint32_t>& ids, const std::string& name) {
  const auto found = ids.find(name);
  if (found == ids.end()) return nullptr;
  return found->second;
}

json trunk_of(const config::Trunk& trunk, const ConfigState& state,
              const link::Attachment* attachment) {
  const json id = number_of(state.ids.trunks.all(), trunk.name);
  const std::string first_target = trunks::target_names(trunk.name, trunk.peers.size()).front();
  const json target = number_of(state.ids.targets.all(), first_target);
  const config::Realm* realm = config::find_block(state.config->realms, trunk.realm);
  json body = {{"name", trunk.name}, {"id", id}, {"realm", trunk.realm}};
  body["tenant"] = trunk.tenant.empty() ? json(nullptr) : json(trunk.tenant);
  body["local"] = realm == nullptr ? json(nullptr) : endpoint_or_null({realm->address, trunk.port});
  body["peer"] = endpoint_or_null(trunk.peers.front());
  body["live_calls"] = nullptr;
  if (attachment != nullptr && id.is_number() &&
      id.get<uint32_t>() < attachment->region().sizes().trunk_capacity) {
    const auto trunk_id = TrunkId{id.get<uint16_t>()};
    body["live_calls"] = attachment->region().trunk_live(trunk_id).load(std::memory_order_relaxed);
  }
  body["max_calls"] = trunk.max_calls == 0 ? json(nullptr) : json(trunk.max_calls);
  body["targets"] =
      targets_of(trunk, attachment, target.is_number() ? target.get<uint32_t>() : UINT32_MAX);
  return body;
}

}  // namespace

Response get_trunks(const Request&, const Sources& sources) {
  const std::shared_ptr<const link::Attachment> attachment = sources.attachment();
  const ConfigState state = sources.config();
  json rows = json::array();
  for (const config::Trunk& trunk : state.config->trunks) {
    rows.push_back(trunk_of(trunk, state, attachment.get()));
  }
  return json_response({{"trunks", rows}});
}

}  // namespace demarc::rest
