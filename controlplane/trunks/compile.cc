#include "controlplane/trunks/compile.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "controlplane/trunks/accounts.h"
#include "controlplane/trunks/caller_routes.h"
#include "controlplane/trunks/limits.h"
#include "controlplane/trunks/platform.h"
#include "controlplane/trunks/policy.h"
#include "controlplane/trunks/route_section.h"
#include "controlplane/trunks/secrets.h"
#include "dataplane/contract/section_builder.h"

namespace demarc::trunks {
namespace {

using contract::Endpoint;
using contract::NicPortId;
using contract::RealmConfig;
using contract::RealmId;
using contract::RealmSection;
using contract::SectionBuilder;
using contract::SectionKind;
using contract::SourceConfig;
using contract::StreamListener;
using contract::TargetId;
using contract::Transport;
using contract::TrunkConfig;
using contract::TrunkId;
using contract::TrunkSection;

template <class Blocks>
std::vector<std::string> names_of(const Blocks& blocks) {
  std::vector<std::string> names;
  for (const auto& block : blocks) names.push_back(block.name);
  return names;
}

// One configuration on its way into one set of sections.
class Compiler {
 public:
  Compiler(const config::Config& config, const link::DataplaneView& view, IdMap& ids,
           const Facts& facts)
      : config_(config), view_(view), ids_(ids), facts_(facts) {}

  link::SectionSet run() {
    begin();
    if (!view_.platform.empty()) {
      set_.needs_restart = platform_differences(view_.platform, set_.blob(SectionKind::platform));
    }
    compile_realms();
    compile_trunks();
    fit_prefixes();
    if (!set_.refusal.empty()) return std::move(set_);
    set_.blob(SectionKind::routes) =
        compile_route_section(config_, ids_, set_.trunks, facts_.databases, facts_.revision);
    set_.blob(SectionKind::secrets) = compile_secrets(config_, ids_);
    return std::move(set_);
  }

  // All that can be refused is of ids, of ports and of prefix lists.
  std::string misfit() {
    begin();
    compile_realms();
    fit_prefixes();
    return std::move(set_.refusal);
  }

 private:
  void begin() {
    take_ids();
    set_.blob(SectionKind::platform) = compile_platform(config_);
    ports_ = port_names(view_.platform.empty() ? set_.blob(SectionKind::platform) : view_.platform);
  }

  void take_ids() {
    const std::vector<std::string> realms = names_of(config_.realms);
    const std::vector<std::string> trunks = names_of(config_.trunks);
    const std::vector<std::string> limits = limit_names(config_);
    if (view_.is_fresh) {
      ids_.realms.keep_only(realms);
      ids_.trunks.keep_only(trunks);
      ids_.targets.keep_only(all_target_names());
      ids_.limits.keep_only(limits);
      // Numbers of a larger platform may lie beyond this one's tables.
      const config::Platform& platform = config_.platform;
      if (ids_.trunks.end() > platform.trunk_capacity) ids_.trunks = {};
      if (ids_.targets.end() > platform.target_capacity) ids_.targets = {};
      if (ids_.limits.end() > platform.limit_capacity) ids_.limits = {};
    }
    for (const std::string& name : realms) ids_.realms.take(name);
    for (const std::string& name : limits) ids_.limits.take(name);
    for (const config::Trunk& trunk : config_.trunks) {
      ids_.trunks.take(trunk.name);
      first_target(trunk);
    }
    set_.realms = ids_.realms.end();
    // Never fewer rows than ids given out: live calls refer to trunks that left, too.
    set_.trunks = ids_.trunks.end();
    fits("trunk_capacity", ids_.trunks.end(), view_.trunk_capacity);
    fits("target_capacity", ids_.targets.end(), view_.target_capacity);
    fits("limit_capacity", ids_.limits.end(), view_.limit_capacity);
  }

  // A section has offsets of 32 bits.
  void fit_prefixes() {
    if (config_.prefix_lists.empty() || !set_.refusal.empty()) return;
    const size_t count = listed_prefixes(caller_routes(config_));
    if (count <= max_listed_prefixes) return;
    set_.refusal = "prefix lists: " + std::to_string(count) + " prefixes in the routes of all " +
                   "trunks, at most " + std::to_string(max_listed_prefixes) +
                   ": trunks share those of a list where their routes are the same";
  }

  std::vector<std::string> all_target_names() const {
    std::vector<std::string> all;
    for (const config::Trunk& trunk : config_.trunks) {
      for (std::string& name : target_names(trunk.name, trunk.target_rows())) {
        all.push_back(std::move(name));
      }
    }
    return all;
  }

  void fits(std::string_view field, uint32_t rows, uint32_t capacity) {
    if (capacity == 0 || rows <= capacity || !set_.refusal.empty()) return;
    set_.refusal = std::to_string(rows) + " rows do not fit the running dataplane's " +
                   std::string(field) + " of " + std::to_string(capacity) +
                   ", rows of what left included: it needs a restart";
  }

  NicPortId port_of(const config::Realm& realm) {
    const auto found = std::find(ports_.begin(), ports_.end(), realm.port);
    if (found == ports_.end()) {
      set_.refusal = "realm." + realm.name + " is on port." + realm.port +
                     ", which the running dataplane does not have: it needs a restart";
      return NicPortId{0};
    }
    return NicPortId{static_cast<uint16_t>(found - ports_.begin())};
  }

  void compile_realms() {
    SectionBuilder<RealmSection> builder(SectionKind::realms, 0);
    std::vector<RealmConfig> rows(set_.realms);  // a realm that left keeps a hole
    for (const config::Realm& realm : config_.realms) {
      RealmConfig& row = rows[ids_.realms.take(realm.name)];
      row.name = builder.text(realm.name);
      row.port = port_of(realm);
      row.vlan = realm.vlan;
      row.address = realm.address;
      row.advertised_address = realm.advertise;
      row.media_addresses = builder.array<contract::IpAddress>(realm.media);
      row.advertised_media_addresses = builder.array<contract::IpAddress>(realm.advertise_media);
      row.media_port_low = realm.media_ports.low;
      row.media_port_high = realm.media_ports.high;
      row.media_dscp = realm.media_dscp;
      row.signalling_dscp = realm.signalling_dscp;
    }
    builder.section().realms = builder.array<RealmConfig>(rows);
    set_.blob(SectionKind::realms) = builder.finish();
  }

  void compile_trunks() {
    SectionBuilder<TrunkSection> builder(SectionKind::trunks, 0);
    std::vector<TrunkConfig> rows(set_.trunks);  // a trunk that left keeps a hole
    std::vector<SourceConfig> sources;
    std::vector<Endpoint> listeners;
    std::vector<StreamListener> streams;
    for (const config::Trunk& trunk : config_.trunks) {
      fill(rows[ids_.trunks.take(trunk.name)], trunk, builder);
      const Endpoint local = local_of(trunk);
      add_listener(trunk, {local, trunk.transport}, sources, streams);
      if (trunk.transport == Transport::udp) listeners.push_back(local);
      if (trunk.transport == Transport::udp && trunk.policy.large_over_tcp) {
        add_listener(trunk, {local, Transport::tcp}, sources, streams);
      }
    }
    compile_groups(config_, ids_, rows, builder);
    for (const config::Trunk& trunk : config_.trunks) add_targets(trunk, sources);
    for (const bool is_over : {false, true}) {
      for (const config::Trunk& trunk : config_.trunks) add_bound(trunk, is_over, sources);
    }
    if (facts_.former != nullptr) add_former(*facts_.former, sources, listeners, streams);
    sort(sources);
    sort_once(listeners);
    sort_once(streams);
    builder.section().trunks = builder.array<TrunkConfig>(rows);
    builder.section().sources = builder.array<SourceConfig>(sources);
    builder.section().listeners = builder.array<Endpoint>(listeners);
    builder.section().stream_listeners = builder.array<StreamListener>(streams);
    builder.section().bindings = bindings_of(builder);
    builder.section().accounts = accounts_.rows(ids_.trunks, builder);
    set_.blob(SectionKind::trunks) = builder.finish();
  }

  void fill(TrunkConfig& row, const config::Trunk& trunk, SectionBuilder<TrunkSection>& builder) {
    row.name = builder.text(trunk.name);
    row.tenant = builder.text(trunk.tenant);
    row.realm = realm_id(trunk.realm);
    row.local_port = trunk.port;
    row.takes_registers = trunk.registrar.is_used ? 1 : 0;
    fill_peer(row, trunk, builder);
    row.transport = trunk.transport;
    if (trunk.transport == Transport::tls) row.tls = tls_id(trunk.tls);
    row.first_target = TargetId{first_target(trunk)};
    row.target_count = static_cast<uint16_t>(trunk.target_rows());
    row.max_calls = trunk.max_calls;
    row.limits = trunk.limits;
    row.timer_t1_ms = trunk.t1_ms;
    row.timer_t2_ms = trunk.t2_ms;
    row.timer_t4_ms = trunk.t4_ms;
    row.ring_timeout_ms = trunk.ring_timeout_ms;
    row.no_response_timeout_ms = trunk.no_response_ms;
    row.media_timeout_ms = trunk.media_timeout_ms;
    row.silent_peer = trunk.media_timeout_alone;
    row.keepalive_s = trunk.keepalive_s;
    row.state = trunk.state;
    row.file = trunk.origin.block.file;
    row.contact_user = builder.text(contact_user_of(trunk));
    row.peer_contact = builder.text(trunk.peer_contact);
    row.preloaded_route =
        builder.text(facts_.service_route ? facts_.service_route(trunk.name) : "");
    row.policy = compile_policy(trunk, config_.headers, builder);
    row.media.srtp = compile_srtp(trunk.srtp);
    row.media.sources = compile_sources(trunk, builder);
    row.media.codecs = compile_codecs(trunk.codecs, builder);
    row.media.codecs.bypass_with = bypass_with(trunk, builder);
  }

  // A trunk may be named by itself and by a group.
  contract::Array<TrunkId> bypass_with(const config::Trunk& trunk,
                                       SectionBuilder<TrunkSection>& builder) {
    std::set<TrunkId> trunks;
    for (const std::string& name : trunk.codecs.bypass_with) {
      for (const std::string& one : config::trunks_of(config_, name)) {
        trunks.insert(TrunkId{static_cast<uint16_t>(ids_.trunks.take(one))});
      }
    }
    return builder.array<TrunkId>(std::vector(trunks.begin(), trunks.end()));
  }

  // How the peer is addressed. The port of a peer that is an outbound proxy is nothing to the
  // domain behind it.
  static void fill_peer(TrunkConfig& row, const config::Trunk& trunk,
                        SectionBuilder<TrunkSection>& builder) {
    if (trunk.registrar.is_used) {
      row.peer_host = builder.text(trunk.registrar.digest_realm);
    } else if (!trunk.peer_domain.empty()) {
      row.peer_host = builder.text(trunk.peer_domain);
      row.peer_port = contract::default_port(trunk.transport);
    } else {
      row.peer_host = builder.text(trunk.peer_host);
      row.peer_port = trunk.peers.front().endpoint.port;
    }
    std::vector<contract::Text> names;
    for (const config::Peer& peer : trunk.peers) {
      if (peer.is_name()) names.push_back(builder.text(peer.host));
    }
    row.peer_names = builder.array<contract::Text>(names);
  }

  struct Listener {
    Endpoint local;
    Transport transport;
    bool is_former = false;  // the trunk has moved elsewhere
  };
  struct Taken {
    const config::Trunk* trunk;  // whose the source is
    Standing standing;
    size_t row;
  };
  // Who may speak for the trunk there; a UDP listener stands in a list of its own.
  void add_listener(const config::Trunk& trunk, const Listener& listener,
                    std::vector<SourceConfig>& sources, std::vector<StreamListener>& streams) {
    add_sources(trunk, listener, sources);
    if (listener.transport == Transport::udp) return;
    streams.push_back({listener.local, listener.transport, 0, realm_id(trunk.realm)});
  }

  // Last, so that what the configuration says of an address and port counts. Only addresses that
  // are still ours can be listened at.
  void add_former(const std::vector<FormerListener>& former, std::vector<SourceConfig>& sources,
                  std::vector<Endpoint>& listeners, std::vector<StreamListener>& streams) {
    for (const FormerListener& one : former) {
      const config::Trunk* trunk = config::find_block(config_.trunks, one.trunk);
      const auto realm =
          std::find_if(config_.realms.begin(), config_.realms.end(),
                       [&](const config::Realm& r) { return r.address == one.local.address; });
      if (trunk == nullptr || realm == config_.realms.end()) continue;
      if (one.transport == Transport::tls && trunk->transport != Transport::tls) continue;
      add_sources(*trunk, {one.local, one.transport, true}, sources);
      if (one.transport == Transport::udp) {
        listeners.push_back(one.local);
      } else {
        streams.push_back({one.local, one.transport, 0, realm_id(realm->name)});
      }
    }
  }

  void add_sources(const config::Trunk& trunk, const Listener& listener,
                   std::vector<SourceConfig>& sources) {
    std::vector<config::Prefix> prefixes = trunk.sources;
    for (const config::Peer& peer : trunk.peers) {
      if (!peer.is_name()) prefixes.push_back({peer.endpoint.address, 128});
    }
    std::sort(prefixes.begin(), prefixes.end());
    prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
    for (const config::Prefix& prefix : prefixes) add_source(trunk, listener, prefix, sources);
  }

  void add_source(const config::Trunk& trunk, const Listener& listener,
                  const config::Prefix& prefix, std::vector<SourceConfig>& sources) {
    SourceConfig row;
    row.local = listener.local;
    row.transport = listener.transport;
    row.remote = prefix.address;
    row.prefix_length = prefix.length;
    row.trunk = trunk_id(trunk.name);
    if (trunk.registrar.is_used) row.use = contract::SourceUse::registers;
    // It can be another trunk's already where both have accounts with one peer, or DNS gave one
    // address for two names.
    Standing standing = listener.is_former ? Standing::moved : Standing::live;
    if (facts_.left.contains(trunk.name)) standing = Standing::left;
    const auto [found, is_new] =
        taken_.emplace(std::tuple(listener.local, listener.transport, prefix),
                       Taken{&trunk, standing, sources.size()});
    Taken& taken = found->second;
    if (is_new) {
      accounts_.note_own(trunk, standing);
      return sources.push_back(row);
    }
    if (taken.trunk == &trunk) return;
    Taken other{&trunk, standing, taken.row};
    // DNS is asked last, but what it says of a trunk that is there counts before one that left.
    if (standing == Standing::live && taken.standing != Standing::live) {
      std::swap(taken, other);
      sources[taken.row] = row;
      accounts_.note_own(trunk, standing);
      accounts_.note_lost(*other.trunk);
    }
    if (!is_shared(*taken.trunk, *other.trunk)) return;
    accounts_.add(*taken.trunk, *other.trunk, taken.row, other.standing);
  }

  static void sort(std::vector<SourceConfig>& sources) {
    std::sort(sources.begin(), sources.end(), [](const SourceConfig& a, const SourceConfig& b) {
      if (a.local != b.local) return a.local < b.local;
      if (a.transport != b.transport) return a.transport < b.transport;
      if (a.prefix_length != b.prefix_length) return a.prefix_length > b.prefix_length;
      if (a.remote != b.remote) return a.remote < b.remote;
      return a.remote_port < b.remote_port;
    });
  }

  template <class Row>
  static void sort_once(std::vector<Row>& rows) {
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  }

  // The addresses behind names are sources, too: who answers there may call from there.
  void add_targets(const config::Trunk& trunk, std::vector<SourceConfig>& sources) {
    const Endpoint local = local_of(trunk);
    const std::vector<dns::Choice> targets = targets_of(trunk, local.address.is_v4(), facts_);
    TargetRows once;
    TargetRows& rows = facts_.rows == nullptr ? once : *facts_.rows;
    const std::vector<Endpoint>& held = rows.assign(trunk.name, trunk.target_rows(), targets);
    const uint32_t first = first_target(trunk);
    const Endpoint registered_at =
        facts_.registered_at ? facts_.registered_at(trunk.name) : Endpoint();
    for (const dns::Choice& choice : targets) {
      const auto row = std::find(held.begin(), held.end(), choice.endpoint);
      if (row == held.end()) continue;
      link::TargetPlan plan;
      plan.id = TargetId{first + static_cast<uint32_t>(row - held.begin())};
      plan.target.endpoint = choice.endpoint;
      plan.target.trunk = trunk_id(trunk.name);
      plan.target.health = facts_.health ? facts_.health(trunk.name, choice.endpoint)
                                         : contract::TargetHealth::unknown;
      plan.priority = choice.priority;
      plan.target.priority = priority_of(choice, targets, registered_at);
      plan.target.weight = choice.weight;
      set_.targets.push_back(plan);
      if (!trunk.has_names()) continue;
      const config::Prefix source{choice.endpoint.address, 128};
      add_source(trunk, {local, trunk.transport}, source, sources);
      if (trunk.transport == Transport::udp && trunk.policy.large_over_tcp) {
        add_source(trunk, {local, Transport::tcp}, source, sources);
      }
    }
  }

  // What registered speaks for its trunk from there alone, port included. After all live ones those
  // that are over, so that a place that is another's by now stays that one's.
  void add_bound(const config::Trunk& trunk, bool is_over, std::vector<SourceConfig>& sources) {
    if (!trunk.registrar.is_used || !facts_.bound) return;
    const Endpoint local = local_of(trunk);
    for (const BoundPlace& place : facts_.bound(trunk.name)) {
      if (place.is_over != is_over) continue;
      for (const Endpoint& remote : {place.target, place.source}) {
        if (!bound_.emplace(local, trunk.transport, remote).second) continue;
        SourceConfig row;
        row.local = local;
        row.transport = trunk.transport;
        row.remote = remote.address;
        row.remote_port = remote.port;
        row.trunk = trunk_id(trunk.name);
        row.use = is_over ? contract::SourceUse::dialogs : contract::SourceUse::calls;
        sources.push_back(row);
      }
    }
  }

  // Of the targets that are there by now.
  contract::Array<contract::BindingConfig> bindings_of(SectionBuilder<TrunkSection>& builder) {
    std::vector<contract::BindingConfig> rows;
    for (const config::Trunk& trunk : config_.trunks) {
      if (!trunk.registrar.is_used || !facts_.bound) continue;
      for (const BoundPlace& place : facts_.bound(trunk.name)) {
        const auto target = std::find_if(set_.targets.begin(), set_.targets.end(),
                                         [&](const link::TargetPlan& plan) {
                                           return plan.target.trunk == trunk_id(trunk.name) &&
                                                  plan.target.endpoint == place.target;
                                         });
        if (place.is_over || target == set_.targets.end()) continue;
        const bool is_known = std::any_of(
            rows.begin(), rows.end(), [&](const auto& row) { return row.target == target->id; });
        if (is_known) continue;
        contract::BindingConfig& row = rows.emplace_back();
        row.target = target->id;
        row.host = builder.text(place.host);
        row.port = place.port;
        row.route = builder.text(place.route);
      }
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return contract::index_of(a.target) < contract::index_of(b.target);
    });
    return builder.array<contract::BindingConfig>(rows);
  }

  // Trunks and profiles are compiled and published together, so a row's place is its id.
  contract::TlsProfileId tls_id(const std::string& name) const {
    const config::Tls* tls = config::find_block(config_.tls, name);
    DEMARC_CHECK(tls != nullptr);
    return contract::TlsProfileId{static_cast<uint16_t>(tls - config_.tls.data())};
  }
  RealmId realm_id(const std::string& name) {
    return RealmId{static_cast<uint16_t>(ids_.realms.take(name))};
  }
  TrunkId trunk_id(const std::string& name) {
    return TrunkId{static_cast<uint16_t>(ids_.trunks.take(name))};
  }
  uint32_t first_target(const config::Trunk& trunk) {
    return ids_.targets.take_run(target_names(trunk.name, trunk.target_rows()));
  }
  Endpoint local_of(const config::Trunk& trunk) const {
    const config::Realm* realm = config::find_block(config_.realms, trunk.realm);
    DEMARC_CHECK(realm != nullptr);
    return {realm->address, trunk.port};
  }

  const config::Config& config_;
  const link::DataplaneView& view_;
  IdMap& ids_;
  const Facts& facts_;
  std::map<std::tuple<Endpoint, Transport, config::Prefix>, Taken> taken_;  // as (ours, theirs)
  SharedSources accounts_;
  std::set<std::tuple<Endpoint, Transport, Endpoint>> bound_;  // as (ours, theirs)
  std::vector<std::string> ports_;
  link::SectionSet set_;
};

}  // namespace

link::SectionSet compile(const config::Config& config, const link::DataplaneView& view, IdMap& ids,
                         const Facts& facts) {
  return Compiler(config, view, ids, facts).run();
}

std::string misfit(const config::Config& config, const link::DataplaneView& view, IdMap ids) {
  return Compiler(config, view, ids, {}).misfit();
}

}  // namespace demarc::trunks
