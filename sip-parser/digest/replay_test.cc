#include "sip-parser/digest/replay.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace demarc::digest {
namespace {

constexpr uint64_t expires = 30'001;

class ReplayTest : public testing::Test {
 protected:
  CountVerdict use(uint32_t nc, uint64_t key = 7, uint64_t now = 0) {
    return use_count(table_, {key, nc, now, now + expires});
  }

  ReplayTable<2> table_{};
};

using Replay = ReplayTest;

static_assert(std::is_trivially_copyable_v<ReplayTable<2>>);

TEST_F(Replay, TakesEachCountOnce) {
  for (uint32_t nc = 1; nc <= 200; ++nc) {
    EXPECT_EQ(use(nc), CountVerdict::fresh) << nc;
    EXPECT_EQ(use(nc), CountVerdict::replayed) << nc;
  }
}

TEST_F(Replay, NeverTakesZero) {
  EXPECT_EQ(use(0), CountVerdict::replayed);
  EXPECT_EQ(use(1), CountVerdict::fresh);
  EXPECT_EQ(use(0), CountVerdict::replayed);
}

TEST_F(Replay, TakesTheEdgesOfTheCount) {
  EXPECT_EQ(use(1), CountVerdict::fresh);
  EXPECT_EQ(use(0x7fffffff), CountVerdict::fresh);
  EXPECT_EQ(use(0x80000000), CountVerdict::fresh);
  EXPECT_EQ(use(0xfffffffe), CountVerdict::fresh);
  EXPECT_EQ(use(0xffffffff), CountVerdict::fresh);
  EXPECT_EQ(use(0xffffffff), CountVerdict::replayed);
  EXPECT_EQ(use(0xfffffffe), CountVerdict::replayed);
  EXPECT_EQ(use(0xfffffffd), CountVerdict::fresh);
  // There is nothing behind the last one: it does not begin anew.
  EXPECT_EQ(use(0), CountVerdict::replayed);
  EXPECT_EQ(use(1), CountVerdict::replayed);
}

TEST_F(Replay, TakesReorderedCountsInsideTheWindow) {
  EXPECT_EQ(use(100), CountVerdict::fresh);
  EXPECT_EQ(use(100 - count_window), CountVerdict::replayed);
  EXPECT_EQ(use(100 - count_window + 1), CountVerdict::fresh);
  EXPECT_EQ(use(100 - count_window + 1), CountVerdict::replayed);
  EXPECT_EQ(use(99), CountVerdict::fresh);
  EXPECT_EQ(use(99), CountVerdict::replayed);
  EXPECT_EQ(use(100), CountVerdict::replayed);
}

TEST_F(Replay, MovesTheWindowByAnyStep) {
  EXPECT_EQ(use(1), CountVerdict::fresh);
  EXPECT_EQ(use(1 + count_window - 1), CountVerdict::fresh);
  EXPECT_EQ(use(1), CountVerdict::replayed);
  EXPECT_EQ(use(2), CountVerdict::fresh);
  EXPECT_EQ(use(64 + count_window), CountVerdict::fresh);
  EXPECT_EQ(use(64), CountVerdict::replayed);
  EXPECT_EQ(use(65), CountVerdict::fresh);
  EXPECT_EQ(use(128 + count_window + 1), CountVerdict::fresh);
  EXPECT_EQ(use(128), CountVerdict::replayed);
}

TEST_F(Replay, CountsEachNonceApart) {
  EXPECT_EQ(use(1, 7), CountVerdict::fresh);
  EXPECT_EQ(use(1, 9), CountVerdict::fresh);
  EXPECT_EQ(use(1, 8), CountVerdict::fresh);
  EXPECT_EQ(use(1, 7), CountVerdict::replayed);
  EXPECT_EQ(use(1, 9), CountVerdict::replayed);
}

TEST_F(Replay, RefusesTheNewestWhenASetIsFull) {
  // Even keys share one set of two.
  for (uint64_t i = 0; i < slots_per_set; ++i) EXPECT_EQ(use(1, 2 * i), CountVerdict::fresh);
  EXPECT_EQ(use(1, 100), CountVerdict::full);
  EXPECT_EQ(use(2, 0), CountVerdict::fresh);
  EXPECT_EQ(use(1, 0), CountVerdict::replayed);
  EXPECT_EQ(use(1, 1), CountVerdict::fresh);
}

TEST_F(Replay, FreesASlotWhenItsNonceHasEnded) {
  for (uint64_t i = 0; i < slots_per_set; ++i) EXPECT_EQ(use(1, 2 * i), CountVerdict::fresh);
  EXPECT_EQ(use(1, 100, expires - 1), CountVerdict::full);
  EXPECT_EQ(use(1, 0, expires - 1), CountVerdict::replayed);
  EXPECT_EQ(use(1, 100, expires), CountVerdict::fresh);
  EXPECT_EQ(use(1, 100, expires), CountVerdict::replayed);
}

TEST_F(Replay, NeedsATable) {
  EXPECT_DEATH(static_cast<void>(use_count({}, {1, 1, 0, 1})), "table.empty");
}

}  // namespace
}  // namespace demarc::digest
