#include "controlplane/trunks/departed.h"

#include <algorithm>

namespace demarc::trunks {
namespace {

using config::find_block;

bool has_address(const config::Config& config, const contract::IpAddress& address) {
  return std::any_of(config.realms.begin(), config.realms.end(),
                     [&](const config::Realm& realm) { return realm.address == address; });
}

}  // namespace

void Departed::note(const config::Config& before, const config::Config& after) {
  std::erase_if(trunks_, [&](const Gone& gone) {
    return find_block(after.trunks, gone.trunk.name) != nullptr;
  });
  for (const config::Trunk& trunk : before.trunks) {
    const config::Trunk* stays = find_block(after.trunks, trunk.name);
    if (stays == nullptr) {
      note_gone(before, trunk);
    } else {
      note_moved(before, after, trunk, *stays);
    }
  }
}

void Departed::note_gone(const config::Config& before, const config::Trunk& trunk) {
  const config::Realm* realm = find_block(before.realms, trunk.realm);
  if (realm == nullptr) return;
  Gone gone;
  gone.trunk = trunk;
  // Numbers are made before a call goes on, and their tables may be gone.
  gone.trunk.numbers = {};
  // And it is called by nobody, nor calls.
  gone.trunk.usages.clear();
  gone.trunk.costs.clear();
  gone.realm = *realm;
  if (const config::Tls* tls = find_block(before.tls, trunk.tls)) gone.tls = {*tls};
  for (const config::HeaderRule& rule : before.headers) {
    if (rule.trunk == trunk.name) gone.headers.push_back(rule);
  }
  trunks_.push_back(std::move(gone));
}

void Departed::note_moved(const config::Config& before, const config::Config& after,
                          const config::Trunk& old_trunk, const config::Trunk& new_trunk) {
  const config::Realm* old_realm = find_block(before.realms, old_trunk.realm);
  const config::Realm* new_realm = find_block(after.realms, new_trunk.realm);
  if (old_realm == nullptr || new_realm == nullptr) return;
  const FormerListener was = {
      old_trunk.name, {old_realm->address, old_trunk.port}, old_trunk.transport};
  const FormerListener is = {
      new_trunk.name, {new_realm->address, new_trunk.port}, new_trunk.transport};
  std::erase_if(listeners_, [&](const FormerListener& one) { return one == is || one == was; });
  if (was == is) return;
  listeners_.push_back(was);
  if (listeners_.size() > max_former_listeners) listeners_.erase(listeners_.begin());
}

std::set<std::string> Departed::names() const {
  std::set<std::string> names;
  for (const Gone& gone : trunks_) names.insert(gone.trunk.name);
  return names;
}

bool Departed::forget(const std::function<bool(const std::string& trunk)>& has_calls) {
  const size_t gone =
      std::erase_if(trunks_, [&](const Gone& one) { return !has_calls(one.trunk.name); });
  const size_t former =
      std::erase_if(listeners_, [&](const FormerListener& one) { return !has_calls(one.trunk); });
  return gone + former != 0;
}

config::Config Departed::with(const config::Config& config) const {
  config::Config whole = config;
  const auto add = [](auto& blocks, const auto& block) {
    const auto place =
        std::lower_bound(blocks.begin(), blocks.end(), block,
                         [](const auto& one, const auto& other) { return one.name < other.name; });
    blocks.insert(place, block);
  };
  for (const Gone& gone : trunks_) {
    const config::Realm* realm = find_block(whole.realms, gone.realm.name);
    const bool is_elsewhere = realm == nullptr ? has_address(whole, gone.realm.address)
                                               : realm->address != gone.realm.address;
    if (is_elsewhere || find_block(whole.ports, gone.realm.port) == nullptr) continue;
    if (realm == nullptr) add(whole.realms, gone.realm);
    whole.trunks.push_back(gone.trunk);
    for (const config::Tls& tls : gone.tls) {
      if (find_block(whole.tls, tls.name) == nullptr) add(whole.tls, tls);
    }
    whole.headers.insert(whole.headers.end(), gone.headers.begin(), gone.headers.end());
  }
  // Once: thousands may have left.
  std::sort(whole.trunks.begin(), whole.trunks.end(),
            [](const auto& one, const auto& other) { return one.name < other.name; });
  return whole;
}

}  // namespace demarc::trunks
