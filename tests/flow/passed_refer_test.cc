// REFER that goes to the other side, or is handled here where that does not take it: transfer =
// "passed_or_handled".
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

class PassedRefer : public TransferFlow {
 protected:
  PassedRefer() : TransferFlow(options(), NoCall{}) {}
  static BoxOptions options() {
    BoxOptions options = handled();
    options.policy[0].transfer = contract::Transfer::passed_or_handled;
    return options;
  }
  // What itsp says of the methods that it takes; empty: nothing.
  void call(const std::string& allow = "") {
    itsp.extra_response_lines = allow;
    play(answered_at_once);
    itsp.extra_response_lines.clear();
  }
  static inline const std::string to_alt = "Refer-To: <sip:+4930123456@example.com>\r\n";
  // From the REFER that is handled here to the end.
  static constexpr std::string_view transferred = R"(
    pbx  <- 202 REFER
    pbx  <- NOTIFY 100
    alt  <- INVITE sdp
    pbx  -> 200 NOTIFY
    alt  -> 180
    pbx  <- NOTIFY 180
    pbx  -> 200 NOTIFY
    alt  -> 200 sdp INVITE
    alt  <- ACK
    pbx  <- NOTIFY 200
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )";
};

// One subscription, that of the transferee: its reports cross, and none of ours are between them.
TEST_F(PassedRefer, WhoTakesItHasTheWholeOfIt) {
  call("Allow: INVITE, ACK, BYE, CANCEL, NOTIFY, REFER\r\n");
  refer(to_alt + "Refer-Sub: true\r\n");
  play("itsp <- REFER\n");
  EXPECT_EQ(itsp.last_request("REFER")->field("Refer-Sub"), "true");
  itsp.extra_lines = "Refer-Sub: true\r\nContact: <sip:itsp@10.20.2.2>\r\n";
  play("itsp -> 202 REFER\npbx <- 202 REFER\n");
  EXPECT_EQ(pbx.last_response("REFER")->field("Refer-Sub"), "true");
  EXPECT_EQ(pbx.last_response("REFER")->field("Contact"), "<sip:10.20.1.1:5060>");
  itsp.extra_lines = "Event: refer\r\nSubscription-State: terminated;reason=noresource\r\n";
  play(R"(
    itsp -> NOTIFY within
    pbx  <- NOTIFY
    pbx  -> 481 NOTIFY
    itsp <- 481 NOTIFY
    quiet
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(PassedRefer, WhoNeverSaidWhatItTakesIsAsked) {
  call();
  refer(to_alt);
  play("itsp <- REFER\nitsp -> 202 REFER\npbx <- 202 REFER\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(PassedRefer, WhoDoesNotNameItIsSpared) {
  call("Allow: INVITE, ACK, BYE, CANCEL\r\n");
  refer(to_alt);
  play(transferred);
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(PassedRefer, WhoDoesNotTakeItAfterAllIsTransferredHere) {
  for (const char* status : {"403", "405", "420", "501"}) {
    call();
    refer(to_alt);
    play(std::string("itsp <- REFER\nitsp -> ") + status + " REFER\n");
    play(transferred);
    play(joined_call_ends);
  }
  expect_clean(8);
}

// The call goes on as it was, and the next REFER finds it so.
TEST_F(PassedRefer, AFailureThenIsReportedInTheOneSubscription) {
  call();
  for (const char* id : {"", ";id="}) {
    refer(to_alt);
    play(R"(
      itsp <- REFER
      itsp -> 405 REFER
      pbx  <- 202 REFER
      pbx  <- NOTIFY 100
      alt  <- INVITE sdp
      pbx  -> 200 NOTIFY
      alt  -> 486
      alt  <- ACK
      pbx  <- NOTIFY 486
      pbx  -> 200 NOTIFY
      quiet
    )");
    const Wire& notify = *pbx.last_request("NOTIFY");
    EXPECT_EQ(notify.field("Subscription-State"), "terminated;reason=noresource");
    EXPECT_EQ(notify.field("Event").substr(0, 9), std::string("refer") + id);
  }
  play(ended_by_caller);
  expect_clean(3);
}

// A transferee that has accepted one, as its second may come back: Event says which it is about
// (RFC 3515 section 2.4.6).
TEST_F(PassedRefer, OneThatComesBackBehindOneThatDidNotHasAnId) {
  call();
  refer(to_alt);
  play("itsp <- REFER\nitsp -> 202 REFER\npbx <- 202 REFER\n");
  refer(to_alt);
  play(
      "itsp <- REFER\nitsp -> 405 REFER\npbx <- 202 REFER\npbx <- NOTIFY 100\nalt <- INVITE sdp\n");
  const std::string cseq = pbx.last_response("REFER")->field("CSeq");
  EXPECT_EQ(pbx.last_request("NOTIFY")->field("Event"),
            "refer;id=" + cseq.substr(0, cseq.find(' ')));
  play("pbx -> 200 NOTIFY\nalt -> 486\nalt <- ACK\npbx <- NOTIFY 486\npbx -> 200 NOTIFY\n");
  play(ended_by_caller);
  expect_clean(2);
}

// Each leg numbers its requests, and a report names its REFER by the number.
TEST_F(PassedRefer, ReportsNameItAsItsSenderDoes) {
  call();
  play("pbx -> INFO within\nitsp <- INFO\nitsp -> 200 INFO\npbx <- 200 INFO\n");
  play("pbx -> OPTIONS within\npbx <- 200 OPTIONS\n");
  const auto number_of = [](const Wire& refer) {
    const std::string cseq = refer.field("CSeq");
    return "refer;id=" + cseq.substr(0, cseq.find(' '));
  };
  for (int i = 0; i < 2; ++i) {
    refer(to_alt);
    play("itsp <- REFER\n");
    const std::string there = number_of(*itsp.last_request("REFER"));
    itsp.extra_lines = "Event: " + there + "\r\nSubscription-State: active\r\n";
    play("itsp -> NOTIFY within\npbx <- NOTIFY\npbx -> 200 NOTIFY\nitsp <- 200 NOTIFY\n");
    play("itsp -> 202 REFER\npbx <- 202 REFER\n");
    const std::string here = number_of(*pbx.last_response("REFER"));
    EXPECT_NE(here, there);
    EXPECT_EQ(pbx.last_request("NOTIFY")->field("Event"), here);
    pbx.extra_lines = "Event: " + here + "\r\nExpires: 0\r\n";
    play("pbx -> SUBSCRIBE within\nitsp <- SUBSCRIBE\n");
    EXPECT_EQ(itsp.last_request("SUBSCRIBE")->field("Event"), there);
    play("itsp -> 200 SUBSCRIBE\npbx <- 200 SUBSCRIBE\n");
  }
  play(ended_by_caller);
  expect_clean(1);
}

// 603 is an answer to the wish, 500 and 408 are no word on REFER.
TEST_F(PassedRefer, WhoTakesItAndDoesNotWantToHasDecided) {
  call();
  for (const char* status : {"603", "500", "480"}) {
    refer(to_alt);
    play(std::string("itsp <- REFER\nitsp -> ") + status + " REFER\npbx <- " + status +
         " REFER\nquiet\n");
  }
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(PassedRefer, AnAnswerThatComesWithAnInviteUnderWayIsNoTransfer) {
  call();
  refer(to_alt);
  play(R"(
    itsp <- REFER
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 405 REFER
    pbx  <- 491 REFER
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
    quiet
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(PassedRefer, OneThatIsUnderWayWhenTheCallEndsIs481) {
  call();
  refer(to_alt);
  play(R"(
    itsp <- REFER
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
    pbx  <- 481 REFER
    pbx  -> 200 BYE
    itsp -> 405 REFER
    quiet
  )");
  expect_clean(1);
}

// The call that it names has its names from us, so that the other side could not find it.
TEST_F(PassedRefer, ACallOfOursIsTakenOverHere) {
  call("Allow: INVITE, ACK, BYE, CANCEL, NOTIFY, REFER\r\n");
  const std::string dialog = consult();
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(PassedRefer, ACallOfOthersIsNamedToTheTargetWhereTheOtherSideTakesNone) {
  call();
  refer("Refer-To: <sip:+4930123456@example.com?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n");
  play(
      "itsp <- REFER\nitsp -> 501 REFER\npbx <- 202 REFER\npbx <- NOTIFY 100\nalt <- INVITE sdp\n");
  EXPECT_EQ(alt.last_request("INVITE")->field("Replaces"), "a@b;to-tag=1;from-tag=2");
  play("pbx -> 200 NOTIFY\nalt -> 200 sdp INVITE\nalt <- ACK\npbx <- NOTIFY 200\n");
  play("pbx -> 200 NOTIFY\npbx -> BYE\npbx <- 200 BYE\n");
  play(joined_call_ends);
  expect_clean(2);
}

// Nobody but us could promise that there will be no reports.
TEST_F(PassedRefer, WithoutReportsItIsHandledHere) {
  call("Allow: INVITE, ACK, BYE, CANCEL, NOTIFY, REFER\r\n");
  refer(to_alt + "Refer-Sub: false\r\nRequire: norefersub\r\n");
  play("pbx <- 200 REFER\nalt <- INVITE sdp\nalt -> 486\nalt <- ACK\nquiet\n");
  play(ended_by_caller);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
