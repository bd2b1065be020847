// Good sections of each kind for the tests of check_section(), and ways to spoil them.
#pragma once

#include <functional>
#include <vector>

#include "dataplane/contract/section_builder.h"

namespace demarc::contract {

using Blob = std::vector<std::byte>;

inline constexpr SectionBounds bounds = {1, 1, 2, 4, 4, 4};

inline Blob make_platform(
    const std::function<void(PlatformSection&, NicPortConfig&)>& change = {}) {
  SectionBuilder<PlatformSection> builder(SectionKind::platform, 1);
  NicPortConfig port;
  port.name = builder.text("wan");
  port.device = builder.text("net_null0");
  port.twin = builder.text("dm-wan");
  builder.section().cores = builder.text("2,3");
  if (change) change(builder.section(), port);
  builder.section().ports = builder.array<NicPortConfig>(std::span(&port, 1));
  return builder.finish();
}

inline Blob make_realms(const std::function<void(RealmSection&, RealmConfig&)>& change = {}) {
  SectionBuilder<RealmSection> builder(SectionKind::realms, 1);
  const IpAddress address = IpAddress::v4(192, 0, 2, 1);
  RealmConfig realm;
  realm.name = builder.text("outside");
  realm.port = NicPortId{0};
  realm.address = address;
  realm.advertised_address = address;
  realm.media_addresses = builder.array<IpAddress>(std::span(&address, 1));
  realm.advertised_media_addresses = builder.array<IpAddress>(std::span(&address, 1));
  if (change) change(builder.section(), realm);
  builder.section().realms = builder.array<RealmConfig>(std::span(&realm, 1));
  return builder.finish();
}

struct TrunkRows {
  TrunkConfig trunks[2];
  uint16_t codes[3] = {408, 503, 504};
  CauseRule causes[2] = {{486, 34, 503, 0}, {0, 41, 480, 0}};
  HeaderRule rules[2];
  SourceConfig sources[2];
  Endpoint listeners[2];
  StreamListener streams[2];
  BindingConfig bindings[2];
  AccountConfig accounts[2];
  TrunkGroup group;
  TrunkId member = TrunkId{1};
  uint32_t group_of = 0;
};

inline Blob make_trunks(const std::function<void(TrunkRows&)>& change = {}) {
  SectionBuilder<TrunkSection> builder(SectionKind::trunks, 1);
  TrunkRows rows;
  const Endpoint local = {IpAddress::v4(192, 0, 2, 1), 5060};
  for (unsigned i = 0; i < 2; ++i) {
    rows.trunks[i].name = builder.text("acme");
    rows.trunks[i].realm = RealmId{0};
    rows.trunks[i].first_target = TargetId{i};
    rows.trunks[i].target_count = 1;
    rows.sources[i].local = local;
    rows.sources[i].remote = IpAddress::v4(192, 0, 2, static_cast<uint8_t>(10 + i));
    rows.sources[i].trunk = TrunkId{static_cast<uint16_t>(i)};
    rows.listeners[i] = {local.address, static_cast<uint16_t>(5060 + i)};
    rows.streams[i] = {rows.listeners[i], Transport::tls, 0, RealmId{0}};
    rows.bindings[i].target = TargetId{i};
    rows.bindings[i].host = builder.text("192.0.2.77");
    rows.trunks[i].contact_user = builder.text(i == 0 ? "u1" : "u2");
    rows.accounts[i].first = TrunkId{0};
    rows.accounts[i].trunk = TrunkId{static_cast<uint16_t>(i)};
    rows.accounts[i].name = rows.trunks[i].contact_user;
    rows.trunks[i].peer_contact = builder.text(i == 0 ? "a.example" : "b.example");
  }
  rows.sources[1].prefix_length = 120;
  rows.rules[0].action = HeaderRule::Action::copy;
  rows.rules[0].methods = 0x7fff;
  rows.rules[0].name = builder.text("X-Number");
  rows.rules[0].source = builder.text("P-Asserted-Identity");
  rows.rules[0].pattern = builder.text("*@example.com*");
  rows.rules[1].action = HeaderRule::Action::replace;
  rows.rules[1].side = HeaderRule::Side::to_peer;
  rows.rules[1].name = builder.text("X-*");
  rows.rules[1].value = builder.text("none");
  rows.trunks[0].policy.contact_host = builder.text("sbc.example.com");
  rows.trunks[0].policy.from_domain = builder.text("[2001:db8::1]");
  if (change) change(rows);
  CallPolicy& policy = rows.trunks[0].policy;
  if (policy.failover_codes.count == 0) policy.failover_codes = builder.array<uint16_t>(rows.codes);
  if (policy.cause_rules.count == 0) policy.cause_rules = builder.array<CauseRule>(rows.causes);
  if (policy.header_rules.count == 0) {
    policy.header_rules = builder.array<HeaderRule>(rows.rules);
  }
  if (rows.group.trunks.count == 0) {
    rows.group.trunks = builder.array<TrunkId>(std::span(&rows.member, 1));
  }
  builder.section().groups = builder.array<TrunkGroup>(std::span(&rows.group, 1));
  rows.trunks[0].groups = builder.array<uint32_t>(std::span(&rows.group_of, 1));
  builder.section().trunks = builder.array<TrunkConfig>(rows.trunks);
  builder.section().sources = builder.array<SourceConfig>(rows.sources);
  builder.section().listeners = builder.array<Endpoint>(rows.listeners);
  builder.section().stream_listeners = builder.array<StreamListener>(rows.streams);
  builder.section().bindings = builder.array<BindingConfig>(rows.bindings);
  builder.section().accounts = builder.array<AccountConfig>(rows.accounts);
  return builder.finish();
}

struct RouteRows {
  TrunkRoutes by_trunk[2];
  DigitNode nodes[2];
  DigitEntry entry;
  TimeZone zone;
  ZoneStep steps[2] = {{0, 3600, 0}, {1000, 7200, 0}};
  HeaderCondition header;
  WeekSpan hours = {0, minutes_per_week};
  RouteStage stages[2] = {{2, HuntOrder::lowest_cost}, {1, HuntOrder::ordered}};
  uint32_t exceptions[1] = {0};
  RouteConfig route;
  TrunkId then[2] = {TrunkId{1}, TrunkId{0}};
  PrefixLimit limit;
};

inline Blob make_routes(const std::function<void(RouteRows&)>& change = {}) {
  SectionBuilder<RouteSection> builder(SectionKind::routes, 1);
  RouteRows rows;
  rows.by_trunk[0].root = 0;
  rows.nodes[0].marks = 1u << 4;
  rows.nodes[0].children = 1;
  rows.nodes[1].marks = node_has_entries;
  rows.entry.longest = static_cast<uint8_t>(max_number_length);
  rows.entry.is_last = 1;
  rows.zone.name = builder.text("Etc/UTC");
  rows.header.name = builder.text("X-Site");
  rows.route.condition.zone = 0;
  rows.route.from = TrunkId{0};
  rows.route.to = TrunkId{1};
  rows.route.prefix = builder.text("4");
  if (change) change(rows);
  if (rows.route.then.count == 0) rows.route.then = builder.array<TrunkId>(rows.then);
  if (rows.route.stages.count == 0) rows.route.stages = builder.array<RouteStage>(rows.stages);
  RouteCondition& condition = rows.route.condition;
  condition.hours = builder.array<WeekSpan>(std::span(&rows.hours, 1));
  condition.headers = builder.array<HeaderCondition>(std::span(&rows.header, 1));
  if (condition.called_exceptions.count == 0) {
    condition.called_exceptions = builder.array<uint32_t>(rows.exceptions);
  }
  if (rows.zone.steps.count == 0) rows.zone.steps = builder.array<ZoneStep>(rows.steps);
  builder.section().zones = builder.array<TimeZone>(std::span(&rows.zone, 1));
  builder.section().by_trunk = builder.array<TrunkRoutes>(rows.by_trunk);
  builder.section().numbers.nodes = builder.array<DigitNode>(rows.nodes);
  builder.section().numbers.entries = builder.array<DigitEntry>(std::span(&rows.entry, 1));
  builder.section().routes = builder.array<RouteConfig>(std::span(&rows.route, 1));
  builder.section().prefix_limits = builder.array<PrefixLimit>(std::span(&rows.limit, 1));
  return builder.finish();
}

inline Blob make_secrets(TrunkId trunk, Text password) {
  SectionBuilder<SecretSection> builder(SectionKind::secrets, 1);
  SecretConfig secret;
  secret.trunk = trunk;
  secret.user = builder.text("u");
  secret.password = password;
  builder.section().secrets = builder.array<SecretConfig>(std::span(&secret, 1));
  return builder.finish();
}

inline Blob make_tls(const std::function<void(TlsProfile&)>& change = {}) {
  SectionBuilder<SecretSection> builder(SectionKind::secrets, 1);
  TlsProfile profile;
  profile.name = builder.text("main");
  profile.key = builder.text("key");
  const Text names[] = {builder.text("sip.example.com")};
  profile.peer_names = builder.array<Text>(names);
  if (change) change(profile);
  builder.section().tls = builder.array<TlsProfile>(std::span(&profile, 1));
  return builder.finish();
}

inline SectionError check(const Blob& blob) {
  return check_section(blob, bounds);
}

}  // namespace demarc::contract
