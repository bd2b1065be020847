// Several peers of a trunk, several trunks of a route, and how a trunk's calls are handled.
#include <gtest/gtest.h>

#include <set>

#include "controlplane/trunks/ids.h"
#include "controlplane/trunks/trunks_harness.h"

namespace demarc::trunks {
namespace {

constexpr std::string_view many_peers = R"([trunk.acme]
realm = "outside"
peer = ["198.51.100.22:5070", "198.51.100.21", "198.51.100.22"]
)";

TEST(Compile, GivesEachPeerARowInOrderAndMakesItsAddressASource) {
  IdMap ids;
  const link::SectionSet set =
      compile(load(std::string(base) + std::string(many_peers) + std::string(pbx)), {}, ids);
  expect_sound(set);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto id = TrunkId{static_cast<uint16_t>(ids.trunks.take("acme"))};
  const contract::TrunkConfig& row =
      elements(section.header, section.trunks)[contract::index_of(id)];
  EXPECT_EQ(text(section.header, row.peer_host), "198.51.100.22");
  EXPECT_EQ(row.peer_port, 5070);
  ASSERT_EQ(row.target_count, 3);
  ASSERT_EQ(set.targets.size(), 4u);
  for (uint16_t i = 0; i < 3; ++i) {
    const link::TargetPlan& plan = set.targets[i];
    EXPECT_EQ(contract::index_of(plan.id), contract::index_of(row.first_target) + i);
    EXPECT_EQ(plan.target.priority, i);
    EXPECT_EQ(plan.target.trunk, id);
  }
  EXPECT_EQ(set.targets[0].target.endpoint.port, 5070);
  EXPECT_EQ(set.targets[1].target.endpoint.address, contract::IpAddress::v4(198, 51, 100, 21));
  const auto sources = elements(section.header, section.sources);
  ASSERT_EQ(sources.size(), 3u) << "one address twice is one source";
  EXPECT_EQ(sources[1].remote, contract::IpAddress::v4(198, 51, 100, 21));
  EXPECT_EQ(sources[2].remote, contract::IpAddress::v4(198, 51, 100, 22));
}

contract::TrunkConfig acme_of(const link::SectionSet& set, IdMap& ids) {
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  return elements(section.header, section.trunks)[ids.trunks.take("acme")];
}

// Its port is that of the domain, whatever the port of the outbound proxy is.
TEST(Compile, ADomainOfThePeerStandsForItInUrisAlone) {
  IdMap ids;
  std::string fields(many_peers);
  fields += "peer_domain = \"ims.example\"\nfrom_domain = \"2001:db8::1\"\n";
  link::SectionSet set = compile(load(std::string(base) + fields + std::string(pbx)), {}, ids);
  expect_sound(set);
  const auto& header = as<contract::TrunkSection>(set, SectionKind::trunks).header;
  EXPECT_EQ(text(header, acme_of(set, ids).peer_host), "ims.example");
  EXPECT_EQ(text(header, acme_of(set, ids).policy.from_domain), "[2001:db8::1]");
  EXPECT_EQ(acme_of(set, ids).peer_port, 5060);
  EXPECT_EQ(contract::print(set.targets[0].target.endpoint).view(), "198.51.100.22:5070");
  config::Config config = load(std::string(base) + fields + std::string(pbx));
  config.tls.resize(1);
  config.tls[0].name = config.trunks[0].tls = "main";
  config.trunks[0].transport = contract::Transport::tls;
  set = compile(config, {}, ids);
  EXPECT_EQ(acme_of(set, ids).peer_port, 5061);
}

TEST(Ids, AListOfPeersThatGrowsTakesRowsOfItsOwn) {
  IdMap ids;
  const link::DataplaneView running = {false, {}};
  const auto rows_of = [&](std::string_view peers) {
    const link::SectionSet set = compile(
        load(std::string(base) + "[trunk.acme]\nrealm = \"outside\"\npeer = " + std::string(peers) +
             "\n" + std::string(pbx)),
        running, ids);
    EXPECT_EQ(set.refusal, "");
    std::vector<uint32_t> rows;
    for (const link::TargetPlan& plan : set.targets) rows.push_back(contract::index_of(plan.id));
    return rows;
  };
  const std::string_view one = "\"198.51.100.20\"";
  const std::string_view two = "[\"198.51.100.20\", \"198.51.100.21\"]";
  EXPECT_EQ(rows_of(one), (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(rows_of(two), (std::vector<uint32_t>{2, 3, 1}));
  EXPECT_EQ(rows_of(one), (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(rows_of(two), (std::vector<uint32_t>{2, 3, 1}));
  // A fresh dataplane starts without holes.
  compile(load(std::string(base) + std::string(many_peers)), {true, {}}, ids);
  EXPECT_EQ(ids.targets.end(), 3u);
}

constexpr std::string_view by_name = R"([port.wan]
device = "a"
[realm.outside]
port = "wan"
address = "198.51.100.10"
[trunk.acme]
realm = "outside"
peer = ["sip.acme.example", "198.51.100.20"]
register = true
user = "u1"
password = "pw1"
allows_md5 = false
[trunk.other]
realm = "outside"
peer = "198.51.100.30"
)";

// What DNS says is an argument.
struct Names : testing::Test {
  Names() {
    facts.choices = [this](const dns::Host& host) {
      EXPECT_EQ(host, (dns::Host{"sip.acme.example", 0, true}));
      return choices;
    };
    facts.service_route = [](const std::string& trunk) {
      return trunk == "acme" ? std::string("<sip:edge;lr>") : std::string();
    };
    facts.rows = &rows;
  }
  static dns::Choice choice(std::string_view address, uint16_t priority, uint16_t weight = 0) {
    return {*contract::parse_endpoint(address, 5060), priority, weight};
  }
  link::SectionSet made() { return compile(load(std::string(by_name)), {false, {}}, ids, facts); }
  static std::string targets(const link::SectionSet& set) {
    std::string text;
    for (const link::TargetPlan& plan : set.targets) {
      if (plan.target.trunk != TrunkId{0}) continue;
      text += std::to_string(contract::index_of(plan.id)) + ":" +
              std::string(contract::print(plan.target.endpoint).view()) + "/" +
              std::to_string(plan.target.priority) + "/" + std::to_string(plan.target.weight) + " ";
    }
    return text;
  }

  IdMap ids;
  TargetRows rows;
  Facts facts;
  std::vector<dns::Choice> choices;
};

TEST_F(Names, BecomeRowsInTheOrderOfPeersAndPriorities) {
  choices = {choice("192.0.2.1:5061", 0, 7), choice("192.0.2.2", 1)};
  EXPECT_EQ(targets(made()), "0:192.0.2.1:5061/0/7 1:192.0.2.2:5060/1/0 2:198.51.100.20:5060/2/0 ");
  const link::SectionSet set = made();
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const contract::TrunkConfig& row = elements(section.header, section.trunks)[0];
  EXPECT_EQ(row.target_count, 16);
  EXPECT_EQ(text(section.header, row.peer_host), "sip.acme.example");
  const auto names = elements(section.header, row.peer_names);
  ASSERT_EQ(names.size(), 1u) << "an address is a source";
  EXPECT_EQ(text(section.header, names[0]), "sip.acme.example");
  EXPECT_EQ(text(section.header, row.contact_user), "u1");
  EXPECT_EQ(text(section.header, row.preloaded_route), "<sip:edge;lr>");
}

TEST_F(Names, AnAddressThatStaysKeepsItsRow) {
  choices = {choice("192.0.2.1", 0), choice("192.0.2.2", 1)};
  made();
  choices = {choice("192.0.2.2", 0), choice("192.0.2.3", 1)};
  EXPECT_EQ(targets(made()), "1:192.0.2.2:5060/0/0 0:192.0.2.3:5060/1/0 2:198.51.100.20:5060/2/0 ");
}

TEST_F(Names, AddressesAreSourcesOfTheTrunkUnlessTheyAreAnothers) {
  choices = {choice("192.0.2.1", 0), choice("198.51.100.30", 1)};
  const link::SectionSet set = made();
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  std::map<std::string, TrunkId> owners;
  for (const contract::SourceConfig& row : elements(section.header, section.sources)) {
    EXPECT_TRUE(owners.emplace(std::string(contract::print(row.remote).view()), row.trunk).second);
  }
  EXPECT_EQ(owners["192.0.2.1"], TrunkId{0});
  EXPECT_EQ(owners["198.51.100.20"], TrunkId{0});
  EXPECT_EQ(owners["198.51.100.30"], TrunkId{1});
}

TEST_F(Names, MoreAddressesThanRowsAreLeftOut) {
  for (unsigned i = 1; i <= 16; ++i) choices.push_back(choice("192.0.2." + std::to_string(i), 0));
  const link::SectionSet set = made();
  EXPECT_EQ(set.targets.size(), 17u);  // 16, and one of the other trunk
}

TEST_F(Names, NothingKnownYetIsATrunkWithoutThoseTargets) {
  EXPECT_EQ(targets(made()), "0:198.51.100.20:5060/1/0 ");
}

TEST_F(Names, AccountsAreSecretsAndNothingElse) {
  const link::SectionSet set = made();
  const auto& section = as<contract::SecretSection>(set, SectionKind::secrets);
  const auto secrets = elements(section.header, section.secrets);
  ASSERT_EQ(secrets.size(), 1u);
  EXPECT_EQ(secrets[0].trunk, TrunkId{0});
  EXPECT_EQ(secrets[0].allows_md5, 0);
  EXPECT_EQ(text(section.header, secrets[0].password), "pw1");
  const std::string_view trunks(reinterpret_cast<const char*>(set.blob(SectionKind::trunks).data()),
                                set.blob(SectionKind::trunks).size());
  EXPECT_EQ(trunks.find("pw1"), std::string_view::npos);
}

TEST(Ids, ARunTakesTheLowestNumbersThatAreFreeTogether) {
  IdSpace space;
  space.restore("a", 1);
  space.restore("b", 4);
  EXPECT_EQ(space.take_run(target_names("c", 3)), 5u);
  EXPECT_EQ(space.take_run(target_names("d", 2)), 2u);
  EXPECT_EQ(space.take_run(target_names("e", 1)), 0u);
  EXPECT_EQ(space.take_run(target_names("d", 2)), 2u);
  // A file that lost a part of a run gives no row to two trunks.
  IdSpace torn;
  torn.restore("c/2:0", 0);
  torn.restore("x", 1);
  EXPECT_EQ(torn.take_run(target_names("c", 2)), 2u);
}

TEST(Policy, FillsEveryFieldOfTheRow) {
  IdMap ids;
  const link::SectionSet set = compile(load(std::string(base) + std::string(pbx) + R"([trunk.acme]
realm = "outside"
peer = "198.51.100.20"
state = "draining"
peer_contact = "A.example"
failover_ms = 4000
progress = "any"
failover_codes = [603, 408, 500]
failover_timeouts = ["no_answer", "no_response"]
cause_rules = ["486 Q.850/34 -> 503", "Q.850/41 -> 480"]
redirects = "followed"
reliable_provisionals = "required"
session_timer = true
session_expires_s = 600
min_se_s = 120
max_early_dialogs = 4
srtp = "optional"
srtp_suites = ["AES_CM_128_HMAC_SHA1_80", "AEAD_AES_256_GCM"]
transfer = "handled"
passes_unknown_methods = true
trusted = true
keeps_identity = true
call_history = "diversion"
passes_location = true
contact_host = "sbc.example.com"
[[header]]
trunk = "acme"
side = "from_peer"
action = "copy"
name = "X-Number"
source = "P-Called-Party-ID"
pattern = "*@acme*"
methods = ["INVITE", "UPDATE"]
[[header]]
trunk = "pbx"
name = "X-*"
[[header]]
trunk = "acme"
action = "add"
name = "X-Side"
value = "outside"
)"),
                                       {}, ids);
  expect_sound(set);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto rows = elements(section.header, section.trunks);
  const contract::CallPolicy& policy = rows[ids.trunks.take("acme")].policy;
  EXPECT_EQ(policy.failover_ms, 4000u);
  EXPECT_EQ(rows[ids.trunks.take("acme")].state, contract::TrunkState::draining);
  EXPECT_EQ(rows[ids.trunks.take("pbx")].state, contract::TrunkState::enabled);
  EXPECT_EQ(text(section.header, rows[ids.trunks.take("acme")].peer_contact), "a.example");
  const contract::SrtpPolicy& srtp = rows[ids.trunks.take("acme")].media.srtp;
  EXPECT_EQ(srtp.use, contract::SrtpUse::optional);
  ASSERT_EQ(srtp.suite_count, 2);
  EXPECT_EQ(srtp.suites[0], contract::SrtpSuite::aes_cm_128_hmac_sha1_80);
  EXPECT_EQ(srtp.suites[1], contract::SrtpSuite::aead_aes_256_gcm);
  EXPECT_EQ(rows[ids.trunks.take("pbx")].media.srtp.suite_count, 0);
  EXPECT_EQ(policy.progress, contract::Progress::any);
  const auto codes = elements(section.header, policy.failover_codes);
  EXPECT_EQ(std::vector<uint16_t>(codes.begin(), codes.end()),
            (std::vector<uint16_t>{408, 500, 603}));
  EXPECT_EQ(policy.failover_timeouts, 5);
  EXPECT_EQ(rows[ids.trunks.take("pbx")].policy.failover_timeouts,
            contract::CallPolicy().failover_timeouts);
  const auto causes = elements(section.header, policy.cause_rules);
  ASSERT_EQ(causes.size(), 2u);
  EXPECT_EQ(causes[0].status_code, 486);
  EXPECT_EQ(causes[0].cause, 34);
  EXPECT_EQ(causes[1].status_code, 0);
  EXPECT_EQ(causes[1].becomes, 480);
  EXPECT_EQ(policy.redirects, contract::Redirects::followed);
  EXPECT_EQ(policy.reliable_provisionals, contract::Use::required);
  EXPECT_TRUE(policy.asks_session_timer);
  EXPECT_EQ(policy.session_expires_s, 600u);
  EXPECT_EQ(policy.min_se_s, 120u);
  EXPECT_EQ(policy.max_early_dialogs, 4);
  EXPECT_EQ(policy.transfer, contract::Transfer::handled);
  EXPECT_TRUE(policy.takes_replaces);
  EXPECT_TRUE(policy.passes_unknown_methods);
  EXPECT_TRUE(policy.is_trusted);
  EXPECT_TRUE(policy.keeps_identity);
  EXPECT_EQ(policy.history, contract::CallHistory::diversion);
  EXPECT_TRUE(policy.passes_location);
  EXPECT_EQ(text(section.header, policy.contact_host), "sbc.example.com");
  const auto rules = elements(section.header, policy.header_rules);
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].action, contract::HeaderRule::Action::copy);
  EXPECT_EQ(rules[0].side, contract::HeaderRule::Side::from_peer);
  EXPECT_EQ(rules[0].methods, (1u << 1) | (1u << 14));
  EXPECT_EQ(text(section.header, rules[0].name), "X-Number");
  EXPECT_EQ(text(section.header, rules[0].source), "P-Called-Party-ID");
  EXPECT_EQ(text(section.header, rules[0].pattern), "*@acme*");
  EXPECT_EQ(rules[1].side, contract::HeaderRule::Side::to_peer);
  EXPECT_EQ(rules[1].methods, 0);
  EXPECT_EQ(text(section.header, rules[1].value), "outside");
  EXPECT_EQ(rows[ids.trunks.take("pbx")].policy.header_rules.count, 1u);
  // What another field has no say in keeps the default.
  EXPECT_EQ(rows[ids.trunks.take("pbx")].policy.failover_codes.count, 3u);
  EXPECT_EQ(rows[ids.trunks.take("pbx")].policy.cause_rules.count, 1u);
}

TEST(Policy, FillsTheRowOfTheCodecs) {
  IdMap ids;
  const link::SectionSet set = compile(load(std::string(base) + std::string(pbx) + R"([trunk.acme]
realm = "outside"
peer = "198.51.100.20"
codecs = ["PCMU", "G722"]
add_codecs = ["PCMA", "PCMU"]
ptime_ms = 30
comfort_noise = true
fill_silence = true
dtmf = "inband"
dtmf_payload_type = 101
media = "bypassed"
rtcp = "ensured"
media_dscp = 34
)"),
                                       {}, ids);
  expect_sound(set);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto rows = elements(section.header, section.trunks);
  const contract::CodecPolicy& codecs = rows[ids.trunks.take("acme")].media.codecs;
  const auto names = elements(section.header, codecs.allowed);
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(text(section.header, names[0]), "PCMU");
  EXPECT_EQ(text(section.header, names[1]), "G722");
  EXPECT_EQ(codecs.added, contract::AddedCodecs::pcma | contract::AddedCodecs::pcmu);
  EXPECT_EQ(codecs.ptime_ms, 30);
  EXPECT_TRUE(codecs.takes_noise);
  EXPECT_TRUE(codecs.fills_silence);
  EXPECT_EQ(codecs.dtmf, contract::Dtmf::inband);
  EXPECT_EQ(codecs.event_payload_type, 101);
  EXPECT_EQ(codecs.way, contract::MediaWay::bypassed);
  EXPECT_EQ(codecs.rtcp, contract::RtcpWay::ensured);
  EXPECT_EQ(codecs.dscp, 34);
  EXPECT_EQ(rows[ids.trunks.take("pbx")].media.codecs.dscp, contract::realm_dscp);
}

TEST(Policy, ATrunkBypassesWithTrunksAndThoseOfGroups) {
  IdMap ids;
  const std::string text = std::string(base) + std::string(pbx) + std::string(acme) + R"(
[trunk.backup]
realm = "outside"
peer = "198.51.100.40"
media = "bypassed"
bypass_with = ["pbx", "lines"]
[group.lines]
trunks = ["pbx", "acme"]
)";
  const link::SectionSet set = compile(load(text), {}, ids);
  expect_sound(set);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto rows = elements(section.header, section.trunks);
  const auto with =
      elements(section.header, rows[ids.trunks.take("backup")].media.codecs.bypass_with);
  std::set<uint32_t> named;
  for (const TrunkId trunk : with) named.insert(contract::index_of(trunk));
  EXPECT_EQ(with.size(), 2u);
  EXPECT_EQ(named, (std::set{ids.trunks.take("pbx"), ids.trunks.take("acme")}));
  EXPECT_EQ(rows[ids.trunks.take("pbx")].media.codecs.bypass_with.count, 0u);
}

TEST(Routes, TheFirstTrunkIsCalledAndTheOthersThenInOrder) {
  IdMap ids;
  const link::SectionSet set =
      compile(load(std::string(base) + std::string(acme) + std::string(pbx) + R"([trunk.backup]
realm = "outside"
peer = "198.51.100.40"
[[route]]
from = "pbx"
to = ["backup", "acme", "pbx"]
[[route]]
from = "acme"
to = "pbx"
)"),
              {}, ids);
  expect_sound(set);
  const auto& section = as<contract::RouteSection>(set, SectionKind::routes);
  const auto rows = elements(section.header, section.routes);
  EXPECT_EQ(contract::index_of(rows[0].to), ids.trunks.take("backup"));
  const auto then = elements(section.header, rows[0].then);
  ASSERT_EQ(then.size(), 2u);
  EXPECT_EQ(contract::index_of(then[0]), ids.trunks.take("acme"));
  EXPECT_EQ(contract::index_of(then[1]), ids.trunks.take("pbx"));
  EXPECT_EQ(rows[1].then.count, 0u);
}

TEST(Compile, CarriesWhoMaySendMedia) {
  IdMap ids;
  const link::SectionSet set = compile(load(std::string(base) + R"([trunk.acme]
realm = "outside"
peer = "198.51.100.20"
media_source = "latching"
media_sources = ["203.0.113.0/24"]
latch_packets = 9
latch_window_ms = 3000
)" + std::string(pbx)),
                                       {}, ids);
  expect_sound(set);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto id = TrunkId{static_cast<uint16_t>(ids.trunks.take("acme"))};
  const contract::SourcePolicy& row =
      elements(section.header, section.trunks)[contract::index_of(id)].media.sources;
  EXPECT_EQ(row.mode, contract::SourcePolicy::Mode::latching);
  EXPECT_EQ(row.latch_packets, 9);
  EXPECT_EQ(row.latch_window_ms, 3000u);
  const auto prefixes = elements(section.header, row.prefixes);
  ASSERT_EQ(prefixes.size(), 1u);
  EXPECT_EQ(prefixes[0].address, contract::IpAddress::v4(203, 0, 113, 0));
  EXPECT_EQ(prefixes[0].prefix_length, 96 + 24);
}

}  // namespace
}  // namespace demarc::trunks
