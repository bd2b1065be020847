#include "controlplane/config/check_registrar.h"

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "controlplane/config/model.h"
#include "controlplane/config/reference.h"
#include "dataplane/contract/fields.h"
#include "sip-parser/base/ascii.h"

namespace demarc::config {
namespace {

class Checker {
 public:
  Checker(const Config& config, const Gaps& gaps, Problems& problems)
      : config_(config), gaps_(gaps), problems_(problems) {}

  void run() {
    for (const Trunk& trunk : config_.trunks) {
      if (trunk.registrar.is_used) {
        check_registrar(trunk);
      } else {
        check_peer_is_given(trunk);
      }
    }
    for (const User& user : config_.users) check_user(user);
    check_neighbours();
  }

 private:
  void error(const Origin& origin, std::string_view field, const std::string& text) {
    problems_.error(origin.of(field), std::string(field) + ": " + text);
  }

  void check_peer_is_given(const Trunk& trunk) {
    if (!trunk.peers.empty() || trunk.origin.refused.contains("peer") || gaps_.has_lost_fields) {
      return;
    }
    problems_.error(
        trunk.origin.block,
        "field \"peer\" is missing: " + std::string(contract::find_field("trunk", "peer")->doc),
        "/trunk/" + trunk.name + "/peer");
  }

  void check_registrar(const Trunk& trunk) {
    const Registrar& registrar = trunk.registrar;
    const Origin& origin = trunk.origin;
    if (!trunk.peers.empty()) {
      error(origin, "peer", "who registers has no address here; leave it out");
    }
    if (!trunk.peer_contact.empty()) {
      error(origin, "peer_contact", "who registers is known by its account; leave it out");
    }
    if (!trunk.peer_domain.empty()) {
      error(origin, "peer_domain", "who registers is called as its Contact says; leave it out");
    }
    if (trunk.sources.empty() && !origin.refused.contains("sources") && !gaps_.has_lost_fields) {
      error(origin, "registrar", "needs sources: where its peer may register from");
    }
    if (trunk.account.is_registered) {
      error(origin, "register", "we can not register with a peer that registers with us");
    }
    if (registrar.min_s > registrar.max_s) {
      error(origin, "registrar_min_s", "is more than registrar_max_s");
    } else if (registrar.expires_s < registrar.min_s || registrar.expires_s > registrar.max_s) {
      error(origin, "registrar_expires_s", "is not between registrar_min_s and registrar_max_s");
    }
    const std::string& realm = registrar.digest_realm;
    if (realm.find_first_of("\"\\") != std::string::npos || !is_printable(realm)) {
      error(origin, "registrar_realm", "can not stand in quotes as it is");
    }
    for (const User& user : config_.users) {
      if (user.trunk == trunk.name) return;
    }
    if (gaps_.has_lost_blocks) return;
    problems_.warn(origin.of("registrar"),
                   "registrar: no [user.NAME] is of this trunk: nobody can register");
  }

  static bool is_printable(const std::string& text) {
    for (const char c : text) {
      if (c < ' ' || c > '~') return false;
    }
    return true;
  }

  void check_user(const User& user) {
    if (!is_uri_user(user.user)) {
      error(user.origin, "name", "\"" + user.user + "\" can not be the user part of a SIP URI");
    }
    const Reference reference{"trunk", "trunk", user.origin.of("trunk")};
    if (!refers(reference, user.trunk, config_.trunks, gaps_, problems_)) return;
    const Trunk* trunk = find_block(config_.trunks, user.trunk);
    if (trunk->registrar.is_used || trunk->origin.refused.contains("registrar")) return;
    if (gaps_.has_lost_fields) return;
    error(user.origin, "trunk", "the trunk \"" + trunk->name + "\" does not say registrar = true");
  }

  // Trunks at one address and port of ours are told apart by the account alone: so they challenge
  // alike, and no two of their accounts have one name.
  void check_neighbours() {
    using Place = std::tuple<std::string, uint16_t, contract::Transport>;
    std::map<Place, const Trunk*> first;
    std::map<std::pair<Place, std::string>, const User*> users;
    for (const Trunk& trunk : config_.trunks) {
      if (!trunk.registrar.is_used) continue;
      const Place place{trunk.realm, trunk.port, trunk.transport};
      const auto [found, is_new] = first.emplace(place, &trunk);
      if (!is_new) check_alike(*found->second, trunk);
      for (const User& user : config_.users) {
        if (user.trunk != trunk.name) continue;
        const auto [known, is_only] = users.emplace(std::pair(place, user.user), &user);
        if (is_only) continue;
        problems_.error(user.origin.block, "user \"" + user.user + "\" is [user." +
                                               known->second->name +
                                               "] already at the same address and port of ours");
      }
    }
  }

  void check_alike(const Trunk& one, const Trunk& other) {
    const std::string reason =
        "is not that of trunk \"" + one.name + "\", which registers at the same port of ours";
    if (one.registrar.digest_realm != other.registrar.digest_realm) {
      error(other.origin, "registrar_realm", reason);
    }
    if (one.registrar.digest != other.registrar.digest) {
      error(other.origin, "registrar_digest", reason);
    }
    if (one.tls != other.tls) error(other.origin, "tls", reason);
  }

  const Config& config_;
  const Gaps& gaps_;
  Problems& problems_;
};

}  // namespace

bool is_uri_user(std::string_view user) {
  for (const char c : user) {
    if (ascii::is_alphanum(c)) continue;
    if (std::string_view("-_.!~*'()&=+$,;?/").find(c) == std::string_view::npos) return false;
  }
  return true;
}

void check_registrars(const Config& config, const Gaps& gaps, Problems& problems) {
  Checker(config, gaps, problems).run();
}

}  // namespace demarc::config
