#include "dataplane/route/hunt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "dataplane/contract/section_builder.h"
#include "tests/support/digit_trie.h"

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

    const contract::RegionSizes sizes{1, 1, 3, 4, 2};
    memory_.resize(contract::Region::octets_needed(sizes) + 64);
    const auto skip = (64 - reinterpret_cast<uintptr_t>(memory_.data()) % 64) % 64;
    region_ = contract::Region::create(std::span(memory_).subspan(skip), sizes, 1);
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
    const contract::RegionSizes sizes{1, 1, 4, 4, 2};
    memory_.resize(contract::Region::octets_needed(sizes) + 64);
    const auto skip = (64 - reinterpret_cast<uintptr_t>(memory_.data()) % 64) % 64;
    region_ = contract::Region::create(std::span(memory_).subspan(skip), sizes, 1);
    for (uint16_t i = 0; i < 4; ++i) {
      region_.target(contract::TargetId{i})
          .store({{IpAddress::v4(192, 0, 2, 1), 5060}, TrunkId{i}, TargetHealth::up, 0, 0});
    }
  }

  // Route 0 goes to 0, 1 by `order`, then to 2, 3 by lowest cost; route 1 to 1.
  void build_routes() {
    contract::SectionBuilder<contract::RouteSection> routes(contract::SectionKind::routes, 1);
    const std::vector<TrunkId> then = {TrunkId{1}, TrunkId{2}, TrunkId{3}};
    const std::vector<contract::RouteStage> stages = {{2, contract::HuntOrder::round_robin},
                                                      {2, contract::HuntOrder::lowest_cost}};
    std::vector<contract::RouteConfig> rows(2);
    rows[0].then = routes.array<TrunkId>(then);
    rows[0].stages = routes.array<contract::RouteStage>(stages);
    rows[1].to = TrunkId{1};
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
