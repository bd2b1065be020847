#include "dataplane/route/route.h"

#include <gtest/gtest.h>

#include <vector>

#include "dataplane/contract/section_builder.h"
#include "tests/support/digit_trie.h"
#include "tests/support/own_region.h"

namespace demarc::route {
namespace {

using contract::Endpoint;
using contract::IpAddress;
using contract::TrunkId;

constexpr TrunkId pbx{0};
constexpr TrunkId itsp{1};
constexpr TrunkId backup{2};

class RouteTest : public ::testing::Test {
 protected:
  RouteTest() {
    contract::SectionBuilder<contract::TrunkSection> trunks(contract::SectionKind::trunks, 1);
    std::vector<contract::TrunkConfig> configs(3);
    for (auto& config : configs) config.realm = contract::RealmId{0};
    configs[1].first_target = contract::TargetId{0};
    configs[1].target_count = 3;
    configs[1].max_calls = 2;
    const IpAddress net = IpAddress::v4(192, 0, 2, 0);
    const auto source = [&](IpAddress remote, uint8_t prefix_length, uint16_t port, TrunkId trunk) {
      contract::SourceConfig row;
      row.local = local;
      row.remote = remote;
      row.prefix_length = prefix_length;
      row.remote_port = port;
      row.trunk = trunk;
      return row;
    };
    const IpAddress host = IpAddress::v4(192, 0, 2, 9);
    std::vector<contract::SourceConfig> sources = {
        source(host, 128, 5062, backup), source(host, 128, 0, itsp), source(net, 120, 0, pbx),
        source(host, 128, 0, backup)};
    trunks.section().trunks = trunks.array<contract::TrunkConfig>(configs);
    sources[3].transport = contract::Transport::tcp;
    trunks.section().sources = trunks.array<contract::SourceConfig>(sources);
    trunk_blob = trunks.finish();
    snapshot.trunks = reinterpret_cast<const contract::TrunkSection*>(trunk_blob.data());

    contract::SectionBuilder<contract::RouteSection> routes(contract::SectionKind::routes, 1);
    const auto route = [](TrunkId to, uint16_t strip, contract::Text add, uint16_t line) {
      contract::RouteConfig row;
      row.from = pbx;
      row.to = to;
      row.strip = strip;
      row.add = add;
      row.line = line;
      return row;
    };
    const std::vector<contract::RouteConfig> rows = {
        route(itsp, 0, {}, 10), route(backup, 1, routes.text("00"), 20),  // all; +44
        route(itsp, 0, routes.text("+"), 30)};                            // +4420
    support::DigitTrieRows trie;
    const std::vector<contract::TrunkRoutes> by_trunk = {
        {trie.add({{"", 0}, {"+44", 1}, {"+4420", 2}})}, {}, {}};
    trie.finish(routes);
    routes.section().by_trunk = routes.array<contract::TrunkRoutes>(by_trunk);
    routes.section().routes = routes.array<contract::RouteConfig>(rows);
    route_blob = routes.finish();
    snapshot.routes = reinterpret_cast<const contract::RouteSection*>(route_blob.data());

    region = support::region_in(memory, {1, 1, 3, 3, 2});
  }
  const Endpoint local{IpAddress::v4(198, 51, 100, 1), 5060};
  std::vector<std::byte> trunk_blob, route_blob, memory;
  contract::Snapshot snapshot;
  contract::Region region;
};

TEST_F(RouteTest, LongestPrefixWinsAndTranslates) {
  const Match london = match(snapshot, pbx, "+442079460000");
  EXPECT_EQ(london.to, itsp);
  EXPECT_EQ(london.line, 30);
  EXPECT_EQ(london.called.view(), "++442079460000");
  const Match leeds = match(snapshot, pbx, "+441134960000");
  EXPECT_EQ(leeds.to, backup);
  EXPECT_EQ(leeds.called.view(), "00441134960000");
  const Match other = match(snapshot, pbx, "4711");
  EXPECT_EQ(other.line, 10);
  EXPECT_EQ(other.called.view(), "4711");
}

TEST_F(RouteTest, WhatIsNoNumberMatchesOnlyTheRouteWithoutPrefix) {
  for (const std::string_view user : {"alice", "+44x", "+4420-alice"}) {
    const Match found = match(snapshot, pbx, user, false);
    EXPECT_EQ(found.line, 10);
    EXPECT_EQ(found.called.view(), user);
  }
}

TEST_F(RouteTest, FindsNoneForATrunkWithoutRoutesOrANumberThatIsTooLong) {
  EXPECT_EQ(match(snapshot, itsp, "4711").to, TrunkId::none);
  EXPECT_EQ(match(snapshot, TrunkId{99}, "4711").to, TrunkId::none);
  EXPECT_EQ(match(snapshot, pbx, "").to, TrunkId::none);
  const std::string longest(max_number_length, '1');
  EXPECT_EQ(match(snapshot, pbx, longest).to, itsp);
  EXPECT_EQ(match(snapshot, pbx, longest + "1").to, TrunkId::none);
}

TEST_F(RouteTest, CountsACallOnBothTrunksOrOnNeither) {
  using contract::LimitMet;
  const Entry from_pbx{pbx, Direction::in};
  const Entry to_itsp{itsp, Direction::out};
  const Entry from_itsp{itsp, Direction::in};
  const Entry to_pbx{pbx, Direction::out};
  EXPECT_EQ(enter(snapshot, region, from_pbx, to_itsp), LimitMet::none);
  EXPECT_EQ(enter(snapshot, region, from_itsp, to_pbx), LimitMet::none);
  EXPECT_EQ(enter(snapshot, region, from_pbx, to_itsp), LimitMet::trunk_calls_out);
  EXPECT_EQ(region.trunk_live(pbx).load(), 2u);
  EXPECT_EQ(region.trunk_live(itsp).load(), 2u);
  for (const Entry& entry : {from_pbx, to_itsp, from_itsp, to_pbx}) leave_leg(region, entry);
  EXPECT_EQ(region.trunk_live(itsp).load(), 0u);
}

TEST_F(RouteTest, WhoMayOnlyRegisterIsNobodyYet) {
  auto* rows = const_cast<contract::SourceConfig*>(
      elements(snapshot.trunks->header, snapshot.trunks->sources).data());
  rows[2].use = contract::SourceUse::registers;  // the prefix
  const contract::Endpoint remote{IpAddress::v4(192, 0, 2, 10), 5060};
  EXPECT_EQ(identify(snapshot, local, remote), TrunkId::none);
  EXPECT_EQ(find_source(snapshot, local, remote).trunk, pbx);
  EXPECT_EQ(find_source(snapshot, local, remote).use, contract::SourceUse::registers);
  rows[1].use = contract::SourceUse::dialogs;  // a host in it
  EXPECT_EQ(identify(snapshot, local, {IpAddress::v4(192, 0, 2, 9), 5060}), itsp);
}

TEST_F(RouteTest, IdentifiesByLongestPrefixThenPort) {
  const auto from = [&](uint8_t host, uint16_t port) {
    return identify(snapshot, local, {IpAddress::v4(192, 0, 2, host), port});
  };
  EXPECT_EQ(from(9, 5060), itsp);
  EXPECT_EQ(from(9, 5062), backup);
  EXPECT_EQ(from(10, 5062), pbx);
  const contract::Endpoint host{IpAddress::v4(192, 0, 2, 9), 5060};
  EXPECT_EQ(identify(snapshot, local, host, contract::Transport::tcp), backup);
  EXPECT_EQ(identify(snapshot, local, host, contract::Transport::tls), TrunkId::none);
  EXPECT_EQ(identify(snapshot, local, {IpAddress::v4(192, 0, 3, 9), 5060}), TrunkId::none);
  EXPECT_EQ(identify(snapshot, {local.address, 5061}, {IpAddress::v4(192, 0, 2, 9), 5060}),
            TrunkId::none);
}

// Ten thousand peers at one port, each found by its address.
TEST(Identify, FindsEachOfManyPeers) {
  contract::SectionBuilder<contract::TrunkSection> trunks(contract::SectionKind::trunks, 1);
  const Endpoint local{IpAddress::v4(198, 51, 100, 1), 5060};
  std::vector<contract::SourceConfig> sources;
  for (uint16_t i = 0; i < 10000; ++i) {
    contract::SourceConfig row;
    row.local = local;
    row.remote = IpAddress::v4(10, 0, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i));
    row.trunk = TrunkId{i};
    sources.push_back(row);
  }
  contract::SourceConfig net = sources.front();
  net.remote = IpAddress::v4(10, 0, 0, 0);
  net.prefix_length = 96 + 8;
  net.trunk = TrunkId{20000};
  sources.push_back(net);
  trunks.section().sources = trunks.array<contract::SourceConfig>(sources);
  const auto blob = trunks.finish();
  contract::Snapshot snapshot;
  snapshot.trunks = reinterpret_cast<const contract::TrunkSection*>(blob.data());
  for (uint16_t i = 0; i < 10000; ++i) {
    const Endpoint remote{sources[i].remote, static_cast<uint16_t>(1024 + i)};
    ASSERT_EQ(identify(snapshot, local, remote), TrunkId{i});
  }
  EXPECT_EQ(identify(snapshot, local, {IpAddress::v4(10, 1, 0, 0), 5060}), TrunkId{20000});
  EXPECT_EQ(identify(snapshot, local, {IpAddress::v4(11, 0, 0, 0), 5060}), TrunkId::none);
}

}  // namespace
}  // namespace demarc::route
