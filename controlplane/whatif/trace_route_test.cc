#include "controlplane/whatif/trace_route.h"

#include <gtest/gtest.h>

#include "controlplane/config/load.h"
#include "controlplane/runtime/files.h"
#include "controlplane/whatif/kept_snapshot.h"
#include "tests/support/temporary_directory.h"

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
    question_ = {from, called, calling, headers_, unix_s_};
    return snapshot_->trace(question_);
  }
  std::string said(const std::string& called) {
    return text_of({"pbx", called, "", {}, 0}, trace(called));
  }

  config::Loaded loaded_;
  std::unique_ptr<Snapshot> snapshot_;
  Question question_;
  std::vector<std::string> headers_;
  uint64_t unix_s_ = 0;
};

TEST_F(TraceRoute, FollowsACallThroughRulesRouteAndTargets) {
  const Trace found = trace("2123", "1999");
  EXPECT_EQ(found.called_rule.result, "+14255552123");
  EXPECT_EQ(found.called_rule.line, 9);
  EXPECT_EQ(found.called_rule.place, "line 9");
  EXPECT_EQ(found.calling_rule.result, "+14255551999");
  ASSERT_TRUE(found.has_route());
  EXPECT_EQ(found.routes[0].line, 21u);
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
  ASSERT_TRUE(found.has_route());
  EXPECT_TRUE(found.routes[0].is_emergency);
  ASSERT_EQ(found.targets.size(), 1u);
  EXPECT_EQ(found.targets[0].calling, "+14255550100");
}

TEST_F(TraceRoute, SaysWhyACallGoesNowhere) {
  EXPECT_FALSE(trace("+44").has_route());
  EXPECT_NE(said("+44").find("404"), std::string::npos);
  EXPECT_TRUE(trace("666").is_unusable);
  EXPECT_NE(said("666").find("no number"), std::string::npos);
  EXPECT_EQ(trace("1", "", "nobody").mistake, "there is no trunk \"nobody\"");
  EXPECT_EQ(trace("").mistake, "no called number");
}

TEST_F(TraceRoute, NamesTheFileOfARouteAndOfARule) {
  const std::string trunks(text.substr(0, text.find("[[route]]")));
  const std::string routes(text.substr(text.find("[[route]]")));
  const auto open = [&](const std::string& path) -> std::optional<std::string> {
    return path == "/etc/routes.toml" ? std::optional(routes) : std::nullopt;
  };
  loaded_ = config::load({"/etc/d.toml", "include = \"routes.toml\"\n" + trunks}, open);
  ASSERT_TRUE(loaded_.is_good) << testing::PrintToString(config::texts_of(loaded_, "f"));
  snapshot_ = std::make_unique<Snapshot>(loaded_.config);
  const Trace found = trace("2123");
  EXPECT_EQ(found.called_rule.place, "d.toml:10");
  EXPECT_EQ(found.routes[0].place, "routes.toml:1");
  EXPECT_EQ(found.targets[0].called_rule.place, "d.toml:16");
  EXPECT_NE(said("2123").find("route in routes.toml:1"), std::string::npos) << said("2123");
}

TEST_F(TraceRoute, SaysWhichTrunksTakeNoCalls) {
  for (config::Trunk& trunk : loaded_.config.trunks) {
    if (trunk.name == "acme") trunk.state = contract::TrunkState::draining;
  }
  snapshot_ = std::make_unique<Snapshot>(loaded_.config);
  const Trace found = trace("2123");
  ASSERT_EQ(found.targets.size(), 1u);
  EXPECT_EQ(found.targets[0].trunk, "backup");
  EXPECT_NE(said("2123").find("passed over: acme is draining\n"), std::string::npos);
  EXPECT_NE(json_of(question_, found).find("\"state\": \"draining\""), std::string::npos);
  EXPECT_EQ(text_of(question_, trace("2123", "", "acme")),
            "from acme:\nrefused with 503: acme is draining\n");
}

constexpr std::string_view conditions = R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
usages = ["local", "world"]
[trunk.itsp]
realm = "inside"
peer = "10.0.0.30"
port = 5070
[trunk.other]
realm = "inside"
peer = "10.0.0.40"
port = 5080
[group.both]
trunks = ["itsp", "other"]
hunt = "round_robin"
[[route]]
name = "day"
usages = "local"
to = "other"
prefix = "+1"
hours = "mon-fri 08:00-18:00"
time_zone = "Etc/UTC"
headers = ["X-Site = ^berlin", "!X-Test", "Subject"]
except_called = '^\+1900'
except_calling = ['^\+49', '^7']
priority = 5
[[route]]
name = "any"
usages = "local"
to = "itsp"
called = '^\+1\d+$'
[[route]]
name = "hopoff"
usages = ["world", "local"]
to = "both"
strip = 1
add = "00"
priority = 200
[[route]]
name = "world"
usages = "world"
to = "other"
prefix = "+"
[[route]]
name = "help"
usages = "world"
to = "other"
prefix = "112"
emergency = true
[[route]]
from = "both"
to = "pbx"
)";

// The trie of routes knows the route only.
TEST(ListTrace, NamesTheRowOfAPrefixListThatMatched) {
  const support::TemporaryDirectory directory;
  runtime::replace_file(directory.path("uk.csv"), "+44\n+4479\n+4420\n");
  const config::Loaded loaded =
      config::load_text(std::string(text) + "[prefixes.uk]\nfile = \"" + directory.path("uk.csv") +
                        "\"\n[[route]]\nname = \"uk\"\nfrom = \"pbx\"\nto = \"backup\"\n"
                        "prefixes = \"uk\"\n");
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(config::texts_of(loaded, "f"));
  const Snapshot snapshot(loaded.config);
  const auto row = [&](const std::string& called) {
    const Question question{"pbx", called, ""};
    const Trace trace = snapshot.trace(question);
    EXPECT_EQ(trace.routes.at(0).name, "uk");
    EXPECT_NE(text_of(question, trace).find(", uk, prefix " + trace.routes[0].listed + " of "),
              std::string::npos)
        << text_of(question, trace);
    return trace.routes[0].listed + " " + trace.routes[0].listed_place;
  };
  EXPECT_EQ(row("+44799"), "+4479 " + directory.path("uk.csv") + ":2");
  EXPECT_EQ(row("+442079"), "+4420 " + directory.path("uk.csv") + ":3");
  EXPECT_EQ(row("+4412"), "+44 " + directory.path("uk.csv") + ":1");
  EXPECT_EQ(snapshot.trace({"pbx", "112", ""}).routes.at(0).listed, "");
}

TEST(NameTrace, NamesTheRulesAboutDisplayNames) {
  std::string named(text);
  const std::string_view before = "called_out = ";
  named.insert(named.find(before),
               "caller_names = ['^\\+1425(\\d+)$ -> \"Desk $1\"', '^\\+9 -> keep']\n"
               "called_names = '^00 -> remove'\n");
  named.erase(named.find("calling_out = "),
              named.find("[trunk.backup]") - named.find("calling_out = "));
  const config::Loaded loaded = config::load_text(named);
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(config::texts_of(loaded, "f"));
  const Snapshot snapshot(loaded.config);
  const Question question{"pbx", "2123", "1999"};
  const Trace trace = snapshot.trace(question);
  const TargetStep& target = trace.targets.at(0);
  EXPECT_EQ(target.caller_name.result, "\"Desk 5551999\"");
  EXPECT_EQ(target.caller_name.place, "line 15");
  EXPECT_EQ(target.called_name.result, "remove");
  EXPECT_EQ(target.called_name.place, "line 16");
  EXPECT_FALSE(trace.targets.at(2).caller_name.is_matched) << "backup has no such rules";
  EXPECT_NE(text_of(question, trace).find("caller's name: \"Desk 5551999\" by the rule in line 15"),
            std::string::npos)
      << text_of(question, trace);
}

// 2024-01-01 was a Monday.
constexpr uint64_t monday_9_h = 1704067200 + 9 * 3600;

class Conditions : public ::testing::Test {
 protected:
  Conditions() : loaded_(config::load_text(conditions)) {
    EXPECT_TRUE(loaded_.is_good) << testing::PrintToString(config::texts_of(loaded_, "f"));
    snapshot_ = std::make_unique<Snapshot>(loaded_.config);
    question_ = {"pbx", "+14255550123", "+4420", {"X-Site: berlin-2", "Subject: x"}, monday_9_h};
  }
  // Names of the routes that the call may take, in order.
  std::string routes() const {
    std::string names;
    for (const RouteStep& route : snapshot_->trace(question_).routes) names += route.name + " ";
    return names;
  }

  config::Loaded loaded_;
  std::unique_ptr<Snapshot> snapshot_;
  Question question_;
};

TEST_F(Conditions, AllHold) {
  EXPECT_EQ(routes(), "day world ");
}

TEST_F(Conditions, AskForTheHour) {
  question_.unix_s = monday_9_h + 9 * 3600;
  EXPECT_EQ(routes(), "any world ");
  question_.unix_s = monday_9_h - 3601;
  EXPECT_EQ(routes(), "any world ");
  question_.unix_s = monday_9_h + 4 * 86400;
  EXPECT_EQ(routes(), "day world ");
  question_.unix_s = monday_9_h + 5 * 86400;
  EXPECT_EQ(routes(), "any world ");
}

TEST_F(Conditions, AskForHeaderFields) {
  question_.headers = {"x-site: 1", "X-SITE: berlin", "s: compact"};
  EXPECT_EQ(routes(), "day world ");
  question_.headers = {"X-Site: berlin"};
  EXPECT_EQ(routes(), "any world ") << "no Subject";
  question_.headers = {"X-Site: munich", "Subject: x"};
  EXPECT_EQ(routes(), "any world ");
  question_.headers = {"X-Site: berlin", "Subject: x", "x-test:"};
  EXPECT_EQ(routes(), "any world ");
  question_.headers = {"no colon"};
  EXPECT_FALSE(snapshot_->trace(question_).mistake.empty());
}

TEST_F(Conditions, HaveExceptions) {
  question_.called = "+19005550123";
  EXPECT_EQ(routes(), "any world ");
  question_.called = "+14255550123";
  question_.calling = "+4930";
  EXPECT_EQ(routes(), "any world ");
  question_.calling = "70";
  EXPECT_EQ(routes(), "any world ");
}

// A usage behind the first one stands in for it, with the number as its route makes it.
TEST_F(Conditions, UsagesStandInForOneAnotherInTheOrderOfTheTrunk) {
  question_.called = "4711";
  EXPECT_EQ(routes(), "hopoff ");
  question_.called = "+4420";
  const Trace trace = snapshot_->trace(question_);
  EXPECT_EQ(routes(), "hopoff world ");
  ASSERT_EQ(trace.targets.size(), 3u);
  EXPECT_EQ(trace.targets[0].trunk, "itsp");
  EXPECT_EQ(trace.targets[0].called, "004420");
  EXPECT_EQ(trace.targets[1].trunk, "other");
  EXPECT_EQ(trace.targets[1].called, "004420");
  EXPECT_EQ(trace.targets[2].trunk, "other");
  EXPECT_EQ(trace.targets[2].called, "+4420");
  EXPECT_EQ(trace.targets[2].route, 1u);
  EXPECT_NE(text_of(question_, trace).find("world: +4420"), std::string::npos);
}

TEST_F(Conditions, AnEmergencyNumberGoesBeforeAllElse) {
  question_.called = "112";
  EXPECT_EQ(routes(), "help hopoff ");
  question_.called = "1121";
  EXPECT_EQ(routes(), "hopoff help ");
}

// Two providers have no usage, and no route is from one to the other.
TEST_F(Conditions, TrunksJoinOnlyWhereARouteSaysSo) {
  question_.from = "itsp";
  const Trace trace = snapshot_->trace(question_);
  ASSERT_EQ(trace.targets.size(), 1u);
  EXPECT_EQ(trace.targets[0].trunk, "pbx");
}

// Who registers has no address in the configuration.
TEST(RegistrarTrace, GoesToWhatIsBoundInTheOrderOfItsPriority) {
  const config::Loaded loaded = config::load_text(R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
[trunk.branch]
realm = "inside"
port = 5070
registrar = true
sources = "10.1.0.0/16"
[user.branch7]
trunk = "branch"
password = "secret"
[[route]]
from = "pbx"
to = "branch"
)");
  ASSERT_TRUE(loaded.is_good);
  const Snapshot snapshot(loaded.config);
  Question question{"pbx", "100", ""};
  EXPECT_TRUE(snapshot.trace(question).targets.empty());
  question.bound = {{"branch", *contract::parse_endpoint("10.1.0.7:5060", 0), 500},
                    {"other", *contract::parse_endpoint("10.1.0.9:5060", 0), 0},
                    {"branch", *contract::parse_endpoint("10.1.0.8:5062", 0), 0}};
  const Trace trace = snapshot.trace(question);
  ASSERT_EQ(trace.targets.size(), 2u);
  EXPECT_EQ(trace.targets[0].address, "10.1.0.8:5062");
  EXPECT_EQ(trace.targets[1].address, "10.1.0.7:5060");
  question.bound.clear();
  EXPECT_TRUE(snapshot.trace(question).targets.empty()) << "what is over is forgotten";
}

TEST(RegistrarTrace, TakesNoMoreThanATrunkHasRowsFor) {
  const config::Loaded loaded = config::load_text(R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.branch]
realm = "inside"
registrar = true
sources = "10.1.0.0/16"
[user.branch7]
trunk = "branch"
password = "secret"
[[route]]
from = "branch"
to = "branch"
)");
  const Snapshot snapshot(loaded.config);
  Question question{"branch", "100", ""};
  for (uint16_t i = 0; i < 20; ++i) {
    question.bound.push_back(
        {"branch", {contract::IpAddress::v4(10, 1, 0, 1), static_cast<uint16_t>(5060 + i)}, 0});
  }
  EXPECT_EQ(snapshot.trace(question).targets.size(), contract::max_targets_per_trunk);
}

TEST(KeptSnapshot, IsCompiledOnceForEachConfiguration) {
  const auto first =
      std::make_shared<const config::Config>(config::load_text(std::string(text)).config);
  const auto second = std::make_shared<const config::Config>(*first);
  KeptSnapshot kept;
  EXPECT_TRUE(kept.trace(first, {"pbx", "112", ""}).has_route());
  EXPECT_TRUE(kept.trace(first, {"pbx", "112", ""}).has_route());
  EXPECT_EQ(kept.compiled(), 1u);
  EXPECT_TRUE(kept.trace(second, {"pbx", "112", ""}).has_route());
  EXPECT_EQ(kept.compiled(), 2u);
}

}  // namespace
}  // namespace demarc::whatif
