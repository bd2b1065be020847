#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "dataplane/contract/section_builder.h"
#include "dataplane/route/route.h"
#include "tests/support/digit_trie.h"
#include "tests/support/own_region.h"

namespace demarc::route {
namespace {

using contract::Instant;
using contract::LimitId;
using contract::LimitMet;
using contract::TrunkId;

constexpr TrunkId pbx{0};
constexpr TrunkId itsp{1};
constexpr Entry from_pbx{pbx, Direction::in};
constexpr Entry to_itsp{itsp, Direction::out};

class LimitsTest : public ::testing::Test {
 protected:
  LimitsTest() { region = support::region_in(memory_, {1, 1, 2, 2, 2}); }
  void limit(const contract::TrunkLimits& of_pbx, const contract::TrunkLimits& of_itsp = {},
             uint32_t max_calls = 0) {
    contract::SectionBuilder<contract::TrunkSection> trunks(contract::SectionKind::trunks, 1);
    std::vector<contract::TrunkConfig> rows(2);
    rows[0].limits = of_pbx;
    rows[0].max_calls = max_calls;
    rows[1].limits = of_itsp;
    trunks.section().trunks = trunks.array<contract::TrunkConfig>(rows);
    blob_ = trunks.finish();
    snapshot.trunks = reinterpret_cast<const contract::TrunkSection*>(blob_.data());
  }
  uint32_t live(TrunkId trunk) { return region.trunk_live(trunk).load(); }
  bool takes(int64_t ms) {
    const Instant now{1'000'000'000'000 + static_cast<uint64_t>(ms) * 1'000'000};
    return take_rate(snapshot, region, from_pbx, now) == LimitMet::none;
  }

  contract::Snapshot snapshot;
  contract::Region region;

 private:
  std::vector<std::byte> blob_, memory_;
};

// Two trunks; of pbx calls to +49 and +49900 have limits, and both are in a group with a rate.
class SharedLimits : public ::testing::Test {
 protected:
  SharedLimits() {
    region = support::region_in(memory_, {1, 1, 2, 2, 2, 3});
    contract::SectionBuilder<contract::RouteSection> routes(contract::SectionKind::routes, 1);
    std::vector<contract::TrunkRoutes> by_trunk(2);
    support::DigitTrieRows tries;
    by_trunk[0].limited = tries.add({{"+49", 0}, {"+49900", 1}});
    tries.finish(routes);
    std::vector<contract::PrefixLimit> limits(2);
    limits[0].calls = 2;
    limits[1] = {{}, 1, 1, 1, 0};
    routes.section().prefix_limits = routes.array<contract::PrefixLimit>(limits);
    routes.section().by_trunk = routes.array<contract::TrunkRoutes>(by_trunk);
    routes_ = routes.finish();
    contract::SectionBuilder<contract::TrunkSection> trunks(contract::SectionKind::trunks, 1);
    std::vector<contract::TrunkConfig> rows(2);
    rows[0].limits.rate_in = rows[1].limits.rate_out = 100;
    const std::vector<uint32_t> first = {0};
    rows[0].groups = rows[1].groups = trunks.array<uint32_t>(first);
    contract::TrunkGroup group;
    group.rate = 1;
    group.burst = 3;
    group.meter = LimitId{2};
    const std::vector<TrunkId> members = {pbx, itsp};
    group.trunks = trunks.array<TrunkId>(members);
    trunks.section().groups = trunks.array<contract::TrunkGroup>(std::span(&group, 1));
    trunks.section().trunks = trunks.array<contract::TrunkConfig>(rows);
    trunks_ = trunks.finish();
    snapshot.routes = reinterpret_cast<const contract::RouteSection*>(routes_.data());
    snapshot.trunks = reinterpret_cast<const contract::TrunkSection*>(trunks_.data());
  }
  Entry to(std::string_view called, Direction direction = Direction::in) const {
    return {pbx, direction, false, prefix_limit(snapshot, pbx, called)};
  }
  LimitMet rate(const Entry& entry, uint64_t ms = 0) {
    return take_rate(snapshot, region, entry, Instant{1'000'000'000'000 + ms * 1'000'000});
  }
  uint32_t live(uint32_t limit) const { return region.limit_live(LimitId{limit}).calls.load(); }

  contract::Snapshot snapshot;
  contract::Region region;

 private:
  std::vector<std::byte> routes_, trunks_, memory_;
};

TEST_F(SharedLimits, OfAPrefixCountBothDirectionsTogetherAndTheLongestAlone) {
  EXPECT_EQ(enter_leg(snapshot, region, to("+49900")), LimitMet::none);
  EXPECT_EQ(enter_leg(snapshot, region, to("+499001")), LimitMet::prefix_in);
  EXPECT_EQ(enter_leg(snapshot, region, to("+499001", Direction::out)), LimitMet::prefix_out);
  EXPECT_EQ(enter_leg(snapshot, region, to("+4930")), LimitMet::none);
  EXPECT_EQ(enter_leg(snapshot, region, to("+4930")), LimitMet::none);
  EXPECT_EQ(enter_leg(snapshot, region, to("+4930")), LimitMet::prefix_in);
  EXPECT_EQ(enter_leg(snapshot, region, to("+44")), LimitMet::none);
  EXPECT_EQ(live(0), 2u);
  EXPECT_EQ(live(1), 1u);
  EXPECT_EQ(region.trunk_live(pbx).load(), 4u) << "nothing is left of those that were refused";
  EXPECT_EQ(region.trunk_limits(pbx).calls_in.load(), 4u);
  leave_leg(region, to("+49900"));
  EXPECT_EQ(enter_leg(snapshot, region, to("+499001")), LimitMet::none);
}

TEST_F(SharedLimits, CountWhoIsExemptAndDoNotRefuseThem) {
  Entry emergency = to("+49900");
  emergency.is_exempt = true;
  EXPECT_EQ(enter_leg(snapshot, region, emergency), LimitMet::none);
  EXPECT_EQ(enter_leg(snapshot, region, emergency), LimitMet::none);
  EXPECT_EQ(live(1), 2u);
  for (unsigned i = 0; i < 5; ++i) EXPECT_EQ(rate(emergency), LimitMet::none);
}

// Who came with a limit that has left the configuration is counted where it was.
TEST_F(SharedLimits, CountALegWhoseLimitIsNotThereAnyMore) {
  const Entry visitor{pbx, Direction::in, true, LimitId{2}};
  EXPECT_EQ(enter_leg(snapshot, region, visitor), LimitMet::none);
  EXPECT_EQ(live(2), 1u);
  leave_leg(region, visitor);
  EXPECT_EQ(live(2), 0u);
}

TEST_F(SharedLimits, OfASecondAreTakenAllOrNone) {
  EXPECT_EQ(rate(to("+49900")), LimitMet::none);
  const uint64_t due = region.trunk_limits(pbx).due_in_ns.load();
  EXPECT_EQ(rate(to("+49900", Direction::out)), LimitMet::prefix_rate_out);
  // What was asked before gives back what it had.
  for (unsigned i = 0; i < 5; ++i) {
    EXPECT_EQ(rate(to("+49900"), 100), LimitMet::prefix_rate_in);
  }
  EXPECT_LE(region.trunk_limits(pbx).due_in_ns.load(), due + 100'000'000);
  EXPECT_EQ(rate({itsp, Direction::out}, 100), LimitMet::none);
  EXPECT_EQ(rate({itsp, Direction::out}, 110), LimitMet::none) << "the last of the group's";
  EXPECT_EQ(rate({itsp, Direction::out}, 120), LimitMet::group_rate_out);
  EXPECT_EQ(rate(to("+44"), 120), LimitMet::group_rate_in);
  Entry paid{itsp, Direction::out};
  paid.rated_out = pbx;
  EXPECT_EQ(rate(paid, 120), LimitMet::none) << "its call was taken of the group before";
  EXPECT_EQ(rate(to("+49900"), 1'000), LimitMet::none);
}

TEST_F(LimitsTest, CountEachDirectionByItself) {
  limit({.calls_in = 1, .calls_out = 1});
  EXPECT_EQ(enter_leg(snapshot, region, {pbx, Direction::in}), LimitMet::none);
  EXPECT_EQ(enter_leg(snapshot, region, {pbx, Direction::in}), LimitMet::calls_in);
  EXPECT_EQ(enter_leg(snapshot, region, {pbx, Direction::out}), LimitMet::none);
  EXPECT_EQ(enter_leg(snapshot, region, {pbx, Direction::out}), LimitMet::calls_out);
  EXPECT_EQ(live(pbx), 2u);
  leave_leg(region, {pbx, Direction::in});
  EXPECT_EQ(enter_leg(snapshot, region, {pbx, Direction::in}), LimitMet::none);
}

TEST_F(LimitsTest, LeaveNothingBehindWhenOneStandsAgainstACall) {
  limit({}, {.calls_out = 1});
  EXPECT_EQ(enter(snapshot, region, from_pbx, to_itsp), LimitMet::none);
  EXPECT_EQ(enter(snapshot, region, from_pbx, to_itsp), LimitMet::calls_out);
  EXPECT_EQ(live(pbx), 1u);
  EXPECT_EQ(region.trunk_limits(pbx).calls_in.load(), 1u);
  leave_leg(region, from_pbx);
  leave_leg(region, to_itsp);
  EXPECT_EQ(live(pbx) + live(itsp), 0u);
  limit({}, {}, 1);
  EXPECT_EQ(enter(snapshot, region, from_pbx, to_itsp), LimitMet::none);
  EXPECT_EQ(enter(snapshot, region, from_pbx, to_itsp), LimitMet::trunk_calls_in);
  EXPECT_EQ(region.trunk_limits(pbx).calls_in.load(), 1u);
}

TEST_F(LimitsTest, DoNotRefuseWhoIsExemptAndCountThem) {
  limit({.calls_in = 1}, {}, 1);
  EXPECT_EQ(enter(snapshot, region, {pbx, Direction::in, true}, {itsp, Direction::out, true}),
            LimitMet::none);
  EXPECT_EQ(enter(snapshot, region, {pbx, Direction::in, true}, {itsp, Direction::out, true}),
            LimitMet::none);
  EXPECT_EQ(live(pbx), 2u);
  EXPECT_EQ(enter(snapshot, region, from_pbx, to_itsp), LimitMet::calls_in);
}

TEST_F(LimitsTest, OfBandwidthCountWhatEachLegTakes) {
  limit({.kbps = 200});
  const Entry call{pbx, Direction::in, false, LimitId::none, 80};
  Entry other{pbx, Direction::out, false, LimitId::none, 80};
  const auto kbps = [this] { return region.trunk_limits(pbx).kbps.load(); };
  EXPECT_EQ(enter_leg(snapshot, region, call), LimitMet::none);
  EXPECT_EQ(enter_leg(snapshot, region, other), LimitMet::none);
  EXPECT_EQ(enter_leg(snapshot, region, call), LimitMet::bandwidth_in);
  EXPECT_EQ(enter_leg(snapshot, region, other), LimitMet::bandwidth_out);
  EXPECT_EQ(kbps(), 160u);
  EXPECT_EQ(live(pbx), 2u);
  // It turned out to be a codec that takes less, and then one that takes more than there is.
  weigh_leg(region, pbx, 80, 24);
  EXPECT_EQ(kbps(), 104u);
  EXPECT_EQ(enter_leg(snapshot, region, call), LimitMet::none);
  weigh_leg(region, pbx, 24, 96);
  EXPECT_EQ(kbps(), 256u);
  other.kbps = 96;
  for (const Entry& entry : {call, call, other}) leave_leg(region, entry);
  EXPECT_EQ(kbps(), 0u);
  Entry emergency = call;
  emergency.is_exempt = true;
  for (unsigned i = 0; i < 4; ++i) {
    EXPECT_EQ(enter_leg(snapshot, region, emergency), LimitMet::none);
  }
  EXPECT_EQ(kbps(), 320u);
}

TEST_F(LimitsTest, OfBandwidthAreAskedAgainForALegThatIsToTakeMore) {
  limit({.kbps = 200});
  Entry call{pbx, Direction::in, false, LimitId::none, 0};
  const auto kbps = [this] { return region.trunk_limits(pbx).kbps.load(); };
  EXPECT_EQ(enter_leg(snapshot, region, call), LimitMet::none);
  call.kbps = 120;
  EXPECT_EQ(take_more(snapshot, region, call, 0), LimitMet::none);
  EXPECT_EQ(kbps(), 120u);
  Entry other{pbx, Direction::out, false, LimitId::none, 80};
  EXPECT_EQ(enter_leg(snapshot, region, other), LimitMet::none);
  other.kbps = 81;
  EXPECT_EQ(take_more(snapshot, region, other, 80), LimitMet::bandwidth_out);
  EXPECT_EQ(kbps(), 200u) << "it has what it had";
  call.kbps = 119;
  EXPECT_EQ(take_more(snapshot, region, call, 120), LimitMet::none) << "less is always possible";
  EXPECT_EQ(take_more(snapshot, region, other, 80), LimitMet::none);
  other.kbps = 500;
  other.is_exempt = true;
  EXPECT_EQ(take_more(snapshot, region, other, 81), LimitMet::none) << "an emergency call";
  EXPECT_EQ(kbps(), 619u);
  EXPECT_EQ(live(pbx), 2u);
}

TEST_F(LimitsTest, GiveARateBackByTimeAndABurstAtOnce) {
  limit({.rate_in = 10, .burst = 3});
  EXPECT_TRUE(takes(0));
  EXPECT_TRUE(takes(0));
  EXPECT_TRUE(takes(0));
  EXPECT_FALSE(takes(0));
  EXPECT_FALSE(takes(99));
  EXPECT_TRUE(takes(100));
  EXPECT_FALSE(takes(150));
  EXPECT_TRUE(takes(10'000));
  EXPECT_TRUE(takes(10'000));
  EXPECT_TRUE(takes(10'000));
  EXPECT_FALSE(takes(10'000));
}

// Whatever the workers do at once, no more than the limit is in, and nothing is left over.
TEST_F(LimitsTest, AreExactOverWorkers) {
  limit({.calls_in = 3, .rate_in = 1, .burst = 500});
  std::atomic<int> most = 0;
  std::atomic<int> taken = 0;
  std::vector<std::thread> workers;
  std::atomic<int> in = 0;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        if (takes(0)) ++taken;
        if (enter_leg(snapshot, region, {pbx, Direction::in}) != LimitMet::none) continue;
        const int now = ++in;
        int before = most.load();
        while (before < now && !most.compare_exchange_weak(before, now)) continue;
        --in;
        leave_leg(region, {pbx, Direction::in});
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_LE(most.load(), 3);
  EXPECT_LE(taken.load(), 500);
  EXPECT_GE(taken.load(), 400);
  EXPECT_EQ(live(pbx), 0u);
  EXPECT_EQ(region.trunk_limits(pbx).calls_in.load(), 0u);
}

}  // namespace
}  // namespace demarc::route
