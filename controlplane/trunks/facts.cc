#include "controlplane/trunks/facts.h"

#include <algorithm>

namespace demarc::trunks {

const std::vector<contract::Endpoint>& TargetRows::assign(const std::string& trunk, unsigned rows,
                                                          const std::vector<dns::Choice>& wanted) {
  std::vector<contract::Endpoint>& held = by_trunk_[trunk];
  held.resize(rows);
  const auto is_wanted = [&](const contract::Endpoint& endpoint) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const dns::Choice& choice) { return choice.endpoint == endpoint; });
  };
  for (contract::Endpoint& endpoint : held) {
    if (!is_wanted(endpoint)) endpoint = {};
  }
  for (const dns::Choice& choice : wanted) {
    if (std::find(held.begin(), held.end(), choice.endpoint) != held.end()) continue;
    const auto free = std::find(held.begin(), held.end(), contract::Endpoint{});
    if (free == held.end()) break;
    *free = choice.endpoint;
  }
  return held;
}

dns::Host host_of(const config::Trunk& trunk, const config::Peer& peer, bool is_v4) {
  const dns::Service service = trunk.transport == contract::Transport::udp   ? dns::Service::udp
                               : trunk.transport == contract::Transport::tcp ? dns::Service::tcp
                                                                             : dns::Service::tls;
  return {peer.host, peer.has_port ? peer.endpoint.port : uint16_t{0}, is_v4, service};
}

namespace {

std::vector<dns::Choice> bound_targets(const config::Trunk& trunk, const Facts& facts) {
  std::vector<dns::Choice> targets;
  if (!facts.bound) return targets;
  for (const BoundPlace& place : facts.bound(trunk.name)) {
    const auto is_same = [&](const dns::Choice& other) { return other.endpoint == place.target; };
    if (place.is_over || std::any_of(targets.begin(), targets.end(), is_same)) continue;
    targets.push_back({place.target, place.priority, 0});
  }
  if (targets.size() > trunk.target_rows()) targets.resize(trunk.target_rows());
  return targets;
}

}  // namespace

std::vector<dns::Choice> targets_of(const config::Trunk& trunk, bool is_v4, const Facts& facts) {
  if (trunk.registrar.is_used) return bound_targets(trunk, facts);
  std::vector<dns::Choice> targets;
  uint16_t base = 0;
  for (const config::Peer& peer : trunk.peers) {
    std::vector<dns::Choice> choices;
    if (!peer.is_name()) {
      choices = {{peer.endpoint, 0, 0}};
    } else if (facts.choices) {
      choices = facts.choices(host_of(trunk, peer, is_v4));
    }
    uint16_t next = base;
    for (dns::Choice choice : choices) {
      choice.priority = static_cast<uint16_t>(choice.priority + base);
      next = std::max(next, static_cast<uint16_t>(choice.priority + 1));
      const auto is_same = [&](const dns::Choice& other) {
        return other.endpoint == choice.endpoint;
      };
      if (std::none_of(targets.begin(), targets.end(), is_same)) targets.push_back(choice);
    }
    // A name that leads nowhere keeps its place in the order.
    base = std::max(next, static_cast<uint16_t>(base + 1));
  }
  if (targets.size() > trunk.target_rows()) targets.resize(trunk.target_rows());
  return targets;
}

uint16_t priority_of(const dns::Choice& choice, const std::vector<dns::Choice>& targets,
                     const contract::Endpoint& registered_at) {
  const auto holder = std::find_if(targets.begin(), targets.end(), [&](const dns::Choice& target) {
    return target.endpoint == registered_at;
  });
  if (holder == targets.end()) return choice.priority;
  const bool is_first = std::none_of(targets.begin(), targets.end(), [&](const dns::Choice& other) {
    return other.endpoint != holder->endpoint && other.priority <= holder->priority;
  });
  if (is_first) return choice.priority;
  if (choice.endpoint == registered_at) return 0;
  return static_cast<uint16_t>(std::min(choice.priority + 1, UINT16_MAX));
}

}  // namespace demarc::trunks
