#include "dataplane/media/latch.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::media {
namespace {

using contract::Duration;
using contract::Endpoint;
using contract::Instant;
using contract::IpAddress;

std::string table() {
  constexpr std::string_view names[] = {"open_window", "forget", "start_run", "count_run", "learn"};
  std::string text;
  for (unsigned s = 0; s < static_cast<unsigned>(LatchState::count); ++s) {
    for (unsigned e = 0; e < static_cast<unsigned>(LatchEvent::count); ++e) {
      const LatchStep taken = step(static_cast<LatchState>(s), static_cast<LatchEvent>(e));
      if (taken.next == static_cast<LatchState>(s) && taken.actions == no_latch_action) continue;
      text.append(spelling(static_cast<LatchState>(s))).append(" + ");
      text.append(spelling(static_cast<LatchEvent>(e))).append(" -> ");
      text.append(spelling(taken.next)).append(":");
      for (unsigned i = 0; i < std::size(names); ++i) {
        if ((taken.actions & (1u << i)) != 0) text.append(" ").append(names[i]);
      }
      text.append("\n");
    }
  }
  return text;
}

TEST(LatchTable, IsTheReviewedOne) {
  EXPECT_EQ(table(), R"(shut + offer_new -> learning: open_window forget
learning + offer_new -> learning: open_window forget
learning + offer_same -> learning: open_window
learning + offer_silent -> learning: open_window
learning + offer_none -> shut: forget
learning + fresh -> proving: start_run
learning + window_over -> settled:
proving + offer_new -> learning: open_window forget
proving + offer_same -> learning: open_window
proving + offer_silent -> learning: open_window
proving + offer_none -> shut: forget
proving + fresh -> proving: start_run
proving + next -> proving: count_run
proving + proven -> provisional: learn
proving + proven_top -> settled: learn
proving + window_over -> settled:
provisional + offer_new -> learning: open_window forget
provisional + offer_silent -> learning: open_window
provisional + offer_none -> shut: forget
provisional + fresh -> challenged: start_run
provisional + window_over -> settled:
challenged + offer_new -> learning: open_window forget
challenged + offer_silent -> learning: open_window
challenged + offer_none -> shut: forget
challenged + fresh -> challenged: start_run
challenged + next -> challenged: count_run
challenged + proven -> provisional: learn
challenged + proven_top -> settled: learn
challenged + window_over -> settled:
settled + offer_new -> learning: open_window forget
settled + offer_silent -> learning: open_window
settled + offer_none -> shut: forget
)");
}

constexpr LatchRules rules{5, Duration::seconds(10)};

Instant ms(uint64_t n) {
  return {n * 1'000'000 + 1'000'000'000};
}

// A latch, and sources that send in sequence each 20 ms.
struct Scene {
  Latch latch;
  uint64_t now = 0;
  Endpoint signalled{IpAddress::v4(10, 0, 0, 9), 4000};
  Endpoint peer{IpAddress::v4(203, 0, 113, 9), 61'000};      // the NAT's
  Endpoint attacker{IpAddress::v4(203, 0, 113, 9), 50'000};  // as near as the peer

  Scene() { offer(signalled); }
  void offer(const Endpoint& source) { on_offer(latch, rules, source, {}, ms(now)); }
  LatchVerdict send(const Endpoint& from, unsigned sequence,
                    Nearness nearness = Nearness::signalling, bool is_authentic = false,
                    uint32_t ssrc = 7) {
    return on_packet(latch, rules,
                     {from, nearness, ssrc, static_cast<uint16_t>(sequence), is_authentic},
                     ms(now));
  }
  // The verdict of the last of `count` packets.
  LatchVerdict send_run(const Endpoint& from, unsigned count, unsigned first = 1,
                        Nearness nearness = Nearness::signalling, bool is_authentic = false) {
    LatchVerdict verdict = LatchVerdict::refused;
    for (unsigned i = 0; i < count; ++i, now += 20)
      verdict = send(from, first + i, nearness, is_authentic);
    return verdict;
  }
};

TEST(Latch, LearnsAfterARunAndRelaysFromItsLastPacketOn) {
  Scene scene;
  EXPECT_EQ(scene.send_run(scene.peer, 4), LatchVerdict::learning);
  EXPECT_EQ(scene.latch.in_force, scene.signalled);
  EXPECT_EQ(scene.send_run(scene.peer, 1, 5), LatchVerdict::relay);
  EXPECT_EQ(scene.latch.in_force, scene.peer);
  EXPECT_EQ(scene.latch.state, LatchState::provisional);
}

TEST(Latch, TheSignalledSourceIsRelayedAtOnceAndSettlesIt) {
  Scene scene;
  EXPECT_EQ(scene.send(scene.signalled, 1, Nearness::exact), LatchVerdict::relay);
  scene.send_run(scene.signalled, 4, 2, Nearness::exact);
  EXPECT_EQ(scene.latch.state, LatchState::settled);
  EXPECT_EQ(scene.send_run(scene.attacker, 20), LatchVerdict::refused);
  EXPECT_EQ(scene.latch.in_force, scene.signalled);
}

TEST(Latch, ASourceThatMayNotSendIsNeverLearnt) {
  Scene scene;
  EXPECT_EQ(scene.send_run(scene.attacker, 100, 1, Nearness::none), LatchVerdict::refused);
  EXPECT_EQ(scene.latch.state, LatchState::learning);
  EXPECT_EQ(scene.send_run(scene.attacker, 100, 1, Nearness::none, true), LatchVerdict::refused);
}

TEST(Latch, ASequenceOrSsrcThatJumpsBeginsAgain) {
  Scene scene;
  for (unsigned i = 0; i < 50; ++i) scene.send(scene.peer, i * 4);
  EXPECT_EQ(scene.latch.run, 1u);
  for (unsigned i = 0; i < 50; ++i) scene.send(scene.peer, i, Nearness::signalling, false, i);
  EXPECT_EQ(scene.latch.run, 1u);
  for (unsigned i = 0; i < 50; ++i) scene.send(scene.peer, 9);
  EXPECT_EQ(scene.latch.run, 1u);
  EXPECT_EQ(scene.latch.in_force, scene.signalled);
}

TEST(Latch, BearsLossAndTheWrap) {
  Scene scene;
  for (const unsigned sequence : {65'533u, 65'535u, 2u, 3u, 5u}) scene.send(scene.peer, sequence);
  EXPECT_EQ(scene.latch.in_force, scene.peer);
}

TEST(Latch, OfTwoAsNearTheFirstWins) {
  Scene scene;
  for (unsigned i = 1; i <= 5; ++i) {
    scene.send(scene.peer, i);
    EXPECT_EQ(scene.send(scene.attacker, i), LatchVerdict::refused);
  }
  EXPECT_EQ(scene.latch.in_force, scene.peer);
  EXPECT_EQ(scene.send_run(scene.attacker, 20), LatchVerdict::refused);
  EXPECT_EQ(scene.latch.in_force, scene.peer);
}

TEST(Latch, ACandidateThatFallsSilentLetsAnotherBegin) {
  Scene scene;
  scene.send(scene.attacker, 1);
  scene.now += 201;
  EXPECT_EQ(scene.send_run(scene.peer, 5), LatchVerdict::relay);
  EXPECT_EQ(scene.latch.in_force, scene.peer);
}

TEST(Latch, ANearerSourceTakesThePlaceOfAFartherOne) {
  Scene scene;
  scene.send_run(scene.attacker, 5, 1, Nearness::configured);
  EXPECT_EQ(scene.latch.in_force, scene.attacker);
  EXPECT_EQ(scene.send_run(scene.peer, 4, 1, Nearness::signalling), LatchVerdict::learning);
  EXPECT_EQ(scene.latch.state, LatchState::challenged);
  EXPECT_EQ(scene.send_run(scene.peer, 1, 5, Nearness::signalling), LatchVerdict::relay);
  EXPECT_EQ(scene.latch.in_force, scene.peer);
  EXPECT_EQ(scene.send_run(scene.attacker, 20, 30, Nearness::configured), LatchVerdict::refused);
  EXPECT_EQ(scene.latch.learnt_count, 2u);
}

TEST(Latch, AnAuthenticRunSettlesIt) {
  Scene scene;
  scene.send_run(scene.peer, 5, 1, Nearness::configured, true);
  EXPECT_EQ(scene.latch.state, LatchState::settled);
  EXPECT_EQ(scene.latch.in_force, scene.peer);
}

TEST(Latch, NothingIsLearntAfterTheWindow) {
  Scene scene;
  scene.now = 10'001;
  EXPECT_EQ(scene.send_run(scene.attacker, 20), LatchVerdict::refused);
  EXPECT_EQ(scene.latch.state, LatchState::settled);
  EXPECT_EQ(scene.send(scene.signalled, 1, Nearness::exact), LatchVerdict::relay);
}

TEST(Latch, ARunMustEndBeforeTheWindowDoes) {
  Scene scene;
  scene.now = 9'990;
  EXPECT_EQ(scene.send_run(scene.attacker, 20), LatchVerdict::refused);
  EXPECT_EQ(scene.latch.in_force, scene.signalled);
}

TEST(Latch, ARefreshOfALiveSessionOpensNothing) {
  Scene scene;
  scene.send_run(scene.peer, 5);
  scene.now = 20'000;
  scene.send(scene.peer, 6);
  on_offer(scene.latch, rules, scene.signalled, ms(scene.now), ms(scene.now + 1000));
  EXPECT_EQ(scene.latch.state, LatchState::settled);
  EXPECT_EQ(scene.latch.in_force, scene.peer);
}

TEST(Latch, AnOfferOfASilentPeerLearnsItsNewPort) {
  Scene scene;
  scene.send_run(scene.peer, 5);
  scene.now = 20'000;
  on_offer(scene.latch, rules, scene.signalled, ms(100), ms(scene.now));
  EXPECT_EQ(scene.latch.in_force, scene.peer);  // until another is learnt
  Endpoint moved = scene.peer;
  ++moved.port;
  EXPECT_EQ(scene.send_run(moved, 5), LatchVerdict::relay);
  EXPECT_EQ(scene.latch.in_force, moved);
  EXPECT_EQ(scene.send(scene.peer, 9), LatchVerdict::refused);
}

TEST(Latch, AnotherAddressInAnOfferForgetsTheLearntSource) {
  Scene scene;
  scene.send_run(scene.peer, 5);
  Endpoint other = scene.signalled;
  other.port = 5000;
  scene.offer(other);
  EXPECT_EQ(scene.latch.in_force, other);
  EXPECT_EQ(scene.send(scene.peer, 6), LatchVerdict::learning);
}

TEST(Latch, WithoutAnAddressNobodyMaySend) {
  Scene scene;
  scene.send_run(scene.peer, 5);
  scene.offer({});
  EXPECT_EQ(scene.send_run(scene.peer, 20, 6), LatchVerdict::refused);
  EXPECT_EQ(scene.send_run({}, 20, 1), LatchVerdict::refused);
  scene.offer(scene.signalled);
  EXPECT_EQ(scene.latch.state, LatchState::learning);
}

}  // namespace
}  // namespace demarc::media
