#include "controlplane/config/check_sources.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "controlplane/config/model.h"

namespace demarc::config {
namespace {

// A peer by name has no prefix here, and one by address or a network no name.
struct Source {
  Prefix prefix;
  std::string name;
};

// The longest prefix wins, so only equal ones are ambiguous.
class Checker {
 public:
  Checker(const Config& config, Problems& problems) : config_(config), problems_(problems) {}

  void run() {
    for (const Trunk& trunk : config_.trunks) {
      for (size_t i = 0; i < trunk.peers.size(); ++i) {
        const Peer& peer = trunk.peers[i];
        const std::string name = peer.is_name() ? peer.host : std::string();
        take(trunk, {"peer", i}, {{peer.endpoint.address, 128}, name});
      }
      for (size_t i = 0; i < trunk.sources.size(); ++i) {
        take(trunk, {"sources", i}, {trunk.sources[i], {}});
      }
    }
  }

 private:
  struct Place {
    std::string_view field;
    size_t index;
  };

  void take(const Trunk& trunk, const Place& place, const Source& source) {
    if (!source.prefix.address.is_set() && source.prefix.length == 128 && source.name.empty()) {
      return;
    }
    const auto [found, is_new] = owners_.emplace(
        std::tuple(trunk.realm, trunk.port, trunk.transport, source.prefix, source.name), &trunk);
    if (is_new || found->second == &trunk) return;
    const Trunk& other = *found->second;
    // Who registers is told apart by its account.
    if (trunk.registrar.is_used && other.registrar.is_used) return;
    const std::string shown = source.name.empty()
                                  ? std::string(contract::print(source.prefix.address).view())
                                  : source.name;
    const std::string why = ambiguity(other, trunk);
    if (why.empty()) return;
    problems_.error(trunk.origin.of(place.field, place.index),
                    std::string(place.field) + ": " + shown + " is a source of trunk \"" +
                        other.name + "\" already in the same realm; " + why);
  }

  // Why calls from a source of both can not be told apart; empty: they can.
  std::string ambiguity(const Trunk& first, const Trunk& trunk) {
    const std::string another_port = "give one of them another port";
    if (trunk.registrar.is_used || first.registrar.is_used) return another_port;
    if (!is_alike(first, trunk)) {
      return another_port +
             ", or to both the same peer, sources, transport and tls and an account or "
             "peer_contact";
    }
    for (const Name& name : names_of(first)) names_.emplace(Known{&first, name}, &first);
    for (const Name& name : names_of(trunk)) {
      const auto [known, is_new] = names_.emplace(Known{&first, name}, &trunk);
      if (is_new || known->second == &trunk) continue;
      if (name.second.empty()) {
        return another_port + ", or an account (register, user) or peer_contact";
      }
      return "trunk \"" + known->second->name + "\" has the same " + name.first +
             "; give one of them another";
    }
    return {};
  }

  // By what calls of a trunk are known, and what that is called; a user whatever else there is,
  // since a call that shows no Contact of ours is told by it.
  using Name = std::pair<std::string, std::string>;
  static std::vector<Name> names_of(const Trunk& trunk) {
    std::vector<Name> names;
    if (!trunk.peer_contact.empty()) names.emplace_back("peer_contact", trunk.peer_contact);
    const bool is_named = trunk.account.is_registered && !trunk.account.is_bulk;
    if (is_named || names.empty()) {
      names.emplace_back("user", is_named ? trunk.account.user : "");
    }
    return names;
  }

  static bool is_alike(const Trunk& one, const Trunk& other) {
    const auto peers = [](const Trunk& trunk) {
      std::set<std::pair<std::string, uint16_t>> all;
      for (const Peer& peer : trunk.peers) all.emplace(peer.host, peer.endpoint.port);
      return all;
    };
    const auto sources = [](const Trunk& trunk) {
      return std::set<Prefix>(trunk.sources.begin(), trunk.sources.end());
    };
    return one.tls == other.tls && one.policy.large_over_tcp == other.policy.large_over_tcp &&
           peers(one) == peers(other) && sources(one) == sources(other);
  }

  using Key = std::tuple<std::string, uint16_t, contract::Transport, Prefix, std::string>;

  const Config& config_;
  Problems& problems_;
  std::map<Key, const Trunk*> owners_;
  using Known = std::pair<const Trunk*, Name>;
  std::map<Known, const Trunk*> names_;  // of those of one source
};

}  // namespace

void check_sources(const Config& config, Problems& problems) {
  Checker(config, problems).run();
}

}  // namespace demarc::config
