#include "dataplane/media/own_reports.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/support/media_world.h"

namespace demarc::media {
namespace {

using namespace support;
using contract::Duration;
using contract::Instant;

struct Wheel {
  explicit Wheel(uint32_t rows)
      : memory(OwnReports::octets_needed(rows)), arena(memory.span()), reports(arena, rows, 7) {}
  void start(uint32_t row, Instant now) { reports.start(row, now); }
  std::vector<uint32_t> due(Instant now) {
    std::vector<uint32_t> rows;
    for (uint32_t row = reports.take_due(now); row != no_row; row = reports.take_due(now))
      rows.push_back(row);
    return rows;
  }

  Memory memory;
  memory::Arena arena;
  OwnReports reports;
};

TEST(OwnReports, ComeFirstAfterHalfAnIntervalOrSo) {
  Wheel wheel(100);
  for (uint32_t row = 0; row < 100; ++row) wheel.start(row, at_ms(0));
  EXPECT_TRUE(wheel.due(at_ms(1245)).empty());
  std::set<uint32_t> seen;
  for (int64_t ms = 1250; ms <= 3755; ms += 5) {
    for (const uint32_t row : wheel.due(at_ms(ms))) EXPECT_TRUE(seen.insert(row).second);
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(OwnReports, FollowOneAnotherFiveSecondsApartOnAverage) {
  Wheel wheel(1);
  wheel.start(0, at_ms(0));
  std::vector<int64_t> times;
  for (int64_t ms = 0; ms < 3'600'000; ms += 5) {
    if (!wheel.due(at_ms(ms)).empty()) times.push_back(ms);
  }
  for (size_t i = 1; i < times.size(); ++i) {
    EXPECT_GE(times[i] - times[i - 1], 2500);
    EXPECT_LE(times[i] - times[i - 1], 7505);
  }
  EXPECT_NEAR(3600.0 / static_cast<double>(times.size()), 5, 0.3);
}

TEST(OwnReports, AreNotDueOnceStopped) {
  Wheel wheel(4);
  for (uint32_t row = 0; row < 4; ++row) wheel.start(row, at_ms(0));
  wheel.reports.stop(1);
  wheel.reports.stop(1);
  wheel.reports.stop(3);
  EXPECT_EQ(wheel.reports.live(), 2u);
  const std::vector<uint32_t> due = wheel.due(at_ms(9000));
  EXPECT_EQ(std::set(due.begin(), due.end()), (std::set<uint32_t>{0, 2}));
}

TEST(OwnReports, ComeOnceAfterAStandstill) {
  Wheel wheel(50);
  for (uint32_t row = 0; row < 50; ++row) wheel.start(row, at_ms(0));
  EXPECT_EQ(wheel.due(at_ms(3'600'000)).size(), 50u);
  EXPECT_TRUE(wheel.due(at_ms(3'600'005)).empty());
  wheel.reports.stop(0);
  EXPECT_EQ(wheel.due(at_ms(7'200'000)).size(), 49u);
}

TEST(OwnReports, StartAgainAfterTheLastOneStopped) {
  Wheel wheel(2);
  EXPECT_FALSE(wheel.reports.next_due().is_set());
  EXPECT_TRUE(wheel.due(at_ms(5)).empty());
  wheel.start(0, at_ms(0));
  wheel.reports.stop(0);
  EXPECT_FALSE(wheel.reports.next_due().is_set());
  wheel.start(1, at_ms(1'000'000));
  EXPECT_TRUE(wheel.due(at_ms(1'001'000)).empty());
  EXPECT_EQ(wheel.due(at_ms(1'004'000)), std::vector<uint32_t>{1});
}

TEST(OwnReports, TellWhenToLookAgain) {
  Wheel wheel(1);
  wheel.start(0, at_ms(0));
  Instant now = at_ms(0);
  unsigned looks = 0;
  while (wheel.due(now).empty() && ++looks < 1000) {
    const Instant next = wheel.reports.next_due();
    ASSERT_TRUE(next.is_set());
    ASSERT_GE(now + Duration::milliseconds(165), next);
    now = std::max(next, now + Duration::milliseconds(1));
  }
  EXPECT_LT(looks, 40u);
}

TEST(OwnReports, HaveNamesOfTheirOwn) {
  Wheel wheel(2);
  wheel.start(0, at_ms(0));
  wheel.start(1, at_ms(0));
  EXPECT_NE(wheel.reports[0].name, wheel.reports[1].name);
  EXPECT_NE(wheel.reports[0].ssrc, wheel.reports[1].ssrc);
  EXPECT_NE(wheel.reports[0].ssrc, 0u);
}

}  // namespace
}  // namespace demarc::media
