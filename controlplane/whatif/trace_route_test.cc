#include "controlplane/whatif/trace_route.h"

#include <gtest/gtest.h>

#include "controlplane/config/load.h"
#include "controlplane/whatif/kept_snapshot.h"

namespace demarc::whatif {
namespace {

constexpr std::string_view text = R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
called_in = ['^(\d{4})$ -> +1425555$1', '^666$ -> +']
calling_in = '^(1|2)(\d{3})$ -> +1425555$1$2'
[trunk.acme]
realm = "inside"
peer = ["10.0.0.30", "10.0.0.31:5070"]
port = 5070
called_out = "prefix + -> 00"
calling_out = '^\+1425 -> anonymous'
[trunk.backup]
realm = "inside"
peer = "10.0.0.40"
port = 5080
[[route]]
from = "pbx"
to = ["acme", "backup"]
prefix = "+1"
[[route]]
from = "pbx"
to = "backup"
prefix = "112"
emergency = true
suppress_caller_id = true
alternate_caller_id = "+14255550100"
)";

class TraceRoute : public ::testing::Test {
 protected:
  TraceRoute() : loaded_(config::load_text(text)) {
    EXPECT_TRUE(loaded_.is_good) << testing::PrintToString(config::texts_of(loaded_, "f"));
    snapshot_ = std::make_unique<Snapshot>(loaded_.config);
  }
  Trace trace(const std::string& called, const std::string& calling = "",
              const std::string& from = "pbx") {
    question_ = {from, called, calling};
    return snapshot_->trace(question_);
  }
  std::string said(const std::string& called) {
    return text_of({"pbx", called, ""}, trace(called));
  }

  config::Loaded loaded_;
  std::unique_ptr<Snapshot> snapshot_;
  Question question_;
};

TEST_F(TraceRoute, FollowsACallThroughRulesRouteAndTargets) {
  const Trace found = trace("2123", "1999");
  EXPECT_EQ(found.called_rule.result, "+14255552123");
  EXPECT_EQ(found.called_rule.line, 9);
  EXPECT_EQ(found.calling_rule.result, "+14255551999");
  ASSERT_TRUE(found.has_route);
  EXPECT_EQ(found.route_line, 21);
  ASSERT_EQ(found.targets.size(), 3u);
  EXPECT_EQ(found.targets[0].trunk, "acme");
  EXPECT_EQ(found.targets[0].address, "10.0.0.30:5060");
  EXPECT_EQ(found.targets[0].called, "0014255552123");
  EXPECT_EQ(found.targets[0].calling, "anonymous");
  EXPECT_EQ(found.targets[1].address, "10.0.0.31:5070");
  EXPECT_EQ(found.targets[2].trunk, "backup");
  EXPECT_EQ(found.targets[2].called, "+14255552123");
  EXPECT_EQ(found.targets[2].calling, "+14255551999");
  const std::string shown = text_of(question_, found);
  EXPECT_NE(shown.find("called: +14255552123 by the rule in line 9"), std::string::npos) << shown;
  EXPECT_NE(shown.find("1. acme at 10.0.0.30:5060"), std::string::npos) << shown;
  EXPECT_NE(json_of(question_, found).find("\"route_line\": 21"), std::string::npos)
      << json_of(question_, found);
}

TEST_F(TraceRoute, ShowsWhatTheRouteSaysOfTheCaller) {
  const Trace found = trace("112", "1999");
  EXPECT_TRUE(found.is_emergency);
  ASSERT_EQ(found.targets.size(), 1u);
  EXPECT_EQ(found.targets[0].calling, "+14255550100");
}

TEST_F(TraceRoute, SaysWhyACallGoesNowhere) {
  EXPECT_FALSE(trace("+44").has_route);
  EXPECT_NE(said("+44").find("404"), std::string::npos);
  EXPECT_TRUE(trace("666").is_unusable);
  EXPECT_NE(said("666").find("no number"), std::string::npos);
  EXPECT_EQ(trace("1", "", "nobody").mistake, "there is no trunk \"nobody\"");
  EXPECT_EQ(trace("").mistake, "no called number");
}

TEST(KeptSnapshot, IsCompiledOnceForEachConfiguration) {
  const auto first =
      std::make_shared<const config::Config>(config::load_text(std::string(text)).config);
  const auto second = std::make_shared<const config::Config>(*first);
  KeptSnapshot kept;
  EXPECT_TRUE(kept.trace(first, {"pbx", "112", ""}).has_route);
  EXPECT_TRUE(kept.trace(first, {"pbx", "112", ""}).has_route);
  EXPECT_EQ(kept.compiled(), 1u);
  EXPECT_TRUE(kept.trace(second, {"pbx", "112", ""}).has_route);
  EXPECT_EQ(kept.compiled(), 2u);
}

}  // namespace
}  // namespace demarc::whatif
