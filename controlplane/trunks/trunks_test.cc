#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <fstream>

#include "controlplane/runtime/files.h"
#include "controlplane/trunks/kept_ids.h"
#include "controlplane/trunks/platform.h"
#include "controlplane/trunks/trunks_harness.h"
#include "dataplane/number/digit_trie.h"

namespace demarc::trunks {
namespace {

TEST(Compile, MakesSectionsThatTheDataplaneTakes) {
  IdMap ids;
  const link::SectionSet set = compile(whole(), {}, ids);
  expect_sound(set);
  EXPECT_TRUE(set.refusal.empty());
  EXPECT_TRUE(set.needs_restart.empty());
}

TEST(Compile, TheSameConfigurationGivesTheSameOctets) {
  IdMap ids;
  const link::SectionSet first = compile(whole(), {}, ids);
  const link::SectionSet second = compile(whole(), {}, ids);
  EXPECT_EQ(first.blobs, second.blobs);
}

// A trunk whose peers register, and what is bound to it.
struct RegistrarCompile : testing::Test {
  RegistrarCompile() {
    facts.bound = [this](const std::string& trunk) {
      return trunk == "branch" ? places : std::vector<BoundPlace>();
    };
  }
  link::SectionSet compiled() {
    const std::string text =
        R"([port.wan]
device = "a"
[realm.outside]
port = "wan"
address = "198.51.100.10"
[trunk.branch]
realm = "outside"
registrar = true
sources = "198.51.100.64/26"
)";
    return compile(load(text), {}, ids, facts);
  }
  static BoundPlace place(std::string_view target, std::string_view source, uint16_t priority) {
    BoundPlace row;
    row.target = *contract::parse_endpoint(target, 0);
    row.source = *contract::parse_endpoint(source, 0);
    row.host = "10.0.0.5";
    row.port = 5070;
    row.priority = priority;
    return row;
  }
  IdMap ids;
  Facts facts;
  std::vector<BoundPlace> places;
};

TEST_F(RegistrarCompile, MayOnlyBeRegisteredWithAtFirst) {
  const link::SectionSet set = compiled();
  const contract::SectionBounds bounds = {1, set.realms, set.trunks, 256, 1024};
  EXPECT_EQ(contract::check_section(set.blob(SectionKind::trunks), bounds),
            contract::SectionError::none);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto sources = elements(section.header, section.sources);
  ASSERT_EQ(sources.size(), 1u);
  EXPECT_EQ(sources[0].use, contract::SourceUse::registers);
  EXPECT_EQ(elements(section.header, section.trunks)[0].takes_registers, 1);
  EXPECT_TRUE(set.targets.empty());
}

TEST_F(RegistrarCompile, WhatIsBoundIsSourceAndTarget) {
  places = {place("198.51.100.70:5060", "198.51.100.70:4000", 500),
            place("198.51.100.71:5060", "198.51.100.71:5060", 0),
            place("198.51.100.72:5060", "198.51.100.71:5060", 0)};
  places[0].route = "<sip:edge;lr>";
  places[2].is_over = true;
  const link::SectionSet set = compiled();
  const contract::SectionBounds bounds = {1, set.realms, set.trunks, 256, 1024};
  EXPECT_EQ(contract::check_section(set.blob(SectionKind::trunks), bounds),
            contract::SectionError::none);
  ASSERT_EQ(set.targets.size(), 2u);
  EXPECT_EQ(set.targets[0].target.priority, 500);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  std::string shown;
  for (const contract::SourceConfig& row : elements(section.header, section.sources)) {
    shown += std::string(contract::print(contract::Endpoint{row.remote, row.remote_port}).view());
    shown.append("/").append(std::to_string(row.prefix_length)).append(" ");
    shown.append(std::to_string(static_cast<int>(row.use))).append("\n");
  }
  EXPECT_EQ(shown,
            "198.51.100.70:4000/128 0\n198.51.100.70:5060/128 0\n198.51.100.71:5060/128 0\n"
            "198.51.100.72:5060/128 1\n198.51.100.64:0/122 2\n");
  const auto bindings = elements(section.header, section.bindings);
  ASSERT_EQ(bindings.size(), 2u);
  EXPECT_EQ(bindings[0].target, set.targets[0].id);
  EXPECT_EQ(text(section.header, bindings[0].host), "10.0.0.5");
  EXPECT_EQ(bindings[0].port, 5070);
  EXPECT_EQ(text(section.header, bindings[0].route), "<sip:edge;lr>");
}

TEST(Compile, FillsEveryFieldOfARealm) {
  IdMap ids;
  const link::SectionSet set = compile(whole(), {}, ids);
  const auto& section = as<contract::RealmSection>(set, SectionKind::realms);
  const auto rows = elements(section.header, section.realms);
  ASSERT_EQ(rows.size(), 2u);
  const contract::RealmConfig& row = rows[ids.realms.take("outside")];
  EXPECT_EQ(text(section.header, row.name), "outside");
  EXPECT_EQ(row.port, contract::NicPortId{1});  // ports are in the order of their names
  EXPECT_EQ(row.vlan, 7);
  EXPECT_EQ(row.address, contract::IpAddress::v4(198, 51, 100, 10));
  EXPECT_EQ(row.advertised_address, contract::IpAddress::v4(203, 0, 113, 5));
  const auto media = elements(section.header, row.media_addresses);
  const auto advertised = elements(section.header, row.advertised_media_addresses);
  ASSERT_EQ(media.size(), 2u);
  EXPECT_EQ(media[1], contract::IpAddress::v4(198, 51, 100, 12));
  EXPECT_EQ(advertised[1], contract::IpAddress::v4(203, 0, 113, 5));
  EXPECT_EQ(row.media_port_low, 16384);
  EXPECT_EQ(row.media_port_high, 32767);
  EXPECT_EQ(row.media_dscp, 46);
  EXPECT_EQ(row.signalling_dscp, 24);
}

TEST(Compile, FillsEveryFieldOfATrunkAndItsTarget) {
  IdMap ids;
  const link::SectionSet set = compile(whole(), {}, ids);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto rows = elements(section.header, section.trunks);
  const auto id = TrunkId{static_cast<uint16_t>(ids.trunks.take("acme"))};
  const contract::TrunkConfig& row = rows[contract::index_of(id)];
  EXPECT_EQ(text(section.header, row.name), "acme");
  EXPECT_EQ(text(section.header, row.tenant), "blue");
  EXPECT_EQ(contract::index_of(row.realm), ids.realms.take("outside"));
  EXPECT_EQ(row.local_port, 5060);
  EXPECT_EQ(text(section.header, row.peer_host), "198.51.100.20");
  EXPECT_EQ(row.peer_port, 5060);
  EXPECT_EQ(row.target_count, 1);
  EXPECT_EQ(row.max_calls, 30u);
  EXPECT_EQ(row.timer_t1_ms, 400u);
  EXPECT_EQ(row.timer_t2_ms, 3000u);
  EXPECT_EQ(row.timer_t4_ms, 4500u);
  EXPECT_EQ(row.no_response_timeout_ms, 8000u);
  EXPECT_EQ(row.ring_timeout_ms, 60000u);
  EXPECT_EQ(row.media_timeout_ms, 9000u);
  EXPECT_EQ(row.silent_peer, contract::SilentPeer::always);
  ASSERT_EQ(set.targets.size(), 2u);
  const link::TargetPlan& plan = set.targets[0];
  EXPECT_EQ(plan.id, row.first_target);
  EXPECT_EQ(plan.target.trunk, id);
  EXPECT_EQ(plan.target.endpoint.address, contract::IpAddress::v4(198, 51, 100, 20));
  EXPECT_EQ(plan.target.health, contract::TargetHealth::unknown);
}

TEST(Compile, SortsSourcesLongestPrefixFirstWithThePeerAmongThemOnce) {
  IdMap ids;
  const link::SectionSet set = compile(whole(), {}, ids);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto sources = elements(section.header, section.sources);
  ASSERT_EQ(sources.size(), 4u);
  EXPECT_EQ(sources[0].remote, contract::IpAddress::v4(10, 0, 0, 20));
  EXPECT_EQ(sources[0].local.port, 5080);
  EXPECT_EQ(sources[1].remote, contract::IpAddress::v4(198, 51, 100, 20));
  EXPECT_EQ(sources[1].remote_port, 0);
  EXPECT_EQ(sources[2].remote, contract::IpAddress::v4(198, 51, 100, 21));
  EXPECT_EQ(sources[3].prefix_length, 122);
  const auto listeners = elements(section.header, section.listeners);
  ASSERT_EQ(listeners.size(), 2u);
  EXPECT_EQ(listeners[1].address, contract::IpAddress::v4(198, 51, 100, 10));
}

TEST(Compile, StreamsHaveListenersOfTheirOwnAndTheirSources) {
  IdMap ids;
  config::Config config = whole();
  config.tls.resize(2);
  config.tls[0].name = "first";
  config.tls[1].name = "second";
  config.tls[1].files.certificate = "a certificate";
  config.tls[1].files.key.octets = "a key";
  config.tls[1].peer_names = {"sip.example.com", "sip2.example.com"};
  config.tls[1].ciphers = {"A", "B"};
  config.tls[1].verify = contract::TlsVerify::optional;
  for (config::Trunk& trunk : config.trunks) {
    trunk.transport = contract::Transport::tls;
    trunk.tls = "second";
    trunk.keepalive_s = 60;
    if (trunk.name == "acme") continue;
    trunk.transport = contract::Transport::udp;
    trunk.policy.large_over_tcp = true;
  }
  const link::SectionSet set = compile(config, {}, ids);
  expect_sound(set);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const contract::TrunkConfig& acme_row =
      elements(section.header, section.trunks)[ids.trunks.take("acme")];
  EXPECT_EQ(acme_row.transport, contract::Transport::tls);
  EXPECT_EQ(acme_row.tls, contract::TlsProfileId{1});
  EXPECT_EQ(acme_row.keepalive_s, 60u);
  // UDP is served where a trunk speaks it, TCP where it may be sent to besides.
  EXPECT_EQ(section.listeners.count, 1u);
  const auto streams = elements(section.header, section.stream_listeners);
  ASSERT_EQ(streams.size(), 2u);
  EXPECT_EQ(streams[0].transport, contract::Transport::tcp);
  EXPECT_EQ(streams[0].local.port, 5080);
  EXPECT_EQ(streams[1].transport, contract::Transport::tls);
  EXPECT_EQ(streams[1].realm, acme_row.realm);
  unsigned counts[3] = {};
  for (const contract::SourceConfig& source : elements(section.header, section.sources)) {
    ++counts[static_cast<unsigned>(source.transport)];
  }
  EXPECT_EQ(counts[0], 1u);
  EXPECT_EQ(counts[1], 1u);
  EXPECT_EQ(counts[2], 3u);
  const auto& secrets = as<contract::SecretSection>(set, SectionKind::secrets);
  const contract::TlsProfile& profile = elements(secrets.header, secrets.tls)[1];
  EXPECT_EQ(text(secrets.header, profile.name), "second");
  EXPECT_EQ(text(secrets.header, profile.certificate), "a certificate");
  EXPECT_EQ(text(secrets.header, profile.key), "a key");
  EXPECT_EQ(text(secrets.header, profile.ciphers), "A:B");
  EXPECT_EQ(profile.verify, contract::TlsVerify::optional);
  const auto names = elements(secrets.header, profile.peer_names);
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(text(secrets.header, names[1]), "sip2.example.com");
}

// What a worker does with a called number.
uint32_t look_up(const contract::RouteSection& section, TrunkId from, std::string_view number) {
  const number::Trie trie{elements(section.header, section.numbers.nodes),
                          elements(section.header, section.numbers.entries)};
  unsigned length = 0;
  return number::longest_match(
      trie, elements(section.header, section.by_trunk)[contract::index_of(from)].root, number,
      length);
}

TEST(Routes, TheLongestPrefixOfTheCallingTrunkWins) {
  IdMap ids;
  const link::SectionSet set = compile(whole(), {}, ids);
  const auto& section = as<contract::RouteSection>(set, SectionKind::routes);
  const auto from_pbx = TrunkId{static_cast<uint16_t>(ids.trunks.take("pbx"))};
  const auto from_acme = TrunkId{static_cast<uint16_t>(ids.trunks.take("acme"))};
  EXPECT_EQ(look_up(section, from_pbx, "123"), 0u);
  EXPECT_EQ(look_up(section, from_pbx, ""), 0u);
  EXPECT_EQ(look_up(section, from_pbx, "0"), 0u);
  EXPECT_EQ(look_up(section, from_pbx, "0033"), 1u);
  EXPECT_EQ(look_up(section, from_pbx, "00491"), 2u);
  EXPECT_EQ(look_up(section, from_acme, "+49*#7"), 3u);
  EXPECT_EQ(look_up(section, from_acme, "+49*"), contract::no_row);
  EXPECT_EQ(look_up(section, from_acme, "x"), 0xffffffff);
  const contract::RouteConfig& row = elements(section.header, section.routes)[1];
  EXPECT_EQ(row.strip, 2);
  EXPECT_EQ(text(section.header, row.add), "+");
  EXPECT_EQ(text(section.header, row.prefix), "00");
  EXPECT_EQ(row.line, 37);
}

TEST(Groups, WithALimitAreRowsOfTheirTrunks) {
  IdMap ids;
  const link::SectionSet set =
      compile(load(std::string(base) + std::string(acme) + std::string(pbx) + std::string(routes) +
                   "[group.free]\ntrunks = \"pbx\"\n"
                   "[group.all]\ntrunks = [\"pbx\", \"acme\"]\nmax_calls = 7\n"),
              {}, ids);
  expect_sound(set);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto groups = elements(section.header, section.groups);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(text(section.header, groups[0].name), "all");
  EXPECT_EQ(groups[0].max_calls, 7u);
  EXPECT_EQ(groups[0].trunks.count, 2u);
  for (const contract::TrunkConfig& row : elements(section.header, section.trunks)) {
    EXPECT_EQ(row.groups.count, 1u);
  }
}

TEST(Ids, StayWithTheirNamesAcrossReloads) {
  IdMap ids;
  const link::DataplaneView running = {false, {}};
  compile(whole(), {}, ids);
  const uint32_t pbx_id = ids.trunks.take("pbx");
  const link::SectionSet without =
      compile(load(std::string(base) + std::string(pbx)), running, ids);
  EXPECT_EQ(ids.trunks.take("pbx"), pbx_id);
  expect_sound(without);
  const link::SectionSet other =
      compile(load(std::string(base) + std::string(pbx) +
                   "[trunk.new]\nrealm = \"outside\"\npeer = \"198.51.100.99\"\n"),
              running, ids);
  expect_sound(other);
  EXPECT_EQ(ids.trunks.take("new"), 2u) << "the number of one that left is not given away";
  const auto& section = as<contract::TrunkSection>(other, SectionKind::trunks);
  EXPECT_EQ(elements(section.header, section.trunks)[ids.trunks.take("acme")].name.length, 0u);
}

TEST(Ids, ATrunkThatLeftKeepsAHole) {
  IdMap ids;
  compile(whole(), {}, ids);
  const uint32_t acme_id = ids.trunks.take("acme");
  const link::SectionSet set =
      compile(load(std::string(base) + std::string(pbx)), {false, {}}, ids);
  expect_sound(set);
  EXPECT_EQ(set.trunks, 2u);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto rows = elements(section.header, section.trunks);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[acme_id].realm, contract::RealmId::none);
  EXPECT_NE(rows[1 - acme_id].realm, contract::RealmId::none);
  EXPECT_EQ(as<contract::RouteSection>(set, SectionKind::routes).by_trunk.count, 2u);
}

TEST(Ids, RowsStayWhenEveryTrunkAndRealmLeft) {
  IdMap ids;
  compile(whole(), {}, ids);
  const link::SectionSet set =
      compile(load("[port.wan]\ndevice = \"a\"\n[port.lan]\ndevice = \"b\"\n"), {false, {}}, ids);
  expect_sound(set);
  const auto& trunks = as<contract::TrunkSection>(set, SectionKind::trunks);
  ASSERT_EQ(trunks.trunks.count, 2u);
  for (const contract::TrunkConfig& row : elements(trunks.header, trunks.trunks)) {
    EXPECT_EQ(row.realm, contract::RealmId::none);
  }
  EXPECT_EQ(trunks.sources.count, 0u);
  const auto& realms = as<contract::RealmSection>(set, SectionKind::realms);
  ASSERT_EQ(realms.realms.count, 2u);
  for (const contract::RealmConfig& row : elements(realms.header, realms.realms)) {
    EXPECT_EQ(row.port, contract::NicPortId::none);
  }
  const auto& routes_section = as<contract::RouteSection>(set, SectionKind::routes);
  ASSERT_EQ(routes_section.by_trunk.count, 2u);
  for (const contract::TrunkRoutes& row :
       elements(routes_section.header, routes_section.by_trunk)) {
    EXPECT_EQ(row.root, 0xffffffff);
  }
}

TEST(Ids, ARealmThatLeftKeepsAnUnusedRow) {
  IdMap ids;
  compile(whole(), {}, ids);
  const link::SectionSet set =
      compile(load("[port.wan]\ndevice = \"a\"\n[port.lan]\ndevice = \"b\"\n[realm.outside]\n"
                   "port = \"wan\"\naddress = \"198.51.100.10\"\n" +
                   std::string(acme)),
              {false, {}}, ids);
  expect_sound(set);
  const auto& section = as<contract::RealmSection>(set, SectionKind::realms);
  const auto rows = elements(section.header, section.realms);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].port, contract::NicPortId::none);
  EXPECT_EQ(text(section.header, rows[1].name), "outside");
}

TEST(Ids, OfWhatLeftAreFreeForAFreshDataplane) {
  IdMap ids;
  compile(whole(), {}, ids);
  const link::SectionSet set = compile(load(std::string(base) + std::string(pbx)), {true, {}}, ids);
  expect_sound(set);
  EXPECT_EQ(ids.trunks.all().size(), 1u);
  EXPECT_EQ(ids.trunks.take("new"), 0u);
}

TEST(Ids, AreReadBackFromTheirFile) {
  std::string directory = std::filesystem::temp_directory_path() / "demarc-ids-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string path = directory + "/ids.json";
  std::string complaint;
  EXPECT_EQ(IdMap::load(path, complaint), IdMap());
  EXPECT_EQ(complaint, "");
  IdMap ids;
  compile(whole(), {}, ids);
  ids.save(path);
  EXPECT_EQ(IdMap::load(path, complaint), ids);
  for (const char* broken :
       {"", "{", "[]", "{\"realms\":{\"a\":0,\"b\":0},\"trunks\":{},\"targets\":{}}",
        "{\"realms\":{\"a\":-1},\"trunks\":{},\"targets\":{}}",
        "{\"realms\":{\"a\":99999999},\"trunks\":{},\"targets\":{}}",
        "{\"realms\":{\"\":1},\"trunks\":{},\"targets\":{}}", "{\"realms\":{}}"}) {
    complaint.clear();
    std::ofstream(path, std::ios::trunc) << broken;
    EXPECT_EQ(IdMap::load(path, complaint), IdMap()) << broken;
    EXPECT_NE(complaint, "") << broken;
  }
  std::filesystem::remove_all(directory);
}

constexpr std::string_view third = R"([trunk.third]
realm = "inside"
peer = "10.0.0.30"
)";

TEST(KeptIds, ARefusedConfigurationUsesNoNumbersUp) {
  std::string directory = std::filesystem::temp_directory_path() / "demarc-ids-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string path = directory + "/ids.json";
  link::DataplaneView running = {false, {}, 2, 2};
  {
    KeptIds kept(path);
    ASSERT_EQ(compile(whole(), running, kept.tried()).refusal, "");
    kept.save();
    kept.settle(true);
    const IdMap in_use = kept.ids();
    const std::string more = std::string(base) + std::string(acme) + std::string(pbx);
    const link::SectionSet refused =
        compile(load(more + std::string(third)), running, kept.tried());
    EXPECT_NE(refused.refusal.find("trunk_capacity"), std::string::npos) << refused.refusal;
    EXPECT_NE(kept.ids(), in_use);
    kept.settle(false);
    EXPECT_EQ(kept.ids(), in_use);
    // The file put back as it was is taken again.
    const link::SectionSet reverted = compile(whole(), running, kept.tried());
    EXPECT_EQ(reverted.refusal, "");
    EXPECT_EQ(reverted.trunks, 2u);
    kept.settle(true);
    // Refused later, by the dataplane: the file must forget them, too.
    running.trunk_capacity = 3;
    running.target_capacity = 3;
    ASSERT_EQ(compile(load(more + std::string(third)), running, kept.tried()).refusal, "");
    kept.save();
    EXPECT_EQ(KeptIds(path).ids(), kept.ids());
    kept.settle(false);
  }
  const KeptIds read_back(path);
  EXPECT_EQ(read_back.ids().trunks.all().size(), 2u);
  EXPECT_EQ(read_back.ids().trunks.end(), 2u);
  std::filesystem::remove_all(directory);
}

TEST(KeptIds, AFailedSaveIsTriedAgain) {
  std::string directory = std::filesystem::temp_directory_path() / "demarc-ids-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string path = directory + "/below/ids.json";
  KeptIds kept(path);
  kept.tried().trunks.take("acme");
  kept.save();
  EXPECT_FALSE(std::filesystem::exists(path));
  runtime::make_directory(directory + "/below");
  kept.save();
  EXPECT_EQ(KeptIds(path).ids().trunks.end(), 1u);
  std::filesystem::remove_all(directory);
}

TEST(Compile, RefusesMoreTargetsThanTheRunningDataplaneHasRowsFor) {
  IdMap ids;
  const link::SectionSet set = compile(whole(), {false, {}, 2, 1}, ids);
  EXPECT_NE(set.refusal.find("target_capacity of 1"), std::string::npos) << set.refusal;
}

TEST(Ids, OfALargerPlatformAreGivenAnewToASmallerOne) {
  IdMap ids;
  ids.trunks.restore("pbx", 500);
  ids.targets.restore("pbx", 500);
  const link::SectionSet set = compile(load(std::string(base) + std::string(pbx)), {true, {}}, ids);
  expect_sound(set);
  EXPECT_EQ(set.trunks, 1u);
}

TEST(Facts, TheTargetWithTheRegistrationIsTriedFirst) {
  const auto at = [](std::string_view text) { return *contract::parse_endpoint(text, 5060); };
  const std::vector<dns::Choice> targets = {
      {at("192.0.2.1"), 10, 1}, {at("192.0.2.2"), 10, 3}, {at("192.0.2.3"), UINT16_MAX, 0}};
  const auto priorities = [&](const contract::Endpoint& registered_at) {
    std::vector<uint16_t> all;
    for (const dns::Choice& one : targets) all.push_back(priority_of(one, targets, registered_at));
    return all;
  };
  EXPECT_EQ(priorities({}), (std::vector<uint16_t>{10, 10, UINT16_MAX}));
  EXPECT_EQ(priorities(at("192.0.2.9")), (std::vector<uint16_t>{10, 10, UINT16_MAX}));
  EXPECT_EQ(priorities(at("192.0.2.2")), (std::vector<uint16_t>{11, 0, UINT16_MAX}));
  EXPECT_EQ(priorities(at("192.0.2.3")), (std::vector<uint16_t>{11, 11, 0}));
}

}  // namespace
}  // namespace demarc::trunks
