// Session timers, RFC 4028, on each leg for itself.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;

BoxOptions asking(bool inside, bool outside) {
  BoxOptions options;
  options.media_timeout_ms = 0;
  options.policy[0].asks_session_timer = inside;
  options.policy[1].asks_session_timer = outside;
  options.policy[0].session_expires_s = options.policy[1].session_expires_s = 600;
  return options;
}

class SessionTimerFlow : public Ladder {
 protected:
  explicit SessionTimerFlow(const BoxOptions& options = asking(false, false)) : Ladder(options) {}
  void answered(const std::string& invite_lines, const std::string& answer_lines) {
    pbx.extra_lines = invite_lines;
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    itsp.extra_lines = answer_lines;
    play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  }
  static std::string sdp_of(const std::string& address, int port, const std::string& direction) {
    std::string body = "v=0\r\no=x 1 7 IN IP4 ";
    body.append(address).append("\r\ns=-\r\nc=IN IP4 ").append(address);
    body.append("\r\nt=0 0\r\nm=audio ").append(std::to_string(port));
    body.append(" RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n");
    return body.append("a=").append(direction).append("\r\n");
  }
};

TEST_F(SessionTimerFlow, NobodyAsksAndNobodyIsBothered) {
  answered("Supported: timer\r\n", "");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Session-Expires"), "");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Session-Expires"), "");
  play("wait 2000000\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(SessionTimerFlow, ACallerThatAsksRefreshesAndIsMissedWhenItStops) {
  answered("Supported: timer\r\nSession-Expires: 600\r\n", "");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Session-Expires"), "600;refresher=uac");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Require"), "timer");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Session-Expires"), "");
  play("wait 400000\n");
  pbx.extra_lines = "Supported: timer\r\nSession-Expires: 600;refresher=uac\r\n";
  play("pbx -> UPDATE within\npbx <- 200 UPDATE\nwait 560000\nquiet\nwait 10000\n");
  play(R"(
    pbx  <- BYE
    itsp <- BYE
    pbx  -> 200 BYE
    itsp -> 200 BYE
  )");
  for (const Peer* peer : {&pbx, &itsp}) {
    EXPECT_EQ(peer->last_request("BYE")->field("Reason"),
              "Q.850;cause=102;text=\"Session timer expired\"");
  }
  EXPECT_EQ(the_record().end, CallEnd::session_expired);
  expect_clean(0);
}

TEST_F(SessionTimerFlow, WeRefreshTheCallerWhenItWantsThat) {
  answered(
      "Supported: timer\r\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n"
      "Session-Expires: 600;refresher=uas\r\n",
      "");
  play("wait 300100\npbx <- UPDATE\n");
  EXPECT_EQ(pbx.last_request("UPDATE")->field("Session-Expires"), "600;refresher=uac");
  pbx.extra_lines = "Session-Expires: 600;refresher=uac\r\nRequire: timer\r\n";
  play("pbx -> 200 UPDATE\nwait 290000\nquiet\nwait 10100\npbx <- UPDATE\npbx -> 200 UPDATE\n");
  play(ended_by_caller);
  expect_clean(1);
}

// A peer without UPDATE is sent the SDP that it has, with the same version.
TEST_F(SessionTimerFlow, WithoutUpdateARefreshIsAnInvite) {
  answered("Supported: timer\r\nSession-Expires: 600;refresher=uas\r\n", "");
  const std::string first = pbx.last_response("INVITE")->body;
  play("wait 300100\npbx <- INVITE sdp\n");
  EXPECT_EQ(pbx.last_request("INVITE")->body, first);
  play("pbx -> 200 sdp INVITE\npbx <- ACK\npbx -> again\npbx <- ACK\n");
  play(ended_by_caller);
  expect_clean(1);
}

// What the answer to a refresh says of addresses is between us and its sender.
TEST_F(SessionTimerFlow, ARefreshThatIsAnsweredFromAnotherAddressMovesMediaOnly) {
  answered("Supported: timer\r\nSession-Expires: 600;refresher=uas\r\n", "");
  play("wait 300100\npbx <- INVITE sdp\n");
  pbx.body = sdp_of("10.20.1.2", 40500, "sendrecv");
  play("pbx -> 200 sdp INVITE\npbx <- ACK\nquiet\nwait 1100\n");
  EXPECT_EQ(box.directory().at(0).media[0].remote.port, 40500);
  play(ended_by_caller);
  expect_clean(1);
}

// What it says of the session itself the other side is told.
TEST_F(SessionTimerFlow, ARefreshThatIsAnsweredWithHoldHoldsTheOtherSide) {
  answered("Supported: timer\r\nSession-Expires: 600;refresher=uas\r\n", "");
  play("wait 300100\npbx <- INVITE sdp\n");
  pbx.body = sdp_of("10.20.1.2", 40000, "sendonly");
  play("pbx -> 200 sdp INVITE\npbx <- ACK\nitsp <- INVITE sdp\n");
  EXPECT_NE(itsp.last_request("INVITE")->body.find("a=sendonly"), std::string::npos);
  itsp.body = sdp_of("10.20.2.2", 40600, "recvonly");
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\nitsp -> again\nitsp <- ACK\nquiet\nwait 1100\n");
  EXPECT_EQ(box.directory().at(0).media[1].remote.port, 40600);
  // The next refresh offers what that side says by now, and finds nothing new.
  play("wait 299000\npbx <- INVITE sdp\n");
  EXPECT_NE(pbx.last_request("INVITE")->body.find("a=recvonly"), std::string::npos);
  play("pbx -> 200 sdp INVITE\npbx <- ACK\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(SessionTimerFlow, ASideThatRefusesWhatItIsToldKeepsItsSession) {
  answered("Supported: timer\r\nSession-Expires: 600;refresher=uas\r\n",
           "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n");
  play("wait 300100\npbx <- INVITE sdp\n");
  pbx.body = sdp_of("10.20.1.2", 40000, "sendonly");
  play("pbx -> 200 sdp INVITE\npbx <- ACK\nitsp <- UPDATE sdp\nitsp -> 488 UPDATE\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(SessionTimerFlow, ARefreshWithAnAnswerToSomethingElseEndsTheCall) {
  answered("Supported: timer\r\nSession-Expires: 600;refresher=uas\r\n", "");
  play("wait 300100\npbx <- INVITE sdp\n");
  pbx.body = sdp_of("10.20.1.2", 40000, "sendrecv") + "m=audio 40002 RTP/AVP 8\r\n";
  play("pbx -> 200 sdp INVITE\npbx <- ACK\npbx <- BYE\nitsp <- BYE\n");
  play("pbx -> 200 BYE\nitsp -> 200 BYE\n");
  EXPECT_EQ(the_record().end, CallEnd::lost_peer);
  expect_clean(0);
}

TEST_F(SessionTimerFlow, ARefreshThatIsNotAnsweredEndsTheCall) {
  answered(
      "Supported: timer\r\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n"
      "Session-Expires: 600;refresher=uas\r\n",
      "");
  play("wait 300100\npbx <- UPDATE\nwait 33000\n");
  pbx.inbox().clear();
  itsp.inbox().clear();
  EXPECT_EQ(the_record().end, CallEnd::lost_peer);
  expect_clean(0);
}

TEST_F(SessionTimerFlow, ARefreshByInviteThatIsNotAnsweredEndsTheCall) {
  answered("Supported: timer\r\nSession-Expires: 600;refresher=uas\r\n", "");
  play("wait 300100\npbx <- INVITE sdp\nwait 33000\n");
  pbx.inbox().clear();
  itsp.inbox().clear();
  EXPECT_EQ(the_record().end, CallEnd::lost_peer);
  expect_clean(0);
}

// The called side asks of its own accord, and wants us to refresh.
TEST_F(SessionTimerFlow, WeRefreshTheCalledSideWithTheOfferThatItHas) {
  answered("", "Session-Expires: 600;refresher=uac\r\nRequire: timer\r\n");
  const std::string first = itsp.last_request("INVITE")->body;
  play("wait 300100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(itsp.last_request("INVITE")->body, first);
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\n");
  play(ended_by_caller);
  expect_clean(1);
}

// What was refused is in force for nobody: neither its SDP nor its terms.
TEST_F(SessionTimerFlow, ARefusedReinviteChangesNoTerms) {
  answered("Supported: timer\r\nSession-Expires: 600;refresher=uas\r\n", "");
  play("wait 100000\npbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  play("itsp -> 488\nitsp <- ACK\npbx <- 488\npbx -> ACK\nwait 200100\npbx <- INVITE sdp\n");
  play("pbx -> 200 sdp INVITE\npbx <- ACK\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(SessionTimerFlow, ATooSmallIntervalIs422) {
  pbx.extra_lines = "Supported: timer\r\nSession-Expires: 60\r\n";
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 422\npbx -> ACK\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Min-SE"), "90");
  expect_clean(1);
}

class WeAsk : public SessionTimerFlow {
 protected:
  WeAsk() : SessionTimerFlow(asking(false, true)) {}
};

TEST_F(WeAsk, TheCalledSideMayRefresh) {
  answered("", "Session-Expires: 600;refresher=uas\r\nRequire: timer\r\n");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Session-Expires"), "600");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Min-SE"), "90");
  play("wait 569000\nitsp <- BYE\npbx <- BYE\n");
}

TEST_F(WeAsk, WithACalledSideThatDoesNotKnowItWeRefresh) {
  answered("", "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n");
  play("wait 300100\nitsp <- UPDATE\nitsp -> 200 UPDATE\n");
  play(ended_by_caller);
  expect_clean(1);
}

// Within a call 422 is about our request, too: the other side is told to come again, and what goes
// on then has the interval.
TEST_F(WeAsk, A422WithinTheCallIsMetTheNextTime) {
  answered("", "Allow: INVITE, ACK, BYE, CANCEL\r\n");
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  itsp.extra_lines = "Min-SE: 1200\r\n";
  play("itsp -> 422\nitsp <- ACK\npbx <- 491\npbx -> ACK\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Min-SE"), "");
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Session-Expires"), "1200;refresher=uac");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Min-SE"), "1200");
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  play(ended_by_caller);
  expect_clean(1);
}

// RFC 4028 section 7.1: the same call with the interval that the 422 names.
TEST_F(WeAsk, A422IsMetWithALongerInterval) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  itsp.extra_lines = "Min-SE: 1200\r\n";
  play("itsp -> 422\nitsp <- ACK\nitsp <- INVITE sdp\n");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Session-Expires"), "1200");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Min-SE"), "1200");
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  play(ended_by_caller);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
