#include "controlplane/trunks/touched.h"

#include <algorithm>
#include <set>

namespace demarc::trunks {
namespace {

using config::Config;
using config::find_block;
using config::Realm;
using config::Trunk;

// An address is one realm's, so whose it is says over which port it goes.
const Realm* realm_at(const Config& config, const contract::IpAddress& address) {
  const auto found = std::find_if(config.realms.begin(), config.realms.end(),
                                  [&](const Realm& realm) { return realm.address == address; });
  return found == config.realms.end() ? nullptr : &*found;
}

// A port of another name is another port.
bool is_same_way(const Realm& before, const Realm& after) {
  return before.port == after.port && before.vlan == after.vlan;
}

bool keeps_media(const Realm& before, const Config& after) {
  return std::all_of(before.media.begin(), before.media.end(), [&](const auto& address) {
    return std::any_of(after.realms.begin(), after.realms.end(), [&](const Realm& realm) {
      return is_same_way(before, realm) &&
             std::find(realm.media.begin(), realm.media.end(), address) != realm.media.end();
    });
  });
}

std::set<config::Prefix> sources_of(const Trunk& trunk) {
  std::set<config::Prefix> all(trunk.sources.begin(), trunk.sources.end());
  for (const config::Peer& peer : trunk.peers) {
    if (!peer.is_name()) all.insert({peer.endpoint.address, 128});
  }
  return all;
}

// One that left is heard until its calls are over, and one that moved to another port, too.
bool keeps_sources(const Trunk& before, const Config& after) {
  const Trunk* stays = find_block(after.trunks, before.name);
  if (stays == nullptr) return true;
  // Where we listened for TLS we still do only for a trunk that has a profile.
  const bool is_tls = before.transport == contract::Transport::tls;
  if (is_tls && stays->transport != contract::Transport::tls) return false;
  const std::set<config::Prefix> was = sources_of(before);
  const std::set<config::Prefix> is = sources_of(*stays);
  return std::includes(is.begin(), is.end(), was.begin(), was.end());
}

}  // namespace

std::vector<std::string> calls_touched(const Config& before, const Config& after) {
  std::set<std::string> touched;
  for (const Trunk& trunk : before.trunks) {
    const Realm* was = find_block(before.realms, trunk.realm);
    if (was == nullptr) continue;
    const Realm* is = realm_at(after, was->address);
    const bool stays = is != nullptr && is_same_way(*was, *is) && keeps_media(*was, after) &&
                       keeps_sources(trunk, after);
    if (!stays) touched.insert(trunk.name);
  }
  return {touched.begin(), touched.end()};
}

}  // namespace demarc::trunks
