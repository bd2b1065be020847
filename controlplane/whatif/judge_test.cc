#include "controlplane/whatif/judge.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "controlplane/runtime/files.h"
#include "controlplane/trunks/caller_routes.h"
#include "tests/support/temporary_directory.h"

namespace demarc::whatif {
namespace {

// 43 lines.
constexpr std::string_view base = R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
called_in = ['^(\d{4})$ -> +1425555$1', '^666$ -> +']
[trunk.acme]
realm = "inside"
peer = "10.0.0.30"
port = 5070
called_out = "prefix + -> 00"
calling_out = '^\+1425 -> anonymous'
[trunk.named]
realm = "inside"
peer = "sip.provider.example"
port = 5080
[trunk.branch]
realm = "inside"
registrar = true
sources = ["10.1.0.0/16"]
port = 5090
[trunk.closed]
realm = "inside"
peer = "10.0.0.50"
port = 5100
state = "disabled"
[[route]]
name = "us"
from = "pbx"
to = ["closed", "acme"]
prefix = "+1"
[[route]]
from = "pbx"
to = "named"
prefix = "+44"
[[route]]
from = "pbx"
to = "branch"
prefix = "7"
headers = ["X-Site = ^berlin"]
)";

config::Loaded judged(const std::string& tests) {
  config::Loaded loaded = config::load_text(std::string(base) + tests);
  EXPECT_TRUE(loaded.is_good) << testing::PrintToString(config::texts_of(loaded, "f"));
  judge(loaded);
  return loaded;
}

std::string mistakes_of(const std::string& tests) {
  std::string all;
  const config::Loaded loaded = judged(tests);
  for (const config::Problem& problem : loaded.problems) {
    if (problem.is_warning) continue;
    all += std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + " " +
           problem.path + ": " + problem.message + "\n";
  }
  EXPECT_EQ(loaded.is_good, all.empty());
  return all;
}

TEST(Judge, PassesWhatGoesWhereItIsExpected) {
  EXPECT_EQ(mistakes_of(R"([test.us]
from = "pbx"
called = "2123"
calling = "+14255550100"
trunk = "acme"
route = "us"
number = "0014255552123"
caller = "anonymous"
[test.unknown]
from = "pbx"
called = "+33123"
refused = true
[test.unusable]
from = "pbx"
called = "666"
refused = true
[test.site]
from = "pbx"
called = "71"
headers = ["X-Site: berlin-2"]
trunk = "branch"
[test.no_site]
from = "pbx"
called = "71"
refused = true
)"),
            "");
}

TEST(Judge, TakesEachNameAndEachRegistrarForReachable) {
  EXPECT_EQ(mistakes_of("[test.uk]\nfrom = \"pbx\"\ncalled = \"+4420\"\ntrunk = \"named\"\n"
                        "number = \"+4420\"\n"),
            "");
}

TEST(Judge, SaysOfEachExpectationWhatIsInstead) {
  EXPECT_EQ(mistakes_of(R"([test.us]
from = "pbx"
called = "2123"
calling = "+4930"
trunk = "named"
route = "uk"
number = "+14255552123"
caller = "anonymous"
[[route]]
name = "uk"
from = "branch"
to = "pbx"
)"),
            "48:9 /test/us/trunk: test.us fails: trunk: the call goes to \"acme\" by the route in "
            "line 30\n"
            "49:9 /test/us/route: test.us fails: route: the call takes \"us\", line 30\n"
            "50:10 /test/us/number: test.us fails: number: \"acme\" is shown \"0014255552123\"\n"
            "51:10 /test/us/caller: test.us fails: caller: \"acme\" is shown \"+4930\"\n");
}

TEST(Judge, SaysWhyACallIsRefused) {
  const std::string tail = "\"\ntrunk = \"acme\"\n";
  const auto of = [&](const std::string& from, const std::string& called) {
    return mistakes_of("[test.t]\nfrom = \"" + from + "\"\ncalled = \"" + called + tail);
  };
  EXPECT_EQ(of("pbx", "+33"),
            "46:10 /test/t/called: test.t fails: called: the call is refused: no route\n");
  EXPECT_NE(of("pbx", "666").find("a rule made no number"), std::string::npos);
  EXPECT_NE(of("closed", "+1").find("its trunk takes no calls"), std::string::npos);
}

TEST(Judge, SaysWhereACallGoesThatMustBeRefused) {
  EXPECT_EQ(mistakes_of("[test.t]\nfrom = \"pbx\"\ncalled = \"+1\"\nrefused = true\n"),
            "47:11 /test/t/refused: test.t fails: refused: the call goes to \"acme\"\n");
}

TEST(Judge, AsksAtTheTimeOfTheTest) {
  const std::string hours =
      "[[route]]\nfrom = \"acme\"\nto = \"pbx\"\nhours = [\"mon 08:00-18:00\"]\n"
      "time_zone = \"Europe/Berlin\"\n";
  const auto at = [&hours](const std::string& time, const std::string& wanted) {
    return mistakes_of(hours + "[test.t]\nfrom = \"acme\"\ncalled = \"1\"\nat = \"" + time +
                       "\"\n" + wanted);
  };
  EXPECT_EQ(at("2026-11-30T08:00:00+01:00", "trunk = \"pbx\"\n"), "");
  EXPECT_EQ(at("2026-11-30T06:59:59Z", "refused = true\n"), "");
  EXPECT_EQ(at("2026-11-29T10:00:00Z", "refused = true\n"), "");
}

TEST(Judge, LeavesAConfigurationAloneThatIsNotGood) {
  config::Loaded loaded = config::load_text("[test.t]\nfrom = \"x\"\ncalled = \"1\"\n");
  const size_t count = loaded.problems.size();
  judge(loaded);
  EXPECT_FALSE(loaded.is_good);
  EXPECT_EQ(loaded.problems.size(), count);
}

// Each trunk whose routes are its own has the prefixes of a list in a trie of its own.
TEST(Judge, MorePrefixesThanASectionHoldsAreAMistakeOfTheFile) {
  constexpr unsigned rows = 160'000;
  static_assert(trunks::max_listed_prefixes % rows == 0);
  constexpr unsigned callers = trunks::max_listed_prefixes / rows;
  const support::TemporaryDirectory directory;
  std::string list;
  for (unsigned i = 0; i < rows; ++i) list += std::to_string(100'000 + i) + "\n";
  runtime::replace_file(directory.path("list.csv"), list);
  const auto judged_with = [&](unsigned trunks) {
    std::string text = "[platform]\ntrunk_capacity = 2048\ntarget_capacity = 2048\n" +
                       std::string(base) + "[prefixes.all]\nfile = \"" +
                       directory.path("list.csv") + "\"\n";
    for (unsigned i = 0; i < trunks; ++i) {
      const std::string name = "t" + std::to_string(i);
      text += "[trunk." + name + "]\nrealm = \"inside\"\nport = " + std::to_string(6000 + i) +
              "\npeer = \"10.0.0.60\"\n[[route]]\nfrom = \"" + name +
              "\"\nto = \"acme\"\nprefixes = \"all\"\n";
    }
    config::Loaded loaded = config::load_text(text);
    EXPECT_TRUE(loaded.is_good) << testing::PrintToString(config::texts_of(loaded, "f"));
    judge(loaded);
    return loaded;
  };
  EXPECT_TRUE(judged_with(callers).is_good);
  const config::Loaded more = judged_with(callers + 1);
  EXPECT_FALSE(more.is_good);
  const auto found = std::find_if(more.problems.begin(), more.problems.end(),
                                  [](const config::Problem& one) { return !one.is_warning; });
  ASSERT_NE(found, more.problems.end());
  EXPECT_NE(found->message.find("16160000 prefixes"), std::string::npos) << found->message;
  EXPECT_EQ(found->path, "/route/3/prefixes");
}

}  // namespace
}  // namespace demarc::whatif
