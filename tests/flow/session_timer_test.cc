// Session timers, RFC 4028, on each leg for itself.
#include <set>

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
  // The caller, which is refreshed by INVITE, answers that with a hold.
  void hold_by_refresh() {
    answered("Supported: timer\r\nSession-Expires: 600;refresher=uas\r\n", "");
    play("wait 300100\npbx <- INVITE sdp\n");
    pbx.body = sdp_of("10.20.1.2", 40000, "sendonly");
    play("pbx -> 200 sdp INVITE\npbx <- ACK\nitsp <- INVITE sdp\n");
  }
  static constexpr const char* we_refresh_by_update =
      "Supported: timer\r\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n"
      "Session-Expires: 600;refresher=uas\r\n";
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

class BothAskForATimer : public SessionTimerFlow {
 protected:
  BothAskForATimer() : SessionTimerFlow(asking(true, true)) {}
};

// The wheel is sized by it (call/limits.h).
TEST_F(BothAskForATimer, ACallHasOneTimerOnceItsTransactionsAreOver) {
  answered(we_refresh_by_update, we_refresh_by_update);
  play("wait 70000\n");
  EXPECT_EQ(box.engine().live_timers(), 1u);
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

// RFC 4028 section 10: it is tried again and again, but not beyond the interval.
TEST_F(SessionTimerFlow, ARefreshThatIsRefusedEachTimeEndsTheCallWithItsInterval) {
  answered(we_refresh_by_update, "");
  play("wait 300000\n");
  int tries = 0;
  while (tries < 100 && wait_for(pbx, 6000) < 6000 && pbx.inbox().front().label() == "UPDATE") {
    play("pbx <- UPDATE\npbx -> 503 UPDATE\n");
    ++tries;
  }
  EXPECT_GT(tries, 50);
  play("pbx <- BYE\nitsp <- BYE\npbx -> 200 BYE\nitsp -> 200 BYE\nquiet\n");
  EXPECT_EQ(pbx.last_request("BYE")->field("Reason"),
            "Q.850;cause=102;text=\"Session timer expired\"");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::session_expired);
  EXPECT_NEAR(static_cast<double>(record.ended_unix_ns - record.answered_unix_ns) / 1e9, 568, 0.1);
  expect_clean(0);
}

TEST_F(SessionTimerFlow, ARefreshThatIsTakenAfterRefusalsBeginsAnew) {
  answered(we_refresh_by_update, "");
  play("wait 300100\npbx <- UPDATE\npbx -> 503 UPDATE\nwait 5100\n");
  pbx.extra_lines = "Session-Expires: 600;refresher=uac\r\nRequire: timer\r\n";
  play("pbx <- UPDATE\npbx -> 200 UPDATE\nwait 290000\nquiet\nwait 10100\npbx <- UPDATE\n");
  play("pbx -> 200 UPDATE\n");
  play(ended_by_caller);
  expect_clean(1);
}

// A re-INVITE that is never answered keeps the refresh from being sent.
TEST_F(SessionTimerFlow, ARefreshThatCanNotBeSentEndsTheCallWithItsInterval) {
  answered("Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n", "");
  play("wait 40000\nitsp -> INVITE within sdp\nitsp <- 100\npbx <- INVITE sdp\npbx -> 180\n");
  play("itsp <- 180\nwait 19000\nquiet\nwait 1200\n");
  EXPECT_EQ(the_record().end, CallEnd::session_expired);
  pbx.inbox().clear();
  itsp.inbox().clear();
  expect_clean(0);
}

// RFC 3261 section 14.1: who owns the Call-ID waits longer, and nobody always as long.
TEST_F(SessionTimerFlow, ARefreshThatMeetsAnotherOneWaitsItsDrawnTime) {
  answered(we_refresh_by_update,
           "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n"
           "Session-Expires: 600;refresher=uac\r\nRequire: timer\r\n");
  play("wait 300100\npbx <- UPDATE\nitsp <- UPDATE\n");
  std::set<int64_t> pauses[2];
  const auto meet = [&](Peer& peer) {
    play(peer.name() + " -> 491 UPDATE\n");
    const int64_t pause_ms = wait_for(peer, 4100);
    play(peer.name() + " <- UPDATE\n");
    return pause_ms;
  };
  play("itsp -> 200 UPDATE\n");
  for (int i = 0; i < 4; ++i) pauses[0].insert(meet(pbx));
  play("pbx -> 200 UPDATE\nwait 280000\n");
  wait_for(itsp, 30000);
  play("itsp <- UPDATE\n");
  for (int i = 0; i < 4; ++i) pauses[1].insert(meet(itsp));
  play("itsp -> 200 UPDATE\n");
  EXPECT_LE(*pauses[0].rbegin(), 2020);
  EXPECT_GE(*pauses[1].begin(), 2100);
  EXPECT_LE(*pauses[1].rbegin(), 4020);
  EXPECT_GT(pauses[0].size(), 1u);
  EXPECT_GT(pauses[1].size(), 1u);
  pbx.inbox().clear();
  play(ended_by_caller);
  expect_clean(1);
}

// A hold that only the answer to a refresh spoke of is told when the peer's own offer is over.
TEST_F(SessionTimerFlow, WhatMetAnOfferOfThePeerIsToldAgain) {
  hold_by_refresh();
  play("itsp -> 491\nitsp <- ACK\n");
  EXPECT_GE(wait_for(itsp, 4100), 2100);
  play("itsp <- INVITE sdp\n");
  EXPECT_NE(itsp.last_request("INVITE")->body.find("a=sendonly"), std::string::npos);
  itsp.extra_lines = "Retry-After: 7\r\n";
  play("itsp -> 500\nitsp <- ACK\nwait 6900\nquiet\nwait 200\nitsp <- INVITE sdp\n");
  itsp.body = sdp_of("10.20.2.2", 40600, "recvonly");
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\nwait 10000\nquiet\n");
  EXPECT_EQ(box.directory().at(0).media[1].remote.port, 40600);
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(SessionTimerFlow, WhatIsNotTakenIsToldSoOftenOnly) {
  hold_by_refresh();
  for (int i = 0; i < 8; ++i) {
    play("itsp -> 491\nitsp <- ACK\n");
    wait_for(itsp, 4100);
    play("itsp <- INVITE sdp\n");
  }
  play("itsp -> 491\nitsp <- ACK\nwait 10000\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(SessionTimerFlow, WhatThePeersAgreeOnMeanwhileIsNotToldAgain) {
  hold_by_refresh();
  play("itsp -> 491\nitsp <- ACK\n");
  pbx.body.clear();
  itsp.body.clear();
  play("itsp -> INVITE within sdp\nitsp <- 100\npbx <- INVITE sdp\npbx -> 200 sdp INVITE\n");
  play("pbx <- ACK\nitsp <- 200 sdp INVITE\nitsp -> ACK\nwait 10000\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
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

// Its 2xx to a request of ours says nothing of a timer: it has none any more (RFC 4028
// section 7.2), so that nobody but us is left to refresh.
TEST_F(SessionTimerFlow, APeerThatNamesNoIntervalAnyMoreIsRefreshed) {
  answered("Supported: timer\r\nSession-Expires: 600\r\n", "");
  play("wait 100000\nitsp -> INVITE within sdp\nitsp <- 100\npbx <- INVITE sdp\n");
  EXPECT_EQ(pbx.last_request("INVITE")->field("Session-Expires"), "600;refresher=uas");
  play("pbx -> 200 sdp INVITE\npbx <- ACK\nitsp <- 200 sdp\nitsp -> ACK\n");
  for (int i = 0; i < 3; ++i) {
    play("wait 300100\npbx <- INVITE sdp\npbx -> 200 sdp INVITE\npbx <- ACK\n");
  }
  play(ended_by_caller);
  expect_clean(1);
}

// An answer can not ask for more than its offer gives (RFC 3264 section 6.1).
TEST_F(SessionTimerFlow, AHeldPeerThatForgetsItInItsAnswerIsNoNews) {
  answered("Supported: timer\r\nSession-Expires: 600;refresher=uas\r\n", "");
  itsp.body = sdp_of("10.20.2.2", 40000, "sendonly");
  pbx.body = sdp_of("10.20.1.2", 40000, "sendrecv");
  play("itsp -> INVITE within sdp\nitsp <- 100\npbx <- INVITE sdp\npbx -> 200 sdp INVITE\n");
  play("pbx <- ACK\nitsp <- 200 sdp\nitsp -> ACK\nwait 300100\npbx <- INVITE sdp\n");
  EXPECT_NE(pbx.last_request("INVITE")->body.find("a=sendonly"), std::string::npos);
  play("pbx -> 200 sdp INVITE\npbx <- ACK\nquiet\n");
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
