#include "dataplane/lcore/idle.h"

#include <gtest/gtest.h>

namespace demarc::lcore {
namespace {

using contract::Duration;
using contract::IdlePolicy;
using contract::Instant;

constexpr Instant now{5'000'000'000};
constexpr Idle::Loop empty{.was_busy = false, .now = now, .next_due = {}};

// Lets so many empty loops pass; returns what the last one said.
Duration empty_loops(Idle& idle, unsigned count) {
  Duration sleep;
  for (unsigned i = 0; i < count; ++i) sleep = idle.sleep_after(empty);
  return sleep;
}

TEST(Idle, SpinningNeverSleeps) {
  Idle idle(IdlePolicy::spin);
  EXPECT_EQ(empty_loops(idle, 10 * Idle::polls_before_sleep).ns, 0);
}

TEST(Idle, SleepsOnlyAfterSomeEmptyPolls) {
  Idle idle(IdlePolicy::sleep);
  EXPECT_EQ(empty_loops(idle, Idle::polls_before_sleep - 1).ns, 0);
  EXPECT_EQ(idle.sleep_after(empty).ns, Idle::shortest_sleep.ns);
}

TEST(Idle, StepsGrowToTheLongestAndNoFurther) {
  Idle idle(IdlePolicy::sleep);
  (void)empty_loops(idle, Idle::polls_before_sleep);
  EXPECT_EQ(empty_loops(idle, Idle::sleeps_per_step).ns, 2 * Idle::shortest_sleep.ns);
  EXPECT_EQ(empty_loops(idle, 1000).ns, Idle::longest_sleep.ns);
}

TEST(Idle, WorkStartsTheCountAnew) {
  Idle idle(IdlePolicy::sleep);
  (void)empty_loops(idle, 1000);
  EXPECT_EQ(idle.sleep_after({.was_busy = true, .now = now, .next_due = {}}).ns, 0);
  EXPECT_EQ(idle.sleep_after(empty).ns, 0);
  EXPECT_EQ(empty_loops(idle, Idle::polls_before_sleep - 1).ns, Idle::shortest_sleep.ns);
}

TEST(Idle, NeverSleepsPastTheNextTimer) {
  Idle idle(IdlePolicy::sleep);
  (void)empty_loops(idle, 1000);
  const Instant soon = now + Duration{30'000};
  EXPECT_EQ(idle.sleep_after({.was_busy = false, .now = now, .next_due = soon}).ns, 30'000);
  const Instant past{now.ns - 1};
  EXPECT_EQ(idle.sleep_after({.was_busy = false, .now = now, .next_due = past}).ns, 0);
}

}  // namespace
}  // namespace demarc::lcore
