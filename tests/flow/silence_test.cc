// When silence of one or both sides ends a call, and when it does not.
#include "tests/flow/media_harness.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;

using Silence = Media;

TEST_F(Silence, SilenceOfBothSidesEndsTheCall) {
  answer();
  for (uint16_t second = 0; second < 40; ++second) {
    rtp(pbx, Peer::media_port, towards_pbx, second);
    wait_ms(1000);
  }
  EXPECT_EQ(box.engine().live_calls(), 1u);
  wait_ms(29'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  wait_ms(3'000);
  play(R"(
    pbx  <- BYE
    itsp <- BYE
  )");
  EXPECT_EQ(the_record().end, CallEnd::media_silent);
}

class Patient : public Media {
 protected:
  explicit Patient(uint32_t itsp_ms) : Media(options(itsp_ms)) {}
  static BoxOptions options(uint32_t itsp_ms) {
    BoxOptions options;
    options.itsp_media_timeout_ms = itsp_ms;
    return options;
  }
};
struct MorePatient : Patient {
  MorePatient() : Patient(90'000) {}
};
struct AnySilence : Patient {
  AnySilence() : Patient(0) {}
};

TEST_F(MorePatient, SilenceIsThatOfTheTrunkThatGrantsMore) {
  answer();
  wait_ms(89'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  wait_ms(3'000);
  play(R"(
    pbx  <- BYE
    itsp <- BYE
  )");
  EXPECT_EQ(the_record().end, CallEnd::media_silent);
}

TEST_F(AnySilence, NeverEndsACallOfATrunkThatIsNotWatched) {
  answer();
  wait_ms(600'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Silence, InactiveStreamsMayBeSilent) {
  itsp.body =
      "v=0\r\no=- 1 1 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\na=inactive\r\n";
  answer();
  wait_ms(120'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
}

// RFC 3264 section 8.4: what is not both ways is some form of hold; nobody has to play music.
TEST_F(Silence, AStreamOfOneDirectionMayBeSilent) {
  pbx.body =
      "v=0\r\no=- 1 1 IN IP4 10.20.1.2\r\ns=-\r\nc=IN IP4 10.20.1.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\na=sendonly\r\n";
  itsp.body =
      "v=0\r\no=- 1 1 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\na=recvonly\r\n";
  answer();
  wait_ms(120'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  EXPECT_EQ(box.directory().at(0).media[0].direction, contract::MediaDirection::sendonly);
  EXPECT_EQ(box.directory().at(0).media[1].direction, contract::MediaDirection::recvonly);
}

// With comfort noise or silence suppression nothing may come for long but reports.
TEST_F(Silence, ReportsAloneKeepACallAlive) {
  answer();
  for (uint16_t i = 0; i < 20; ++i) {
    rtp(pbx, Peer::media_port + 1, static_cast<uint16_t>(towards_pbx + 1), i);
    wait_ms(5'000);
  }
  EXPECT_EQ(box.engine().live_calls(), 1u);
}

TEST_F(Silence, PacketsOfStrangersNeitherKeepACallAliveNorEndIt) {
  answer();
  for (uint16_t i = 0; i < 29; ++i) {
    EXPECT_EQ(rtp(pbx, Peer::media_port + 8, towards_pbx, i).port, 0);
    wait_ms(1000);
  }
  EXPECT_EQ(box.engine().live_calls(), 1u);
  uint32_t sent = 29;
  for (; box.engine().live_calls() == 1 && sent < 40; ++sent) {
    EXPECT_EQ(rtp(pbx, Peer::media_port + 8, towards_pbx, static_cast<uint16_t>(sent)).port, 0);
    wait_ms(1000);
  }
  play(R"(
    pbx  <- BYE
    itsp <- BYE
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::media_silent);
  EXPECT_EQ(record.media[0].drops[static_cast<unsigned>(contract::MediaDrop::wrong_source)], sent);
  EXPECT_EQ(record.media[0].refused.port, Peer::media_port + 8);
  EXPECT_EQ(record.media[0].first_packet_unix_ns, 0u);
}

constexpr std::string_view offered_anew = R"(
  pbx  -> INVITE within sdp
  pbx  <- 100
  itsp <- INVITE sdp
  itsp -> 200 sdp
  itsp <- ACK
  pbx  <- 200 sdp
  pbx  -> ACK
)";

TEST_F(Silence, AnOfferThatChangesNothingKeepsNoCallAlive) {
  answer();
  wait_ms(20'000);
  play(offered_anew);
  wait_ms(9'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  wait_ms(3'000);
  play("pbx  <- BYE\nitsp <- BYE\n");
  EXPECT_EQ(the_record().end, CallEnd::media_silent);
}

TEST_F(Silence, OfBothCountsFromTheEndOfAHold) {
  answer();
  pbx.body =
      "v=0\r\no=- 1 2 IN IP4 10.20.1.2\r\ns=-\r\nc=IN IP4 10.20.1.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\na=sendonly\r\n";
  itsp.body =
      "v=0\r\no=- 1 2 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\na=recvonly\r\n";
  play(offered_anew);
  wait_ms(60'000);
  pbx.body = itsp.body = {};
  play(offered_anew);
  wait_ms(29'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  wait_ms(3'000);
  play("pbx  <- BYE\nitsp <- BYE\n");
  EXPECT_EQ(the_record().end, CallEnd::media_silent);
}

class OneSide : public Media {
 protected:
  explicit OneSide(const BoxOptions& options = {}) : Media(options) {}
  // For `s` seconds or until the call ends; returns for how many.
  int talk_alone(const Peer& who, int s) {
    int second = 0;
    while (second < s && box.engine().live_calls() == 1) {
      say(who);
      wait_ms(1000);
      ++second;
    }
    return second;
  }
  void talk(int s) {
    for (int second = 0; second < s; ++second) {
      say(pbx);
      say(itsp);
      wait_ms(1000);
    }
  }
  // A packet of RTP, and one of RTCP every five seconds.
  void say(const Peer& who) {
    const uint16_t port = &who == &pbx ? towards_pbx : towards_itsp;
    rtp(who, Peer::media_port, port, sequence++);
    if (!sends_rtcp || sequence % 10 > 1) return;
    rtp(who, Peer::media_port + 1, static_cast<uint16_t>(port + 1), sequence);
  }
  void expect_end(CallEnd end) {
    play("pbx  <- BYE\nitsp <- BYE\n");
    EXPECT_EQ(pbx.last_request("BYE")->field("Reason"), "Q.850;cause=41;text=\"No media\"");
    EXPECT_EQ(the_record().end, end);
  }
  static BoxOptions with(contract::SilentPeer of_itsp) {
    BoxOptions options;
    options.silent_peer[contract::index_of(Box::itsp)] = of_itsp;
    return options;
  }

  uint16_t sequence = 0;
  bool sends_rtcp = true;
};
struct AlwaysSends : OneSide {
  AlwaysSends() : OneSide(with(contract::SilentPeer::always)) {}
};
struct NeverAlone : OneSide {
  NeverAlone() : OneSide(with(contract::SilentPeer::never)) {}
};

TEST_F(OneSide, ACallerThatDiesEndsTheCallThoughTheOtherTalks) {
  answer();
  talk(20);
  EXPECT_NEAR(talk_alone(itsp, 60), 30, 1);
  expect_end(CallEnd::caller_silent);
}

TEST_F(OneSide, SoDoesACalledOne) {
  answer();
  talk(20);
  EXPECT_NEAR(talk_alone(pbx, 60), 30, 1);
  expect_end(CallEnd::called_silent);
}

TEST_F(OneSide, APeerWithoutRtcpMayBeMuted) {
  sends_rtcp = false;
  answer();
  talk(20);
  EXPECT_EQ(talk_alone(itsp, 120), 120);
  EXPECT_EQ(talk_alone(pbx, 120), 120);
}

TEST_F(OneSide, APeerOnHoldMayBeSilentThoughItSentRtcp) {
  answer();
  talk(20);
  pbx.body =
      "v=0\r\no=- 1 2 IN IP4 10.20.1.2\r\ns=-\r\nc=IN IP4 10.20.1.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\na=sendonly\r\n";
  itsp.body =
      "v=0\r\no=- 1 2 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\na=recvonly\r\n";
  play(offered_anew);
  say(pbx);
  EXPECT_EQ(talk_alone(itsp, 120), 120);
  // It talks again, sends RTCP and dies.
  pbx.body = itsp.body = {};
  play(offered_anew);
  talk(20);
  EXPECT_NEAR(talk_alone(itsp, 60), 30, 1);
  expect_end(CallEnd::caller_silent);
}

TEST_F(OneSide, WhatTheLastOneAtThatPlaceSentSaysNothingOfTheNext) {
  answer();
  talk(20);
  play(offered_anew);  // an offer that changes nothing, for all we know
  EXPECT_EQ(talk_alone(itsp, 120), 120);
}

TEST_F(AlwaysSends, APeerOfWhichTheTrunkSaysSoNeedsNoRtcp) {
  sends_rtcp = false;
  answer();
  talk(20);
  EXPECT_EQ(talk_alone(itsp, 60), 60);  // the other trunk does not say so
  talk(1);
  EXPECT_NEAR(talk_alone(pbx, 60), 30, 1);
  expect_end(CallEnd::called_silent);
}

TEST_F(AlwaysSends, MusicOnHoldIsExpectedOfItAndNotOfWhoHears) {
  sends_rtcp = false;
  itsp.body =
      "v=0\r\no=- 1 1 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\na=sendonly\r\n";
  answer();
  EXPECT_EQ(talk_alone(itsp, 60), 60);
  EXPECT_NEAR(talk_alone(pbx, 60), 30, 1);
  expect_end(CallEnd::called_silent);
}

TEST_F(NeverAlone, OnlyTheSilenceOfBothCounts) {
  answer();
  talk(20);
  EXPECT_EQ(talk_alone(pbx, 120), 120);
}

}  // namespace
}  // namespace demarc::flow
