#include "controlplane/config/routing_tests.h"

#include <gtest/gtest.h>

#include "controlplane/config/load.h"
#include "controlplane/config/value.h"

namespace demarc::config {
namespace {

constexpr std::string_view base = R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
[[route]]
name = "all"
from = "pbx"
to = "pbx"
)";

// The errors of a configuration, one a line.
std::string errors_of(const std::string& more) {
  std::string all;
  for (const Problem& problem : load_text(std::string(base) + more).problems) {
    if (problem.is_warning) continue;
    all += std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + ": " +
           problem.message + "\n";
  }
  return all;
}

TEST(RoutingTests, AreReadAsTheyAreWritten) {
  const Loaded loaded = load_text(std::string(base) + R"([test.one]
from = "pbx"
called = "100"
calling = "200"
headers = "X-Site: berlin"
at = "2026-11-30T10:00:00+01:00"
trunk = "pbx"
route = "all"
number = "+100"
caller = "anonymous"
)");
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
  const RoutingTest& test = loaded.config.tests.at(0);
  EXPECT_EQ(test.name, "one");
  EXPECT_EQ(test.headers, std::vector<std::string>{"X-Site: berlin"});
  EXPECT_EQ(test.at_unix_s, 1'796'029'200u);
  EXPECT_EQ(test.caller, "anonymous");
  EXPECT_FALSE(test.is_refused);
}

TEST(RoutingTests, NameWhatIsThere) {
  const std::string errors =
      errors_of("[test.a]\nfrom = \"pbs\"\ncalled = \"1\"\ntrunk = \"acme\"\nroute = \"alls\"\n");
  for (const char* wanted : {"14:8: from: there is no [trunk.pbs]", "16:9: trunk: there is no",
                             "17:9: route: no [[route]] has the name \"alls\", did you mean"}) {
    EXPECT_NE(errors.find(wanted), std::string::npos) << wanted << " in\n" << errors;
  }
}

TEST(RoutingTests, ExpectSomethingThatCanBe) {
  const std::string call = "[test.a]\nfrom = \"pbx\"\ncalled = \"1\"\n";
  EXPECT_NE(errors_of(call).find("13:7: nothing is expected"), std::string::npos)
      << errors_of(call);
  EXPECT_EQ(errors_of(call + "refused = true\n"), "");
  EXPECT_NE(errors_of(call + "refused = true\ntrunk = \"pbx\"\n").find("16:11: refused: a call"),
            std::string::npos);
}

TEST(RoutingTests, SayWhenTheyAreWhereRoutesHaveHours) {
  const std::string more =
      "[[route]]\nfrom = \"pbx\"\nto = \"pbx\"\nhours = \"mon-fri 08:00-18:00\"\n"
      "[test.a]\nfrom = \"pbx\"\ncalled = \"1\"\ntrunk = \"pbx\"\n";
  EXPECT_NE(errors_of(more).find("17:7: field \"at\" is missing"), std::string::npos)
      << errors_of(more);
  EXPECT_EQ(errors_of(more + "at = \"2026-11-30T10:00:00Z\"\n"), "");
  const std::string wrong = errors_of(more + "at = \"monday\"\n");
  EXPECT_NE(wrong.find("21:6: at: \"monday\" is not a time"), std::string::npos) << wrong;
  EXPECT_EQ(wrong.find("missing"), std::string::npos) << wrong;
}

TEST(DateTime, IsThatOfRfc3339) {
  EXPECT_EQ(parse_date_time("1970-01-01T00:00:01Z"), 1u);
  EXPECT_EQ(parse_date_time("2026-11-30T10:00:00Z"), 1'796'032'800u);
  EXPECT_EQ(parse_date_time("2026-11-30T10:00:00-05:30"), 1'796'032'800u + 19'800);
  EXPECT_EQ(parse_date_time("2024-02-29T23:59:59+00:00"), 1'709'251'199u);
  for (const char* wrong :
       {"", "2026-11-30", "2026-11-30 10:00:00Z", "2026-11-30T10:00:00", "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z", "2026-11-30T24:00:00Z", "2026-11-30T10:60:00Z",
        "2026-11-30T10:00:00Zx", "2026-11-30T10:00:00+1:00", "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00Z", "2026-1-30T10:00:00Z"}) {
    EXPECT_THROW(parse_date_time(wrong), ValueError) << wrong;
  }
}

}  // namespace
}  // namespace demarc::config
