#include "controlplane/trunks/touched.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>

namespace demarc::trunks {
namespace {

using config::Config;
using config::find_block;
using config::Realm;
using config::Trunk;
using Octets = decltype(contract::IpAddress::octets);

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

// Where we listened for TLS we still do only for a trunk that has a profile.
bool keeps_tls(const Trunk& before, const Config& after) {
  const Trunk* stays = find_block(after.trunks, before.name);
  const bool is_tls = before.transport == contract::Transport::tls;
  return stays == nullptr || !is_tls || stays->transport == contract::Transport::tls;
}

// What a later offer within a call is judged by (decision D143). A trunk that left says nothing.
bool keeps_formats(const Trunk& before, const Config& after) {
  const auto formats = [](const config::Codecs& codecs) {
    return std::tie(codecs.codecs, codecs.add_codecs, codecs.ptime_ms, codecs.comfort_noise,
                    codecs.dtmf, codecs.dtmf_payload_type);
  };
  const Trunk* stays = find_block(after.trunks, before.name);
  return stays == nullptr || formats(before.codecs) == formats(stays->codecs);
}

// Whose the sources of one listener are. Trunks that have a prefix in common all have it.
class Sources {
 public:
  using Names = std::set<std::string>;

  void add(const config::Prefix& prefix, const std::string& trunk) {
    by_length_[prefix.length][first_of(prefix)].insert(trunk);
  }
  // By the longest prefix, as a worker looks for it.
  const Names& at(const Octets& source) const {
    static const Names nobody;
    for (const auto& [length, prefixes] : by_length_) {
      const auto found = prefixes.find(masked(source, length));
      if (found != prefixes.end()) return found->second;
    }
    return nobody;
  }
  // The first address of each prefix, and the one behind its last: in between nothing changes.
  void add_edges(std::set<Octets>& edges) const {
    for (const auto& [length, prefixes] : by_length_) {
      for (const auto& [first, names] : prefixes) {
        edges.insert(first);
        edges.insert(behind(first, length));
      }
    }
  }

 private:
  static Octets first_of(const config::Prefix& prefix) {
    return masked(prefix.address.octets, prefix.length);
  }
  static Octets masked(Octets octets, unsigned length) {
    for (unsigned bit = length; bit < 128; ++bit) {
      octets[bit / 8] = static_cast<uint8_t>(octets[bit / 8] & ~(0x80u >> bit % 8));
    }
    return octets;
  }
  // Behind the last address of all comes the first one, which is as good a place to look at.
  static Octets behind(Octets first, unsigned length) {
    for (unsigned bit = length; bit-- != 0;) {
      const auto one = static_cast<uint8_t>(0x80u >> bit % 8);
      first[bit / 8] = static_cast<uint8_t>(first[bit / 8] ^ one);
      if ((first[bit / 8] & one) != 0) break;
    }
    return first;
  }

  std::map<unsigned, std::map<Octets, Names>, std::greater<>> by_length_;
};

using Listener = std::tuple<contract::Endpoint, contract::Transport>;

std::vector<Listener> listeners_of(const Config& config, const Trunk& trunk) {
  const Realm* realm = find_block(config.realms, trunk.realm);
  if (realm == nullptr) return {};
  const contract::Endpoint local{realm->address, trunk.port};
  if (trunk.transport == contract::Transport::udp && trunk.policy.large_over_tcp) {
    return {{local, trunk.transport}, {local, contract::Transport::tcp}};
  }
  return {{local, trunk.transport}};
}

void add_sources(std::map<Listener, Sources>& tables, const std::vector<Listener>& listeners,
                 const Trunk& trunk, const std::string& name) {
  for (const Listener& listener : listeners) {
    for (const config::Prefix& prefix : sources_of(trunk)) tables[listener].add(prefix, name);
  }
}

// Trunks that had a source which is not theirs any more: it is not among theirs, or another trunk
// has a longer prefix there. One that left is heard until its calls are over, and one that moved
// to another port is heard where it was.
void add_losers(const Config& before, const Config& after, std::set<std::string>& names) {
  std::map<Listener, Sources> was;
  std::map<Listener, Sources> is;
  for (const Trunk& trunk : before.trunks) {
    const std::vector<Listener> listeners = listeners_of(before, trunk);
    const Trunk* stays = find_block(after.trunks, trunk.name);
    add_sources(was, listeners, trunk, trunk.name);
    add_sources(is, listeners, stays == nullptr ? trunk : *stays, trunk.name);
  }
  for (const Trunk& trunk : after.trunks) {
    add_sources(is, listeners_of(after, trunk), trunk, trunk.name);
  }
  for (const auto& [listener, sources] : was) {
    std::set<Octets> edges;
    sources.add_edges(edges);
    is[listener].add_edges(edges);
    for (const Octets& edge : edges) {
      const Sources::Names& now = is[listener].at(edge);
      for (const std::string& name : sources.at(edge)) {
        if (!now.contains(name)) names.insert(name);
      }
    }
  }
}

}  // namespace

std::vector<std::string> calls_touched(const Config& before, const Config& after) {
  std::set<std::string> touched;
  for (const Trunk& trunk : before.trunks) {
    const Realm* was = find_block(before.realms, trunk.realm);
    if (was == nullptr) continue;
    const Realm* is = realm_at(after, was->address);
    const bool stays = is != nullptr && is_same_way(*was, *is) && keeps_media(*was, after) &&
                       keeps_tls(trunk, after) && keeps_formats(trunk, after);
    if (!stays) touched.insert(trunk.name);
  }
  add_losers(before, after, touched);
  return {touched.begin(), touched.end()};
}

}  // namespace demarc::trunks
