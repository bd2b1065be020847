#include "controlplane/upkeep/plan.h"

#include <map>
#include <set>

namespace demarc::upkeep {
namespace {

std::string with_port(const std::string& host, uint16_t port) {
  return port == 5060 ? host : host + ":" + std::to_string(port);
}

std::string advertised_of(const config::Trunk& trunk, const config::Realm& realm) {
  return std::string(contract::print(contract::Endpoint{realm.advertise, trunk.port}).view());
}

std::string contact_params(const config::Trunk& trunk) {
  if (trunk.transport == contract::Transport::tcp) return ";transport=tcp";
  return trunk.transport == contract::Transport::tls ? ";transport=tls" : "";
}

registration::Settings account_of(const config::Trunk& trunk, const config::Realm& realm) {
  const config::Account& account = trunk.account;
  registration::Settings settings;
  settings.user = account.user;
  settings.password = account.password;
  const std::string& domain = trunk.peer_domain;
  const std::string& host = domain.empty() ? trunk.peer_host : domain;
  settings.aor = account.aor.empty() ? "sip:" + account.user + "@" + host : account.aor;
  // Without a user; the domain of the address of record unless another one is given (RFC 3261
  // section 10.2).
  const std::string of_aor = settings.aor.substr(settings.aor.find('@') + 1);
  settings.registrar = "sip:" + (domain.empty() ? of_aor : domain);
  settings.contact = advertised_of(trunk, realm);
  settings.contact_params = contact_params(trunk);
  settings.expires_s = account.expires_s;
  settings.allows_md5 = account.allows_md5;
  return settings;
}

using Accounts = std::map<std::string, registration::Settings>;

Accounts accounts_of(const config::Config& config) {
  Accounts accounts;
  for (const config::Trunk& trunk : config.trunks) {
    const config::Realm* realm = config::find_block(config.realms, trunk.realm);
    if (!trunk.is_registered() || realm == nullptr) continue;
    accounts.emplace(trunk.name, account_of(trunk, *realm));
  }
  return accounts;
}

}  // namespace

std::vector<std::string> registrations_touched(const config::Config& before,
                                               const config::Config& after) {
  const Accounts old_accounts = accounts_of(before);
  const Accounts new_accounts = accounts_of(after);
  std::set<std::string> touched;
  for (const auto& [name, settings] : new_accounts) {
    const auto known = old_accounts.find(name);
    if (known == old_accounts.end() || !(known->second == settings)) touched.insert(name);
  }
  for (const auto& [name, settings] : old_accounts) {
    if (!new_accounts.contains(name)) touched.insert(name);
  }
  return {touched.begin(), touched.end()};
}

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
    row.way = {{realm->address, trunk.port}, trunk.transport};
    row.advertised = advertised_of(trunk, *realm);
    if (!trunk.peer_domain.empty()) {
      row.peer_uri = "sip:" + trunk.peer_domain;
    } else if (!trunk.peers.empty()) {
      row.peer_uri = "sip:" + with_port(trunk.peer_host, trunk.peers.front().endpoint.port);
    }
    row.contact_params = contact_params(trunk);
    row.contact_host = trunk.policy.contact_host;
    row.from_domain = trunk.policy.from_domain;
    const uint32_t interval_s = trunk.is_disabled() ? 0 : trunk.probe.interval_s;
    row.probe = {interval_s * 1000, trunk.probe.timeout_ms, trunk.probe.failures,
                 trunk.probe.successes, trunk.probe.is_always};
    row.is_registered = trunk.is_registered();
    row.is_taken_away = trunk.account.is_taken_away;
    if (row.is_registered) row.account = account_of(trunk, *realm);
  }
  std::map<contract::TrunkId, TrunkPlan*> rows;
  for (TrunkPlan& row : plan) rows[row.id] = &row;
  for (const link::TargetPlan& target : set.targets) {
    const auto row = rows.find(target.target.trunk);
    if (row != rows.end()) row->second->targets.push_back(target);
  }
  return plan;
}

}  // namespace demarc::upkeep
