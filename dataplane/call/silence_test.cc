#include "dataplane/call/silence.h"

#include <gtest/gtest.h>

namespace demarc::call {
namespace {

using contract::CallEnd;
using contract::Duration;
using contract::Instant;
using contract::SilentPeer;

Instant at_s(int64_t s) {
  return Instant{1} + Duration::seconds(s);
}

// Answered at 0; both peers send RTP and RTCP until 100 s, and one of them no more.
struct Silence : testing::Test {
  static PeerMedia talking(int64_t rtp_s, int64_t rtcp_s) {
    return {Duration::seconds(30), SilentPeer::after_rtcp, at_s(rtp_s), at_s(rtcp_s), true, true};
  }
  std::optional<CallEnd> end_at(int64_t s) const { return end_for_silence(media, at_s(s)); }

  CallMedia media{{talking(100, 97), talking(200, 197)}, at_s(0), at_s(0), true};
  PeerMedia& caller = media.peers[0];
  PeerMedia& called = media.peers[1];
};

TEST_F(Silence, APeerThatSentRtcpIsGoneAfterItsTrunksTime) {
  EXPECT_EQ(end_at(130), std::nullopt);
  EXPECT_EQ(end_at(131), CallEnd::caller_silent);
  std::swap(caller, called);
  EXPECT_EQ(end_at(131), CallEnd::called_silent);
}

TEST_F(Silence, EachPeerIsGivenTheTimeOfItsOwnTrunk) {
  caller.timeout = Duration::seconds(60);
  EXPECT_EQ(end_at(160), std::nullopt);
  EXPECT_EQ(end_at(161), CallEnd::caller_silent);
  caller.timeout = {};
  EXPECT_EQ(end_at(200), std::nullopt);
}

TEST_F(Silence, APeerThatSendsNoRtcpMayBeMuted) {
  caller.rtcp = at_s(0);
  EXPECT_EQ(end_at(200), std::nullopt);
}

TEST_F(Silence, RtcpThatStoppedBeforeTheMediaSaysNothing) {
  caller.rtcp = at_s(85);
  EXPECT_EQ(end_at(131), CallEnd::caller_silent);
  caller.rtcp = at_s(84);
  EXPECT_EQ(end_at(131), std::nullopt);
}

TEST_F(Silence, RtcpFromBeforeTheLastAnswerIsPerhapsSomebodyElses) {
  media.since = at_s(97);
  EXPECT_EQ(end_at(131), std::nullopt);
  media.since = at_s(96);
  EXPECT_EQ(end_at(131), CallEnd::caller_silent);
}

TEST_F(Silence, ReportsAloneAreASignOfLife) {
  caller.rtcp = at_s(110);
  EXPECT_EQ(end_at(140), std::nullopt);
  EXPECT_EQ(end_at(141), CallEnd::caller_silent);
}

TEST_F(Silence, OnHoldNobodyHasToSend) {
  media.is_two_way = caller.is_two_way = called.is_two_way = false;
  EXPECT_EQ(end_at(131), std::nullopt);
  EXPECT_EQ(end_at(1000), std::nullopt);
  // Who always sends something sends its music, too.
  caller.alone = SilentPeer::always;
  EXPECT_EQ(end_at(131), CallEnd::caller_silent);
  caller.has_to_send = false;
  EXPECT_EQ(end_at(1000), std::nullopt);
}

TEST_F(Silence, AlwaysNeedsNoRtcp) {
  caller.alone = SilentPeer::always;
  caller.rtcp = at_s(0);
  EXPECT_EQ(end_at(130), std::nullopt);
  EXPECT_EQ(end_at(131), CallEnd::caller_silent);
}

TEST_F(Silence, NeverLeavesThatOfBoth) {
  caller.alone = called.alone = SilentPeer::never;
  EXPECT_EQ(end_at(230), std::nullopt);
  EXPECT_EQ(end_at(231), CallEnd::media_silent);
}

TEST_F(Silence, BothTogetherAreGivenTheLongerTime) {
  caller.alone = called.alone = SilentPeer::never;
  caller.timeout = Duration::seconds(90);
  EXPECT_EQ(end_at(290), std::nullopt);
  EXPECT_EQ(end_at(291), CallEnd::media_silent);
  caller.timeout = {};
  EXPECT_EQ(end_at(9999), std::nullopt);
}

TEST_F(Silence, ThatOfBothIsNotEndedByAnAnswer) {
  media.since = at_s(230);
  EXPECT_EQ(end_at(230), std::nullopt);
  EXPECT_EQ(end_at(231), CallEnd::media_silent);
  media.audible_since = at_s(210);
  EXPECT_EQ(end_at(240), std::nullopt);
  EXPECT_EQ(end_at(241), CallEnd::media_silent);
}

TEST_F(Silence, NothingCountsFromBeforeTheLastAnswer) {
  media.since = media.audible_since = at_s(300);
  EXPECT_EQ(end_at(330), std::nullopt);
  EXPECT_EQ(end_at(331), CallEnd::media_silent);
  caller.alone = SilentPeer::always;
  called.rtp = at_s(400);
  EXPECT_EQ(end_at(330), std::nullopt);
  EXPECT_EQ(end_at(331), CallEnd::caller_silent);
}

}  // namespace
}  // namespace demarc::call
