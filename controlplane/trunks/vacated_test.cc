// Numbers of what left, against a region that the test writes.
#include "controlplane/trunks/vacated.h"

#include <gtest/gtest.h>

#include <memory>

#include "controlplane/trunks/platform.h"
#include "controlplane/trunks/trunks_harness.h"
#include "dataplane/contract/channel.h"

namespace demarc::trunks {
namespace {

using contract::TrunkCounter;
using contract::TrunkId;

constexpr contract::RegionSizes sizes = {2, 4, 4, 64, 64, 4};
constexpr uint64_t left_unix_ns = 1'000'000'000'000;

class VacatedTest : public testing::Test {
 protected:
  VacatedTest() {
    const size_t octets = contract::Region::octets_needed(sizes);
    mapping =
        std::make_unique<contract::Mapping>(contract::make_memfd("region", octets), octets, true);
    region = contract::Region::create(mapping->octets(), sizes, 7);
    both = load(text_of({"acme", "beta"}));
    one = load(text_of({"acme"}));
    compile(both, {false, {}}, ids);
    id = TrunkId{static_cast<uint16_t>(ids.trunks.take("beta"))};
    region.trunk_counters(1, id).add(TrunkCounter::attempts_in, 5);
    region.target_signs(1, contract::TargetId{ids.targets.take("beta")}).answered.store(3);
    region.trunk_limits(id).due_in_ns.store(9);
    region.limit_live(contract::LimitId{ids.limits.take("trunk/beta/+44")}).due_ns.store(9);
    // It left.
    vacated.note(one, ids, region, {1000, left_unix_ns});
  }
  static std::string text_of(const std::vector<std::string>& trunks) {
    std::string text = R"([port.wan]
device = "a"
[realm.outside]
port = "wan"
address = "198.51.100.10"
)";
    unsigned port = 5060;
    for (const std::string& name : trunks) {
      text += "[trunk." + name + "]\nrealm = \"outside\"\npeer = \"198.51.100.20\"\nport = " +
              std::to_string(port += 2) + "\n[[prefix_limit]]\ntrunk = \"" + name +
              "\"\nprefix = \"+44\"\nmax_calls = 4\n";
    }
    return text;
  }
  // What is left of beta's numbers at `now_ms`: t, r and l for trunk, target row and limit.
  std::string kept(uint64_t now_ms) {
    vacated.give_back(ids, region, {now_ms, left_unix_ns + now_ms * 1'000'000});
    return std::string(ids.trunks.all().contains("beta") ? "t" : "") +
           (ids.targets.all().contains("beta") ? "r" : "") +
           (ids.limits.all().contains("trunk/beta/+44") ? "l" : "");
  }
  void add_call(uint64_t started_unix_ns, uint64_t answered_unix_ns, TrunkId to) {
    contract::DirectoryRow row;
    row.phase = answered_unix_ns == 0 ? contract::CallPhase::trying : contract::CallPhase::answered;
    row.from = TrunkId{0};
    row.to = to;
    row.started_unix_ns = started_unix_ns;
    row.answered_unix_ns = answered_unix_ns;
    region.directory(0, contract::CallSlot{3}).store(row);
  }

  static constexpr uint64_t rested = 1000 + Vacated::rest_ms;
  std::unique_ptr<contract::Mapping> mapping;
  contract::Region region;
  config::Config both, one;
  IdMap ids;
  TrunkId id = TrunkId::none;
  Vacated vacated;
};

TEST_F(VacatedTest, NumbersAreGivenBackAfterARestWithCountsAtZero) {
  EXPECT_EQ(kept(rested - 1), "trl");
  EXPECT_EQ(kept(rested), "");
  EXPECT_EQ(ids.trunks.take("new"), contract::index_of(id)) << "the next one has it";
  EXPECT_EQ(region.trunk_counters(1, id).get(TrunkCounter::attempts_in), 0u);
  EXPECT_EQ(region.trunk_limits(id).due_in_ns.load(), 0u);
  EXPECT_EQ(region.target_signs(1, contract::TargetId{1}).answered.load(), 0u);
  EXPECT_EQ(region.limit_live(contract::LimitId{1}).due_ns.load(), 0u);
  EXPECT_TRUE(ids.trunks.all().contains("acme"));
}

// A change that was refused is not compiled, and nothing else would ever give them back.
TEST_F(VacatedTest, WhatRestedIsNoReasonToRefuseAChange) {
  const config::Config next = load(text_of({"acme", "gamma"}));
  const link::DataplaneView view = {false, compile_platform(next), 2, 2};
  const auto why = [&](uint64_t now_ms) {
    return misfit(next, view, vacated.with_given_back(ids, region, {now_ms, left_unix_ns}));
  };
  EXPECT_NE(why(rested - 1), "");
  EXPECT_EQ(why(rested), "");
  EXPECT_TRUE(ids.trunks.all().contains("beta")) << "it only asked";
  EXPECT_EQ(kept(rested), "");
}

TEST_F(VacatedTest, WhatComesBackKeepsItsNumber) {
  vacated.note(both, ids, region, {2000, left_unix_ns});
  EXPECT_EQ(kept(10 * rested), "trl");
  EXPECT_EQ(region.trunk_counters(1, id).get(TrunkCounter::attempts_in), 5u);
}

TEST_F(VacatedTest, TheRestBeginsWhenItLeftNotWithEachSetSince) {
  vacated.note(one, ids, region, {rested - 1, left_unix_ns});
  EXPECT_EQ(kept(rested), "");
}

TEST_F(VacatedTest, ALegThatCountsKeepsNumbers) {
  region.trunk_live(id).store(1);
  region.limit_live(contract::LimitId{ids.limits.take("trunk/beta/+44")}).calls.store(1);
  add_call(left_unix_ns - 1, left_unix_ns, id);
  EXPECT_EQ(kept(rested), "trl");
  region.trunk_live(id).store(0);
  region.limit_live(contract::LimitId{ids.limits.take("trunk/beta/+44")}).calls.store(0);
  EXPECT_EQ(kept(rested), "r") << "the call has its target still";
  add_call(left_unix_ns + 1, left_unix_ns, TrunkId{0});
  EXPECT_EQ(kept(rested), "");
}

TEST_F(VacatedTest, ACallThatBeganBeforeAndHuntsMayHaveAnyNumberOnItsList) {
  add_call(left_unix_ns, 0, TrunkId{0});
  EXPECT_EQ(kept(rested), "trl");
  add_call(left_unix_ns + 1, 0, TrunkId{0});
  EXPECT_EQ(kept(rested), "");
}

TEST_F(VacatedTest, RecordsOfThatTimeAreReadFirst) {
  vacated.clear();
  ASSERT_TRUE(region.records(1).push({}));
  vacated.note(one, ids, region, {1000, left_unix_ns});
  ASSERT_TRUE(region.records(1).push({}));
  EXPECT_EQ(kept(rested), "trl");
  region.records(1).consume(1);
  EXPECT_EQ(kept(rested), "") << "later ones do not name it";
}

}  // namespace
}  // namespace demarc::trunks
