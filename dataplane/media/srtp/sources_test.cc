#include <gtest/gtest.h>

#include "dataplane/media/srtp/srtp_harness.h"

// More SSRCs under one key than a Context has room for.

namespace demarc::media::srtp {
namespace {

constexpr uint32_t all_ssrcs = max_sources + max_resting * max_resting_rows;
constexpr uint32_t rows = 16;

class ManySsrcs : public ::testing::TestWithParam<Suite> {
 protected:
  TestContexts test_{Cipher::best(), rows* Contexts::keys_per_resting};
  uint32_t out_ = test_.contexts.open(some_key(GetParam()));
  uint32_t in_ = test_.contexts.open(some_key(GetParam()));

  Outcome pass(unsigned sequence, uint32_t ssrc) {
    const Octets plain = rtp_packet(sequence, ssrc);
    const auto sent = test_.protect(out_, plain);
    if (sent.outcome != Outcome::done) return sent.outcome;
    const auto received = test_.unprotect(in_, sent.octets);
    EXPECT_EQ(received.octets == plain, received.outcome == Outcome::done);
    return received.outcome;
  }
};

TEST_P(ManySsrcs, TheFirstOneGoesOnAfterThreeOthers) {
  for (uint32_t ssrc = 1; ssrc <= 4; ++ssrc) EXPECT_EQ(pass(10, ssrc), Outcome::done);
  EXPECT_EQ(pass(11, 1), Outcome::done);
  EXPECT_EQ(pass(11, 2), Outcome::done);
}

TEST_P(ManySsrcs, TheFirstOneIsNotSentUnderAnIndexThatItHad) {
  for (uint32_t ssrc = 1; ssrc <= 4; ++ssrc) pass(10, ssrc);
  EXPECT_EQ(test_.protect(out_, rtp_packet(10, 1)).outcome, Outcome::replayed);
  EXPECT_EQ(test_.protect(out_, rtp_packet(9, 1)).outcome, Outcome::replayed);
}

TEST_P(ManySsrcs, TheFirstOneKeepsItsRollOverCounter) {
  for (const unsigned sequence : {65'534u, 65'535u, 0u})
    EXPECT_EQ(pass(sequence, 1), Outcome::done);
  for (uint32_t ssrc = 2; ssrc <= 4; ++ssrc) EXPECT_EQ(pass(10, ssrc), Outcome::done);
  EXPECT_EQ(test_.protect(out_, rtp_packet(65'535, 1)).outcome, Outcome::replayed);
  TestContexts other;
  const uint32_t straight = other.contexts.open(some_key(GetParam()));
  for (const unsigned sequence : {65'535u, 0u}) other.protect(straight, rtp_packet(sequence, 1));
  const Octets next = other.protect(straight, rtp_packet(1, 1)).octets;
  EXPECT_EQ(test_.protect(out_, rtp_packet(1, 1)).octets, next);
  EXPECT_EQ(test_.unprotect(in_, next).octets, rtp_packet(1, 1));
}

TEST_P(ManySsrcs, WhatRestedTakesNoPacketTwice) {
  const Octets first = test_.protect(out_, rtp_packet(10, 1)).octets;
  const Octets report = test_.protect(out_, rtcp_packet(1), true).octets;
  EXPECT_EQ(test_.unprotect(in_, first).outcome, Outcome::done);
  EXPECT_EQ(test_.unprotect(in_, report, true).outcome, Outcome::done);
  for (uint32_t ssrc = 2; ssrc <= 4; ++ssrc) pass(10, ssrc);
  EXPECT_EQ(test_.unprotect(in_, first).outcome, Outcome::replayed);
  EXPECT_EQ(test_.unprotect(in_, report, true).outcome, Outcome::replayed);
}

TEST_P(ManySsrcs, AForgedPacketWakesNone) {
  for (uint32_t ssrc = 1; ssrc <= 4; ++ssrc) pass(10, ssrc);
  Octets forged = test_.protect(out_, rtp_packet(11, 1)).octets;
  forged[20] ^= 1;
  EXPECT_EQ(test_.unprotect(in_, forged).outcome, Outcome::unauthenticated);
  for (const SourceState& source : test_.contexts.row(in_).sources) EXPECT_NE(source.ssrc, 1u);
}

TEST_P(ManySsrcs, OneThatCanNotBeRememberedIsNotSent) {
  for (uint32_t ssrc = 1; ssrc <= all_ssrcs; ++ssrc) EXPECT_EQ(pass(10, ssrc), Outcome::done);
  EXPECT_EQ(pass(10, all_ssrcs + 1), Outcome::expired);
  for (uint32_t ssrc = 1; ssrc <= all_ssrcs; ++ssrc) EXPECT_EQ(pass(11, ssrc), Outcome::done);
}

// What is received takes no more than half of the room, so that what is sent finds some.
TEST_P(ManySsrcs, ManyThatArriveLeaveRoomForThoseThatAreSent) {
  for (uint32_t i = 0; i < rows; ++i) {
    const uint32_t in = test_.contexts.open(some_key(GetParam(), 2));
    const uint32_t peer = test_.contexts.open(some_key(GetParam(), 2));
    for (uint32_t ssrc = 1; ssrc <= 4; ++ssrc) {
      EXPECT_EQ(test_.unprotect(in, test_.protect(peer, rtp_packet(10, ssrc)).octets).outcome,
                Outcome::done);
    }
    test_.contexts.close(peer);
  }
  for (uint32_t ssrc = 1; ssrc <= 4; ++ssrc) EXPECT_EQ(pass(10, ssrc), Outcome::done);
  EXPECT_EQ(pass(11, 1), Outcome::done);
}

TEST_P(ManySsrcs, AllOfAPeerAreTaken) {
  for (uint32_t ssrc = 1; ssrc <= 2 * all_ssrcs; ++ssrc) {
    const uint32_t peer = test_.contexts.open(some_key(GetParam()));
    EXPECT_EQ(test_.unprotect(in_, test_.protect(peer, rtp_packet(10, ssrc)).octets).outcome,
              Outcome::done);
    test_.contexts.close(peer);
  }
}

TEST_P(ManySsrcs, WithoutRoomAFourthIsTakenButNotSent) {
  std::array<uint32_t, rows> others = {};
  for (uint32_t& other : others) {
    other = test_.contexts.open(some_key(GetParam(), 2));
    for (uint32_t ssrc = 1; ssrc <= 4; ++ssrc) test_.protect(other, rtp_packet(10, ssrc));
  }
  for (uint32_t ssrc = 1; ssrc <= 3; ++ssrc) EXPECT_EQ(pass(10, ssrc), Outcome::done);
  EXPECT_EQ(pass(10, 4), Outcome::expired);
  EXPECT_EQ(pass(11, 1), Outcome::done);
  const uint32_t peer = test_.contexts.open(some_key(GetParam()));
  const Octets fourth = test_.protect(peer, rtp_packet(10, 4)).octets;
  EXPECT_EQ(test_.unprotect(in_, fourth).outcome, Outcome::done);
  test_.contexts.close(others[0]);
  EXPECT_EQ(pass(11, 4), Outcome::done);
}

INSTANTIATE_TEST_SUITE_P(Suites, ManySsrcs, ::testing::ValuesIn(all_suites));

}  // namespace
}  // namespace demarc::media::srtp
