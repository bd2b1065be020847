#include "sip-parser/date.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

int64_t seconds_of(std::string_view date) {
  const Result<int64_t, ValueError> result = support::parse_guarded(parse_date, date);
  EXPECT_TRUE(result.has_value()) << date;
  return result ? *result : -1;
}

std::string written(int64_t seconds) {
  char out[date_octets];
  EXPECT_TRUE(write_date(seconds, out)) << seconds;
  return {out, date_octets};
}

TEST(Date, CountsSecondsSince1970) {
  EXPECT_EQ(seconds_of("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  EXPECT_EQ(seconds_of("Wed, 31 Dec 1969 23:59:59 GMT"), -1);
  EXPECT_EQ(seconds_of("Sat, 13 Nov 2010 23:29:00 GMT"), 1289690940);
  EXPECT_EQ(seconds_of("Tue, 19 Jan 2038 03:14:07 GMT"), 2147483647);
  EXPECT_EQ(seconds_of("Tue, 19 Jan 2038 03:14:08 GMT"), 2147483648);
  EXPECT_EQ(seconds_of("Sun, 07 Feb 2106 06:28:16 GMT"), 4294967296);
  EXPECT_EQ(seconds_of("Sat, 01 Jan 0000 00:00:00 GMT"), min_date_s);
  EXPECT_EQ(seconds_of("Fri, 31 Dec 9999 23:59:59 GMT"), max_date_s);
}

TEST(Date, KnowsLeapYears) {
  EXPECT_EQ(seconds_of("Tue, 29 Feb 2000 00:00:00 GMT"), 951782400);
  EXPECT_EQ(seconds_of("Thu, 29 Feb 2024 00:00:00 GMT"), 1709164800);
  support::expect_refused(parse_date,
                          {"Wed, 29 Feb 1900 00:00:00 GMT", "Wed, 29 Feb 2023 00:00:00 GMT",
                           "Thu, 30 Feb 2024 00:00:00 GMT"},
                          ValueError::out_of_range);
}

TEST(Date, RefusesAnyZoneButGmt) {
  support::expect_refused(parse_date,
                          {"Fri, 01 Jan 2010 16:00:00 EST", "Fri, 01 Jan 2010 16:00:00 UTC",
                           "Fri, 01 Jan 2010 16:00:00 +0000", "Fri, 01 Jan 2010 16:00:00",
                           "Fri, 01 Jan 2010 16:00:00 gmt", "Fri, 01 Jan 2010 16:00:00 GMT+1"});
}

TEST(Date, RefusesAnotherForm) {
  support::expect_refused(parse_date, {"",
                                       " ",
                                       "0",
                                       "1289690940",
                                       "Sat, 1 Jan 2010 00:00:00 GMT",
                                       "Sat 13 Nov 2010 23:29:00 GMT",
                                       "Sat, 13 Nov 10 23:29:00 GMT",
                                       "Saturday, 13-Nov-10 23:29:00 GMT",
                                       "Sat Nov 13 23:29:00 2010",
                                       "Sat,  13 Nov 2010 23:29:00 GMT",
                                       "Sat, 13 Nov 2010  23:29:00 GMT",
                                       "sat, 13 Nov 2010 23:29:00 GMT",
                                       "Sat, 13 nov 2010 23:29:00 GMT",
                                       "Xxx, 13 Nov 2010 23:29:00 GMT",
                                       "Sat, 13 Xxx 2010 23:29:00 GMT",
                                       "Sat, 13 Nov -010 23:29:00 GMT",
                                       "Sat, 13 Nov 2010 23:29 GMT",
                                       "Sat, 13 Nov 2010 23:29:0x GMT",
                                       "Sat, 13 Nov 2010 23:29:00 GMT ",
                                       " Sat, 13 Nov 2010 23:29:00 GMT",
                                       "Sat,\r\n 13 Nov 2010 23:29:00 GMT",
                                       "atS, 13 Nov 2010 23:29:00 GMT",
                                       "Sat, 13 anF 2010 23:29:00 GMT"});
}

TEST(Date, RefusesWhatDoesNotExist) {
  support::expect_refused(parse_date,
                          {"Sat, 00 Nov 2010 00:00:00 GMT", "Sat, 31 Nov 2010 00:00:00 GMT",
                           "Sat, 32 Jan 2010 00:00:00 GMT", "Sat, 13 Nov 2010 24:00:00 GMT",
                           "Sat, 13 Nov 2010 23:60:00 GMT", "Sat, 13 Nov 2010 23:59:60 GMT",
                           "Sat, 99 Nov 2010 99:99:99 GMT"},
                          ValueError::out_of_range);
}

TEST(Date, IsWrittenAsItIsRead) {
  for (const char* date : {"Thu, 01 Jan 1970 00:00:00 GMT", "Wed, 31 Dec 1969 23:59:59 GMT",
                           "Sat, 13 Nov 2010 23:29:00 GMT", "Thu, 29 Feb 2024 12:34:56 GMT",
                           "Sat, 01 Jan 0000 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    EXPECT_EQ(written(seconds_of(date)), date);
  }
}

TEST(Date, AgreesWithLibcOverEightHundredYears) {
  // Two cycles of 400 years in odd steps, so that every kind of day and hour comes by.
  for (int64_t seconds = -12622780800; seconds < 12622780800; seconds += 7654321) {
    const time_t time = seconds;
    tm parts{};
    gmtime_r(&time, &parts);
    char expected[64];
    strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    ASSERT_EQ(written(seconds), expected);
    ASSERT_EQ(seconds_of(expected), seconds);
  }
}

TEST(Date, WritesNothingOutsideFourDigitYears) {
  char out[date_octets];
  EXPECT_FALSE(write_date(min_date_s - 1, out));
  EXPECT_TRUE(write_date(min_date_s, out));
  EXPECT_TRUE(write_date(max_date_s, out));
  EXPECT_FALSE(write_date(max_date_s + 1, out));
  EXPECT_FALSE(write_date(INT64_MIN, out));
  EXPECT_FALSE(write_date(INT64_MAX, out));
}

}  // namespace
}  // namespace demarc::sip
