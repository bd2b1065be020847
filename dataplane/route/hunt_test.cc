#include "dataplane/route/hunt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "dataplane/contract/section_builder.h"
#include "tests/support/digit_trie.h"
#include "tests/support/own_region.h"

namespace demarc::route {
namespace {

using contract::IpAddress;
using contract::TargetHealth;
using contract::TrunkId;

// Trunk 0 has three targets, trunk 1 one, trunk 2 is a hole; the route goes to 0, then 2, then 1.
class HuntTest : public ::testing::Test {
 protected:
  HuntTest() {
    contract::SectionBuilder<contract::TrunkSection> trunks(contract::SectionKind::trunks, 1);
    std::vector<contract::TrunkConfig> configs(3);
    configs[0].realm = configs[1].realm = contract::RealmId{0};
    configs[0].first_target = contract::TargetId{0};
    configs[0].target_count = 3;
    configs[1].first_target = contract::TargetId{3};
    configs[1].target_count = 1;
    trunks.section().trunks = trunks.array<contract::TrunkConfig>(configs);
    trunk_blob_ = trunks.finish();
    snapshot_.trunks = reinterpret_cast<const contract::TrunkSection*>(trunk_blob_.data());

    contract::SectionBuilder<contract::RouteSection> routes(contract::SectionKind::routes, 1);
    const std::vector<TrunkId> then = {TrunkId{2}, TrunkId{1}};
    std::vector<contract::RouteConfig> rows(1);
    rows[0].from = TrunkId{1};
    rows[0].to = TrunkId{0};
    rows[0].then = routes.array<TrunkId>(then);
    routes.section().routes = routes.array<contract::RouteConfig>(rows);
    route_blob_ = routes.finish();
    snapshot_.routes = reinterpret_cast<const contract::RouteSection*>(route_blob_.data());

    region_ = support::region_in(memory_, {1, 1, 3, 4, 2});
  }

  void target(uint32_t id, TrunkId trunk, TargetHealth health, uint16_t priority) {
    region_.target(contract::TargetId{id})
        .store({{IpAddress::v4(192, 0, 2, static_cast<uint8_t>(10 + id)), 5060},
                trunk,
                health,
                priority,
                0});
  }
  Hunt hunt() const {
    Match match;
    match.to = TrunkId{0};
    return {snapshot_, match};
  }
  // The last octets of all targets in the order in which they are tried.
  std::string order(Hunt hunt) const {
    std::string text;
    for (;;) {
      const bool has_next = hunt.has_next(snapshot_, region_);
      const Target target = hunt.next(snapshot_, region_);
      EXPECT_EQ(target.is_set(), has_next);
      if (!target.is_set()) return text;
      text += std::to_string(target.endpoint.address.octets[15]) + "/" +
              std::to_string(index_of(target.trunk)) + " ";
    }
  }

  std::vector<std::byte> trunk_blob_, route_blob_, memory_;
  contract::Snapshot snapshot_;
  contract::Region region_;
};

TEST_F(HuntTest, GoesByHealthThenPriorityThenTrunk) {
  target(0, TrunkId{0}, TargetHealth::down, 1);
  target(1, TrunkId{0}, TargetHealth::unknown, 3);
  target(2, TrunkId{0}, TargetHealth::up, 2);
  target(3, TrunkId{1}, TargetHealth::up, 0);
  EXPECT_EQ(order(hunt()), "12/0 11/0 10/0 13/1 ");
}

TEST_F(HuntTest, EqualOnesGoInTheirOwnOrder) {
  for (uint32_t i = 0; i < 3; ++i) target(i, TrunkId{0}, TargetHealth::up, 1);
  EXPECT_EQ(order(hunt()), "10/0 11/0 12/0 ");
}

TEST_F(HuntTest, ATargetThatIsDownHoldsUpNoOtherTrunkUnlessItStandsAlone) {
  target(0, TrunkId{0}, TargetHealth::down, 0);
  target(3, TrunkId{1}, TargetHealth::up, 0);
  EXPECT_EQ(order(hunt()), "13/1 10/0 ");
  target(1, TrunkId{0}, TargetHealth::up, 1);
  EXPECT_EQ(order(hunt()), "11/0 10/0 13/1 ") << "its trunk is not down";
}

TEST_F(HuntTest, PassesOverATrunkWithoutTargets) {
  target(3, TrunkId{1}, TargetHealth::unknown, 0);
  EXPECT_EQ(order(hunt()), "13/1 ");
}

TEST_F(HuntTest, SkipsTheRestOfATrunk) {
  for (uint32_t i = 0; i < 3; ++i) target(i, TrunkId{0}, TargetHealth::up, 1);
  target(3, TrunkId{1}, TargetHealth::up, 0);
  Hunt hunting = hunt();
  EXPECT_TRUE(hunting.next(snapshot_, region_).is_set());
  hunting.skip_trunk();
  EXPECT_EQ(order(hunting), "13/1 ");
}

TEST_F(HuntTest, SkippingAllLeavesNothingToASecondRound) {
  target(0, TrunkId{0}, TargetHealth::down, 0);
  target(3, TrunkId{1}, TargetHealth::up, 0);
  Hunt hunting = hunt();
  EXPECT_EQ(hunting.next(snapshot_, region_).trunk, TrunkId{1}) << "trunk 0 is postponed";
  hunting.skip_all();
  EXPECT_EQ(order(hunting), "");
}

TEST_F(HuntTest, AmongEqualsChoosesByWeight) {
  const auto weighted = [&](uint32_t id, uint16_t weight) {
    contract::Target held;
    ASSERT_TRUE(region_.target(contract::TargetId{id}).load(held));
    held.priority = 5;
    held.weight = weight;
    region_.target(contract::TargetId{id}).store(held);
  };
  target(0, TrunkId{0}, TargetHealth::up, 5);
  target(1, TrunkId{0}, TargetHealth::up, 5);
  weighted(0, 1);
  weighted(1, 3);
  unsigned first = 0;
  for (uint32_t random = 0; random < 1000; ++random) {
    Hunt hunting = hunt();
    if (hunting.next(snapshot_, region_, random).id == contract::TargetId{0}) ++first;
    EXPECT_TRUE(hunting.has_next(snapshot_, region_));
  }
  // One of the numbers 0 to 4 is below or at the first weight, and so is 0.
  EXPECT_EQ(first, 400u);
  weighted(0, 0);
  first = 0;
  for (uint32_t random = 0; random < 1000; ++random) {
    Hunt hunting = hunt();
    if (hunting.next(snapshot_, region_, random).id == contract::TargetId{0}) ++first;
  }
  EXPECT_EQ(first, 250u);
}

// Routes of stages, with costs, and of backups: of four trunks with a target each.
class StageTest : public ::testing::Test {
 protected:
  static constexpr uint16_t weighted = 2, unweighted = 3, all_zero = 4, least_busy = 5,
                            shuffled = 6;

  StageTest() {
    contract::SectionBuilder<contract::TrunkSection> trunks(contract::SectionKind::trunks, 1);
    std::vector<contract::TrunkConfig> configs(4);
    for (uint16_t i = 0; i < 4; ++i) {
      configs[i].realm = contract::RealmId{0};
      configs[i].first_target = contract::TargetId{i};
      configs[i].target_count = 1;
    }
    trunks.section().trunks = trunks.array<contract::TrunkConfig>(configs);
    trunk_blob_ = trunks.finish();
    snapshot_.trunks = reinterpret_cast<const contract::TrunkSection*>(trunk_blob_.data());
    build_routes();
    region_ = support::region_in(memory_, {1, 1, 4, 4, 2});
    for (uint16_t i = 0; i < 4; ++i) {
      region_.target(contract::TargetId{i})
          .store({{IpAddress::v4(192, 0, 2, 1), 5060}, TrunkId{i}, TargetHealth::up, 0, 0});
    }
  }

  // Route 0 goes to 0, 1 in turn, then to 2, 3 by lowest cost; route 1 to 1. Routes 2 to 6 go to 0,
  // 1, 2 in one stage: `weighted` with weights, with none and with all 0, `least_busy`, `shuffled`.
  void build_routes() {
    contract::SectionBuilder<contract::RouteSection> routes(contract::SectionKind::routes, 1);
    const std::vector<TrunkId> then = {TrunkId{1}, TrunkId{2}, TrunkId{3}};
    const std::vector<contract::RouteStage> stages = {{2, contract::HuntOrder::round_robin},
                                                      {2, contract::HuntOrder::lowest_cost}};
    std::vector<contract::RouteConfig> rows(7);
    rows[0].then = routes.array<TrunkId>(then);
    rows[0].stages = routes.array<contract::RouteStage>(stages);
    rows[1].to = TrunkId{1};
    const std::vector<TrunkId> behind = {TrunkId{1}, TrunkId{2}};
    const std::vector<uint16_t> weights = {1, 3, 0};
    const std::vector<uint16_t> zeros = {0, 0, 0};
    for (size_t i = weighted; i < rows.size(); ++i) {
      rows[i].then = routes.array<TrunkId>(behind);
      rows[i].hunt = contract::HuntOrder::weighted;
    }
    rows[weighted].weights = routes.array<uint16_t>(weights);
    rows[all_zero].weights = routes.array<uint16_t>(zeros);
    rows[least_busy].hunt = contract::HuntOrder::least_busy;
    rows[least_busy].weights = routes.array<uint16_t>(weights);
    rows[shuffled].hunt = contract::HuntOrder::shuffled;
    support::DigitTrieRows costs;
    std::vector<contract::TrunkNumbers> numbers(4);
    numbers[2].cost = costs.add({{"+44", 20}, {"+4479", 5}});
    numbers[3].cost = costs.add({{"", 10}});
    costs.finish(routes);
    routes.section().routes = routes.array<contract::RouteConfig>(rows);
    routes.section().numbers.trunks = routes.array<contract::TrunkNumbers>(numbers);
    route_blob_ = routes.finish();
    snapshot_.routes = reinterpret_cast<const contract::RouteSection*>(route_blob_.data());
  }

  // "TRUNK/ROUTE" of each target.
  std::string order(std::span<const Match> matches, uint64_t turn, std::string_view called) const {
    Hunt hunt(snapshot_, matches, {&region_, 0, turn, called});
    std::string text;
    for (Target target; (target = hunt.next(snapshot_, region_)).is_set();) {
      text += std::to_string(index_of(target.trunk)) + "/" + std::to_string(target.route) + " ";
    }
    return text;
  }

  // The trunks of one of the routes 2 to 6, in the order in which they are tried.
  std::string trunks_of(uint16_t route, uint32_t random, bool knows_calls = true) const {
    Match match;
    match.to = TrunkId{0};
    match.route = route;
    Hunt hunt(snapshot_, std::span(&match, 1), {knows_calls ? &region_ : nullptr, random, 0, "+1"});
    std::string text;
    for (Target target; (target = hunt.next(snapshot_, region_)).is_set();) {
      text += std::to_string(index_of(target.trunk)) + " ";
    }
    return text;
  }
  // How often each order comes of the random numbers below `count`.
  std::map<std::string, unsigned> orders_of(uint16_t route, uint32_t count) const {
    std::map<std::string, unsigned> orders;
    for (uint32_t random = 0; random < count; ++random) ++orders[trunks_of(route, random)];
    return orders;
  }
  void set(uint16_t trunk, TargetHealth health) {
    region_.target(contract::TargetId{trunk})
        .store({{IpAddress::v4(192, 0, 2, 1), 5060}, TrunkId{trunk}, health, 0, 0});
  }
  void down(uint16_t trunk) { set(trunk, TargetHealth::down); }
  void up(uint16_t trunk) { set(trunk, TargetHealth::up); }
  void busy(std::array<uint32_t, 3> calls) {
    for (uint16_t i = 0; i < calls.size(); ++i) region_.trunk_live(TrunkId{i}).store(calls[i]);
  }

  std::vector<std::byte> trunk_blob_, route_blob_, memory_;
  contract::Snapshot snapshot_;
  contract::Region region_;
};

TEST_F(StageTest, EachStageHasAnOrderOfItsOwn) {
  Match match;
  match.to = TrunkId{0};
  const auto go = [&](uint64_t turn, std::string_view called) {
    return order(std::span(&match, 1), turn, called);
  };
  EXPECT_EQ(go(0, "+442079"), "0/0 1/0 3/0 2/0 ");
  EXPECT_EQ(go(1, "+447911"), "1/0 0/0 2/0 3/0 ");
  EXPECT_EQ(go(2, "+1"), "0/0 1/0 3/0 2/0 ") << "without a cost last";
}

TEST_F(StageTest, RoutesThatStandInComeBehind) {
  std::array<Match, 2> matches;
  matches[0].to = TrunkId{0};
  matches[1].to = TrunkId{1};
  matches[1].route = 1;
  EXPECT_EQ(order(matches, 0, "+1"), "0/0 1/0 3/0 2/0 1/1 ");
}

// Who is chosen goes first, the others keep their places. A weight of 0 is never chosen first.
TEST_F(StageTest, WeightedPutsATrunkFirstAsOftenAsItsWeightSays) {
  const std::map<std::string, unsigned> wanted = {{"0 1 2 ", 1000}, {"1 0 2 ", 3000}};
  EXPECT_EQ(orders_of(weighted, 4000), wanted);
  EXPECT_EQ(trunks_of(weighted, 0xfffffffc), "0 1 2 ");
  EXPECT_EQ(trunks_of(weighted, 0xffffffff), "1 0 2 ");
}

TEST_F(StageTest, WeightedWithoutWeightsChoosesAllAlike) {
  const std::map<std::string, unsigned> wanted = {
      {"0 1 2 ", 1000}, {"1 0 2 ", 1000}, {"2 0 1 ", 1000}};
  EXPECT_EQ(orders_of(unweighted, 3000), wanted);
}

TEST_F(StageTest, WeightedByZerosOnlyKeepsTheOrderOfTheFile) {
  const std::map<std::string, unsigned> wanted = {{"0 1 2 ", 100}};
  EXPECT_EQ(orders_of(all_zero, 100), wanted);
}

TEST_F(StageTest, ShuffledGivesEachOrderAlike) {
  const std::map<std::string, unsigned> orders = orders_of(shuffled, 6000);
  ASSERT_EQ(orders.size(), 6u);
  // Five standard deviations of a fair dice; the numbers are fixed, so this never changes.
  for (const auto& [text, count] : orders) EXPECT_NEAR(count, 1000, 145) << text;
}

TEST_F(StageTest, ATrunkOfWhichAllIsDownComesBehindAllRoutes) {
  std::array<Match, 2> matches;
  matches[0].to = TrunkId{0};
  matches[1].to = TrunkId{2};
  matches[1].route = 1;
  down(1);
  down(3);
  EXPECT_EQ(order(matches, 0, "+1"), "0/0 2/0 2/1 1/0 3/0 ");
  down(0);
  down(2);
  EXPECT_EQ(order(matches, 0, "+1"), "0/0 1/0 3/0 2/0 2/1 ") << "none is left out";
}

TEST_F(StageTest, ATrunkThatRecoversBehindOthersIsTriedOnce) {
  Match match;
  match.to = TrunkId{0};
  down(0);
  Hunt hunt(snapshot_, std::span(&match, 1), {&region_, 0, 0, "+1"});
  EXPECT_EQ(hunt.next(snapshot_, region_).trunk, TrunkId{1});
  up(0);
  down(1);
  std::string rest;
  for (Target target; (target = hunt.next(snapshot_, region_)).is_set();) {
    rest += std::to_string(index_of(target.trunk)) + " ";
  }
  EXPECT_EQ(rest, "3 2 0 ");
}

TEST_F(StageTest, LeastBusyGoesByCallsPerWeight) {
  busy({2, 3, 4});
  EXPECT_EQ(trunks_of(least_busy, 0), "1 0 2 ");
  busy({2, 9, 1});
  EXPECT_EQ(trunks_of(least_busy, 0), "2 0 1 ") << "a weight of 0 counts as 1";
  busy({1, 4, 5});
  EXPECT_EQ(trunks_of(least_busy, 0), "0 1 2 ") << "parts of a call count";
}

TEST_F(StageTest, LeastBusyLeavesEqualOnesInTheirOrder) {
  EXPECT_EQ(trunks_of(least_busy, 0), "0 1 2 ") << "without calls";
  busy({2, 6, 2});
  for (uint32_t random = 0; random < 100; ++random) {
    EXPECT_EQ(trunks_of(least_busy, random), "0 1 2 ");
  }
  busy({5, 6, 2});
  EXPECT_EQ(trunks_of(least_busy, 0), "1 2 0 ");
}

TEST_F(StageTest, LeastBusyKeepsTheOrderOfTheFileWithoutCounts) {
  busy({9, 0, 0});
  EXPECT_EQ(trunks_of(least_busy, 0, false), "0 1 2 ");
}

// Of more trunks than a call can try the last ones are left out.
TEST_F(StageTest, HasRoomForSomeTrunksOnly) {
  std::vector<Match> matches(max_hunted_routes + 1);
  for (Match& match : matches) match.to = TrunkId{0};
  const std::string text = order(matches, 0, "+1");
  EXPECT_EQ(std::count(text.begin(), text.end(), ' '), 4 * max_hunted_routes);
}

TEST_F(HuntTest, HasNothingWithoutAMatch) {
  EXPECT_EQ(order(Hunt(snapshot_, Match{})), "");
  EXPECT_EQ(order(Hunt{}), "");
}

}  // namespace
}  // namespace demarc::route
