// Limits with counts of their own, in sections and among the ids.
#include "controlplane/trunks/limits.h"

#include "controlplane/trunks/trunks_harness.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/route/route.h"
#include "tests/support/own_region.h"

namespace demarc::trunks {
namespace {

using contract::LimitId;

std::string with(const std::string& limits) {
  return std::string(base) + std::string(acme) + std::string(pbx) + std::string(routes) + limits;
}

std::string limit_of(const std::string& trunk, const std::string& prefix, unsigned calls) {
  return "[[prefix_limit]]\ntrunk = \"" + trunk + "\"\nprefix = \"" + prefix +
         "\"\nmax_calls = " + std::to_string(calls) + "\n";
}

struct Compiled {
  Compiled(const std::string& source, IdMap& ids, bool is_fresh = false) {
    set = compile(load(source), {is_fresh, {}}, ids);
    expect_sound(set);
    snapshot.routes = &as<contract::RouteSection>(set, SectionKind::routes);
    snapshot.trunks = &as<contract::TrunkSection>(set, SectionKind::trunks);
    acme_id = TrunkId{static_cast<uint16_t>(ids.trunks.take("acme"))};
    pbx_id = TrunkId{static_cast<uint16_t>(ids.trunks.take("pbx"))};
  }
  uint32_t calls_of(TrunkId trunk, std::string_view called) const {
    const LimitId id = route::prefix_limit(snapshot, trunk, called);
    return id == LimitId::none ? 0 : snapshot.prefix_limit(id)->calls;
  }
  link::SectionSet set;
  contract::Snapshot snapshot;
  TrunkId acme_id = TrunkId::none;
  TrunkId pbx_id = TrunkId::none;
};

TEST(PrefixLimits, AreFoundByTheLongestPrefixOfTheirTrunk) {
  IdMap ids;
  const Compiled made(
      with(limit_of("acme", "+49", 1) + limit_of("acme", "+49900", 2) + limit_of("pbx", "0", 3)),
      ids);
  EXPECT_EQ(made.calls_of(made.acme_id, "+4930123"), 1u);
  EXPECT_EQ(made.calls_of(made.acme_id, "+49900123"), 2u);
  EXPECT_EQ(made.calls_of(made.acme_id, "+4990"), 1u);
  EXPECT_EQ(made.calls_of(made.acme_id, "0123"), 0u);
  EXPECT_EQ(made.calls_of(made.pbx_id, "0123"), 3u);
  EXPECT_EQ(made.calls_of(made.pbx_id, "+49900123"), 0u);
  EXPECT_EQ(made.calls_of(made.pbx_id, ""), 0u);
  EXPECT_EQ(made.calls_of(TrunkId{99}, "0123"), 0u);
}

// A call that is counted may end long after its limit changed.
TEST(PrefixLimits, KeepTheirCountsAcrossReloads) {
  IdMap ids;
  const auto id_of = [](const Compiled& made, const char* called) {
    return route::prefix_limit(made.snapshot, made.acme_id, called);
  };
  const Compiled first(with(limit_of("acme", "1", 1) + limit_of("acme", "2", 1)), ids);
  const LimitId of_two = id_of(first, "2");
  const Compiled without(with(limit_of("acme", "2", 9)), ids);
  EXPECT_EQ(id_of(without, "2"), of_two);
  EXPECT_EQ(id_of(without, "1"), LimitId::none);
  const Compiled other(with(limit_of("acme", "2", 9) + limit_of("acme", "3", 1)), ids);
  EXPECT_NE(id_of(other, "3"), id_of(first, "1")) << "calls may still be counted there";
  const Compiled fresh(with(limit_of("acme", "3", 1)), ids, true);
  EXPECT_EQ(ids.limits.all().size(), 1u);
}

TEST(GroupLimits, HaveAMeterWhereTheyHaveARate) {
  IdMap ids;
  const Compiled made(with("[group.calls]\ntrunks = \"pbx\"\nmax_calls = 7\n"
                           "[group.rate]\ntrunks = \"pbx\"\ncalls_per_second = 5\n"
                           "calls_per_second_in = 3\ncalls_per_second_out = 4\n"
                           "call_burst = 2\n[group.free]\ntrunks = \"pbx\"\n"),
                      ids);
  const contract::TrunkSection& section = *made.snapshot.trunks;
  const auto groups = elements(section.header, section.groups);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].max_calls, 7u);
  EXPECT_EQ(groups[0].meter, LimitId::none);
  EXPECT_EQ(groups[1].rate, 5u);
  EXPECT_EQ(groups[1].burst, 2u);
  EXPECT_EQ(groups[1].meter, LimitId{ids.limits.all().at("group/rate")});
  EXPECT_EQ(groups[1].rate_in, 3u);
  EXPECT_EQ(groups[1].meter_in, LimitId{ids.limits.all().at("group/rate/in")});
  EXPECT_EQ(groups[1].rate_out, 4u);
  EXPECT_EQ(groups[1].meter_out, LimitId{ids.limits.all().at("group/rate/out")});
  EXPECT_EQ(ids.limits.all().size(), 3u);
}

TEST(GroupLimits, AreOfEachDirectionAndOfBandwidth) {
  IdMap ids;
  const Compiled made(with("[group.in]\ntrunks = \"pbx\"\nmax_calls_in = 7\n"
                           "[group.out]\ntrunks = \"pbx\"\nmax_calls_out = 8\n"
                           "[group.media]\ntrunks = \"acme\"\nbandwidth_kbps = 900\n"),
                      ids);
  const contract::TrunkSection& section = *made.snapshot.trunks;
  const auto groups = elements(section.header, section.groups);
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_EQ(groups[0].calls_in, 7u);
  EXPECT_EQ(groups[1].kbps, 900u);
  EXPECT_EQ(groups[2].calls_out, 8u);
  EXPECT_TRUE(route::counts_bandwidth(made.snapshot, made.acme_id));
  EXPECT_FALSE(route::counts_bandwidth(made.snapshot, made.pbx_id));
}

TEST(Limits, ThatDoNotFitTheRunningDataplaneNeedARestart) {
  IdMap ids;
  link::DataplaneView view = {false, {}};
  view.limit_capacity = 1;
  const std::string two = with(limit_of("acme", "1", 1) + limit_of("acme", "2", 1));
  EXPECT_NE(compile(load(two), view, ids).refusal.find("limit_capacity of 1"), std::string::npos);
}

TEST(Limits, AreNearFromNineTenthsOn) {
  const config::Config config = load(std::string(base) + std::string(acme) + std::string(pbx) +
                                     "max_calls_in = 10\nbandwidth_kbps = 1000\n"
                                     "[group.all]\ntrunks = [\"acme\", \"pbx\"]\nmax_calls = 20\n"
                                     "max_calls_in = 12\nmax_calls_out = 100\n"
                                     "bandwidth_kbps = 1250\n");
  std::vector<std::byte> memory;
  const contract::Region region = support::region_in(memory, {1, 4, 4, 4, 64});
  IdSpace trunks;
  EXPECT_TRUE(near_limits(config, trunks, region).empty()) << "none is known to the dataplane";
  trunks.restore("acme", 1);
  trunks.restore("pbx", 2);
  const TrunkId pbx_id{2};
  region.trunk_limits(pbx_id).calls_in.store(8);
  region.trunk_limits(pbx_id).kbps.store(899);
  region.trunk_limits(TrunkId{1}).calls_in.store(2);
  region.trunk_limits(TrunkId{1}).kbps.store(225);
  region.trunk_live(TrunkId{1}).store(9);
  region.trunk_live(pbx_id).store(8);
  EXPECT_TRUE(near_limits(config, trunks, region).empty());
  region.trunk_limits(pbx_id).calls_in.store(9);
  region.trunk_limits(pbx_id).kbps.store(900);
  region.trunk_live(pbx_id).store(9);
  const std::vector<NearLimit> near = near_limits(config, trunks, region);
  ASSERT_EQ(near.size(), 5u);
  EXPECT_EQ(near[0].subject, "pbx");
  EXPECT_EQ(near[0].limit, "max_calls_in");
  EXPECT_EQ(near[0].live, 9u);
  EXPECT_EQ(near[0].most, 10u);
  EXPECT_EQ(near[1].limit, "bandwidth_kbps");
  EXPECT_EQ(near[2].subject, "all");
  EXPECT_EQ(near[2].live, 18u);
  EXPECT_EQ(near[3].subject, "all");
  EXPECT_EQ(near[3].limit, "max_calls_in");
  EXPECT_EQ(near[3].live, 11u);
  EXPECT_EQ(near[4].limit, "bandwidth_kbps");
  EXPECT_EQ(near[4].live, 1125u);
}

}  // namespace
}  // namespace demarc::trunks
