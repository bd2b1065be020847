#include "controlplane/config/check.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "controlplane/config/check_limits.h"
#include "controlplane/config/check_policy.h"
#include "controlplane/config/check_registrar.h"
#include "controlplane/config/check_routes.h"
#include "controlplane/config/check_sources.h"
#include "controlplane/config/number_rules.h"
#include "controlplane/config/reference.h"
#include "controlplane/config/routing_tests.h"
#include "sip-parser/base/ascii.h"

namespace demarc::config {
namespace {

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

std::string text_of(const contract::IpAddress& address) {
  return std::string(contract::print(address).view());
}

// What the dataplane has room for: wire::max_ports and wire::ConfiguredAddresses::max_addresses.
constexpr size_t most_ports = 8;
constexpr size_t most_own_addresses = 512;
constexpr uint64_t highest_cpu = 1023;

// "2" or "2-5", as the dataplane reads it.
bool parse_cpus(std::string_view text, uint64_t& first, uint64_t& last) {
  const size_t dash = std::min(text.find('-'), text.size());
  if (!ascii::parse_decimal(ascii::trim(text.substr(0, dash)), highest_cpu, first)) return false;
  last = first;
  if (dash == text.size()) return true;
  return ascii::parse_decimal(ascii::trim(text.substr(dash + 1)), highest_cpu, last) &&
         first <= last;
}

class Checker {
 public:
  Checker(const Config& config, const Gaps& gaps, Problems& problems)
      : config_(config), gaps_(gaps), has_all_blocks_(!gaps.has_lost_blocks), problems_(problems) {}

  void run() {
    check_platform();
    check_ports();
    for (const Realm& realm : config_.realms) check_realm(realm);
    check_realm_addresses();
    for (const Tls& tls : config_.tls) check_tls(tls);
    if (config_.tls.size() > contract::max_tls_profiles) {
      problems_.error(
          config_.tls[contract::max_tls_profiles].origin.block,
          "more than " + std::to_string(contract::max_tls_profiles) + " [tls.NAME] blocks");
    }
    for (const Trunk& trunk : config_.trunks) check_trunk(trunk);
    check_sources(config_, problems_);
    check_routes(config_, gaps_, problems_);
  }

 private:
  template <class Block>
  bool refers(const Origin& origin, std::string_view field, std::string_view kind,
              const std::string& value, const std::vector<Block>& blocks) {
    return config::refers({field, kind, origin.of(field)}, value, blocks, gaps_, problems_);
  }

  void check_platform() {
    const Platform& platform = config_.platform;
    if (has_all_blocks_ && config_.trunks.size() > platform.trunk_capacity) {
      problems_.error(platform.origin.of("trunk_capacity"),
                      "trunk_capacity: " + std::to_string(config_.trunks.size()) +
                          " trunks do not fit " + std::to_string(platform.trunk_capacity));
    }
    size_t targets = 0;
    for (const Trunk& trunk : config_.trunks) targets += trunk.target_rows();
    if (has_all_blocks_ && targets > platform.target_capacity) {
      problems_.error(platform.origin.of("target_capacity"),
                      "target_capacity: " + std::to_string(targets) + " targets do not fit " +
                          std::to_string(platform.target_capacity));
    }
    size_t addresses = 0;
    for (const Realm& realm : config_.realms) addresses += realm.media.size();
    if (has_all_blocks_ && addresses > platform.media_addresses) {
      problems_.error(platform.origin.of("media_addresses"),
                      "media_addresses: " + std::to_string(addresses) + " addresses do not fit " +
                          std::to_string(platform.media_addresses));
    }
    check_cores(platform);
  }

  void check_cores(const Platform& platform) {
    if (platform.cores.empty()) return;
    std::set<uint64_t> cores;
    std::string_view rest = platform.cores;
    while (true) {
      const size_t comma = std::min(rest.find(','), rest.size());
      uint64_t first = 0;
      uint64_t last = 0;
      if (!parse_cpus(rest.substr(0, comma), first, last)) {
        problems_.error(
            platform.origin.of("cores"),
            "cores: " + quoted(platform.cores) + " is not a list such as \"2,3\" or \"2-5\"");
        return;
      }
      for (uint64_t core = first; core <= last; ++core) {
        if (cores.insert(core).second) continue;
        problems_.error(platform.origin.of("cores"),
                        "cores: CPU " + std::to_string(core) + " is named twice");
        return;
      }
      if (comma == rest.size()) break;
      rest.remove_prefix(comma + 1);
    }
    if (cores.size() < platform.workers) {
      problems_.error(platform.origin.of("cores"), "cores: " + std::to_string(platform.workers) +
                                                       " workers need as many CPUs, " +
                                                       std::to_string(cores.size()) + " named");
    }
  }

  void check_ports() {
    if (has_all_blocks_ && config_.ports.empty())
      problems_.error({}, "there is no [port.NAME] block");
    if (config_.ports.size() > most_ports) {
      problems_.error(config_.ports[most_ports].origin.block,
                      std::to_string(config_.ports.size()) + " [port.NAME] blocks, the limit is " +
                          std::to_string(most_ports));
    }
    std::set<std::string> devices;
    std::set<std::string> twins;
    for (const NicPort& port : config_.ports) {
      if (!port.device.empty() && !devices.insert(port.device).second) {
        problems_.error(port.origin.of("device"),
                        "device: " + quoted(port.device) + " is another port's already");
      }
      if (port.twin.size() > 15 || port.twin.find_first_of(" /:") != std::string::npos) {
        problems_.error(port.origin.of("twin"),
                        "twin: " + quoted(port.twin) +
                            " can not name an interface: 1 to 15 characters, no blank, '/' or ':'");
      } else if (!twins.insert(port.twin).second) {
        problems_.error(port.origin.of("twin"),
                        "twin: " + quoted(port.twin) + " is another port's already");
      }
    }
  }

  void usable(const Origin& origin, std::string_view field, const contract::IpAddress& address,
              size_t index = 0) {
    if (!address.is_set() || address.is_unicast()) return;
    problems_.error(origin.of(field, index), std::string(field) + ": " + text_of(address) +
                                                 " is not an address that packets can be sent to");
  }

  void same_family(const Origin& origin, std::string_view field, const contract::IpAddress& a,
                   const contract::IpAddress& b, size_t index = 0) {
    if (!a.is_set() || !b.is_set() || a.is_v4() == b.is_v4()) return;
    problems_.error(origin.of(field, index), std::string(field) + ": " + text_of(a) + " and " +
                                                 text_of(b) + " are of different IP versions");
  }

  void check_realm(const Realm& realm) {
    const Origin& origin = realm.origin;
    refers(origin, "port", "port", realm.port, config_.ports);
    usable(origin, "address", realm.address);
    // Defaults repeat another field's value, which is reported there.
    if (realm.advertise != realm.address) usable(origin, "advertise", realm.advertise);
    same_family(origin, "advertise", realm.advertise, realm.address);
    for (size_t i = 0; i < realm.media.size(); ++i) {
      if (realm.media[i] != realm.address) usable(origin, "media", realm.media[i], i);
      // Calls take them in turn, whatever their peer can reach. It need not be the version of
      // `address`: SIP and media have their own.
      same_family(origin, "media", realm.media[i], realm.media.front(), i);
    }
    if (realm.media.size() != realm.advertise_media.size()) {
      problems_.error(origin.of("advertise_media"),
                      "advertise_media: " + std::to_string(realm.advertise_media.size()) +
                          " addresses for " + std::to_string(realm.media.size()) + " in media");
      return;
    }
    for (size_t i = 0; i < realm.media.size(); ++i) {
      const bool is_advertise = realm.advertise_media[i] == realm.advertise;
      if (!is_advertise && realm.advertise_media[i] != realm.media[i]) {
        usable(origin, "advertise_media", realm.advertise_media[i]);
      }
      // Against `address` it has been compared above.
      if (is_advertise && realm.media[i].is_v4() == realm.address.is_v4()) continue;
      same_family(origin, "advertise_media", realm.advertise_media[i], realm.media[i]);
    }
  }

  // An address belongs to one realm: what arrives for it must lead to one side only.
  void check_realm_addresses() {
    std::map<contract::IpAddress, const Realm*> owners;
    const auto take = [&](const Realm& realm, std::string_view field,
                          const contract::IpAddress& address) {
      if (!address.is_set()) return;
      const auto [found, is_new] = owners.emplace(address, &realm);
      if (is_new || found->second == &realm) return;
      problems_.error(realm.origin.of(field), std::string(field) + ": " + text_of(address) +
                                                  " is an address of realm " +
                                                  quoted(found->second->name) + " already");
    };
    for (const Realm& realm : config_.realms) {
      take(realm, "address", realm.address);
      std::set<contract::IpAddress> media;
      for (const contract::IpAddress& address : realm.media) {
        if (address != realm.address) take(realm, "media", address);
        if (!media.insert(address).second) {
          problems_.error(realm.origin.of("media"), "media: " + text_of(address) + " stands twice");
        }
      }
    }
    if (owners.size() <= most_own_addresses) return;
    problems_.error({}, std::to_string(owners.size()) + " addresses in all realms, the limit is " +
                            std::to_string(most_own_addresses));
  }

  void check_trunk(const Trunk& trunk) {
    const Origin& origin = trunk.origin;
    check_peers(trunk);
    check_transport(trunk);
    check_account(trunk);
    if (trunk.t2_ms < trunk.t1_ms) {
      problems_.error(origin.of("t2_ms"), "t2_ms: " + std::to_string(trunk.t2_ms) +
                                              " ms is less than t1_ms, " +
                                              std::to_string(trunk.t1_ms) + " ms");
    }
    if (!refers(origin, "realm", "realm", trunk.realm, config_.realms)) return;
    const Realm& realm = *find_block(config_.realms, trunk.realm);
    for (size_t i = 0; i < trunk.peers.size(); ++i) {
      same_family(origin, "peer", trunk.peers[i].endpoint.address, realm.address, i);
    }
    check_media_overlap(trunk, realm);
  }

  void check_transport(const Trunk& trunk) {
    const Origin& origin = trunk.origin;
    const bool is_tls = trunk.transport == contract::Transport::tls;
    if (is_tls && trunk.tls.empty() && !origin.refused.contains("tls")) {
      problems_.error(origin.of("transport"), "transport: \"tls\" needs tls = \"NAME\"");
    }
    if (!trunk.tls.empty()) refers(origin, "tls", "tls", trunk.tls, config_.tls);
    if (!is_tls && !trunk.tls.empty()) {
      problems_.warn(origin.of("tls"), "tls: says nothing unless transport = \"tls\"");
    }
    if (!is_tls && trunk.policy.accepts_sips) {
      problems_.warn(origin.of("sips"), "sips: says nothing unless transport = \"tls\"");
    }
    if (trunk.transport != contract::Transport::udp && trunk.policy.large_over_tcp) {
      problems_.warn(origin.of("large_over_tcp"),
                     "large_over_tcp: says nothing unless transport = \"udp\"");
    }
    if (trunk.preset == "teams" && trunk.policy.contact_host.empty()) {
      problems_.error(origin.of("preset"),
                      "preset: \"teams\" needs contact_host, the name in our certificate");
    }
  }

  void check_tls(const Tls& tls) {
    if (tls.oldest > tls.newest) {
      problems_.error(tls.origin.of("oldest"), "oldest: is above newest");
    }
    if (tls.verify != contract::TlsVerify::off && tls.ca.empty()) {
      problems_.error(tls.origin.of("verify"),
                      "verify: the peer's certificate can not be verified without ca");
    }
    if (tls.verify == contract::TlsVerify::off && !tls.peer_names.empty()) {
      problems_.warn(tls.origin.of("peer_names"), "peer_names: says nothing with verify = \"off\"");
    }
  }

  void check_account(const Trunk& trunk) {
    const Account& account = trunk.account;
    const Origin& origin = trunk.origin;
    if (!is_uri_user(account.user)) {
      problems_.error(origin.of("user"),
                      "user: " + quoted(account.user) + " can not be the user part of a SIP URI");
    }
    if (!account.password.empty() && account.user.empty()) {
      problems_.error(origin.of("password"), "password: there is no user whose it is");
    }
    if (account.is_registered && (account.user.empty() || account.password.empty()) &&
        !origin.refused.contains("user") && !origin.refused.contains("password")) {
      problems_.error(origin.of("register"), "register: needs user and password");
    }
    if (account.is_bulk && !account.is_registered) {
      problems_.warn(origin.of("register_numbers"),
                     "register_numbers: says nothing without register");
    }
    if (account.aor.empty()) return;
    const size_t at = account.aor.find('@');
    const bool is_uri = account.aor.starts_with("sip:") && at != std::string::npos && at > 4 &&
                        is_uri_user(std::string_view(account.aor).substr(4, at - 4)) &&
                        at + 1 < account.aor.size() &&
                        account.aor.find_first_not_of(
                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]",
                            at + 1) == std::string::npos;
    if (is_uri) return;
    problems_.error(origin.of("aor"),
                    "aor: " + quoted(account.aor) + " is not like \"sip:user@provider.example\"");
  }

  void check_peers(const Trunk& trunk) {
    std::set<std::pair<std::string, uint16_t>> peers;
    for (size_t i = 0; i < trunk.peers.size(); ++i) {
      const Peer& peer = trunk.peers[i];
      if (!peer.is_name()) {
        usable(trunk.origin, "peer", peer.endpoint.address, i);
        check_peer_is_another(trunk, i);
      }
      if (peers.emplace(peer.host, peer.endpoint.port).second) continue;
      problems_.error(
          trunk.origin.of("peer", i),
          "peer: " + peer.host + ":" + std::to_string(peer.endpoint.port) + " stands twice");
    }
  }

  void check_peer_is_another(const Trunk& trunk, size_t index) {
    const contract::IpAddress& peer = trunk.peers[index].endpoint.address;
    for (const Realm& realm : config_.realms) {
      const bool is_media =
          std::find(realm.media.begin(), realm.media.end(), peer) != realm.media.end();
      if (!is_media && realm.address != peer) continue;
      problems_.error(
          trunk.origin.of("peer", index),
          "peer: " + text_of(peer) + " is our own address in realm " + quoted(realm.name));
      return;
    }
  }

  void check_media_overlap(const Trunk& trunk, const Realm& realm) {
    const bool is_shared =
        std::find(realm.media.begin(), realm.media.end(), realm.address) != realm.media.end();
    // Media is UDP, so another transport may have the same number.
    if (trunk.transport != contract::Transport::udp) return;
    if (!is_shared || trunk.port < realm.media_ports.low || trunk.port > realm.media_ports.high) {
      return;
    }
    problems_.error(trunk.origin.of("port"),
                    "port: " + std::to_string(trunk.port) + " lies in the media_ports of realm " +
                        quoted(realm.name) + ", " + std::to_string(realm.media_ports.low) + "-" +
                        std::to_string(realm.media_ports.high) + ", on the same address");
  }

  const Config& config_;
  const Gaps& gaps_;
  const bool has_all_blocks_;
  Problems& problems_;
};

}  // namespace

void check(const Config& config, const Gaps& gaps, Problems& problems) {
  Checker(config, gaps, problems).run();
  check_policies(config, gaps, problems);
  check_numbers(config, gaps, problems);
  check_registrars(config, gaps, problems);
  check_limits(config, gaps, problems);
  check_routing_tests(config, gaps, problems);
}

}  // namespace demarc::config
