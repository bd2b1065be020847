#include "dataplane/contract/section.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>

#include "dataplane/contract/section_builder.h"
#include "dataplane/contract/snapshot.h"

namespace demarc::contract {
namespace {

using Blob = std::vector<std::byte>;

constexpr SectionBounds bounds = {1, 1, 2, 4, 4};

Blob make_platform(const std::function<void(PlatformSection&, NicPortConfig&)>& change = {}) {
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

Blob make_realms(const std::function<void(RealmSection&, RealmConfig&)>& change = {}) {
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
};

Blob make_trunks(const std::function<void(TrunkRows&)>& change = {}) {
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
  if (change) change(rows);
  CallPolicy& policy = rows.trunks[0].policy;
  if (policy.failover_codes.count == 0) policy.failover_codes = builder.array<uint16_t>(rows.codes);
  if (policy.cause_rules.count == 0) policy.cause_rules = builder.array<CauseRule>(rows.causes);
  if (policy.header_rules.count == 0) {
    policy.header_rules = builder.array<HeaderRule>(rows.rules);
  }
  builder.section().trunks = builder.array<TrunkConfig>(rows.trunks);
  builder.section().sources = builder.array<SourceConfig>(rows.sources);
  builder.section().listeners = builder.array<Endpoint>(rows.listeners);
  return builder.finish();
}

struct RouteRows {
  TrunkRoutes by_trunk[2];
  TrieNode nodes[2];
  RouteConfig route;
  TrunkId then[2] = {TrunkId{1}, TrunkId{0}};
};

Blob make_routes(const std::function<void(RouteRows&)>& change = {}) {
  SectionBuilder<RouteSection> builder(SectionKind::routes, 1);
  RouteRows rows;
  rows.by_trunk[1].root = 0xffffffff;
  rows.nodes[0].edges[4] = 1;
  rows.nodes[1].route = 0;
  rows.route.from = TrunkId{0};
  rows.route.to = TrunkId{1};
  rows.route.prefix = builder.text("4");
  if (change) change(rows);
  if (rows.route.then.count == 0) rows.route.then = builder.array<TrunkId>(rows.then);
  builder.section().by_trunk = builder.array<TrunkRoutes>(rows.by_trunk);
  builder.section().nodes = builder.array<TrieNode>(rows.nodes);
  builder.section().routes = builder.array<RouteConfig>(std::span(&rows.route, 1));
  return builder.finish();
}

Blob make_secrets(TrunkId trunk, Text password) {
  SectionBuilder<SecretSection> builder(SectionKind::secrets, 1);
  SecretConfig secret;
  secret.trunk = trunk;
  secret.user = builder.text("u");
  secret.password = password;
  builder.section().secrets = builder.array<SecretConfig>(std::span(&secret, 1));
  return builder.finish();
}

SectionError check(const Blob& blob) {
  return check_section(blob, bounds);
}

TEST(CheckSection, TakesWhatTheBuilderMakes) {
  EXPECT_EQ(check(make_platform()), SectionError::none);
  EXPECT_EQ(check(make_realms()), SectionError::none);
  EXPECT_EQ(check(make_trunks()), SectionError::none);
  EXPECT_EQ(check(make_routes()), SectionError::none);
  EXPECT_EQ(check(make_secrets(TrunkId{1}, {})), SectionError::none);
}

TEST(CheckSection, RefusesABadHeader) {
  const Blob good = make_realms();
  EXPECT_EQ(check({}), SectionError::too_short);
  for (size_t length : {size_t{1}, sizeof(SectionHeader) - 1, good.size() - 1}) {
    EXPECT_EQ(check(Blob(good.begin(), good.begin() + static_cast<ptrdiff_t>(length))),
              SectionError::too_short);
  }
  Blob longer = good;
  longer.push_back(std::byte{0});
  EXPECT_EQ(check(longer), SectionError::too_short);
  const auto with_header = [&](const std::function<void(SectionHeader&)>& change) {
    Blob blob = good;
    change(*reinterpret_cast<SectionHeader*>(blob.data()));
    return check(blob);
  };
  EXPECT_EQ(with_header([](SectionHeader& h) { h.magic ^= 1; }), SectionError::bad_magic);
  EXPECT_EQ(with_header([](SectionHeader& h) { h.layout = layout_version + 1; }),
            SectionError::unknown_layout);
  EXPECT_EQ(with_header([](SectionHeader& h) { h.layout = 0; }), SectionError::unknown_layout);
  EXPECT_EQ(with_header([](SectionHeader& h) { h.kind = SectionKind{99}; }),
            SectionError::unknown_kind);
  EXPECT_EQ(with_header([](SectionHeader& h) { h.kind = SectionKind{0}; }),
            SectionError::unknown_kind);
  // A header alone is too short for any kind.
  Blob header(good.begin(), good.begin() + sizeof(SectionHeader));
  reinterpret_cast<SectionHeader*>(header.data())->total_octets = header.size();
  EXPECT_EQ(check(header), SectionError::too_short);
}

TEST(CheckSection, RefusesPlatformValues) {
  using Change = std::function<void(PlatformSection&, NicPortConfig&)>;
  const Change changes[] = {
      [](auto& s, auto&) { s.workers = 0; },
      [](auto& s, auto&) { s.workers = 65; },
      [](auto& s, auto&) { s.idle = IdlePolicy{2}; },
      [](auto& s, auto&) { s.hugepages = Hugepages{3}; },
      [](auto& s, auto&) { s.calls_per_worker = 0; },
      [](auto& s, auto&) { s.transactions_per_worker = 3; },
      [](auto& s, auto&) { s.datagrams_per_worker = 1u << 27; },
      [](auto& s, auto&) { s.trunk_capacity = 65535; },
      [](auto& s, auto&) { s.target_capacity = 0; },
      [](auto& s, auto&) { s.record_ring_capacity = 100; },
      [](auto&, auto& p) { p.queues = 0; },
      [](auto&, auto& p) { p.mtu = 575; },
  };
  for (const Change& change : changes) {
    EXPECT_EQ(check(make_platform(change)), SectionError::bad_value) << (&change - changes);
  }
  EXPECT_EQ(check(make_platform([](auto& s, auto&) { s.cores.offset = 0xffffffff; })),
            SectionError::bad_array);
  EXPECT_EQ(check(make_platform([](auto&, auto& p) { p.device.length = 0xffffffff; })),
            SectionError::bad_array);
}

TEST(CheckSection, RefusesAPlatformWithoutPorts) {
  Blob blob = make_platform();
  reinterpret_cast<PlatformSection*>(blob.data())->ports = {};
  EXPECT_EQ(check(blob), SectionError::bad_value);
}

TEST(CheckSection, RefusesRealmValues) {
  using Change = std::function<void(RealmSection&, RealmConfig&)>;
  const Change changes[] = {
      [](auto&, auto& r) { r.address = {}; },
      [](auto&, auto& r) { r.advertised_address = IpAddress::v4(224, 0, 0, 1); },
      [](auto&, auto& r) { r.media_addresses.count = 0; },
      [](auto&, auto& r) { r.advertised_media_addresses.count = 0; },
      [](auto&, auto& r) { r.vlan = 4095; },
      [](auto&, auto& r) { r.media_port_low = 1022; },
      [](auto&, auto& r) { r.media_port_low = 16385; },
      [](auto&, auto& r) { r.media_port_high = 32766; },
      [](auto&, auto& r) { r.media_port_high = 16383; },
      [](auto&, auto& r) { r.media_dscp = 64; },
      [](auto&, auto& r) { r.signalling_dscp = 64; },
  };
  for (const Change& change : changes) {
    EXPECT_EQ(check(make_realms(change)), SectionError::bad_value) << (&change - changes);
  }
  EXPECT_EQ(check(make_realms([](auto&, auto& r) { r.port = NicPortId{1}; })),
            SectionError::bad_reference);
}

TEST(CheckSection, ARealmWithoutPortIsAnUnusedRow) {
  EXPECT_EQ(check(make_realms([](auto&, auto& r) {
              const Text name = r.name;
              r = RealmConfig();
              r.name = name;
            })),
            SectionError::none);
  EXPECT_EQ(check(make_realms([](auto&, auto& r) {
              r.port = NicPortId::none;
              r.name.length = 0xffffffff;
            })),
            SectionError::bad_array);
}

TEST(CheckSection, RefusesTrunkRows) {
  struct Case {
    std::function<void(TrunkRows&)> change;
    SectionError error;
  };
  const Case cases[] = {
      {[](auto& r) { r.trunks[1].realm = RealmId{1}; }, SectionError::bad_reference},
      {[](auto& r) { r.trunks[1].realm = RealmId::none; }, SectionError::bad_reference},
      {[](auto& r) { r.trunks[1].first_target = TargetId{4}; }, SectionError::bad_reference},
      {[](auto& r) { r.trunks[1].first_target = TargetId::none; }, SectionError::bad_reference},
      {[](auto& r) { r.trunks[0].target_count = 5; }, SectionError::bad_reference},
      {[](auto& r) { r.trunks[0].timer_t1_ms = 0; }, SectionError::bad_value},
      {[](auto& r) { r.trunks[0].timer_t2_ms = 499; }, SectionError::bad_value},
      {[](auto& r) { r.trunks[0].timer_t4_ms = 600001; }, SectionError::bad_value},
      {[](auto& r) { r.trunks[0].local_port = 0; }, SectionError::bad_value},
      {[](auto& r) {
         r.trunks[0].peer_host.offset = 0xfffffff0;
         r.trunks[0].peer_host.length = 100;
       },
       SectionError::bad_array},
      {[](auto& r) { r.sources[0].trunk = TrunkId{2}; }, SectionError::bad_reference},
      {[](auto& r) { r.sources[0].prefix_length = 129; }, SectionError::bad_value},
      {[](auto& r) { r.sources[0].prefix_length = 100; }, SectionError::out_of_order},
      {[](auto& r) { r.sources[0].local.port = 5061; }, SectionError::out_of_order},
      {[](auto& r) { r.listeners[0].port = 5099; }, SectionError::out_of_order},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(check(make_trunks(one.change)), one.error) << (&one - cases);
  }
  SectionBounds few = bounds;
  few.trunk_capacity = 1;
  EXPECT_EQ(check_section(make_trunks(), few), SectionError::bad_reference);
}

TEST(CheckSection, RefusesMoreTargetsThanATrunkMayHave) {
  SectionBounds many = bounds;
  many.target_capacity = 100;
  const auto with = [](uint16_t count) {
    return make_trunks([count](auto& r) { r.trunks[0].target_count = count; });
  };
  EXPECT_EQ(check_section(with(16), many), SectionError::none);
  EXPECT_EQ(check_section(with(17), many), SectionError::bad_value);
}

TEST(CheckSection, RefusesPolicyValues) {
  using Change = std::function<void(CallPolicy&)>;
  // Whatever octet stands where a bool should.
  const auto set_octet = [](bool& flag) { std::memset(&flag, 2, 1); };
  const Change values[] = {
      [](auto& p) { p.failover_ms = 600001; },
      [](auto& p) { p.progress = Progress{2}; },
      [](auto& p) { p.reliable_provisionals = Use{3}; },
      [](auto& p) { p.transfer = Transfer{3}; },
      [](auto& p) { p.history = CallHistory{3}; },
      [](auto& p) { p.min_se_s = 89; },
      [](auto& p) { p.min_se_s = p.session_expires_s + 1; },
      [](auto& p) { p.session_expires_s = 86401; },
      [](auto& p) { p.max_early_dialogs = 0; },
      [](auto& p) { p.max_early_dialogs = 256; },
      [&](auto& p) { set_octet(p.follow_redirects); },
      [&](auto& p) { set_octet(p.asks_session_timer); },
      [&](auto& p) { set_octet(p.passes_unknown_methods); },
      [&](auto& p) { set_octet(p.is_trusted); },
      [&](auto& p) { set_octet(p.keeps_identity); },
      [](auto& p) {
        p.contact_host = {0, 8};
      },  // the header's octets
      [](auto& p) {
        p.cause_rules = {0, 33};
      },
      [](auto& p) {
        p.header_rules = {0, 65};
      },
      [](auto& p) {
        p.failover_codes = {0, 65};
      },
  };
  for (const Change& change : values) {
    const Blob blob = make_trunks([&](auto& r) { change(r.trunks[0].policy); });
    Blob longer = blob;
    longer.resize(blob.size() + 8192);
    reinterpret_cast<SectionHeader*>(longer.data())->total_octets = longer.size();
    EXPECT_EQ(check(longer), SectionError::bad_value) << (&change - values);
  }
  const Change arrays[] = {
      [](auto& p) { p.contact_host.length = 0xffffffff; },
      [](auto& p) {
        p.failover_codes = {0xfffffff0, 2};
      },
      [](auto& p) {
        p.failover_codes = {1, 1};
      },
      [](auto& p) {
        p.cause_rules = {0xfffffff0, 2};
      },
      [](auto& p) {
        p.header_rules = {0xfffffff0, 2};
      },
      [](auto& p) {
        p.header_rules = {2, 1};
      },
  };
  for (const Change& change : arrays) {
    EXPECT_EQ(check(make_trunks([&](auto& r) { change(r.trunks[0].policy); })),
              SectionError::bad_array)
        << (&change - arrays);
  }
}

TEST(CheckSection, RefusesFailoverAndHeaderRules) {
  struct Case {
    std::function<void(TrunkRows&)> change;
    SectionError error;
  };
  const Case cases[] = {
      {[](auto& r) { r.codes[0] = 299; }, SectionError::bad_value},
      {[](auto& r) { r.codes[2] = 700; }, SectionError::bad_value},
      {[](auto& r) { r.codes[0] = 503; }, SectionError::out_of_order},
      {[](auto& r) { r.codes[0] = 504; }, SectionError::out_of_order},
      {[](auto& r) { r.causes[0].status_code = 399; }, SectionError::bad_value},
      {[](auto& r) { r.causes[0].status_code = 700; }, SectionError::bad_value},
      {[](auto& r) { r.causes[0].cause = 128; }, SectionError::bad_value},
      {[](auto& r) { r.causes[1].cause = 0; }, SectionError::bad_value},
      {[](auto& r) { r.causes[0].becomes = 399; }, SectionError::bad_value},
      {[](auto& r) { r.causes[0].becomes = 700; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].action = HeaderRule::Action{5}; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].side = HeaderRule::Side{2}; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].methods = 0x8000; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].name = {}; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].name = r.rules[1].name; }, SectionError::bad_value},  // copy to X-*
      {[](auto& r) { r.rules[1].name = r.rules[0].pattern; }, SectionError::bad_value},
      {[](auto& r) {
         r.rules[0].name = {0, 8};
       },
       SectionError::bad_value},
      {[](auto& r) { r.rules[0].source = {}; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].source = r.rules[1].name; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].value = r.rules[0].name; }, SectionError::bad_value},
      {[](auto& r) { r.rules[1].value = {}; }, SectionError::bad_value},
      {[](auto& r) {
         r.rules[1].value = {0, 8};
       },
       SectionError::bad_value},
      {[](auto& r) {
         r.rules[1].pattern = {0, 8};
       },
       SectionError::bad_value},
      {[](auto& r) { r.rules[1].source = r.rules[0].name; }, SectionError::bad_value},
      {[](auto& r) { r.rules[1].action = HeaderRule::Action::pass; }, SectionError::bad_value},
      {[](auto& r) { r.rules[0].name.length = 0xffffffff; }, SectionError::bad_array},
      {[](auto& r) { r.rules[0].pattern.offset = 0xffffffff; }, SectionError::bad_array},
      {[](auto& r) { r.rules[1].value.offset = 0xffffffff; }, SectionError::bad_array},
      {[](auto& r) { r.rules[0].source.offset = 0xffffffff; }, SectionError::bad_array},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(check(make_trunks(one.change)), one.error) << (&one - cases);
  }
}

TEST(CheckSection, RefusesARuleForAFieldThatIsOurs) {
  SectionBuilder<TrunkSection> builder(SectionKind::trunks, 1);
  for (const std::string_view name : {"Via", "contact", "X-Via"}) {
    HeaderRule rule;
    rule.name = builder.text(name);
    TrunkConfig trunk;
    trunk.realm = RealmId{0};
    trunk.policy.header_rules = builder.array<HeaderRule>(std::span(&rule, 1));
    builder.section().trunks = builder.array<TrunkConfig>(std::span(&trunk, 1));
    EXPECT_EQ(check(builder.finish()),
              name == "X-Via" ? SectionError::none : SectionError::bad_value)
        << name;
  }
}

TEST(CheckSection, RefusesRouteRows) {
  struct Case {
    std::function<void(RouteRows&)> change;
    SectionError error;
  };
  const Case cases[] = {
      {[](auto& r) { r.by_trunk[0].root = 2; }, SectionError::bad_reference},
      {[](auto& r) { r.nodes[1].edges[12] = 2; }, SectionError::bad_reference},
      {[](auto& r) { r.nodes[1].route = 1; }, SectionError::bad_reference},
      {[](auto& r) { r.route.from = TrunkId{2}; }, SectionError::bad_reference},
      {[](auto& r) { r.route.to = TrunkId::none; }, SectionError::bad_reference},
      {[](auto& r) { r.route.add.length = 0x7fffffff; }, SectionError::bad_array},
      {[](auto& r) { r.then[1] = TrunkId{2}; }, SectionError::bad_reference},
      {[](auto& r) { r.then[0] = TrunkId::none; }, SectionError::bad_reference},
      {[](auto& r) {
         r.route.then = {0xfffffff8, 2};
       },
       SectionError::bad_array},
      {[](auto& r) {
         r.route.then = {0, 16};
       },
       SectionError::bad_value},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(check(make_routes(one.change)), one.error) << (&one - cases);
  }
  SectionBounds more = bounds;
  more.trunks = 3;
  EXPECT_EQ(check_section(make_routes(), more), SectionError::bad_reference);
}

TEST(CheckSection, RefusesSecretRows) {
  EXPECT_EQ(check(make_secrets(TrunkId{2}, {})), SectionError::bad_reference);
  EXPECT_EQ(check(make_secrets(TrunkId{0}, {0, 0xffffffff})), SectionError::bad_array);
}

TEST(CheckSection, RefusesArraysThatLeaveTheSectionOrAreNotAligned) {
  Blob blob = make_realms();
  auto* section = reinterpret_cast<RealmSection*>(blob.data());
  const Array<RealmConfig> good = section->realms;
  for (const Array<RealmConfig> bad : {Array<RealmConfig>{good.offset, good.count + 1},
                                       {good.offset + 1, good.count},
                                       {0xfffffffc, 1},
                                       {good.offset, 0xffffffff}}) {
    section->realms = bad;
    EXPECT_EQ(check(blob), SectionError::bad_array);
  }
}

// Reads everything that a worker could read of a section that was found good.
uint64_t read_all(const Blob& octets) {
  uint64_t sum = 0;
  const auto add = [&](std::string_view value) {
    for (const char c : value) sum += static_cast<unsigned char>(c);
  };
  const auto* header = reinterpret_cast<const SectionHeader*>(octets.data());
  if (header->kind == SectionKind::realms) {
    const auto* section = reinterpret_cast<const RealmSection*>(header);
    for (const RealmConfig& row : elements(*header, section->realms)) {
      add(text(*header, row.name));
      if (row.port == NicPortId::none) continue;
      for (const IpAddress& address : elements(*header, row.media_addresses)) {
        sum += address.octets[15];
      }
    }
  } else if (header->kind == SectionKind::trunks) {
    const auto* section = reinterpret_cast<const TrunkSection*>(header);
    for (const TrunkConfig& row : elements(*header, section->trunks)) {
      add(text(*header, row.peer_host));
      if (row.realm == RealmId::none) continue;
      add(text(*header, row.policy.contact_host));
      for (const uint16_t code : elements(*header, row.policy.failover_codes)) sum += code;
      for (const CauseRule& rule : elements(*header, row.policy.cause_rules)) sum += rule.becomes;
      for (const HeaderRule& rule : elements(*header, row.policy.header_rules)) {
        for (const Text where : {rule.name, rule.pattern, rule.value, rule.source}) {
          add(text(*header, where));
        }
      }
    }
    for (const SourceConfig& row : elements(*header, section->sources)) {
      sum += elements(*header, section->trunks)[index_of(row.trunk)].local_port;
    }
    for (const Endpoint& row : elements(*header, section->listeners)) sum += row.port;
  } else if (header->kind == SectionKind::routes) {
    const auto* section = reinterpret_cast<const RouteSection*>(header);
    const auto nodes = elements(*header, section->nodes);
    for (const TrieNode& node : nodes) {
      for (const uint32_t edge : node.edges) sum += nodes[edge].route;
    }
    for (const RouteConfig& row : elements(*header, section->routes)) {
      add(text(*header, row.add));
      for (const TrunkId trunk : elements(*header, row.then)) sum += index_of(trunk);
    }
  }
  return sum;
}

// Under asan: a section that passes is read inside its own octets only.
TEST(CheckSection, MutatedSectionsAreNeverReadOutside) {
  constexpr unsigned seed = 20240502;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const Blob originals[] = {make_realms(), make_trunks(), make_routes(),
                            make_secrets(TrunkId{0}, {})};
  unsigned refused = 0;
  uint64_t sum = 0;
  for (unsigned round = 0; round < 40000; ++round) {
    Blob blob = originals[round % 4];
    for (unsigned change = 0; change <= round % 3; ++change) {
      // Beyond the magic and the layout, which end most mutations at once.
      blob[6 + random() % (blob.size() - 6)] = static_cast<std::byte>(random());
    }
    if (check(blob) == SectionError::none) {
      sum += read_all(blob);
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10000u);
  EXPECT_NE(sum, 0u);
}

TEST(SectionError, EachHasASpelling) {
  for (unsigned i = 0; i <= static_cast<unsigned>(SectionError::out_of_order); ++i) {
    EXPECT_NE(spelling(static_cast<SectionError>(i)), "unknown") << i;
  }
  EXPECT_EQ(spelling(SectionError{200}), "unknown");
}

TEST(Snapshot, FindsRowsByTheirIds) {
  const Blob realms = make_realms();
  const Blob trunks = make_trunks();
  Snapshot snapshot;
  snapshot.realms = reinterpret_cast<const RealmSection*>(realms.data());
  snapshot.trunks = reinterpret_cast<const TrunkSection*>(trunks.data());
  EXPECT_EQ(snapshot.realm(RealmId{0}).media_dscp, 46);
  EXPECT_EQ(snapshot.trunk(TrunkId{1}).first_target, TargetId{1});
  EXPECT_EQ(snapshot.trunk_name(TrunkId{1}), "acme");
  SnapshotCell cell;
  EXPECT_EQ(cell.load(), nullptr);
  cell.store(&snapshot);
  EXPECT_EQ(cell.load(), &snapshot);
}

}  // namespace
}  // namespace demarc::contract
