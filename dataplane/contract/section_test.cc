#include "dataplane/contract/section.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>

#include "dataplane/contract/section_harness.h"
#include "dataplane/contract/snapshot.h"

namespace demarc::contract {
namespace {

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
      [](auto& s, auto&) { s.limit_capacity = 0; },
      [](auto& s, auto&) { s.limit_capacity = max_limits + 1; },
      [](auto& s, auto&) { s.tone_detectors_per_worker = max_stream_parts + 1; },
      [](auto& s, auto&) { s.repacketizers_per_worker = max_stream_parts + 1; },
      [](auto& s, auto&) { s.media_addresses = 0; },
      [](auto& s, auto&) { s.media_addresses = 0x10000; },
      [](auto& s, auto&) { s.stream_threads = 0; },
      [](auto& s, auto&) { s.stream_threads = max_stream_threads + 1; },
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
      {[](auto& r) {
         r.trunks[0].peer_names = {0, 0x7fffffff};
       },
       SectionError::bad_array},
      {[](auto& r) { r.sources[0].trunk = TrunkId{2}; }, SectionError::bad_reference},
      {[](auto& r) { r.sources[0].prefix_length = 129; }, SectionError::bad_value},
      {[](auto& r) { r.sources[0].prefix_length = 100; }, SectionError::out_of_order},
      {[](auto& r) { r.sources[0].local.port = 5061; }, SectionError::out_of_order},
      {[](auto& r) { r.listeners[0].port = 5099; }, SectionError::out_of_order},
      {[](auto& r) { r.sources[0].transport = Transport{3}; }, SectionError::bad_value},
      {[](auto& r) { r.sources[0].transport = Transport::tcp; }, SectionError::out_of_order},
      {[](auto& r) { r.trunks[0].transport = Transport{3}; }, SectionError::bad_value},
      {[](auto& r) { r.trunks[0].transport = Transport::tls; }, SectionError::bad_reference},
      {[](auto& r) { r.streams[0].local.port = 5099; }, SectionError::out_of_order},
      {[](auto& r) { r.streams[1].transport = Transport::udp; }, SectionError::bad_value},
      {[](auto& r) { r.streams[1].realm = RealmId{1}; }, SectionError::bad_reference},
      {[](auto& r) { r.sources[0].use = SourceUse{3}; }, SectionError::bad_value},
      {[](auto& r) { r.trunks[0].takes_registers = 2; }, SectionError::bad_value},
      {[](auto& r) { r.bindings[0].target = TargetId{2}; }, SectionError::out_of_order},
      {[](auto& r) { r.bindings[1].target = TargetId{0xfffffff0}; }, SectionError::bad_reference},
      {[](auto& r) { r.bindings[1].host = {}; }, SectionError::bad_value},
      {[](auto& r) { r.bindings[1].port = 0; }, SectionError::bad_value},
      {[](auto& r) { r.group_of = 1; }, SectionError::bad_reference},
      {[](auto& r) { r.member = TrunkId{2}; }, SectionError::bad_reference},
      {[](auto& r) {
         r.group.trunks = {0, max_group_trunks + 1};
       },
       SectionError::bad_value},
      {[](auto& r) { r.group.name.length = 0x7fffffff; }, SectionError::bad_array},
      {[](auto& r) { r.group.burst = 0; }, SectionError::bad_value},
      {[](auto& r) { r.group.rate = 1; }, SectionError::bad_value},
      {[](auto& r) { r.group.meter = LimitId{0}; }, SectionError::bad_value},
      {[](auto& r) {
         r.group.rate = 1;
         r.group.meter = LimitId{4};
       },
       SectionError::bad_reference},
      {[](auto& r) { r.group.rate_in = 1; }, SectionError::bad_value},
      {[](auto& r) {
         r.group.rate_out = 1;
         r.group.meter_out = LimitId{4};
       },
       SectionError::bad_reference},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(check(make_trunks(one.change)), one.error) << (&one - cases);
  }
  SectionBounds few = bounds;
  few.trunk_capacity = 1;
  EXPECT_EQ(check_section(make_trunks(), few), SectionError::bad_reference);
}

TEST(CheckSection, RefusesAccountRows) {
  const auto error = [](const std::function<void(TrunkRows&)>& change) {
    return check(make_trunks(change));
  };
  EXPECT_EQ(error([](auto& r) { r.accounts[1].first = TrunkId{2}; }), SectionError::bad_reference);
  EXPECT_EQ(error([](auto& r) { r.accounts[0].trunk = TrunkId::none; }),
            SectionError::bad_reference);
  EXPECT_EQ(error([](auto& r) { r.accounts[0].name.offset = 0xfffffff0; }),
            SectionError::bad_array);
  EXPECT_EQ(error([](auto& r) { r.accounts[1].name = r.accounts[0].name; }),
            SectionError::bad_value);
  EXPECT_EQ(error([](auto& r) { std::swap(r.accounts[0], r.accounts[1]); }),
            SectionError::out_of_order);
  EXPECT_EQ(error([](auto& r) { r.accounts[0].first = TrunkId{1}; }), SectionError::out_of_order);
  EXPECT_EQ(error([](auto& r) { r.accounts[0] = r.accounts[1]; }), SectionError::none);
  EXPECT_EQ(error([](auto& r) { r.accounts[0].by = KnownBy{2}; }), SectionError::bad_value);
  EXPECT_EQ(error([](auto& r) { r.accounts[0].by = KnownBy::contact; }), SectionError::bad_value)
      << "which is not its user";
  const auto make_contact = [](auto& r, unsigned i) {
    r.accounts[i].by = KnownBy::contact;
    r.accounts[i].name = r.trunks[i].peer_contact;
  };
  EXPECT_EQ(error([&](auto& r) { make_contact(r, 0); }), SectionError::none);
  EXPECT_EQ(error([&](auto& r) { make_contact(r, 1); }), SectionError::out_of_order);
  EXPECT_EQ(error([&](auto& r) {
              make_contact(r, 0);
              r.accounts[0].name = r.trunks[0].peer_contact = {};
            }),
            SectionError::bad_value);
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

TEST(CheckSection, RefusesRouteRows) {
  struct Case {
    std::function<void(RouteRows&)> change;
    SectionError error;
  };
  const Case cases[] = {
      {[](auto& r) { r.by_trunk[0].root = 2; }, SectionError::bad_reference},
      {[](auto& r) { r.by_trunk[1].limited = 2; }, SectionError::bad_reference},
      {[](auto& r) { r.limit.burst = 0; }, SectionError::bad_value},
      {[](auto& r) { r.limit.prefix.length = 0x7fffffff; }, SectionError::bad_array},
      {[](auto& r) { r.nodes[0].children = 2; }, SectionError::bad_reference},
      {[](auto& r) { r.nodes[1].rank = 1; }, SectionError::bad_reference},
      {[](auto& r) { r.nodes[0].marks = node_is_wide; }, SectionError::bad_reference},
      {[](auto& r) { r.nodes[0].marks |= node_is_wide; }, SectionError::bad_value},
      {[](auto& r) { r.nodes[0].skip = max_skip + 1; }, SectionError::bad_value},
      {[](auto& r) { r.route.backup = 1; }, SectionError::bad_reference},
      {[](auto& r) { r.route.name.length = 0x7fffffff; }, SectionError::bad_array},
      {[](auto& r) { r.stages[1].trunk_count = 0; }, SectionError::bad_value},
      {[](auto& r) { r.stages[0].trunk_count = 3; }, SectionError::bad_value},
      {[](auto& r) { r.stages[0].order = HuntOrder{6}; }, SectionError::bad_value},
      {[](auto& r) { r.route.condition.zone = 1; }, SectionError::bad_reference},
      {[](auto& r) { r.route.condition.zone = no_row; }, SectionError::bad_reference},
      {[](auto& r) {
         r.route.condition.called_exceptions = {0, max_route_exceptions + 1};
       },
       SectionError::bad_value},
      {[](auto& r) { r.header.name = {}; }, SectionError::bad_value},
      {[](auto& r) { r.header.is_negated = 2; }, SectionError::bad_value},
      {[](auto& r) { r.hours.begin = r.hours.end; }, SectionError::bad_value},
      {[](auto& r) { r.hours.end = minutes_per_week + 1; }, SectionError::bad_value},
      {[](auto& r) { r.steps[0].offset_s = 24 * 3600; }, SectionError::bad_value},
      {[](auto& r) { r.steps[1].from_unix_s = 0; }, SectionError::out_of_order},
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
  SectionBounds fewer = bounds;
  fewer.limit_capacity = 0;
  EXPECT_EQ(check_section(make_routes(), fewer), SectionError::bad_reference);
}

TEST(CheckSection, RefusesTlsProfiles) {
  EXPECT_EQ(check(make_tls()), SectionError::none);
  struct Case {
    std::function<void(TlsProfile&)> change;
    SectionError error;
  };
  const Case cases[] = {
      {[](auto& p) { p.key.length = 0x7fffffff; }, SectionError::bad_array},
      {[](auto& p) { p.verify = TlsVerify{3}; }, SectionError::bad_value},
      {[](auto& p) { p.newest = TlsVersion{2}; }, SectionError::bad_value},
      {[](auto& p) {
         p.oldest = TlsVersion::tls_1_3;
         p.newest = TlsVersion::tls_1_2;
       },
       SectionError::bad_value},
      {[](auto& p) { p.peer_names.count = 17; }, SectionError::bad_array},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(check(make_tls(one.change)), one.error) << (&one - cases);
  }
}

TEST(CheckSection, ATlsTrunkNeedsItsProfile) {
  const Blob trunks = make_trunks([](auto& r) {
    r.trunks[0].transport = Transport::tls;
    r.trunks[0].tls = TlsProfileId{1};
  });
  SectionBounds known = bounds;
  EXPECT_EQ(check_section(trunks, known), SectionError::none);
  known.tls_profiles = 1;
  EXPECT_EQ(check_section(trunks, known), SectionError::bad_reference);
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
      for (const Text name : elements(*header, row.peer_names)) add(text(*header, name));
      add(text(*header, row.policy.contact_host));
      add(text(*header, row.policy.from_domain));
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
    const auto nodes = elements(*header, section->numbers.nodes);
    const auto entries = elements(*header, section->numbers.entries);
    for (const DigitNode& node : nodes) {
      if ((node.marks & node_edges) != 0) sum += nodes[node.children].skip;
      if ((node.marks & node_is_wide) != 0) sum += nodes[node.children + wide_children - 1].skip;
      if ((node.marks & node_has_entries) != 0) sum += entries[node.rank].rank;
    }
    for (const TimeZone& zone : elements(*header, section->zones)) {
      for (const ZoneStep& step : elements(*header, zone.steps)) {
        sum += static_cast<uint64_t>(step.from_unix_s);
      }
    }
    for (const RouteConfig& row : elements(*header, section->routes)) {
      add(text(*header, row.add));
      for (const TrunkId trunk : elements(*header, row.then)) sum += index_of(trunk);
      for (const RouteStage& stage : elements(*header, row.stages)) sum += stage.trunk_count;
      for (const WeekSpan& span : elements(*header, row.condition.hours)) sum += span.end;
      for (const uint32_t id : elements(*header, row.condition.called_exceptions)) sum += id;
      for (const HeaderCondition& one : elements(*header, row.condition.headers)) {
        add(text(*header, one.name));
      }
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
