#include "dataplane/route/condition.h"

#include <gtest/gtest.h>

#include <vector>

namespace demarc::route {
namespace {

using contract::ZoneStep;

constexpr uint16_t at(unsigned day, unsigned hour, unsigned minute) {
  return static_cast<uint16_t>((day * 24 + hour) * 60 + minute);
}

TEST(MinuteOfWeek, BeginsOnMonday) {
  const std::vector<ZoneStep> utc = {{0, 0, 0}};
  EXPECT_EQ(minute_of_week(utc, 0), at(3, 0, 0)) << "1970-01-01 was a Thursday";
  EXPECT_EQ(minute_of_week(utc, 1704067199), at(6, 23, 59)) << "2023-12-31 was a Sunday";
  EXPECT_EQ(minute_of_week(utc, 1704067200), at(0, 0, 0));
}

// Berlin put its clock on at 2024-03-31 01:00 UTC, a Sunday.
TEST(MinuteOfWeek, GoesByTheClockOfTheZone) {
  const std::vector<ZoneStep> berlin = {{0, 3600, 0}, {1711846800, 7200, 0}, {1729990800, 3600, 0}};
  EXPECT_EQ(minute_of_week(berlin, 1711846799), at(6, 1, 59));
  EXPECT_EQ(minute_of_week(berlin, 1711846800), at(6, 3, 0));
  EXPECT_EQ(minute_of_week(berlin, 1729990799), at(6, 2, 59));
  EXPECT_EQ(minute_of_week(berlin, 1729990800), at(6, 2, 0));
}

TEST(MinuteOfWeek, IsOnADayBeforeInTheWest) {
  const std::vector<ZoneStep> west = {{0, -18000, 0}};
  EXPECT_EQ(minute_of_week(west, 0), at(2, 19, 0));
  EXPECT_EQ(minute_of_week(west, 1704067200), at(6, 19, 0));
}

}  // namespace
}  // namespace demarc::route
