#include "controlplane/upkeep/due.h"

#include <gtest/gtest.h>

namespace demarc::upkeep {
namespace {

struct Row {
  uint64_t due_ms = 0;
};

class DueTest : public testing::Test {
 protected:
  Row a, b;
  Due<Row> due;
};

TEST_F(DueTest, GivesEachOnceInTheOrderOfTime) {
  due.add(a, 200);
  due.add(b, 100);
  EXPECT_EQ(due.take(99), nullptr);
  EXPECT_EQ(due.take(200), &b);
  EXPECT_EQ(due.take(200), &a);
  EXPECT_EQ(due.take(1000), nullptr);
}

TEST_F(DueTest, TheEarlierTimeCounts) {
  due.add(a, 200);
  due.add(a, 300);
  due.add(a, 100);
  EXPECT_EQ(due.take(100), &a);
  EXPECT_EQ(due.take(1000), nullptr) << "the places for later are void";
}

TEST_F(DueTest, OneThatIsAddedAgainIsGivenAgain) {
  due.add(a, 100);
  ASSERT_EQ(due.take(100), &a);
  due.add(a, 150);
  EXPECT_EQ(due.take(149), nullptr);
  EXPECT_EQ(due.take(150), &a);
}

TEST_F(DueTest, ZeroIsNever) {
  due.add(a, 0);
  EXPECT_EQ(due.take(UINT64_MAX), nullptr);
}

// Ten thousand that wait cost a turn nothing: it looks at what is due and at one more.
TEST_F(DueTest, ManyThatWaitAreNotLookedAt) {
  std::vector<Row> rows(10'000);
  for (size_t i = 0; i < rows.size(); ++i) due.add(rows[i], 1'000 + i);
  EXPECT_EQ(due.take(1'001), &rows[0]);
  EXPECT_EQ(due.take(1'001), &rows[1]);
  EXPECT_EQ(due.take(1'001), nullptr);
  EXPECT_EQ(due.size(), 9'998u);
}

}  // namespace
}  // namespace demarc::upkeep
