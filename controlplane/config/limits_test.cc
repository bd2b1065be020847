// Limits of prefixes, and rates of groups.
#include <gtest/gtest.h>

#include "controlplane/config/load.h"

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
)";

std::vector<std::string> errors_of(const std::string& more) {
  std::vector<std::string> all;
  for (const Problem& problem : load_text(std::string(base) + more).problems) {
    if (!problem.is_warning) all.push_back(problem.message);
  }
  return all;
}

using Texts = std::vector<std::string>;

TEST(LimitConfig, SaysWhatCallsOfAPrefixMayBe) {
  const Loaded result = load_text(std::string(base) + R"([[prefix_limit]]
trunk = "pbx"
prefix = "+49900"
max_calls = 3
calls_per_second = 2
call_burst = 5
[group.all]
trunks = "pbx"
max_calls = 1
max_calls_in = 2
max_calls_out = 3
calls_per_second = 7
calls_per_second_in = 5
calls_per_second_out = 6
call_burst = 4
bandwidth_kbps = 8
)");
  ASSERT_TRUE(result.is_good);
  ASSERT_EQ(result.config.prefix_limits.size(), 1u);
  const PrefixLimit& limit = result.config.prefix_limits[0];
  EXPECT_EQ(limit.trunk, "pbx");
  EXPECT_EQ(limit.prefix, "+49900");
  EXPECT_EQ(limit.calls, 3u);
  EXPECT_EQ(limit.rate, 2u);
  EXPECT_EQ(limit.burst, 5u);
  const Group& group = result.config.groups[0];
  EXPECT_EQ(group.max_calls, 1u);
  EXPECT_EQ(group.calls_in, 2u);
  EXPECT_EQ(group.calls_out, 3u);
  EXPECT_EQ(group.rate, 7u);
  EXPECT_EQ(group.rate_in, 5u);
  EXPECT_EQ(group.rate_out, 6u);
  EXPECT_EQ(group.burst, 4u);
  EXPECT_EQ(group.kbps, 8u);
}

TEST(LimitConfig, RefusesWhatIsNoLimit) {
  const std::string limit = "[[prefix_limit]]\ntrunk = \"pbx\"\nprefix = ";
  EXPECT_EQ(errors_of(limit + "\"+49\"\n"),
            Texts{"neither max_calls nor calls_per_second says what the limit is"});
  EXPECT_EQ(errors_of(limit + "\"+49x\"\nmax_calls = 1\n"),
            Texts{"prefix: \"+49x\" may hold digits, '*', '#' and '+' only"});
  EXPECT_EQ(errors_of("[[prefix_limit]]\ntrunk = \"pbq\"\nprefix = \"1\"\nmax_calls = 1\n"),
            Texts{"trunk: there is no [trunk.pbq], did you mean \"pbx\"?"});
  const std::string once = limit + "\"+49\"\nmax_calls = 1\n";
  EXPECT_EQ(errors_of(once + once), Texts{"another limit of \"pbx\" has the same prefix \"+49\""});
}

TEST(LimitConfig, RefusesMoreThanTheDataplaneHasRoomFor) {
  const std::string more =
      "[[prefix_limit]]\ntrunk = \"pbx\"\nprefix = \"1\"\nmax_calls = 1\n"
      "[group.all]\ntrunks = \"pbx\"\ncalls_per_second = 1\n"
      "[group.free]\ntrunks = \"pbx\"\nmax_calls = 1\n[platform]\nlimit_capacity = ";
  EXPECT_EQ(errors_of(more + "2\n"), Texts{});
  EXPECT_EQ(errors_of(more + "1\n"), Texts{"limit_capacity: 2 limits do not fit 1"});
  EXPECT_EQ(errors_of("[group.all]\ntrunks = \"pbx\"\ncalls_per_second_in = 1\n"
                      "calls_per_second_out = 1\n[platform]\nlimit_capacity = 1\n"),
            Texts{"limit_capacity: 2 limits do not fit 1"})
      << "each rate counts";
}

}  // namespace
}  // namespace demarc::config
