#include "sip-parser/retry_after.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/number_cases.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(RetryAfter, ReadsDelayCommentAndDuration) {
  const std::string_view value = "18000 (in a (long \\) \"meeting\")) ;Duration=3600;x";
  const Result<RetryAfter, ValueError> result = support::parse_guarded(parse_retry_after, value);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->delay_s, 18000u);
  EXPECT_EQ(text(result->comment, value), "in a (long \\) \"meeting\")");
  EXPECT_TRUE(result->has_duration);
  EXPECT_EQ(result->duration_s, 3600u);
}

TEST(RetryAfter, NeedsTheDelayOnly) {
  const Result<RetryAfter, ValueError> result = support::parse_guarded(parse_retry_after, "5");
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->comment.empty());
  EXPECT_FALSE(result->has_duration);
  EXPECT_TRUE(support::parse_guarded(parse_retry_after, "5()"));
}

TEST(RetryAfter, RefusesMistakes) {
  support::expect_refused(
      parse_retry_after, {"", "(a) 5", "5 (", "5 (a", "5 ((a)", "5 a)", "5 (a\\)", "5 (a) b",
                          "5 (a)(b)", "5;duration", "5;duration=", "5;duration=\"1\"",
                          "5;duration=1;duration=2", "5;", "5,6", "Fri, 01 Jan 2010 16:00:00 GMT"});
}

TEST(RetryAfter, CountsParenthesesInALine) {
  // As deep as a message is long: counted, so that neither time nor stack grows with it.
  const std::string deep(30000, '(');
  EXPECT_FALSE(support::parse_guarded(parse_retry_after, "5 " + deep));
  EXPECT_TRUE(support::parse_guarded(parse_retry_after, "5 " + deep + std::string(30000, ')')));
}

TEST(RetryAfter, ChecksBothRanges) {
  support::expect_number_range(
      {0, UINT32_MAX}, [](const std::string& number) -> Result<uint32_t, ValueError> {
        const auto result = support::parse_guarded(parse_retry_after, number + "(x)");
        if (!result) return Fail{result.error()};
        return result->delay_s;
      });
  support::expect_number_range(
      {0, UINT32_MAX}, [](const std::string& number) -> Result<uint32_t, ValueError> {
        const auto result = support::parse_guarded(parse_retry_after, "5;duration=" + number);
        if (!result) return Fail{result.error()};
        return result->duration_s;
      });
}

}  // namespace
}  // namespace demarc::sip
