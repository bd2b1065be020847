#include "controlplane/health/monitor.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::health {
namespace {

// Printed from the table and compared with what was read and agreed on.
TEST(Table, IsAsReviewed) {
  std::string printed;
  for (const Edge& edge : edges) {
    printed += std::string(spelling(edge.from)) + " + " + std::string(spelling(edge.event)) +
               " -> " + std::string(spelling(edge.to)) + "\n";
  }
  EXPECT_EQ(printed, R"(unknown + answered -> up
unknown + answered_enough -> up
unknown + lost_enough -> down
unknown + unavailable -> down
unknown + refused -> down
up + lost_enough -> down
up + unavailable -> down
up + refused -> down
down + answered -> recovering
down + answered_enough -> up
down + hold_over -> unknown
recovering + answered_enough -> up
recovering + lost -> down
recovering + lost_enough -> down
recovering + unavailable -> down
recovering + refused -> down
recovering + hold_over -> unknown
)");
}

TEST(Table, HasNoTwoEdgesForOneEventAndAWayUpFromEverywhere) {
  for (const Edge& a : edges) {
    for (const Edge& b : edges) {
      EXPECT_TRUE(&a == &b || a.from != b.from || a.event != b.event);
    }
  }
  for (size_t i = 0; i < state_count; ++i) {
    EXPECT_EQ(next(static_cast<State>(i), Event::answered_enough), State::up);
  }
}

constexpr Settings probed = {10'000, 1000, 3, 2};
constexpr Settings unprobed = {0, 1000, 3, 2};

void answer(Monitor& monitor, uint64_t now_ms, uint16_t status = 200, uint32_t retry_after_s = 0) {
  monitor.on_answer(status, retry_after_s, 1500, now_ms);
}

TEST(Monitor, ProbesInItsIntervalAndOneAtATime) {
  Monitor monitor(probed, 1000, 500);
  EXPECT_FALSE(monitor.take_probe(1499));
  EXPECT_TRUE(monitor.take_probe(1500));
  EXPECT_FALSE(monitor.take_probe(20'000));
  answer(monitor, 20'000);
  EXPECT_EQ(monitor.state(), State::up);
  EXPECT_EQ(monitor.round_trip_us(), 1500u);
  EXPECT_TRUE(monitor.take_probe(20'000));
}

TEST(Monitor, IsDownAfterThreeLossesThatFollowEachOther) {
  Monitor monitor(probed, 0, 0);
  answer(monitor, 0);
  for (const uint64_t now_ms : {1000u, 2000u}) {
    EXPECT_TRUE(monitor.take_probe(now_ms + 10'000));
    monitor.on_silence(now_ms + 10'000);
    EXPECT_EQ(monitor.state(), State::up);
  }
  EXPECT_TRUE(monitor.take_probe(13'000));
  monitor.on_silence(13'000);
  EXPECT_EQ(monitor.state(), State::down);
  EXPECT_FALSE(monitor.take_probe(14'000));
  EXPECT_TRUE(monitor.take_probe(23'000));
}

TEST(Monitor, AnAnswerBetweenLossesBeginsAnew) {
  Monitor monitor(probed, 0, 0);
  for (unsigned i = 0; i < 5; ++i) {
    monitor.on_silence(i);
    monitor.on_silence(i);
    answer(monitor, i);
  }
  EXPECT_EQ(monitor.state(), State::up);
}

TEST(Monitor, ComesBackAfterTwoAnswersAndFallsBackAtALoss) {
  Monitor monitor(probed, 0, 0);
  for (unsigned i = 0; i < 3; ++i) monitor.on_silence(i);
  answer(monitor, 10);
  EXPECT_EQ(monitor.state(), State::recovering);
  monitor.on_silence(20);
  EXPECT_EQ(monitor.state(), State::down);
  answer(monitor, 30);
  answer(monitor, 40);
  EXPECT_EQ(monitor.state(), State::up);
  EXPECT_EQ(monitor.counts().changes, 5u);
}

TEST(Monitor, AnyAnswerProvesButUnavailable) {
  Monitor monitor(probed, 0, 0);
  answer(monitor, 0, 405);
  EXPECT_EQ(monitor.state(), State::up);
  for (unsigned i = 0; i < 3; ++i) answer(monitor, i, 503);
  EXPECT_EQ(monitor.state(), State::down);
}

TEST(Monitor, RetryAfterIsPeaceUntilThen) {
  Monitor monitor(probed, 0, 0);
  EXPECT_TRUE(monitor.take_probe(0));
  answer(monitor, 0, 503, 60);
  EXPECT_EQ(monitor.state(), State::down);
  EXPECT_FALSE(monitor.take_probe(59'999));
  EXPECT_TRUE(monitor.take_probe(60'000));
  answer(monitor, 60'000, 503, 4'000'000'000);
  EXPECT_EQ(monitor.next_probe_ms(), 60'000 + max_retry_after_ms);
}

TEST(Monitor, WhatCallsShowCountsLikeProbes) {
  Monitor monitor(unprobed, 0, 0);
  EXPECT_FALSE(monitor.take_probe(1'000'000));
  monitor.on_signs({5, 5, 5, 0}, 0);
  EXPECT_EQ(monitor.state(), State::unknown);
  monitor.on_signs({6, 5, 5, 0}, 10);
  EXPECT_EQ(monitor.state(), State::up);
  monitor.on_signs({6, 8, 5, 0}, 20);
  EXPECT_EQ(monitor.state(), State::down);
  monitor.on_signs({7, 8, 5, 0}, 30);
  EXPECT_EQ(monitor.state(), State::recovering);
  monitor.on_signs({8, 8, 5, 0}, 40);
  EXPECT_EQ(monitor.state(), State::up);
  monitor.on_signs({8, 8, 6, 7}, 50);
  EXPECT_EQ(monitor.state(), State::down);
}

TEST(Monitor, ADataplaneThatStartedAfreshProvesNothing) {
  Monitor monitor(unprobed, 0, 0);
  monitor.on_signs({100, 0, 0, 0}, 0);
  monitor.on_signs({0, 50, 0, 0}, 10);
  EXPECT_EQ(monitor.state(), State::unknown);
}

TEST(Monitor, ThatCallsAreCountedInAnotherRowProvesNothing) {
  Monitor monitor(unprobed, 0, 0);
  monitor.on_signs({100, 0, 0, 0}, 0);
  monitor.forget_signs();
  monitor.on_signs({100, 50, 0, 0}, 10);
  EXPECT_EQ(monitor.state(), State::unknown);
  monitor.on_signs({100, 53, 0, 0}, 20);
  EXPECT_EQ(monitor.state(), State::down);
}

TEST(Monitor, DownWithoutProbesEndsByItself) {
  Monitor monitor(unprobed, 0, 0);
  monitor.on_signs({}, 0);
  monitor.on_signs({0, 3, 0, 0}, 1000);
  EXPECT_EQ(monitor.state(), State::down);
  monitor.tick(1000 + passive_hold_ms - 1);
  EXPECT_EQ(monitor.state(), State::down);
  monitor.tick(1000 + passive_hold_ms);
  EXPECT_EQ(monitor.state(), State::unknown);
}

TEST(Monitor, AnsweredCallsMakeProbesNeedless) {
  Monitor monitor(probed, 0, 0);
  answer(monitor, 0);
  uint64_t calls = 0;
  monitor.on_signs({calls, 0, 0, 0}, 0);
  for (uint64_t now_ms = 5000; now_ms < 60'000; now_ms += 5000) {
    monitor.on_signs({++calls, 0, 0, 0}, now_ms);
    EXPECT_FALSE(monitor.take_probe(now_ms));
  }
  EXPECT_TRUE(monitor.take_probe(70'000));
}

TEST(Monitor, WhoWantsToBeProbedIsBesideItsCalls) {
  Settings settings = probed;
  settings.is_always = true;
  Monitor monitor(settings, 0, 0);
  answer(monitor, 0);
  uint64_t calls = 0;
  unsigned probes = 0;
  monitor.on_signs({calls, 0, 0, 0}, 0);
  for (uint64_t now_ms = 1000; now_ms <= 60'000; now_ms += 1000) {
    monitor.on_signs({++calls, 0, 0, 0}, now_ms);
    if (!monitor.take_probe(now_ms)) continue;
    ++probes;
    answer(monitor, now_ms);
  }
  EXPECT_EQ(probes, 60'000 / settings.interval_ms);
}

TEST(Monitor, WhoRefusesConnectionsIsDownAtOnceAndSaysWhy) {
  Monitor monitor(unprobed, 0, 0);
  monitor.on_signs({1, 0, 0, 0}, 0);
  monitor.on_signs({2, 0, 0, 0}, 10);
  EXPECT_EQ(monitor.state(), State::up);
  EXPECT_EQ(monitor.reason(), "");
  monitor.on_signs({2, 0, 0, 0, 1, contract::StreamFault::wrong_name}, 20);
  EXPECT_EQ(monitor.state(), State::down);
  EXPECT_EQ(monitor.reason(), "certificate has a wrong name");
  monitor.tick(20 + passive_hold_ms);
  EXPECT_EQ(monitor.state(), State::unknown);
  EXPECT_EQ(monitor.reason(), "");
}

TEST(Monitor, AProbeThatFindsNoConnectionMakesItDownAtOnce) {
  Monitor monitor(probed, 0, 0);
  answer(monitor, 0);
  EXPECT_TRUE(monitor.take_probe(10'000));
  monitor.on_refused(contract::StreamFault::refused, 10'000);
  EXPECT_EQ(monitor.state(), State::down);
  EXPECT_EQ(monitor.reason(), "connection refused");
  // The next one comes in the usual interval, and two answers make it up again.
  EXPECT_FALSE(monitor.take_probe(19'999));
  for (const uint64_t now_ms : {20'000u, 30'000u}) {
    EXPECT_TRUE(monitor.take_probe(now_ms));
    answer(monitor, now_ms);
  }
  EXPECT_EQ(monitor.state(), State::up);
  EXPECT_EQ(monitor.reason(), "");
}

TEST(Monitor, APeerThatStoppedItsOptionsIsDownWhateverItAnswers) {
  Monitor monitor(probed, 0, 0);
  answer(monitor, 100);
  monitor.set_peer_missing(true, 200);
  EXPECT_EQ(monitor.state(), State::down);
  EXPECT_EQ(monitor.reason(), "it stopped its OPTIONS");
  EXPECT_EQ(monitor.since_ms(), 200u);
  answer(monitor, 300);
  answer(monitor, 400);
  EXPECT_EQ(monitor.state(), State::down);
  EXPECT_EQ(monitor.counts().changes, 2u);
  monitor.set_peer_missing(false, 500);
  EXPECT_EQ(monitor.state(), State::up) << "what was learnt meanwhile";
  EXPECT_EQ(monitor.reason(), "");
  EXPECT_EQ(monitor.counts().changes, 3u);
}

TEST(Monitor, SaysWhatSpeaksAgainstATarget) {
  Monitor monitor(probed, 0, 0);
  monitor.on_silence(0);
  EXPECT_EQ(monitor.reason(), "no answer");
  answer(monitor, 10, 503);
  EXPECT_EQ(monitor.reason(), "503 Service Unavailable");
  answer(monitor, 20, 503, 30);
  EXPECT_EQ(monitor.reason(), "503 Service Unavailable");
  answer(monitor, 40'000);
  EXPECT_EQ(monitor.reason(), "");
}

TEST(Monitor, AFaultThatThisReleaseDoesNotKnowIsNoConnection) {
  Monitor monitor(unprobed, 0, 0);
  monitor.on_refused(contract::StreamFault{77}, 0);
  EXPECT_EQ(monitor.reason(), "no connection");
}

TEST(Monitor, AProbeThatWasNotSentSaysNothing) {
  Monitor monitor(probed, 0, 0);
  for (uint64_t i = 0; i < 10; ++i) {
    EXPECT_TRUE(monitor.take_probe(i * 1000));
    monitor.on_unsent(i * 1000);
  }
  EXPECT_EQ(monitor.state(), State::unknown);
}

}  // namespace
}  // namespace demarc::health
