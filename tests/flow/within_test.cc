// What else crosses a call: UPDATE, INFO, MESSAGE, SUBSCRIBE, NOTIFY and methods that nobody knows.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

class Within : public Ladder {
 protected:
  explicit Within(const BoxOptions& options = silent()) : Ladder(options) {
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    itsp.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";
    play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  }
  static BoxOptions silent() {
    BoxOptions options;
    options.media_timeout_ms = 0;
    return options;
  }
};

TEST_F(Within, InfoCrossesWithItsBodyAndPackage) {
  pbx.content_type = "application/dtmf-relay";
  pbx.body = "Signal=5\r\nDuration=160\r\n";
  pbx.extra_lines = "Info-Package: dtmf\r\nX-Internal: secret\r\n";
  play("pbx -> INFO within sdp\nitsp <- INFO sdp\n");
  const Wire& info = *itsp.last_request("INFO");
  EXPECT_EQ(info.body, pbx.body);
  EXPECT_EQ(info.field("Content-Type"), "application/dtmf-relay");
  EXPECT_EQ(info.field("Info-Package"), "dtmf");
  EXPECT_EQ(info.field("X-Internal"), "");
  EXPECT_EQ(info.field("Max-Forwards"), "69");
  play("itsp -> 200 INFO\npbx <- 200 INFO\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Within, MessageAndNotifyCrossBothWays) {
  itsp.content_type = "text/plain";
  itsp.body = "hello";
  play(R"(
    itsp -> MESSAGE within sdp
    pbx  <- MESSAGE sdp
    pbx  -> 200 MESSAGE
    itsp <- 200 MESSAGE
  )");
  pbx.extra_lines = "Event: talk\r\nSubscription-State: active\r\n";
  play(R"(
    pbx  -> NOTIFY within
    itsp <- NOTIFY
    itsp -> 489 NOTIFY
    pbx  <- 489 NOTIFY
  )");
  EXPECT_EQ(itsp.last_request("NOTIFY")->field("Event"), "talk");
  play(ended_by_caller);
  expect_clean(1);
}

// Its 2xx would bring an offer beside the one that is open (RFC 3264 section 4).
TEST_F(Within, AnInviteWithoutAnOfferWaitsForAnOpenOne) {
  pbx.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\n");
  play("itsp -> INVITE within\nitsp <- 491 INVITE\nitsp -> ACK\n");
  play("pbx -> INVITE within\npbx <- 500 INVITE\npbx -> ACK\n");
  play("itsp -> 200 sdp UPDATE\npbx <- 200 sdp UPDATE\n");
  play(ended_by_caller);
  expect_clean(1);
}

// A subscription of its own usage in the dialog (RFC 6665 section 4.5.2, RFC 4730 for one).
TEST_F(Within, SubscribeCrossesWithWhatItSays) {
  pbx.extra_lines = "Event: kpml\r\nExpires: 7200\r\nAccept: application/kpml-response+xml\r\n";
  play("pbx -> SUBSCRIBE within\nitsp <- SUBSCRIBE\n");
  const Wire& subscribe = *itsp.last_request("SUBSCRIBE");
  EXPECT_EQ(subscribe.field("Event"), "kpml");
  EXPECT_EQ(subscribe.field("Expires"), "7200");
  EXPECT_EQ(subscribe.field("Accept"), "application/kpml-response+xml");
  EXPECT_EQ(subscribe.field("Contact"), "<sip:10.20.2.1:5060>");
  itsp.extra_lines = "Expires: 3600\r\nContact: <sip:itsp@10.20.2.2>\r\n";
  play("itsp -> 200 SUBSCRIBE\npbx <- 200 SUBSCRIBE\n");
  EXPECT_EQ(pbx.last_response("SUBSCRIBE")->field("Expires"), "3600");
  EXPECT_EQ(pbx.last_response("SUBSCRIBE")->field("Contact"), "<sip:10.20.1.1:5060>");
  itsp.extra_lines = "Event: kpml\r\nSubscription-State: active;expires=3600\r\n";
  play("itsp -> NOTIFY within\npbx <- NOTIFY\npbx -> 200 NOTIFY\nitsp <- 200 NOTIFY\n");
  EXPECT_EQ(pbx.last_request("NOTIFY")->field("Subscription-State"), "active;expires=3600");
  pbx.extra_lines = "Event: kpml\r\nExpires: 10\r\n";
  play("pbx -> SUBSCRIBE within\nitsp <- SUBSCRIBE\n");
  itsp.extra_lines = "Min-Expires: 60\r\n";
  play("itsp -> 423 SUBSCRIBE\npbx <- 423 SUBSCRIBE\n");
  EXPECT_EQ(pbx.last_response("SUBSCRIBE")->field("Min-Expires"), "60");
  play(ended_by_caller);
  expect_clean(1);
}

// Without a dialog there is nobody to pass it to; PUBLISH is never part of one (RFC 3903).
TEST_F(Within, SubscribeToNobodyAndPublishAreNotTaken) {
  play("pbx -> SUBSCRIBE\npbx <- 405 SUBSCRIBE\npbx -> PUBLISH within\npbx <- 405 PUBLISH\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Within, UpdateCarriesAnOffer) {
  play(R"(
    pbx  -> UPDATE within sdp
    itsp <- UPDATE sdp
    itsp -> UPDATE within sdp
    itsp <- 491 UPDATE
    itsp -> 200 sdp UPDATE
    pbx  <- 200 sdp UPDATE
  )");
  play(ended_by_caller);
  expect_clean(1);
}

// The caller never said that it takes UPDATE.
TEST_F(Within, AnOfferInUpdateForAPeerWithoutItIs488) {
  play("itsp -> UPDATE within sdp\nitsp <- 488 UPDATE\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Within, ARefusedUpdateLeavesTheSessionAsItWas) {
  play(R"(
    pbx  -> UPDATE within sdp
    itsp <- UPDATE sdp
    itsp -> 488 UPDATE
    pbx  <- 488 UPDATE
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

// Whoever answered has taken the offer, and its sender has not: they agree on nothing any more.
TEST_F(Within, AnUpdateThatIsAnsweredWithoutSdpEndsTheCall) {
  play(R"(
    pbx  -> UPDATE within sdp
    itsp <- UPDATE sdp
    itsp -> 200 UPDATE
    pbx  <- 500 UPDATE
    pbx  <- BYE
    itsp <- BYE
    pbx  -> 200 BYE
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(the_record().end, contract::CallEnd::lost_peer);
  expect_clean(0);
}

// RFC 3261 section 12.2.1.2: there is no dialog any more, whatever asked for it.
TEST_F(Within, A481ToInfoOrMessageEndsTheCall) {
  for (const char* method : {"INFO", "MESSAGE"}) {
    const std::string name = method;
    if (name == "MESSAGE") {
      wait_ms(40'000);  // the same Call-ID is used again
      Peer fresh("pbx", "10.20.1.2", "10.20.1.1");
      std::swap(pbx, fresh);
      play(answered_at_once);
    }
    play("pbx -> " + name + " within\nitsp <- " + name + "\nitsp -> 481 " + name + "\n");
    play("pbx <- 481 " + name + "\npbx <- BYE\nitsp <- BYE\npbx -> 200 BYE\nitsp -> 200 BYE\n");
    EXPECT_EQ(the_record().end, contract::CallEnd::lost_peer);
  }
  expect_clean(0);
}

// Of a subscription it says no more than that this one is over (RFC 6665 section 4.4.1).
TEST_F(Within, A481ToASubscriptionDoesNot) {
  for (const char* method : {"SUBSCRIBE", "NOTIFY"}) {
    const std::string name = method;
    pbx.extra_lines = "Event: kpml\r\nSubscription-State: active\r\n";
    play("pbx -> " + name + " within\nitsp <- " + name + "\nitsp -> 481 " + name + "\n");
    play("pbx <- 481 " + name + "\nquiet\n");
  }
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Within, UpdateWithoutSdpIsAnsweredHere) {
  play("itsp -> UPDATE within\nitsp <- 200 UPDATE\nquiet\n");
  EXPECT_FALSE(itsp.last_response("UPDATE")->field("Contact").empty());
  play(ended_by_caller);
  expect_clean(1);
}

// RFC 4320 section 4: a 100 when timer E has reached T2, which is neither sooner nor later, and no
// late final response.
TEST_F(Within, WhatIsNeverAnsweredGets100AndNothingElse) {
  play("pbx -> INFO within\nitsp <- INFO\nwait 3480\n");
  itsp.inbox().clear();
  play("quiet\nwait 40\npbx <- 100 INFO\npbx -> again\npbx <- 100 INFO\nwait 31000\n");
  itsp.inbox().clear();
  play("quiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Within, AnAnswerAfterThe100Crosses) {
  itsp.content_type = "text/plain";
  itsp.body = "hello";
  play("itsp -> MESSAGE within sdp\npbx <- MESSAGE sdp\nwait 3600\n");
  pbx.inbox().clear();
  play("itsp <- 100 MESSAGE\npbx -> 200 MESSAGE\nitsp <- 200 MESSAGE\nwait 5000\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

// The called side's trunk gives up long before its sender does.
class WithinShortTimers : public Within {
 protected:
  WithinShortTimers() : Within(hasty()) {}
  static BoxOptions hasty() {
    BoxOptions options = silent();
    options.t1_ms[1] = 100;
    return options;
  }
};

TEST_F(WithinShortTimers, ACopyOfWhatWasGivenUpDoesNotCrossAgain) {
  play("pbx -> INFO within\nitsp <- INFO\nwait 7500\npbx <- 100 INFO\n");
  itsp.inbox().clear();
  play("pbx -> again\nquiet\nwait 24000\npbx -> again\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Within, WhatIsUnderWayWhenTheCallEndsGets481) {
  play(R"(
    pbx  -> INFO within
    itsp <- INFO
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
    pbx  <- 481 INFO
    pbx  -> 200 BYE
    itsp -> 200 INFO
    quiet
  )");
  expect_clean(1);
}

TEST_F(Within, ByeBothWaysIsAnsweredOnBoth) {
  play(R"(
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> BYE
    itsp <- 481 BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

TEST_F(Within, UnknownMethodsAre501) {
  play("pbx -> FOO within\npbx <- 501 FOO\nquiet\n");
  EXPECT_NE(pbx.last_response("FOO")->field("Allow").find("INVITE"), std::string::npos);
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Within, ReferIsRefusedUnlessTheTrunkPassesIt) {
  pbx.extra_lines = "Refer-To: <sip:+4930123456@10.20.1.1>\r\n";
  play("pbx -> REFER within\npbx <- 405 REFER\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

class Open : public Within {
 protected:
  Open() : Within(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.policy[0].passes_unknown_methods = true;
    options.policy[0].transfer = contract::Transfer::passed;
    return options;
  }
};

TEST_F(Open, UnknownMethodsCrossWhereTheTrunkAllowsIt) {
  play(R"(
    pbx  -> FOO within
    itsp <- FOO
    itsp -> 200 FOO
    pbx  <- 200 FOO
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Open, ReferCrosses) {
  pbx.extra_lines = "Refer-To: <sip:+4930123456@example.com>\r\n";
  play("pbx -> REFER within\nitsp <- REFER\n");
  EXPECT_EQ(itsp.last_request("REFER")->field("Refer-To"), "<sip:+4930123456@example.com>");
  itsp.extra_lines = "";
  play("itsp -> 202 REFER\npbx <- 202 REFER\n");
  play(ended_by_caller);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
