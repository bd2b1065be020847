#include "dataplane/lcore/quiescence.h"

#include <gtest/gtest.h>

namespace demarc::lcore {
namespace {

TEST(Quiescence, PassesWhenEveryWorkerHasReported) {
  Quiescence quiescence;
  ASSERT_TRUE(quiescence.start(2));
  quiescence.join(0);
  quiescence.join(1);
  const uint64_t token = quiescence.begin();
  EXPECT_FALSE(quiescence.has_passed(token));
  quiescence.report(0);
  EXPECT_FALSE(quiescence.has_passed(token));
  quiescence.report(1);
  EXPECT_TRUE(quiescence.has_passed(token));
}

TEST(Quiescence, AReportBeforeItBeganDoesNotCount) {
  Quiescence quiescence;
  ASSERT_TRUE(quiescence.start(1));
  quiescence.join(0);
  quiescence.report(0);
  const uint64_t token = quiescence.begin();
  EXPECT_FALSE(quiescence.has_passed(token));
}

TEST(Quiescence, AWorkerThatLeftIsNotWaitedFor) {
  Quiescence quiescence;
  ASSERT_TRUE(quiescence.start(2));
  quiescence.join(0);
  quiescence.join(1);
  const uint64_t token = quiescence.begin();
  quiescence.report(0);
  quiescence.leave(1);
  EXPECT_TRUE(quiescence.has_passed(token));
}

}  // namespace
}  // namespace demarc::lcore
