// Sessions that change within a call: RFC 3261 section 14, RFC 3264 section 8, RFC 5359 sections
// 2.1 and 2.2, RFC 6337.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;

class Reinvite : public Ladder {
 protected:
  explicit Reinvite(const BoxOptions& options = {}) : Ladder(options) { play(answered_at_once); }

  static std::string sdp(const std::string& address, int port, const std::string& more,
                         const std::string& media = "audio") {
    const std::string form = media == "image" ? " udptl t38" : " RTP/AVP 8";
    return "v=0\r\no=x 1 2 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address +
           "\r\nt=0 0\r\nm=" + media + " " + std::to_string(port) + form + "\r\n" + more;
  }
  // Where media from the peer of the called side is expected, as the directory says.
  contract::Endpoint remote_of(unsigned side) {
    wait_ms(1100);  // the row is written once a second
    return box.directory().at(0).media[side].remote;
  }
};

TEST_F(Reinvite, HoldAndResumeByTheCaller) {
  pbx.body = sdp("10.20.1.2", 40000, "a=sendonly\r\n");
  itsp.body = sdp("10.20.2.2", 40000, "a=recvonly\r\n");
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    quiet
  )");
  EXPECT_NE(itsp.last_request("INVITE")->body.find("a=sendonly"), std::string::npos);
  EXPECT_NE(pbx.last_response("INVITE")->body.find("a=recvonly"), std::string::npos);
  pbx.body = sdp("10.20.1.2", 40000, "a=sendrecv\r\n");
  itsp.body = pbx.body;
  itsp.body = sdp("10.20.2.2", 40000, "a=sendrecv\r\n");
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

// Who asked for the hold would end the call on an answer that RFC 3264 section 6.1 forbids.
TEST_F(Reinvite, AnAnswerThatIgnoresTheHoldIsCutToIt) {
  const std::pair<const char*, const char*> holds[] = {{"a=sendonly\r\n", "a=recvonly"},
                                                       {"a=inactive\r\n", "a=inactive"}};
  for (const auto& [hold, answer] : holds) {
    pbx.body = sdp("10.20.1.2", 40000, hold);
    itsp.body = sdp("10.20.2.2", 40000, "a=sendrecv\r\n");
    play(R"(
      pbx  -> INVITE within sdp
      pbx  <- 100
      itsp <- INVITE sdp
      itsp -> 200 sdp
      itsp <- ACK
      pbx  <- 200 sdp
      pbx  -> ACK
      quiet
    )");
    EXPECT_NE(pbx.last_response("INVITE")->body.find(answer), std::string::npos);
    EXPECT_EQ(pbx.last_response("INVITE")->body.find("a=sendrecv"), std::string::npos);
  }
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Reinvite, HoldByTheCalledSideInTheOldStyle) {
  itsp.body = sdp("0.0.0.0", 40000, "");
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
    quiet
  )");
  EXPECT_NE(pbx.last_request("INVITE")->body.find("a=sendonly"), std::string::npos);
  // Nobody is where 0.0.0.0 is, and silence does not end a call on hold.
  EXPECT_EQ(remote_of(1).port, 0);
  play("wait 40000\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Reinvite, WhoIsNowhereInTheOldStyleAndMayNotSendIsInactive) {
  itsp.body = sdp("0.0.0.0", 40000, "a=recvonly\r\n");
  play("itsp -> INVITE within sdp\nitsp <- 100\npbx <- INVITE sdp\n");
  const std::string shown = pbx.last_request("INVITE")->body;
  EXPECT_NE(shown.find("a=inactive"), std::string::npos) << shown;
  play(R"(
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Reinvite, NewMediaAddressTakesEffectWithTheAnswerOnly) {
  itsp.body = sdp("10.20.2.77", 41000, "");
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 100
  )");
  EXPECT_EQ(remote_of(1).port, 40000);
  play(R"(
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  EXPECT_EQ(remote_of(1).port, 41000);
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Reinvite, ARefusedOneLeavesTheSessionAsItWas) {
  itsp.body = sdp("10.20.2.77", 41000, "");
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 488
    pbx  <- ACK
    itsp <- 488
    itsp -> ACK
    quiet
  )");
  EXPECT_EQ(remote_of(1).port, 40000);
  // And the next one works.
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

// What was refused does not count: the next offer may have fewer m-lines than that one.
TEST_F(Reinvite, ARefusedSecondMLineLeavesNoTrace) {
  pbx.body = sdp("10.20.1.2", 40000, "m=video 40002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n");
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 488
    itsp <- ACK
    pbx  <- 488
    pbx  -> ACK
  )");
  pbx.body = sdp("10.20.1.2", 40000, "");
  itsp.body = sdp("10.20.2.2", 40000, "");
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

// T.38 takes the place of the audio on the same m-line (ITU-T T.38 annex D).
TEST_F(Reinvite, FaxTakesThePlaceOfAudioAndRefusedFaxLeavesAudio) {
  itsp.body =
      sdp("10.20.2.2", 42000, "a=T38FaxVersion:0\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n", "image");
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 488
    pbx  <- ACK
    itsp <- 488
    itsp -> ACK
  )");
  EXPECT_EQ(remote_of(1).port, 40000);
  pbx.body = sdp("10.20.1.2", 42100, "a=T38FaxVersion:0\r\n", "image");
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  EXPECT_NE(pbx.last_request("INVITE")->body.find("udptl t38"), std::string::npos);
  EXPECT_EQ(remote_of(1).port, 42000);
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Reinvite, WithoutOfferTheOtherSideMakesIt) {
  play(R"(
    pbx  -> INVITE within
    pbx  <- 100
    itsp <- INVITE
    itsp -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    itsp <- ACK sdp
    itsp -> 200 sdp
    itsp <- ACK sdp
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Reinvite, WithoutAnswerInTheAckTheCallEnds) {
  play(R"(
    pbx  -> INVITE within
    pbx  <- 100
    itsp <- INVITE
    itsp -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> ACK
    itsp <- ACK
    pbx  <- BYE
    itsp <- BYE
    pbx  -> 200 BYE
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::lost_peer);
  expect_clean(0);
}

// No BYE without the ACK before it (RFC 3261 section 15).
TEST_F(Reinvite, AByeWhileTheAnswerIsOwedAcknowledgesFirst) {
  play(R"(
    pbx  -> INVITE within
    pbx  <- 100
    itsp <- INVITE
    itsp -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- ACK
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

// RFC 3261 section 14.2.
TEST_F(Reinvite, GlareIs491OnBothSides) {
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> INVITE within sdp
    itsp <- 491
    itsp -> ACK
    itsp -> 491
    itsp <- ACK
    pbx  <- 491
    pbx  -> ACK
    quiet
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Reinvite, ASecondOneOfTheSameSideIs500WithRetryAfter) {
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    pbx  -> INVITE within sdp
    pbx  <- 500
  )");
  EXPECT_FALSE(pbx.last_response("INVITE")->field("Retry-After").empty());
  play(R"(
    pbx  -> ACK
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Reinvite, AnUpdateDuringItIs491) {
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> UPDATE within sdp
    itsp <- 491
    pbx  -> UPDATE within sdp
    pbx  <- 500
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

// Cancelled means that the other side is asked to refuse; what it says holds for both.
TEST_F(Reinvite, CancelIsCarriedAndTheFinalResponseDecides) {
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
    pbx  <- 487 INVITE
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

class BriefReinvite : public Reinvite {
 protected:
  BriefReinvite() : Reinvite(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.ring_timeout_ms = 10'000;
    options.media_timeout_ms = 0;
    return options;
  }
};

// Nothing came that a CANCEL could follow, so it is pending at the peer until timer B, whatever its
// sender wants: another INVITE must not come beside it (RFC 3261 section 14.1).
TEST_F(BriefReinvite, CancelledBeforeAnyResponseItIsPendingUntilTimerB) {
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    wait 11000
  )");
  EXPECT_TRUE(pbx.inbox().empty());
  itsp.inbox().clear();
  play("pbx -> INVITE within sdp\npbx <- 500\npbx -> ACK\n");
  EXPECT_TRUE(itsp.inbox().empty());
}

TEST_F(Reinvite, ByeCrossingItEndsEverything) {
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
    pbx  <- 487 INVITE
    pbx  -> ACK
    pbx  -> 200 BYE
    itsp -> 487 INVITE
    itsp <- ACK
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::released_by_called);
  expect_clean(0);
}

class SilentReinvite : public Reinvite {
 protected:
  SilentReinvite() : Reinvite(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.media_timeout_ms = 0;
    return options;
  }
};

TEST_F(SilentReinvite, LostAckIsWaitedForAndThenTheCallEnds) {
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    wait 510
    pbx  <- 200 sdp
    wait 1010
    pbx  <- 200 sdp
    itsp -> again
    itsp <- ACK
    wait 31000
  )");
  pbx.inbox().clear();
  itsp.inbox().clear();
  EXPECT_EQ(the_record().end, CallEnd::lost_peer);
  expect_clean(0);
}

TEST_F(Reinvite, AnAnswerToTheRepeated2xxSettlesIt) {
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    wait 510
    itsp <- 200 sdp
    itsp -> ACK
    wait 2000
    quiet
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Reinvite, ThePeerThatForgotTheDialogEndsTheCall) {
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 481
    itsp <- ACK
    pbx  <- 481
    pbx  <- BYE
    itsp <- BYE
    pbx  -> ACK
    pbx  -> 200 BYE
    itsp -> 481 BYE
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::lost_peer);
  expect_clean(0);
}

// RFC 3261 section 12.2: the Contact of a re-INVITE is where further requests go.
TEST_F(Reinvite, TakesANewTarget) {
  itsp.contact = "sip:moved@10.20.2.2:5060";
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  play(ended_by_caller);
  EXPECT_TRUE(itsp.last_request("BYE")->text.starts_with("BYE sip:moved@10.20.2.2:5060 "));
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
