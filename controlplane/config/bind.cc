#include "controlplane/config/bind.h"

#include <algorithm>
#include <bit>

#include "controlplane/config/bind_routes.h"
#include "controlplane/config/bound_value.h"
#include "controlplane/config/cause_rule.h"
#include "controlplane/config/host.h"
#include "controlplane/config/number_rules.h"
#include "controlplane/config/prefix_lists.h"
#include "controlplane/config/preset.h"
#include "controlplane/config/routing_tests.h"
#include "sip-parser/base/ascii.h"
#include "sip-parser/header_name.h"

namespace demarc::config {
namespace {

std::vector<contract::IpAddress> hosts(const Block& block, std::string_view field,
                                       Problems& problems) {
  std::vector<contract::IpAddress> addresses;
  for (const Prefix& prefix : block.get<std::vector<Prefix>>(field)) {
    if (prefix.length != 128) {
      problems.error(block.origin.of(field),
                     std::string(field) + ": expected addresses, got a network");
      continue;
    }
    addresses.push_back(prefix.address);
  }
  return addresses;
}

Platform bind_platform(const Block& block, Problems& problems) {
  Platform platform;
  platform.workers = number<uint16_t>(block, "workers");
  platform.cores = string(block, "cores");
  platform.idle =
      string(block, "idle") == "sleep" ? contract::IdlePolicy::sleep : contract::IdlePolicy::spin;
  const std::string& hugepages = string(block, "hugepages");
  platform.hugepages = hugepages == "yes"  ? contract::Hugepages::yes
                       : hugepages == "no" ? contract::Hugepages::no
                                           : contract::Hugepages::automatic;
  platform.memory_mb = number<uint32_t>(block, "memory_mb");
  platform.calls_per_worker = number<uint32_t>(block, "calls_per_worker");
  platform.transactions_per_worker = number<uint32_t>(block, "transactions_per_worker");
  platform.datagrams_per_worker = number<uint32_t>(block, "datagrams_per_worker");
  platform.tone_detectors_per_worker = number<uint32_t>(block, "tone_detectors_per_worker");
  platform.repacketizers_per_worker = number<uint32_t>(block, "repacketizers_per_worker");
  platform.trunk_capacity = number<uint32_t>(block, "trunk_capacity");
  platform.target_capacity = number<uint32_t>(block, "target_capacity");
  platform.limit_capacity = number<uint32_t>(block, "limit_capacity");
  platform.media_addresses = number<uint32_t>(block, "media_addresses");
  platform.stream_threads = number<uint32_t>(block, "stream_threads");
  platform.record_ring = std::bit_ceil(number<uint32_t>(block, "record_ring"));
  platform.spool_mb = number<uint32_t>(block, "spool_mb");
  platform.drain_seconds = number<uint32_t>(block, "drain_seconds");
  platform.dns_servers = hosts(block, "dns_servers", problems);
  platform.origin = block.origin;
  return platform;
}

NicPort bind_port(const Block& block) {
  NicPort port;
  port.name = block.name;
  port.device = string(block, "device");
  port.twin = block.is_written("twin") ? string(block, "twin") : "dm-" + block.name;
  port.queues = number<uint16_t>(block, "queues");
  port.mtu = number<uint16_t>(block, "mtu");
  port.origin = block.origin;
  return port;
}

Realm bind_realm(const Block& block, Problems& problems) {
  Realm realm;
  realm.name = block.name;
  realm.port = string(block, "port");
  realm.vlan = number<uint16_t>(block, "vlan");
  realm.address = block.get<contract::IpAddress>("address");
  const contract::IpAddress& advertise = block.get<contract::IpAddress>("advertise");
  realm.advertise = advertise.is_set() ? advertise : realm.address;
  realm.media = hosts(block, "media", problems);
  if (realm.media.empty()) realm.media = {realm.address};
  realm.advertise_media = hosts(block, "advertise_media", problems);
  if (realm.advertise_media.empty()) {
    realm.advertise_media =
        advertise.is_set() ? std::vector(realm.media.size(), advertise) : realm.media;
  }
  realm.media_ports = block.get<PortRange>("media_ports");
  realm.media_dscp = number<uint8_t>(block, "media_dscp");
  realm.signalling_dscp = number<uint8_t>(block, "signalling_dscp");
  realm.origin = block.origin;
  return realm;
}

// One that is wrong leaves a rule of zeros, so that the others keep their positions.
std::vector<contract::CauseRule> cause_rules(const Block& block, Problems& problems) {
  std::vector<contract::CauseRule> rules;
  for (const std::string& text : block.get<std::vector<std::string>>("cause_rules")) {
    contract::CauseRule& rule = rules.emplace_back();
    try {
      rule = parse_cause_rule(text);
    } catch (const ValueError& error) {
      problems.error(block.origin.of("cause_rules", rules.size() - 1),
                     std::string("cause_rules: ") + error.what());
    }
  }
  return rules;
}

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), ascii::to_lower);
  return text;
}

// A word that is none is left out, so that the others are still looked at.
std::vector<contract::FailoverTimeout> failover_timeouts(const Block& block, Problems& problems) {
  constexpr contract::FailoverTimeout all[] = {contract::FailoverTimeout::no_response,
                                               contract::FailoverTimeout::no_progress,
                                               contract::FailoverTimeout::no_answer};
  std::vector<contract::FailoverTimeout> timeouts;
  const auto& words = block.get<std::vector<std::string>>("failover_timeouts");
  for (size_t i = 0; i < words.size(); ++i) {
    const auto is_it = [&](contract::FailoverTimeout one) {
      return contract::spelling(one) == words[i];
    };
    const auto* known = std::find_if(std::begin(all), std::end(all), is_it);
    const Position at = block.origin.of("failover_timeouts", i);
    const std::string what = "failover_timeouts: \"" + words[i] + "\"";
    if (known == std::end(all)) {
      problems.error(at, what + " is none of \"no_response\", \"no_progress\" and \"no_answer\"");
    } else if (std::find(timeouts.begin(), timeouts.end(), *known) != timeouts.end()) {
      problems.error(at, what + " stands twice");
    } else {
      timeouts.push_back(*known);
    }
  }
  return timeouts;
}

Policy bind_policy(const Block& block, Problems& problems) {
  Policy policy;
  policy.failover_ms = number<uint32_t>(block, "failover_ms");
  for (const int64_t code : block.get<std::vector<int64_t>>("failover_codes")) {
    policy.failover_codes.push_back(static_cast<uint16_t>(code));
  }
  policy.failover_timeouts = failover_timeouts(block, problems);
  policy.cause_rules = cause_rules(block, problems);
  policy.progress = choice<contract::Progress>(block, "progress");
  policy.redirects = choice<contract::Redirects>(block, "redirects");
  policy.reliable_provisionals = choice<contract::Use>(block, "reliable_provisionals");
  policy.session_timer = block.get<bool>("session_timer");
  policy.session_expires_s = number<uint32_t>(block, "session_expires_s");
  policy.min_se_s = number<uint32_t>(block, "min_se_s");
  policy.max_early_dialogs = number<uint16_t>(block, "max_early_dialogs");
  policy.transfer = choice<contract::Transfer>(block, "transfer");
  const bool is_replaced_by_default =
      !block.is_written("replaces") && contract::may_handle(policy.transfer);
  policy.replaces = block.get<bool>("replaces") || is_replaced_by_default;
  policy.passes_unknown_methods = block.get<bool>("passes_unknown_methods");
  policy.trusted = block.get<bool>("trusted");
  policy.keeps_identity = block.get<bool>("keeps_identity");
  policy.call_history = choice<contract::CallHistory>(block, "call_history");
  policy.passes_location = block.get<bool>("passes_location");
  policy.contact_host = string(block, "contact_host");
  policy.from_domain = uri_host(string(block, "from_domain"));
  policy.accepts_sips = string(block, "sips") == "accepted";
  policy.user_is_phone = block.get<bool>("user_phone");
  policy.needs_offer = block.get<std::string>("delayed_offer") != "passed";
  policy.makes_offer = block.get<std::string>("delayed_offer") == "made";
  policy.large_over_tcp = block.get<bool>("large_over_tcp");
  policy.takes_alias = block.get<bool>("reuse_connections");
  policy.closes_on_503 = block.get<bool>("close_on_503");
  return policy;
}

// A name that is none is left out, so that the others are still looked at.
Srtp bind_srtp(const Block& block, Problems& problems) {
  Srtp srtp;
  srtp.use = choice<contract::SrtpUse>(block, "srtp");
  const auto& names = block.get<std::vector<std::string>>("srtp_suites");
  for (size_t i = 0; i < names.size(); ++i) {
    unsigned suite = 0;
    while (suite < contract::srtp_suite_count &&
           contract::spelling(static_cast<contract::SrtpSuite>(suite)) != names[i]) {
      ++suite;
    }
    const auto known = static_cast<contract::SrtpSuite>(suite);
    if (suite == contract::srtp_suite_count) {
      problems.error(block.origin.of("srtp_suites", i),
                     "srtp_suites: \"" + names[i] + "\" is no suite of SRTP that is known here");
    } else if (std::find(srtp.suites.begin(), srtp.suites.end(), known) != srtp.suites.end()) {
      problems.error(block.origin.of("srtp_suites", i),
                     "srtp_suites: " + names[i] + " stands twice");
    } else {
      srtp.suites.push_back(known);
    }
  }
  return srtp;
}

MediaSources bind_media_sources(const Block& block) {
  MediaSources sources;
  sources.media_source = choice<contract::SourcePolicy::Mode>(block, "media_source");
  sources.media_sources = block.get<std::vector<Prefix>>("media_sources");
  sources.latch_packets = number<uint8_t>(block, "latch_packets");
  sources.latch_window_ms = number<uint32_t>(block, "latch_window_ms");
  return sources;
}

Codecs bind_codecs(const Block& block) {
  Codecs codecs;
  codecs.codecs = block.get<std::vector<std::string>>("codecs");
  codecs.add_codecs = block.get<std::vector<std::string>>("add_codecs");
  codecs.ptime_ms = number<uint8_t>(block, "ptime_ms");
  codecs.comfort_noise = block.get<bool>("comfort_noise");
  codecs.fill_silence = block.get<bool>("fill_silence");
  codecs.dtmf = choice<contract::Dtmf>(block, "dtmf");
  codecs.dtmf_payload_type = number<uint8_t>(block, "dtmf_payload_type");
  codecs.media = choice<contract::MediaWay>(block, "media");
  codecs.bypass_with = block.get<std::vector<std::string>>("bypass_with");
  codecs.rtcp = choice<contract::RtcpWay>(block, "rtcp");
  const auto dscp = number<uint8_t>(block, "media_dscp");
  codecs.media_dscp = dscp <= 63 ? dscp : contract::realm_dscp;
  return codecs;
}

Probe bind_probe(const Block& block) {
  Probe probe;
  probe.interval_s = number<uint32_t>(block, "probe_interval_s");
  probe.timeout_ms = number<uint32_t>(block, "probe_timeout_ms");
  probe.failures = number<uint32_t>(block, "probe_failures");
  probe.successes = number<uint32_t>(block, "probe_successes");
  probe.is_always = block.get<bool>("probe_always");
  probe.peer_interval_s = number<uint32_t>(block, "peer_probe_interval_s");
  return probe;
}

Account bind_account(const Block& block) {
  Account account;
  account.is_registered = block.get<bool>("register");
  account.user = string(block, "user");
  account.password = string(block, "password");
  account.aor = string(block, "aor");
  account.expires_s = number<uint32_t>(block, "expires_s");
  account.allows_md5 = block.get<bool>("allows_md5");
  account.is_taken_away = block.get<bool>("unregister");
  account.is_bulk = block.get<bool>("register_numbers");
  return account;
}

Registrar bind_registrar(const Block& block) {
  Registrar registrar;
  registrar.is_used = block.get<bool>("registrar");
  registrar.digest_realm = string(block, "registrar_realm");
  registrar.digest = choice<Registrar::Digest>(block, "registrar_digest");
  registrar.expires_s = number<uint32_t>(block, "registrar_expires_s");
  registrar.min_s = number<uint32_t>(block, "registrar_min_s");
  registrar.max_s = number<uint32_t>(block, "registrar_max_s");
  registrar.max_bindings = number<unsigned>(block, "max_bindings");
  registrar.is_behind_nat = block.get<bool>("registrar_nat");
  return registrar;
}

User bind_user(const Block& block) {
  User user;
  user.name = block.name;
  user.trunk = string(block, "trunk");
  user.user = string(block, "name").empty() ? block.name : string(block, "name");
  user.password = string(block, "password");
  user.origin = block.origin;
  return user;
}

contract::TrunkLimits bind_limits(const Block& block) {
  contract::TrunkLimits limits;
  limits.calls_in = number<uint32_t>(block, "max_calls_in");
  limits.calls_out = number<uint32_t>(block, "max_calls_out");
  limits.rate_in = number<uint32_t>(block, "calls_per_second_in");
  limits.rate_out = number<uint32_t>(block, "calls_per_second_out");
  limits.kbps = number<uint32_t>(block, "bandwidth_kbps");
  limits.burst = number<uint32_t>(block, "call_burst");
  limits.status_code = number<uint16_t>(block, "limit_status");
  limits.retry_after_s = number<uint16_t>(block, "limit_retry_after_s");
  return limits;
}

Trunk bind_trunk(const Block& block, Problems& problems) {
  Trunk trunk;
  trunk.name = block.name;
  trunk.realm = string(block, "realm");
  const auto& peers = block.get<std::vector<Peer>>("peer");
  trunk.preset = string(block, "preset");
  trunk.transport = choice<contract::Transport>(block, "transport");
  trunk.tls = string(block, "tls");
  const DefaultPorts ports = default_ports(block, trunk.transport);
  if (!peers.empty()) trunk.peer_host = peers.front().host;
  for (const Peer& peer : peers) {
    trunk.peers.push_back(peer);
    if (!peer.has_port) trunk.peers.back().endpoint.port = ports.peer;
  }
  trunk.peer_domain = uri_host(string(block, "peer_domain"));
  trunk.peer_contact = in_lower_case(uri_host(string(block, "peer_contact")));
  trunk.state = choice<contract::TrunkState>(block, "state");
  trunk.port = block.is_written("port") ? number<uint16_t>(block, "port") : ports.own;
  trunk.sources = block.get<std::vector<Prefix>>("sources");
  trunk.tenant = string(block, "tenant");
  trunk.max_calls = number<uint32_t>(block, "max_calls");
  trunk.limits = bind_limits(block);
  trunk.t1_ms = number<uint32_t>(block, "t1_ms");
  trunk.t2_ms = number<uint32_t>(block, "t2_ms");
  trunk.t4_ms = number<uint32_t>(block, "t4_ms");
  trunk.no_response_ms = number<uint32_t>(block, "no_response_ms");
  trunk.ring_timeout_ms = number<uint32_t>(block, "ring_timeout_ms");
  trunk.media_timeout_ms = number<uint32_t>(block, "media_timeout_ms");
  trunk.media_timeout_alone = choice<contract::SilentPeer>(block, "media_timeout_alone");
  trunk.keepalive_s = number<uint32_t>(block, "keepalive_s");
  trunk.probe = bind_probe(block);
  trunk.account = bind_account(block);
  trunk.registrar = bind_registrar(block);
  trunk.policy = bind_policy(block, problems);
  trunk.srtp = bind_srtp(block, problems);
  trunk.sources_of_media = bind_media_sources(block);
  trunk.codecs = bind_codecs(block);
  trunk.numbers = bind_numbers(block, problems);
  trunk.usages = block.get<std::vector<std::string>>("usages");
  trunk.costs = string(block, "costs");
  trunk.origin = block.origin;
  return trunk;
}

Tls bind_tls(const Block& block) {
  Tls tls;
  tls.name = block.name;
  tls.certificate = string(block, "certificate");
  tls.key = string(block, "key");
  tls.ca = string(block, "ca");
  tls.crl = string(block, "crl");
  tls.ocsp_staple = string(block, "ocsp_staple");
  tls.verify = choice<contract::TlsVerify>(block, "verify");
  tls.peer_names = block.get<std::vector<std::string>>("peer_names");
  tls.takes_wildcards = block.get<bool>("wildcards");
  tls.server_name = string(block, "server_name");
  tls.oldest = choice<contract::TlsVersion>(block, "oldest");
  tls.newest = choice<contract::TlsVersion>(block, "newest");
  tls.ciphers = block.get<std::vector<std::string>>("ciphers");
  tls.has_tickets = block.get<bool>("tickets");
  tls.origin = block.origin;
  return tls;
}

// Compact forms and any case become the long form, so that rules compare with one spelling.
std::string long_form(const std::string& name) {
  const std::string_view known = sip::spelling(sip::header_name(name));
  return known.empty() ? name : std::string(known);
}

HeaderRule bind_header(const Block& block) {
  HeaderRule rule;
  rule.trunk = string(block, "trunk");
  rule.side = choice<contract::HeaderRule::Side>(block, "side");
  rule.action = choice<contract::HeaderRule::Action>(block, "action");
  rule.name = long_form(string(block, "name"));
  rule.pattern = string(block, "pattern");
  rule.value = string(block, "value");
  rule.source = long_form(string(block, "source"));
  rule.methods = block.get<std::vector<std::string>>("methods");
  rule.origin = block.origin;
  return rule;
}

}  // namespace

Config bind(Tree& tree, Problems& problems) {
  Config config;
  config.platform = bind_platform(tree.of("platform").front(), problems);
  for (Block& block : tree.blocks["trunk"]) apply_preset(block);
  for (const Block& block : tree.of("port")) config.ports.push_back(bind_port(block));
  for (const Block& block : tree.of("realm")) config.realms.push_back(bind_realm(block, problems));
  for (const Block& block : tree.of("trunk")) config.trunks.push_back(bind_trunk(block, problems));
  for (const Block& block : tree.of("tls")) config.tls.push_back(bind_tls(block));
  for (const Block& block : tree.of("user")) config.users.push_back(bind_user(block));
  for (const Block& block : tree.of("table")) config.tables.push_back(bind_table(block));
  for (const Block& block : tree.of("costs")) config.costs.push_back(bind_costs(block));
  for (const Block& block : tree.of("prefixes")) {
    config.prefix_lists.push_back(bind_prefix_list(block));
  }
  for (const Block& block : tree.of("group")) config.groups.push_back(bind_group(block));
  for (const Block& block : tree.of("prefix_limit")) {
    config.prefix_limits.push_back(bind_prefix_limit(block));
  }
  for (const Block& block : tree.of("route")) {
    config.routes.push_back(bind_route(block, problems));
  }
  for (const Block& block : tree.of("header")) config.headers.push_back(bind_header(block));
  for (const Block& block : tree.of("test")) {
    config.tests.push_back(bind_routing_test(block, problems));
  }
  return config;
}

}  // namespace demarc::config
