#include "controlplane/upkeep/plan.h"

namespace demarc::upkeep {
namespace {

std::string with_port(const std::string& host, uint16_t port) {
  return port == 5060 ? host : host + ":" + std::to_string(port);
}

registration::Settings account_of(const config::Trunk& trunk, const TrunkPlan& plan) {
  const config::Account& account = trunk.account;
  registration::Settings settings;
  settings.user = account.user;
  settings.password = account.password;
  settings.aor = account.aor.empty() ? "sip:" + account.user + "@" + trunk.peer_host : account.aor;
  // The domain of the address of record, without a user (RFC 3261 section 10.2).
  settings.registrar = "sip:" + settings.aor.substr(settings.aor.find('@') + 1);
  settings.contact = plan.advertised;
  settings.contact_params = plan.contact_params;
  settings.expires_s = account.expires_s;
  settings.allows_md5 = account.allows_md5;
  return settings;
}

}  // namespace

Plan make_plan(const config::Config& config, const trunks::IdMap& ids,
               const link::SectionSet& set) {
  Plan plan;
  for (const config::Trunk& trunk : config.trunks) {
    const auto id = ids.trunks.all().find(trunk.name);
    const config::Realm* realm = config::find_block(config.realms, trunk.realm);
    if (id == ids.trunks.all().end() || realm == nullptr) continue;
    TrunkPlan& row = plan.emplace_back();
    row.name = trunk.name;
    row.id = contract::TrunkId{static_cast<uint16_t>(id->second)};
    row.local = {realm->address, trunk.port};
    row.advertised =
        std::string(contract::print(contract::Endpoint{realm->advertise, trunk.port}).view());
    row.peer_uri = "sip:" + with_port(trunk.peer_host, trunk.peers.front().endpoint.port);
    if (trunk.transport == contract::Transport::tcp) row.contact_params = ";transport=tcp";
    if (trunk.transport == contract::Transport::tls) row.contact_params = ";transport=tls";
    row.contact_host = trunk.policy.contact_host;
    row.probe = {trunk.probe.interval_s * 1000, trunk.probe.timeout_ms, trunk.probe.failures,
                 trunk.probe.successes};
    row.is_registered = trunk.account.is_registered;
    row.is_taken_away = trunk.account.is_taken_away;
    if (row.is_registered) row.account = account_of(trunk, row);
  }
  for (const link::TargetPlan& target : set.targets) {
    for (TrunkPlan& row : plan) {
      if (row.id == target.target.trunk) row.targets.push_back(target);
    }
  }
  return plan;
}

}  // namespace demarc::upkeep
