#include "controlplane/whatif/replay.h"

#include <gtest/gtest.h>

#include "controlplane/config/load.h"

namespace demarc::whatif {
namespace {

config::Loaded config_of(const std::string& routes) {
  config::Loaded loaded = config::load_text(R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
[trunk.itsp]
realm = "inside"
peer = "10.0.0.30"
port = 5070
)" + routes);
  EXPECT_TRUE(loaded.is_good) << testing::PrintToString(config::texts_of(loaded, "f"));
  return loaded;
}

records::PastCall call_to(const char* called) {
  records::PastCall call;
  call.id = "1/0/1";
  call.from = "pbx";
  call.called = called;
  call.calling = "+4930";
  call.started = "2024-05-01T09:30:00.000Z";
  call.started_unix_s = 1714555800;
  return call;
}

TEST(Replay, ListsTheCallsWhoseOutcomeDiffers) {
  const config::Loaded before =
      config_of("[[route]]\nfrom = \"pbx\"\nto = \"itsp\"\nprefix = \"+\"\n");
  // The line of the route is another one, and nothing is said of that.
  const config::Loaded after = config_of(R"(
[[route]]
from = "pbx"
to = "itsp"
prefix = "+44"
[[route]]
from = "pbx"
to = "itsp"
prefix = "+1"
strip = 1
)");
  records::History history;
  for (const char* called : {"+442079460018", "+14255550123", "+33", "112"}) {
    history.calls.push_back(call_to(called));
  }
  history.left_out = 7;
  const Replay replayed = replay(Snapshot(before.config), Snapshot(after.config), history);
  EXPECT_EQ(replayed.call_count, 4u);
  EXPECT_EQ(replayed.changed_count, 2u);
  ASSERT_EQ(replayed.changed.size(), 2u);
  EXPECT_EQ(replayed.changed[0].call.called, "+14255550123");
  EXPECT_EQ(replayed.changed[0].before, "itsp at 10.0.0.30:5060 as +14255550123 from +4930");
  EXPECT_EQ(replayed.changed[0].after, "itsp at 10.0.0.30:5060 as 14255550123 from +4930");
  EXPECT_EQ(replayed.changed[1].after, "refused: no route");
  const std::string json = json_of(replayed);
  EXPECT_NE(json.find("\"changed\": 2"), std::string::npos) << json;
  EXPECT_NE(json.find("\"left_out\": 7"), std::string::npos) << json;
}

TEST(Replay, SaysThatHeaderFieldsAreMissed) {
  const config::Loaded plain = config_of("[[route]]\nfrom = \"pbx\"\nto = \"itsp\"\n");
  const config::Loaded ruled =
      config_of("[[route]]\nfrom = \"pbx\"\nto = \"itsp\"\nheaders = \"X-Site\"\n");
  const Snapshot without(plain.config);
  const Snapshot with(ruled.config);
  EXPECT_FALSE(replay(without, without, {}).misses_headers);
  EXPECT_TRUE(replay(without, with, {}).misses_headers);
  EXPECT_TRUE(replay(with, without, {}).misses_headers);
  const std::string json = json_of(replay(without, with, {}));
  EXPECT_NE(json.find("\"misses_headers\": true"), std::string::npos) << json;
}

// Who is registered is the same before and after.
TEST(Replay, FindsTheTargetsOfPeersThatRegistered) {
  const std::string branch =
      "[trunk.branch]\nrealm = \"inside\"\nport = 5080\nregistrar = true\n"
      "sources = \"10.1.0.0/16\"\n[[route]]\nfrom = \"pbx\"\nto = \"branch\"\n";
  const config::Loaded before = config_of(branch);
  const config::Loaded after = config_of(branch + "strip = 1\n");
  records::History history;
  history.calls.push_back(call_to("112"));
  const std::vector<Bound> bound = {{"branch", *contract::parse_endpoint("10.1.0.5:5062", 0), 0}};
  const Replay replayed = replay(Snapshot(before.config), Snapshot(after.config), history, bound);
  ASSERT_EQ(replayed.changed.size(), 1u);
  EXPECT_EQ(replayed.changed[0].before, "branch at 10.1.0.5:5062 as 112 from +4930");
  EXPECT_EQ(replayed.changed[0].after, "branch at 10.1.0.5:5062 as 12 from +4930");
}

// The hour is that of the call, not of the question.
TEST(Replay, AsksForTheHourOfTheCall) {
  const config::Loaded always = config_of("[[route]]\nfrom = \"pbx\"\nto = \"itsp\"\n");
  const config::Loaded at_nine = config_of(
      "[[route]]\nfrom = \"pbx\"\nto = \"itsp\"\nhours = \"wed 09:00-10:00\"\n"
      "time_zone = \"Etc/UTC\"\n");
  records::History history;
  history.calls = {call_to("1"), call_to("1")};
  history.calls[1].started_unix_s += 3600;
  const Replay replayed = replay(Snapshot(always.config), Snapshot(at_nine.config), history);
  EXPECT_EQ(replayed.changed_count, 1u);
  EXPECT_EQ(replayed.changed[0].call.started_unix_s, history.calls[1].started_unix_s);
}

TEST(Replay, ATrunkThatLeftRefusesItsCalls) {
  const config::Loaded config = config_of("[[route]]\nfrom = \"pbx\"\nto = \"itsp\"\n");
  records::History history;
  history.calls = {call_to("1")};
  history.calls[0].from = "gone";
  const Snapshot snapshot(config.config);
  EXPECT_EQ(replay(snapshot, snapshot, history).changed_count, 0u);
  EXPECT_NE(outcome_of(snapshot.trace({"gone", "1", "", {}, 1})).find("no trunk"),
            std::string::npos);
}

}  // namespace
}  // namespace demarc::whatif
