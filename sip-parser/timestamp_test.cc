#include "sip-parser/timestamp.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/number_cases.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(Timestamp, ReadsTimeAndDelay) {
  const Result<Timestamp, ValueError> timestamp =
      support::parse_guarded(parse_timestamp, "54.21 \r\n 0.000000001");
  ASSERT_TRUE(timestamp);
  EXPECT_EQ(timestamp->time.whole, 54u);
  EXPECT_EQ(timestamp->time.billionths, 210'000'000u);
  EXPECT_TRUE(timestamp->has_delay);
  EXPECT_EQ(timestamp->delay.whole, 0u);
  EXPECT_EQ(timestamp->delay.billionths, 1u);
}

TEST(Timestamp, TakesWhatTheGrammarTakes) {
  EXPECT_FALSE(support::parse_guarded(parse_timestamp, "54 ")->has_delay);
  EXPECT_EQ(support::parse_guarded(parse_timestamp, "54.")->time.billionths, 0u);
  EXPECT_EQ(support::parse_guarded(parse_timestamp, "1 .5")->delay.billionths, 500'000'000u);
  EXPECT_TRUE(support::parse_guarded(parse_timestamp, "1 .")->has_delay);
}

TEST(Timestamp, RefusesMistakes) {
  support::expect_refused(parse_timestamp, {"", " ", ".5", ".", "a", "-1", "1.2.3", "1 2 3", "1,2",
                                            "1;x", "1.a", "1 a", "1\r\n2", "0x1", "1e3"});
}

TEST(Timestamp, NeverCutsAFraction) {
  EXPECT_EQ(support::parse_guarded(parse_timestamp, "1.12345678")->time.billionths, 123'456'780u);
  EXPECT_EQ(support::parse_guarded(parse_timestamp, "1.123456789")->time.billionths, 123'456'789u);
  support::expect_refused(parse_timestamp, {"1.1234567891", "1 1.0000000000"},
                          ValueError::out_of_range);
}

TEST(Timestamp, ChecksTheRangeOfBoth) {
  support::expect_number_limits(
      {0, max_timestamp_s}, [](const std::string& number) -> Result<uint64_t, ValueError> {
        const auto timestamp = support::parse_guarded(parse_timestamp, number + " 1.");
        if (!timestamp) return Fail{timestamp.error()};
        return timestamp->time.whole;
      });
  EXPECT_EQ(support::parse_guarded(parse_timestamp, "1 9223372036854775807")->delay.whole,
            max_timestamp_s);
  support::expect_refused(parse_timestamp, {"1 9223372036854775808", "1 18446744073709551616"},
                          ValueError::out_of_range);
}

}  // namespace
}  // namespace demarc::sip
