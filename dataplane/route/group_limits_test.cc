// Limits that trunks of a group have together.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "dataplane/contract/section_builder.h"
#include "dataplane/route/admission.h"
#include "dataplane/route/route.h"
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

// pbx and itsp are a group; a third trunk is not in it.
class GroupLimits : public ::testing::Test {
 protected:
  GroupLimits() { region = support::region_in(memory_, {1, 1, 3, 3, 2, 3}); }
  void limit(contract::TrunkGroup group) {
    contract::SectionBuilder<contract::TrunkSection> trunks(contract::SectionKind::trunks, 1);
    std::vector<contract::TrunkConfig> rows(3);
    for (contract::TrunkConfig& row : rows) row.realm = contract::RealmId{0};
    const std::vector<uint32_t> first = {0};
    rows[0].groups = rows[1].groups = trunks.array<uint32_t>(first);
    const std::vector<TrunkId> members = {pbx, itsp};
    group.trunks = trunks.array<TrunkId>(members);
    if (group.rate != 0) group.meter = LimitId{0};
    if (group.rate_in != 0) group.meter_in = LimitId{1};
    if (group.rate_out != 0) group.meter_out = LimitId{2};
    trunks.section().groups = trunks.array<contract::TrunkGroup>(std::span(&group, 1));
    trunks.section().trunks = trunks.array<contract::TrunkConfig>(rows);
    blob_ = trunks.finish();
    snapshot.trunks = reinterpret_cast<const contract::TrunkSection*>(blob_.data());
  }
  LimitMet enters(const Entry& entry) { return enter_leg(snapshot, region, entry); }
  LimitMet rate(const Entry& entry, uint64_t ms = 0) {
    return take_rate(snapshot, region, entry, Instant{1'000'000'000'000 + ms * 1'000'000});
  }

  static constexpr TrunkId other{2};
  contract::Snapshot snapshot;
  contract::Region region;

 private:
  std::vector<std::byte> blob_, memory_;
};

TEST_F(GroupLimits, AreForAllTrunksOfTheGroupTogether) {
  limit({.name = {}, .trunks = {}, .max_calls = 3});
  EXPECT_EQ(enter(snapshot, region, from_pbx, to_itsp), LimitMet::none);
  EXPECT_EQ(enter(snapshot, region, from_pbx, to_itsp), LimitMet::group_out)
      << "both legs or neither";
  EXPECT_EQ(region.trunk_live(pbx).load(), 1u);
  EXPECT_EQ(region.trunk_limits(itsp).calls_out.load(), 1u);
  EXPECT_EQ(enters({other, Direction::in}), LimitMet::none);
  EXPECT_EQ(enters({itsp, Direction::in}), LimitMet::none);
  EXPECT_EQ(enters(from_pbx), LimitMet::group_in);
  EXPECT_EQ(enters({pbx, Direction::in, true}), LimitMet::none) << "an emergency call";
  leave_leg(region, from_pbx);
  leave_leg(region, {itsp, Direction::in});
  EXPECT_EQ(enters({pbx, Direction::out}), LimitMet::none);
}

TEST_F(GroupLimits, CountEachDirectionByItself) {
  limit({.name = {}, .trunks = {}, .calls_in = 2, .calls_out = 1});
  EXPECT_EQ(enter(snapshot, region, from_pbx, to_itsp), LimitMet::none);
  EXPECT_EQ(enters({itsp, Direction::in}), LimitMet::none);
  EXPECT_EQ(enters(from_pbx), LimitMet::group_one_way_in);
  EXPECT_EQ(enters({pbx, Direction::out}), LimitMet::group_one_way_out);
  EXPECT_EQ(enters({other, Direction::out}), LimitMet::none);
  EXPECT_EQ(region.trunk_live(pbx).load(), 1u) << "nothing is left of those that were refused";
  EXPECT_EQ(enters({pbx, Direction::out, true}), LimitMet::none) << "an emergency call";
  leave_leg(region, {pbx, Direction::out});
  leave_leg(region, to_itsp);
  EXPECT_EQ(enters({pbx, Direction::out}), LimitMet::none);
}

TEST_F(GroupLimits, OfBandwidthAreOfTheMediaOfAllItsTrunks) {
  limit({.name = {}, .trunks = {}, .kbps = 200});
  EXPECT_TRUE(counts_bandwidth(snapshot, pbx));
  EXPECT_FALSE(counts_bandwidth(snapshot, other));
  const Entry in{pbx, Direction::in, false, LimitId::none, 80};
  const Entry out{itsp, Direction::out, false, LimitId::none, 80};
  EXPECT_EQ(enter(snapshot, region, in, out), LimitMet::none);
  EXPECT_EQ(enters(in), LimitMet::group_bandwidth_in);
  EXPECT_EQ(enters(out), LimitMet::group_bandwidth_out);
  EXPECT_EQ(enters(from_pbx), LimitMet::none) << "its media goes past us";
  weigh_leg(region, itsp, 80, 24);
  EXPECT_EQ(enters(in), LimitMet::none);
  EXPECT_EQ(region.trunk_limits(pbx).kbps.load(), 160u);
  limit({.name = {}, .trunks = {}, .max_calls = 9});
  EXPECT_FALSE(counts_bandwidth(snapshot, pbx));
}

TEST_F(GroupLimits, OfBandwidthAloneAreAskedAgainForALegThatIsToTakeMore) {
  limit({.name = {}, .trunks = {}, .max_calls = 1, .kbps = 100});
  const Entry in{pbx, Direction::in, false, LimitId::none, 80};
  EXPECT_EQ(enters(from_pbx), LimitMet::none);
  EXPECT_EQ(enters({itsp, Direction::out, true, LimitId::none, 40}), LimitMet::none);
  EXPECT_EQ(take_more(snapshot, region, in, 0), LimitMet::group_bandwidth_in);
  EXPECT_EQ(region.trunk_limits(pbx).kbps.load(), 0u);
  weigh_leg(region, itsp, 40, 20);
  EXPECT_EQ(take_more(snapshot, region, in, 0), LimitMet::none) << "it has its place already";
  EXPECT_EQ(region.trunk_limits(pbx).kbps.load(), 80u);
}

TEST_F(GroupLimits, OfASecondAreOfEachDirectionAndOfBoth) {
  limit({.name = {}, .trunks = {}, .rate = 10, .rate_in = 1, .rate_out = 2, .burst = 2});
  EXPECT_EQ(rate(from_pbx), LimitMet::none);
  EXPECT_EQ(rate({itsp, Direction::in}), LimitMet::none);
  EXPECT_EQ(rate(from_pbx, 200), LimitMet::group_one_way_rate_in);
  EXPECT_EQ(rate(to_itsp, 200), LimitMet::none) << "what refused took nothing of both together";
  EXPECT_EQ(rate({pbx, Direction::out}, 300), LimitMet::none);
  EXPECT_EQ(rate(to_itsp, 400), LimitMet::group_one_way_rate_out);
  EXPECT_EQ(rate({other, Direction::out}, 400), LimitMet::none);
  limit({.name = {}, .trunks = {}, .rate = 1, .rate_in = 9, .rate_out = 9});
  EXPECT_EQ(rate(from_pbx, 5'000), LimitMet::none);
  EXPECT_EQ(rate(to_itsp, 5'900), LimitMet::group_rate_out);
}

// A call from one trunk of a group to another one is one in each direction, and one of both
// together; so is one that tries several of them.
TEST_F(GroupLimits, OfASecondTakeACallOnce) {
  limit({.name = {}, .trunks = {}, .rate = 1, .rate_in = 1, .rate_out = 1});
  EXPECT_EQ(rate(from_pbx), LimitMet::none);
  Entry target = to_itsp;
  target.rated_in = pbx;
  EXPECT_EQ(rate(target), LimitMet::none) << "its caller was not one to them";
  EXPECT_EQ(rate(target), LimitMet::group_one_way_rate_out) << "another call of that caller";
  target.trunk = pbx;
  target.rated_out = itsp;
  EXPECT_EQ(rate(target), LimitMet::none) << "the next target";
}

TEST_F(GroupLimits, OfASecondTakeACallOnceThatGoesThereAndBack) {
  limit({.name = {}, .trunks = {}, .rate = 0, .rate_in = 0, .rate_out = 1});
  const auto before = [this](std::vector<TrunkId> rated, TrunkId trunk) {
    return rated_before(snapshot, rated, trunk);
  };
  EXPECT_EQ(before({}, itsp), TrunkId::none);
  EXPECT_EQ(before({itsp, other}, itsp), itsp) << "nothing is taken of it any more";
  EXPECT_EQ(before({itsp, other}, pbx), itsp) << "a trunk of the same group was tried before";
  EXPECT_EQ(before({other}, pbx), other);
  EXPECT_EQ(rate(to_itsp), LimitMet::none);
  Entry third{pbx, Direction::out};
  third.rated_out = before({itsp, other}, pbx);
  EXPECT_EQ(rate(third), LimitMet::none);
}

// Workers that come at once never get more than the group has.
TEST_F(GroupLimits, HoldWhenWorkersComeAtOnce) {
  limit({.name = {}, .trunks = {}, .max_calls = 90, .calls_in = 50});
  std::atomic<unsigned> taken{0};
  std::vector<std::thread> workers;
  for (const TrunkId trunk : {pbx, itsp}) {
    workers.emplace_back([&, trunk] {
      for (unsigned i = 0; i < 1000; ++i) {
        if (enters({trunk, Direction::in}) != LimitMet::none) continue;
        taken.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_LE(taken.load(), 50u);
  EXPECT_EQ(region.trunk_live(pbx).load() + region.trunk_live(itsp).load(), taken.load());
  EXPECT_EQ(region.trunk_limits(pbx).calls_in.load() + region.trunk_limits(itsp).calls_in.load(),
            taken.load());
}

}  // namespace
}  // namespace demarc::route
