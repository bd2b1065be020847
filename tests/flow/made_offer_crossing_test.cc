// What crosses or fails while an offer of ours stands for one of the asking side (decision D83).
#include "tests/flow/offer_within_harness.h"

namespace demarc::flow {
namespace {

class OfferCrossing : public OfferWithin {
 protected:
  explicit OfferCrossing(const BoxOptions& options = that_make_offers()) : OfferWithin(options) {}
  // The session is the one from before: the next offer is a new version of it, and is answered.
  void expect_unchanged() {
    change();
    play(ended_by_caller);
    expect_clean(1);
  }
  // The caller's answer holds, which itsp has to be told.
  void hold_in_ack() {
    begin();
    ask();
    turn_round();
    say(pbx, "a=sendonly\r\n", "8 0");
    play("pbx -> ACK sdp\nitsp <- INVITE sdp\n");
  }
};

class OfferUnanswered : public OfferCrossing {
 protected:
  OfferUnanswered() : OfferCrossing(options()) {}
  static BoxOptions options() {
    BoxOptions options = that_make_offers();
    options.media_timeout_ms = 0;
    return options;
  }
  void wait_for_timer_b() {
    play("wait 32100\n");
    itsp.inbox().clear();
  }
};

// The INVITE is of who asked: it hears of the silence, and decides.
TEST_F(OfferUnanswered, WhoAskedHears408AndTheSessionIsAsItWas) {
  begin();
  ask();
  wait_for_timer_b();
  play("pbx <- 408 INVITE\npbx -> ACK\nquiet\n");
  expect_unchanged();
}

// The INVITE is ours: nobody else can end the call of a side that says nothing (RFC 3261 section
// 12.2.1.2).
TEST_F(OfferUnanswered, SilenceOfWhoIsToldEndsTheCall) {
  hold_in_ack();
  play("wait 32100\npbx <- BYE\npbx -> 200 BYE\n");
  itsp.inbox().clear();
  play("itsp -> 200 BYE\n");
  expect_clean(1);
}

TEST_F(OfferUnanswered, SoDoesSilenceToAnUpdate) {
  itsp.extra_response_lines = "Allow: INVITE, UPDATE\r\n";
  begin();
  ask();
  turn_round();
  say(pbx, "a=sendonly\r\n", "8 0");
  play("pbx -> ACK sdp\nitsp <- UPDATE sdp\nwait 32100\npbx <- BYE\npbx -> 200 BYE\n");
  itsp.inbox().clear();
  play("itsp -> 200 BYE\n");
  expect_clean(1);
}

TEST_F(OfferCrossing, A2xxThatCrossesTheCancelIsPassed) {
  begin();
  ask();
  play(R"(
    itsp -> 100
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    itsp <- CANCEL
    itsp -> 200 sdp INVITE
    itsp <- ACK
    itsp -> 481 CANCEL
    pbx  <- 200 sdp INVITE
    pbx  -> ACK sdp
    quiet
  )");
  expect_unchanged();
}

TEST_F(OfferCrossing, AChallengeThatWeCanNotAnswerIsARefusal) {
  begin();
  ask();
  itsp.extra_response_lines = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n";
  play("itsp -> 407 INVITE\nitsp <- ACK\npbx <- 403 INVITE\npbx -> ACK\nquiet\n");
  itsp.extra_response_lines.clear();
  expect_unchanged();
}

class OfferCrossingWithAccount : public OfferCrossing {
 protected:
  OfferCrossingWithAccount() : OfferCrossing(options()) {}
  static BoxOptions options() {
    BoxOptions options = that_make_offers();
    options.has_account = true;
    return options;
  }
};

TEST_F(OfferCrossingWithAccount, AChallengeIsAnsweredWithTheSameOffer) {
  begin();
  ask();
  const std::string first = offered();
  itsp.extra_response_lines = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n";
  play("itsp -> 407 INVITE\nitsp <- ACK\nitsp <- INVITE sdp\n");
  itsp.extra_response_lines.clear();
  EXPECT_NE(itsp.last_request("INVITE")->field("Proxy-Authorization"), "");
  EXPECT_EQ(offered(), first);
  turn_round();
  play("pbx -> ACK sdp\nquiet\n");
  expect_unchanged();
}

// Who is told does not take it: both stay with what they have, and the call goes on.
TEST_F(OfferCrossing, WhoIsToldMayRefuse) {
  hold_in_ack();
  play("itsp -> 488 INVITE\nitsp <- ACK\nquiet\n");
  expect_unchanged();
}

// It was about to offer something itself (RFC 3261 section 14.1).
TEST_F(OfferCrossing, WhoIsToldInGlareOffersFirst) {
  hold_in_ack();
  play("itsp -> INVITE within sdp\nitsp <- 491 INVITE\nitsp -> ACK\n");
  play("itsp -> 491\nitsp <- ACK\nquiet\n");
  expect_unchanged();
}

}  // namespace
}  // namespace demarc::flow
