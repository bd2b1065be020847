// What-if beside a box that runs: its counts, its health, and who is registered there.
#include <gtest/gtest.h>

#include "controlplane/config/load.h"
#include "controlplane/trunks/limits.h"
#include "controlplane/whatif/trace_route.h"
#include "tests/support/own_region.h"

namespace demarc::whatif {
namespace {

using contract::LimitMet;
using contract::TargetHealth;
using contract::TargetId;
using contract::TrunkId;

constexpr std::string_view text = R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
max_calls_in = 10
calls_per_second_in = 1
limit_status = 486
[trunk.acme]
realm = "inside"
peer = ["10.0.0.30", "10.0.0.31"]
port = 5070
max_calls = 5
max_calls_out = 4
calls_per_second_out = 1
bandwidth_kbps = 100
limit_status = 480
limit_retry_after_s = 7
[trunk.backup]
realm = "inside"
peer = "10.0.0.40"
port = 5080
[trunk.branch]
realm = "inside"
port = 5090
registrar = true
sources = "10.1.0.0/16"
[user.branch7]
trunk = "branch"
password = "secret"
[trunk.named]
realm = "inside"
port = 5100
peer = "sip.example.com"
[trunk.first]
realm = "inside"
port = 5110
peer = "10.0.0.61"
[trunk.second]
realm = "inside"
port = 5120
peer = "10.0.0.62"
[trunk.between]
realm = "inside"
port = 5130
peer = "10.0.0.63"
calls_per_second_out = 1
[group.slow]
trunks = ["first", "second"]
calls_per_second_out = 1
[group.pair]
trunks = ["acme", "backup"]
max_calls_out = 6
[[prefix_limit]]
trunk = "acme"
prefix = "+44"
max_calls = 2
[[route]]
from = "pbx"
to = ["acme", "backup"]
prefix = "+"
[[route]]
from = "pbx"
to = "acme"
prefix = "7"
[[route]]
from = "pbx"
to = "branch"
prefix = "8"
[[route]]
from = "pbx"
to = "named"
prefix = "9"
[[route]]
from = "pbx"
to = ["first", "between", "second"]
prefix = "6"
[[route]]
from = "pbx"
to = "acme"
prefix = "112"
emergency = true
)";

constexpr uint64_t now_ns = 5'000'000'000'000;

// The trunks of the box have other numbers than the snapshot gives them.
class BesideABox : public ::testing::Test {
 protected:
  BesideABox() : loaded_(config::load_text(text)) {
    EXPECT_TRUE(loaded_.is_good) << testing::PrintToString(config::texts_of(loaded_, "f"));
    snapshot_ = std::make_unique<Snapshot>(loaded_.config);
    region_ = support::region_in(memory_, {1, 1, 8, 8, 2, 8});
    region_.header().state.store(contract::DataplaneState::running, std::memory_order_relaxed);
    for (const char* name : {"gone", "backup", "acme", "pbx", "named"}) ids_.trunks.take(name);
    ids_.limits.take("gone");
    ids_.limits.take("trunk/acme/+44");
    box_ = {&region_, &loaded_.config, &ids_, contract::Instant{now_ns}};
  }
  TrunkId id(const std::string& name) const {
    return TrunkId{static_cast<uint16_t>(ids_.trunks.all().at(name))};
  }
  contract::TrunkLive& live(const std::string& name) { return region_.trunk_limits(id(name)); }
  void has_calls_out(const std::string& name, uint32_t calls) {
    live(name).calls_out.store(calls);
    region_.trunk_live(id(name)).store(calls);
  }
  void is_at(uint32_t row, const char* trunk, const char* address, TargetHealth health) {
    region_.target(TargetId{row}).store({*contract::parse_endpoint(address, 0), id(trunk), health});
  }
  Trace trace(const std::string& called) {
    question_ = {"pbx", called, "", {}, 0, bound_, &box_};
    return snapshot_->trace(question_);
  }
  std::string said(const std::string& called) {
    const Trace found = trace(called);
    return text_of(question_, found);
  }
  // What stands against the first target.
  LimitMet met(const std::string& called) {
    const Trace found = trace(called);
    return found.targets.empty() ? LimitMet::none : found.targets[0].limit.met;
  }

  config::Loaded loaded_;
  std::unique_ptr<Snapshot> snapshot_;
  std::vector<std::byte> memory_;
  contract::Region region_;
  trunks::IdMap ids_;
  Box box_;
  std::vector<Bound> bound_;
  Question question_;
};

TEST_F(BesideABox, EachTargetWithRoomIsTried) {
  const Trace found = trace("+1");
  ASSERT_EQ(found.targets.size(), 3u);
  for (const TargetStep& target : found.targets) EXPECT_TRUE(target.is_tried());
  EXPECT_FALSE(found.refused);
  EXPECT_NE(text_of(question_, found).find("  tried\n"), std::string::npos);
  EXPECT_NE(json_of(question_, found).find("\"fate\": \"tried\""), std::string::npos);
}

TEST_F(BesideABox, AFullTrunkIsSkippedAndItsLimitNamed) {
  has_calls_out("acme", 4);
  const Trace found = trace("+1");
  ASSERT_EQ(found.targets.size(), 2u) << "all of acme is skipped";
  EXPECT_EQ(found.targets[0].limit.met, LimitMet::calls_out);
  EXPECT_EQ(found.targets[1].trunk, "backup");
  EXPECT_TRUE(found.targets[1].is_tried());
  EXPECT_FALSE(found.refused);
  EXPECT_NE(said("+1").find("skipped: max_calls_out of acme is met\n"), std::string::npos)
      << said("+1");
  EXPECT_NE(json_of(question_, found).find("\"name\": \"calls_out\""), std::string::npos);
}

TEST_F(BesideABox, TheCallerGetsWhatTheFullTrunkSays) {
  has_calls_out("acme", 4);
  const Trace found = trace("7");
  ASSERT_TRUE(found.refused);
  EXPECT_EQ(found.refused->status_code, 480);
  EXPECT_EQ(found.refused->retry_after_s, 7);
  EXPECT_NE(said("7").find("refused with 480, Retry-After: 7, as no target is tried\n"),
            std::string::npos)
      << said("7");
}

TEST_F(BesideABox, EveryKindOfLimitIsAsked) {
  region_.trunk_live(id("acme")).store(5);
  EXPECT_EQ(met("7"), LimitMet::trunk_calls_out);
  region_.trunk_live(id("acme")).store(0);
  live("acme").due_out_ns.store(now_ns + 500'000'000);
  EXPECT_EQ(met("7"), LimitMet::rate_out);
  live("acme").due_out_ns.store(0);
  live("acme").kbps.store(21);
  EXPECT_EQ(met("7"), LimitMet::bandwidth_out);
  live("acme").kbps.store(20);
  EXPECT_EQ(met("7"), LimitMet::none) << "a call of G.711 is 80 kbit/s";
  live("acme").kbps.store(0);
  region_.limit_live(contract::LimitId{1}).calls.store(2);
  EXPECT_EQ(met("+44"), LimitMet::prefix_out);
  EXPECT_NE(said("+44").find("max_calls of the prefix limit +44 of acme is met"), std::string::npos)
      << said("+44");
  EXPECT_EQ(met("+1"), LimitMet::none);
  has_calls_out("backup", 6);
  EXPECT_EQ(met("+1"), LimitMet::group_one_way_out);
}

TEST_F(BesideABox, ALimitOfTheCallersTrunkEndsIt) {
  live("pbx").calls_in.store(10);
  const Trace found = trace("+1");
  EXPECT_TRUE(found.targets.empty());
  EXPECT_EQ(found.caller_limit.met, LimitMet::calls_in);
  EXPECT_EQ(found.refused->status_code, 486);
  EXPECT_NE(said("+1").find("refused with 486 as max_calls_in of pbx is met\n"), std::string::npos)
      << said("+1");
  live("pbx").calls_in.store(0);
  live("pbx").due_in_ns.store(now_ns + 500'000'000);
  EXPECT_EQ(trace("+1").caller_limit.met, LimitMet::rate_in);
}

// First and second are one group, whose rate a call is taken of once.
TEST_F(BesideABox, ACallThatHuntsThereAndBackIsOneOfEachRate) {
  const Trace found = trace("6");
  ASSERT_EQ(found.targets.size(), 3u);
  for (const TargetStep& target : found.targets) EXPECT_TRUE(target.is_tried()) << target.trunk;
}

TEST_F(BesideABox, AnEmergencyCallMeetsNoLimit) {
  live("pbx").calls_in.store(10);
  has_calls_out("acme", 4);
  EXPECT_TRUE(trace("112").targets.at(0).is_tried());
}

TEST_F(BesideABox, NothingIsCountedAtTheBox) {
  trace("+44");
  EXPECT_EQ(live("acme").calls_out.load(), 0u);
  EXPECT_EQ(live("acme").due_out_ns.load(), 0u);
  EXPECT_EQ(live("pbx").calls_in.load(), 0u);
  EXPECT_EQ(met("+44"), LimitMet::none) << "a question takes nothing of the next one's rate";
}

TEST_F(BesideABox, WhatIsDownIsTriedLast) {
  is_at(2, "acme", "10.0.0.30:5060", TargetHealth::down);
  is_at(3, "acme", "10.0.0.31:5060", TargetHealth::up);
  const Trace found = trace("7");
  ASSERT_EQ(found.targets.size(), 2u);
  EXPECT_EQ(found.targets[0].address, "10.0.0.31:5060");
  EXPECT_EQ(found.targets[0].health, TargetHealth::up);
  EXPECT_EQ(found.targets[1].health, TargetHealth::down);
  EXPECT_NE(said("7").find("1. acme at 10.0.0.31:5060, up:\n"), std::string::npos) << said("7");
}

TEST_F(BesideABox, TheTargetThatHoldsOurRegistrationIsFirst) {
  box_.registered_at["acme"] = *contract::parse_endpoint("10.0.0.31:5060", 0);
  const Trace found = trace("7");
  ASSERT_EQ(found.targets.size(), 2u);
  EXPECT_EQ(found.targets[0].address, "10.0.0.31:5060");
  EXPECT_TRUE(found.targets[0].has_registration);
  EXPECT_FALSE(found.targets[1].has_registration);
  EXPECT_NE(said("7").find("10.0.0.31:5060, which holds our registration"), std::string::npos);
}

TEST_F(BesideABox, SaysWhoIsRegisteredOrThatNobodyIs) {
  EXPECT_NE(said("8").find("nobody is registered with branch"), std::string::npos) << said("8");
  bound_ = {{"branch", *contract::parse_endpoint("10.1.0.8:5062", 0), 0, "branch7"}};
  EXPECT_NE(said("8").find("1. branch at 10.1.0.8:5062, registered by branch7"), std::string::npos)
      << said("8");
}

TEST_F(BesideABox, KnowsWhereNamesLeadUnlessTheyAreOthersNow) {
  EXPECT_NE(said("9").find("no address of named is known"), std::string::npos) << said("9");
  is_at(5, "named", "10.0.0.50:5060", TargetHealth::up);
  EXPECT_EQ(trace("9").targets.at(0).address, "10.0.0.50:5060");
  config::Config other = loaded_.config;
  for (config::Trunk& trunk : other.trunks) {
    if (trunk.name == "named") trunk.peers[0].host = "sip.example.net";
  }
  box_.config = &other;
  EXPECT_TRUE(trace("9").targets.empty());
}

TEST_F(BesideABox, ABoxThatDrainsTakesNoCalls) {
  region_.header().state.store(contract::DataplaneState::draining);
  EXPECT_EQ(trace("+1").refused->status_code, 503);
  EXPECT_NE(said("+1").find("refused with 503: the dataplane takes no new calls"),
            std::string::npos);
}

TEST_F(BesideABox, WithoutOneNothingIsClaimed) {
  has_calls_out("acme", 4);
  is_at(2, "acme", "10.0.0.30:5060", TargetHealth::down);
  EXPECT_EQ(met("7"), LimitMet::calls_out);
  question_ = {"pbx", "7", ""};
  const Trace found = snapshot_->trace(question_);
  ASSERT_EQ(found.targets.size(), 2u);
  EXPECT_FALSE(found.targets[0].limit.is_met()) << "the counts of the question before are gone";
  EXPECT_EQ(found.targets[0].health, TargetHealth::unknown);
  EXPECT_NE(text_of(question_, found).find("limits and health are not known"), std::string::npos);
  EXPECT_NE(json_of(question_, found).find("\"fate\": null"), std::string::npos);
}

}  // namespace
}  // namespace demarc::whatif
