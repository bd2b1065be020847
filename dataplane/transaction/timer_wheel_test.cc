#include "dataplane/transaction/timer_wheel.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <vector>

namespace demarc::transaction {
namespace {

using contract::Duration;
using contract::Instant;

constexpr uint64_t tick_ns = uint64_t{1} << TimerWheel::tick_shift;
constexpr Instant at_tick(uint64_t tick) {
  return {tick * tick_ns};
}

class TimerWheelTest : public ::testing::Test {
 protected:
  static constexpr uint32_t capacity = 500;
  static constexpr Instant begin{1'000'000'000};

  TimerId start(Instant due, uint32_t subject) {
    return wheel_.start(due, {TimerEvent::Owner::call, 7, subject, subject + 1});
  }
  std::vector<uint32_t> expire(Instant now) {
    std::vector<uint32_t> subjects;
    std::array<TimerEvent, 16> out;
    uint32_t count = 0;
    do {
      count = wheel_.expire(now, out);
      for (uint32_t i = 0; i < count; ++i) subjects.push_back(out[i].subject);
    } while (count == out.size());
    return subjects;
  }

  std::vector<std::byte> storage_ =
      std::vector<std::byte>(TimerWheel::octets_needed(capacity) + memory::cache_line);
  std::span<std::byte> aligned() {
    const auto address = reinterpret_cast<uintptr_t>(storage_.data());
    return std::span(storage_).subspan((64 - address % 64) % 64, storage_.size() - 64);
  }
  memory::Arena arena_{aligned()};
  TimerWheel wheel_{arena_, capacity, begin};
};

TEST_F(TimerWheelTest, FiresOnceWithWhatItWasGiven) {
  start(begin + Duration::milliseconds(10), 3);
  std::array<TimerEvent, 4> out;
  EXPECT_EQ(wheel_.expire(begin + Duration::milliseconds(9), out), 0u);
  ASSERT_EQ(wheel_.expire(begin + Duration::milliseconds(12), out), 1u);
  EXPECT_EQ(out[0].owner, TimerEvent::Owner::call);
  EXPECT_EQ(out[0].name, 7);
  EXPECT_EQ(out[0].subject, 3u);
  EXPECT_EQ(out[0].generation, 4u);
  EXPECT_EQ(wheel_.expire(begin + Duration::seconds(100), out), 0u);
  EXPECT_EQ(wheel_.live(), 0u);
}

TEST_F(TimerWheelTest, CancelledTimerStaysSilentAndItsNameIsForgotten) {
  TimerId id = start(begin + Duration::milliseconds(10), 3);
  TimerId copy = id;
  wheel_.cancel(id);
  EXPECT_FALSE(id.is_set());
  wheel_.cancel(id);
  // The node is used again; an old name must not reach its new timer.
  start(begin + Duration::milliseconds(10), 4);
  wheel_.cancel(copy);
  EXPECT_EQ(expire(begin + Duration::milliseconds(20)), std::vector<uint32_t>{4});
}

TEST_F(TimerWheelTest, CancelAfterItFiredDoesNothing) {
  TimerId id = start(begin, 1);
  EXPECT_EQ(expire(begin + Duration::milliseconds(2)), std::vector<uint32_t>{1});
  start(begin + Duration::milliseconds(10), 2);
  wheel_.cancel(id);
  EXPECT_EQ(wheel_.live(), 1u);
}

TEST_F(TimerWheelTest, SaysWhenItHasNoRoom) {
  for (uint32_t i = 0; i < capacity; ++i) ASSERT_TRUE(start(begin, i).is_set());
  EXPECT_FALSE(wheel_.has_room(1));
  EXPECT_FALSE(start(begin, capacity).is_set());
  EXPECT_EQ(expire(begin + Duration::milliseconds(2)).size(), capacity);
  EXPECT_TRUE(wheel_.has_room(capacity));
  EXPECT_FALSE(wheel_.has_room(capacity + 1));
}

TEST_F(TimerWheelTest, NeverFillsMoreThanTheCallerHasRoomFor) {
  for (uint32_t i = 0; i < 5; ++i) start(begin, i);
  std::array<TimerEvent, 3> out;
  const Instant later = begin + Duration::seconds(1);
  EXPECT_EQ(wheel_.expire(later, out), 3u);
  EXPECT_EQ(out[0].subject, 0u);
  EXPECT_EQ(wheel_.expire(later, out), 2u);
  EXPECT_EQ(out[0].subject, 3u);
  EXPECT_EQ(wheel_.expire(later, out), 0u);
}

TEST_F(TimerWheelTest, TimerStartedWhileHandlingFiresInTheSameSequenceWhenDue) {
  start(begin, 1);
  const Instant later = begin + Duration::seconds(1);
  EXPECT_EQ(expire(later), std::vector<uint32_t>{1});
  start(begin, 2);
  start(at_tick(later.ns / tick_ns), 3);
  EXPECT_EQ(expire(later), (std::vector<uint32_t>{2, 3}));
}

TEST_F(TimerWheelTest, ClockThatStandsStillOrGoesBackFiresNothingNew) {
  start(begin + Duration::milliseconds(50), 1);
  EXPECT_TRUE(expire(begin + Duration::milliseconds(40)).empty());
  EXPECT_TRUE(expire(begin).empty());
  EXPECT_EQ(expire(begin + Duration::milliseconds(60)), std::vector<uint32_t>{1});
}

TEST_F(TimerWheelTest, FiresAtExactlyItsTickOnEveryLevel) {
  uint64_t now = begin.ns / tick_ns;
  for (const uint64_t delta :
       {0ull, 1ull, 255ull, 256ull, 257ull, 511ull, 65535ull, 65536ull, 65537ull, 0xffffffull,
        0x1000000ull, 0x1000001ull, 0xfffffffeull, 0xffffffffull, 0x100000000ull, 0x3abcdef12ull}) {
    now += 12345;  // somewhere else each time
    EXPECT_TRUE(expire(at_tick(now)).empty());
    start(at_tick(now + delta), 1);
    if (delta != 0) {
      EXPECT_TRUE(expire(at_tick(now + delta - 1)).empty()) << delta;
    }
    now += delta;
    EXPECT_EQ(expire(at_tick(now)), std::vector<uint32_t>{1}) << delta;
  }
}

TEST_F(TimerWheelTest, NextDueOfAnEmptyWheelIsNotSet) {
  EXPECT_FALSE(wheel_.next_due().is_set());
  TimerId id = start(begin + Duration::seconds(1), 1);
  EXPECT_TRUE(wheel_.next_due().is_set());
  wheel_.cancel(id);
  EXPECT_FALSE(wheel_.next_due().is_set());
}

// A caller that sleeps until next_due() wakes a few times only, however far the timer is.
TEST_F(TimerWheelTest, SleepingUntilNextDueReachesAFarTimerInFewSteps) {
  const Instant due = begin + Duration::seconds(100 * 24 * 3600);  // beyond the wheel
  start(due, 1);
  Instant now = begin;
  int steps = 0;
  std::vector<uint32_t> fired;
  while (fired.empty() && steps < 50) {
    ASSERT_GE(wheel_.next_due(), now);
    now = wheel_.next_due();
    ASSERT_TRUE(now.is_set());
    fired = expire(now);
    ++steps;
  }
  EXPECT_EQ(fired, std::vector<uint32_t>{1});
  EXPECT_GE(now, due);
  EXPECT_LT(now - due, Duration{2 * tick_ns});
  EXPECT_LT(steps, 10);
}

// Against a sorted list: small steps, long sleeps, near and far timers, cancels.
class TimerWheelModelTest : public TimerWheelTest {
 protected:
  Duration any_delay() {
    switch (random_() % 8) {
      case 0:
        return Duration{static_cast<int64_t>(random_() % (3 * tick_ns))};
      case 1:
      case 2:
      case 3:
        return Duration::milliseconds(static_cast<int64_t>(random_() % 400));
      case 4:
      case 5:
        return Duration::milliseconds(static_cast<int64_t>(random_() % 70'000));
      case 6:
        return Duration::seconds(static_cast<int64_t>(random_() % 40'000));
      default:
        return Duration::seconds(static_cast<int64_t>(random_() % 10'000'000));  // 115 days
    }
  }
  void start_one() {
    const uint32_t subject = next_subject_++;
    const Instant due = now_ + any_delay();
    const TimerId id = start(due, subject);
    ASSERT_EQ(id.is_set(), model_.size() < capacity);
    if (id.is_set()) model_[subject] = {due, id};
  }
  void cancel_one() {
    if (model_.empty()) return;
    auto chosen = model_.lower_bound(static_cast<uint32_t>(random_() % next_subject_));
    if (chosen == model_.end()) chosen = model_.begin();
    wheel_.cancel(chosen->second.id);
    model_.erase(chosen);
  }
  void expire_and_compare() {
    uint64_t last_tick = 0;
    for (const uint32_t subject : expire(now_)) {
      const auto found = model_.find(subject);
      ASSERT_NE(found, model_.end()) << "fired twice, or after a cancel";
      const uint64_t due_tick = (found->second.due.ns + tick_ns - 1) / tick_ns;
      ASSERT_LE(found->second.due, now_) << "early";
      ASSERT_GE(due_tick, last_tick) << "out of order";
      last_tick = due_tick;
      model_.erase(found);
    }
    Instant first;
    for (const auto& [subject, timer] : model_) {
      ASSERT_GT(timer.due.ns + 2 * tick_ns, now_.ns) << "late";
      if (!first.is_set() || timer.due < first) first = timer.due;
    }
    ASSERT_EQ(wheel_.live(), model_.size());
    ASSERT_EQ(wheel_.next_due().is_set(), !model_.empty());
    if (!model_.empty()) {
      ASSERT_LT(wheel_.next_due().ns, first.ns + tick_ns);
    }
  }

  struct Timer {
    Instant due;
    TimerId id;
  };
  std::mt19937_64 random_{20240307};
  std::map<uint32_t, Timer> model_;
  uint32_t next_subject_ = 1;
  Instant now_ = begin;
};

TEST_F(TimerWheelModelTest, AgreesWithASortedListOverYears) {
  for (int step = 0; step < 60'000; ++step) {
    const uint64_t choice = random_() % 100;
    if (choice < 50) {
      ASSERT_NO_FATAL_FAILURE(start_one());
    } else if (choice < 65) {
      cancel_one();
    } else if (choice < 98) {
      now_ = now_ + Duration{static_cast<int64_t>(random_() % (400 * tick_ns))};
      ASSERT_NO_FATAL_FAILURE(expire_and_compare()) << step;
    } else {
      now_ = now_ + any_delay();
      ASSERT_NO_FATAL_FAILURE(expire_and_compare()) << step;
    }
  }
  now_ = now_ + Duration::seconds(20'000'000);
  ASSERT_NO_FATAL_FAILURE(expire_and_compare());
  EXPECT_EQ(wheel_.live(), 0u);
  EXPECT_GT(now_ - begin, Duration::seconds(365 * 24 * 3600));
}

}  // namespace
}  // namespace demarc::transaction
