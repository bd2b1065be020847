#include "controlplane/events/events.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "controlplane/events/limit_watch.h"
#include "controlplane/events/media_watch.h"

namespace demarc::events {
namespace {

constexpr uint64_t s = 1'000'000'000;

std::vector<Kind> kinds_of(const Events& events) {
  std::vector<Kind> kinds;
  for (const Event& event : events.after(0, kept_events).events) kinds.push_back(event.kind);
  return kinds;
}

TEST(Events, AreInOrderAndFoundBySequence) {
  Events events(100 * s);
  events.note(Kind::target_down, "upkeep", "acme", "first");
  events.note(Kind::target_up, "upkeep", "acme", "second");
  events.note(Kind::dataplane_detached, "link", "dataplane", "third");
  const Events::Page all = events.after(0, 10);
  ASSERT_EQ(all.events.size(), 3u);
  EXPECT_EQ(all.events[0].text, "first");
  EXPECT_EQ(all.events[0].subject, "acme");
  EXPECT_EQ(all.events[0].kind, Kind::target_down);
  EXPECT_NE(all.events[0].unix_ns, 0u);
  EXPECT_EQ(all.events[1].sequence, all.events[0].sequence + 1);
  EXPECT_EQ(all.last, all.events[2].sequence);
  EXPECT_EQ(all.lost, 0u);
  const Events::Page rest = events.after(all.events[0].sequence, 1);
  ASSERT_EQ(rest.events.size(), 1u);
  EXPECT_EQ(rest.events[0].text, "second");
  EXPECT_TRUE(events.after(all.last, 10).events.empty());
}

TEST(Events, TheOldestMakesRoomAndWhoReadsLateIsTold) {
  Events events(100 * s);
  for (size_t i = 0; i < kept_events + 3; ++i) {
    events.note(Kind::target_up, "upkeep", "acme", std::to_string(i));
  }
  const Events::Page page = events.after(0, 1);
  EXPECT_EQ(page.events[0].text, "3");
  EXPECT_EQ(page.lost, 3u);
  EXPECT_EQ(events.after(page.events[0].sequence - 1, 1).lost, 0u);
  EXPECT_EQ(events.after(page.last, 1).lost, 0u);
  EXPECT_EQ(events.after(0, 2 * kept_events).events.size(), kept_events);
}

// A reader goes on where it was when the control plane starts again.
TEST(Events, NumbersGrowOverARestart) {
  Events before(100 * s);
  before.note(Kind::controlplane_started, "runtime", "1", "up");
  Events after(101 * s);
  after.note(Kind::controlplane_started, "runtime", "1", "up");
  EXPECT_EQ(after.after(before.after(0, 1).last, 10).events.size(), 1u);
}

TEST(Events, ANumberOfAClockThatWentBackSeesAll) {
  Events events(100 * s);
  events.note(Kind::target_down, "upkeep", "acme", "");
  EXPECT_EQ(events.after(200 * s, 10).events.size(), 1u);
}

TEST(EventsPage, IsCurrent) {
  const char* root = std::getenv("DEMARC_SOURCE");
  ASSERT_NE(root, nullptr);
  std::ifstream file(std::string(root) + "/docs/events.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(text.str() == reference_page()) << "run demarc reference events > docs/events.md";
}

TEST(Events, AreCountedByKind) {
  Events events(100 * s);
  events.note(Kind::target_down, "upkeep", "acme", "");
  events.note(Kind::target_down, "upkeep", "acme", "");
  EXPECT_EQ(events.counts()[static_cast<size_t>(Kind::target_down)], 2u);
  EXPECT_EQ(events.counts()[static_cast<size_t>(Kind::target_up)], 0u);
}

TEST(Events, AreLinesOfTheLogOnce) {
  Events events(100 * s);
  const uint64_t warnings = runtime::logged(runtime::Level::warning);
  events.note(Kind::target_down, "upkeep", "acme", "");
  EXPECT_EQ(runtime::logged(runtime::Level::warning), warnings + 1);
}

TEST(Events, EveryKindIsDescribed) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kind_count; ++i) {
    const KindText text = text_of(static_cast<Kind>(i));
    EXPECT_TRUE(names.insert(text.name).second);
    EXPECT_FALSE(text.subject.empty());
    EXPECT_FALSE(text.help.empty());
  }
}

TEST(LimitWatch, ManyCallsAreOneEventUntilAMinuteWithout) {
  Events events(100 * s);
  LimitWatch watch(events);
  watch.met("acme", "calls_in", 1 * s);
  watch.met("acme", "calls_in", 50 * s);
  watch.met("acme", "rate_in", 50 * s);
  watch.tick(70 * s);
  EXPECT_EQ(kinds_of(events), (std::vector{Kind::limit_reached, Kind::limit_reached}));
  watch.tick(110 * s);
  watch.tick(111 * s);
  EXPECT_EQ(kinds_of(events), (std::vector{Kind::limit_reached, Kind::limit_reached,
                                           Kind::limit_left, Kind::limit_left}));
  watch.met("acme", "calls_in", 120 * s);
  EXPECT_EQ(kinds_of(events).back(), Kind::limit_reached);
}

// Before any call is refused.
TEST(LimitWatch, ALimitThatIsNearlyMetIsAnEventUntilAMinuteWithout) {
  Events events(100 * s);
  LimitWatch watch(events);
  watch.near("acme", "max_calls", "9 of 10", 1 * s);
  watch.near("acme", "max_calls", "10 of 10", 30 * s);
  watch.met("acme", "max_calls", 30 * s);
  watch.tick(89 * s);
  EXPECT_EQ(kinds_of(events), (std::vector{Kind::limit_near, Kind::limit_reached}));
  EXPECT_NE(events.after(0, 1).events[0].text.find("9 of 10"), std::string::npos);
  watch.tick(90 * s);
  EXPECT_EQ(kinds_of(events), (std::vector{Kind::limit_near, Kind::limit_reached, Kind::limit_left,
                                           Kind::limit_near_over}));
}

TEST(LimitWatch, FurtherLimitsThanItMayWatchAreNoEvents) {
  Events events(100 * s);
  LimitWatch watch(events);
  for (size_t i = 0; i <= max_watched_limits; ++i) watch.met(std::to_string(i), "calls_in", 1);
  EXPECT_EQ(events.counts()[static_cast<size_t>(Kind::limit_reached)], max_watched_limits);
}

TEST(LimitWatch, RefusalsForWantOfRoomAreToldWhenTheyBeginAndEnd) {
  Events events(100 * s);
  LimitWatch watch(events);
  watch.refused(5, 1 * s);  // before we came
  watch.refused(5, 2 * s);
  EXPECT_TRUE(kinds_of(events).empty());
  watch.refused(6, 3 * s);
  watch.refused(9, 4 * s);
  watch.refused(0, 5 * s);  // another dataplane
  watch.tick(63 * s);
  EXPECT_EQ(kinds_of(events), std::vector{Kind::records_full});
  watch.tick(64 * s);
  watch.tick(65 * s);
  EXPECT_EQ(kinds_of(events), (std::vector{Kind::records_full, Kind::records_have_room}));
}

TEST(MediaWatch, MediaOfStrangersIsToldWhenItBeginsAndEnds) {
  Events events(100 * s);
  MediaWatch watch(events);
  watch.counted("acme", {.foreign = 5'000}, 1 * s);  // before we came
  watch.counted("acme", {.foreign = 5'100}, 2 * s);
  watch.counted("other", {.foreign = 9'000}, 2 * s);
  EXPECT_TRUE(kinds_of(events).empty());
  watch.counted("acme", {.foreign = 5'250}, 3 * s);
  watch.counted("acme", {.foreign = 5'300}, 50 * s);
  EXPECT_EQ(kinds_of(events), std::vector{Kind::foreign_media});
  EXPECT_EQ(events.after(0, 1).events[0].subject, "acme");
  watch.counted("acme", {.foreign = 5'300}, 109 * s);
  EXPECT_EQ(kinds_of(events).size(), 1u);
  watch.counted("acme", {.foreign = 5'300}, 110 * s);
  EXPECT_EQ(kinds_of(events), (std::vector{Kind::foreign_media, Kind::foreign_media_over}));
}

TEST(MediaWatch, AFewPacketsOfAStreamThatMovedAreNoEvent) {
  Events events(100 * s);
  MediaWatch watch(events);
  for (uint64_t i = 0; i < 100; ++i) {
    watch.counted("acme", {.foreign = 200 * i}, 1 * s + 60 * i * s);
  }
  EXPECT_TRUE(kinds_of(events).empty());
}

TEST(MediaWatch, WrongKeysAreToldAfterFiveSecondsOfThem) {
  Events events(100 * s);
  MediaWatch watch(events);
  uint64_t now = 1 * s;
  uint64_t packets = 0;
  const auto count = [&](uint64_t more) {
    packets += more;
    watch.counted("acme", {.unauthenticated = packets}, now);
    now += s;
  };
  count(1'000);
  for (unsigned i = 0; i < 4; ++i) count(50);
  count(0);  // they were of a key that changed
  for (unsigned i = 0; i < 4; ++i) count(50);
  EXPECT_TRUE(kinds_of(events).empty());
  count(50);
  count(50);
  EXPECT_EQ(kinds_of(events), std::vector{Kind::srtp_key_wrong});
  for (unsigned i = 0; i < 59; ++i) count(1);
  EXPECT_EQ(kinds_of(events).size(), 1u);
  count(0);
  count(0);
  EXPECT_EQ(kinds_of(events), (std::vector{Kind::srtp_key_wrong, Kind::srtp_key_right}));
}

// The dataplane was not seen for an hour: what came in it did not come within a minute.
TEST(MediaWatch, WhatCameWhileWeWereAwayIsNoEvent) {
  Events events(100 * s);
  MediaWatch watch(events);
  watch.counted("acme", {.foreign = 0}, 1 * s);
  watch.counted("acme", {.foreign = 9'000}, 3601 * s);
  EXPECT_TRUE(kinds_of(events).empty());
}

TEST(MediaWatch, AnotherDataplaneCountsFromZero) {
  Events events(100 * s);
  MediaWatch watch(events);
  watch.counted("acme", {.foreign = 9'000, .unauthenticated = 9'000}, 1 * s);
  watch.counted("acme", {.foreign = 300}, 2 * s);
  EXPECT_TRUE(kinds_of(events).empty());
}

}  // namespace
}  // namespace demarc::events
