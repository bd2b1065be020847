#include "controlplane/registrar/plan.h"

#include <cstring>

namespace demarc::registrar {
namespace {

bool is_within(const contract::IpAddress& address, const config::Prefix& network) {
  const unsigned whole = network.length / 8;
  const auto& ours = network.address.octets;
  if (std::memcmp(address.octets.data(), ours.data(), whole) != 0) return false;
  if (network.length % 8 == 0) return true;
  const auto mask = static_cast<uint8_t>(0xff << (8 - network.length % 8));
  return ((address.octets[whole] ^ ours[whole]) & mask) == 0;
}

}  // namespace

bool TrunkPlan::has_source(const contract::IpAddress& address) const {
  for (const config::Prefix& prefix : sources) {
    if (is_within(address, prefix)) return true;
  }
  return false;
}

Plan make_plan(const config::Config& config) {
  std::map<std::string, TrunkPlan> rows;
  for (const config::Trunk& trunk : config.trunks) {
    const config::Realm* realm = config::find_block(config.realms, trunk.realm);
    if (!trunk.registrar.is_used || realm == nullptr) continue;
    TrunkPlan& row = rows[trunk.name];
    row.name = trunk.name;
    row.local = {realm->address, trunk.port};
    row.transport = trunk.transport;
    row.sources = trunk.sources;
    row.settings = trunk.registrar;
  }
  for (const config::User& user : config.users) {
    const auto row = rows.find(user.trunk);
    if (row != rows.end()) row->second.passwords.emplace(user.user, user.password);
  }
  Plan plan;
  for (auto& [name, row] : rows) plan.push_back(std::move(row));
  return plan;
}

Plan make_plan(const config::Config& config, const trunks::IdMap& ids) {
  Plan plan;
  for (TrunkPlan& row : make_plan(config)) {
    const auto id = ids.trunks.all().find(row.name);
    if (id == ids.trunks.all().end()) continue;
    row.id = contract::TrunkId{static_cast<uint16_t>(id->second)};
    plan.push_back(std::move(row));
  }
  return plan;
}

}  // namespace demarc::registrar
