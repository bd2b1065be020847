// Transfers by REFER, handled here, without a consultation: RFC 3515, RFC 3892, RFC 4488, RFC 5589,
// and the flow of RFC 5359 section 2.4. What the transferor hears is in transfer_report_test.cc.
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::TransferPart;

// RFC 5359 section 2.4. The transferee hears nothing of it: what the target answered fits.
TEST_F(TransferFlow, UnattendedWithoutAWordToTheTransferee) {
  refer_to_alt();
  const Wire& invite = *alt.last_request("INVITE");
  EXPECT_NE(invite.text.find("INVITE sip:+4930123456@"), std::string::npos) << invite.text;
  EXPECT_NE(invite.field("From").find("sip:+442079460018@10.20.2.1"), std::string::npos);
  EXPECT_NE(invite.body.find("m=audio"), std::string::npos);
  EXPECT_EQ(invite.field("Referred-By"), "");
  const Wire& first = *pbx.last_request("NOTIFY");
  EXPECT_EQ(first.field("Event"), "refer");
  EXPECT_EQ(first.field("Content-Type"), "message/sipfrag;version=2.0");
  EXPECT_EQ(first.field("Subscription-State").substr(0, 15), "active;expires=");
  play(R"(
    alt  -> 180
    pbx  <- NOTIFY 180
    pbx  -> 200 NOTIFY
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  EXPECT_EQ(pbx.last_request("NOTIFY")->field("Subscription-State"),
            "terminated;reason=noresource");
  const auto rows = box.directory();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].from, Box::itsp);
  EXPECT_EQ(rows[0].to, Box::alt);
  EXPECT_EQ(remote_of(0, 0).address, itsp.endpoint().address);
  EXPECT_EQ(remote_of(0, 1).address, alt.endpoint().address);
  play(joined_call_ends);
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].end, CallEnd::transferred);
  EXPECT_EQ(records[0].transfer, TransferPart::referred);
  EXPECT_EQ(records[0].transfer_status, 200);
  EXPECT_EQ(records[0].referred_to.view(), "+4930123456");
  EXPECT_EQ(records[0].to, Box::itsp);
  EXPECT_EQ(records[1].end, CallEnd::released_by_called);
  EXPECT_EQ(records[1].transfer, TransferPart::target);
  EXPECT_EQ(records[1].from, Box::itsp);
  EXPECT_EQ(records[1].to, Box::alt);
  EXPECT_EQ(records[1].called.view(), "+4930123456");
  EXPECT_EQ(records[1].call_id_in.view(), records[0].call_id_out.view());
  expect_clean(0);
}

TEST_F(TransferFlow, TheTransfereeMayHangUpAndChangeItsSessionAfterwards) {
  refer_to_alt();
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp -> INVITE within sdp
    itsp <- 100
    alt  <- INVITE sdp
    alt  -> 200 sdp
    alt  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
    itsp -> BYE
    itsp <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
    quiet
  )");
  expect_clean(2);
}

// Answers that come again after the legs have moved, and one of another fork.
TEST_F(TransferFlow, RepeatedAnswersAreAcknowledgedAndLateForksEnded) {
  refer_to_alt();
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    itsp -> again
    itsp <- ACK
    alt  -> again
    alt  <- ACK
  )");
  alt.tag_suffix = "-2";
  play("alt -> 200 sdp\nalt <- ACK\nalt <- BYE\nalt -> 200 BYE\n");
  alt.tag_suffix.clear();
  play("pbx -> 200 NOTIFY\npbx -> BYE\npbx <- 200 BYE\nquiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

// Fewer codecs than the transferee may use: it is told, with an offer of what the target takes.
TEST_F(TransferFlow, TheTransfereeIsToldWhatDoesNotFit) {
  refer_to_alt();
  alt.body = sdp("10.20.2.3", "8", "");
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    itsp <- INVITE sdp
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
  )");
  EXPECT_NE(itsp.last_request("INVITE")->body.find("RTP/AVP 8\r\n"), std::string::npos);
  itsp.body = sdp("10.20.2.2", "8", "");
  play("itsp -> 200 sdp\nitsp <- ACK\nquiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

// The usual blind transfer: the transferor holds first (RFC 5589 section 6).
TEST_F(TransferFlow, AHeldTransfereeIsOfferedAsIfItWereNotAndTakenOffHold) {
  pbx.body = sdp("10.20.1.2", "8 101", "a=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n");
  itsp.body = sdp("10.20.2.2", "8 101", "a=rtpmap:101 telephone-event/8000\r\na=recvonly\r\n");
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  refer_to_alt();
  EXPECT_EQ(alt.last_request("INVITE")->body.find("a=recvonly"), std::string::npos);
  itsp.body.clear();
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  EXPECT_EQ(itsp.last_request("INVITE")->body.find("a=sendonly"), std::string::npos);
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferFlow, AnOfferThatCrossesOneOfTheTransfereeWaits) {
  refer_to_alt();
  alt.body = sdp("10.20.2.3", "8", "");
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    itsp <- INVITE sdp
    itsp -> 491
    itsp <- ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  EXPECT_GE(wait_for(itsp, 4100), 2100);
  play("itsp <- INVITE sdp\nitsp -> 200 sdp\nitsp <- ACK\n");
  // What it answered is more than alt takes, but alt may send nothing else than it said.
  play("quiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferFlow, ATransfereeThatRefusesTheOfferEndsTheCall) {
  refer_to_alt();
  alt.body = sdp("10.20.2.3", "8", "");
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    itsp <- INVITE sdp
    itsp -> 488
    itsp <- ACK
    itsp <- BYE
    alt  <- BYE
    itsp -> 200 BYE
    alt  -> 200 BYE
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  expect_clean(2);
}

// "A failed blind transfer restores the original call": it never was anything else.
TEST_F(TransferFlow, AFailedOneLeavesTheCallAsItWas) {
  refer_to_alt();
  play(R"(
    alt  -> 486
    alt  <- ACK
    pbx  <- NOTIFY 486
    pbx  -> 200 NOTIFY
    quiet
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp INVITE
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  EXPECT_EQ(pbx.last_request("NOTIFY")->field("Subscription-State"),
            "terminated;reason=noresource");
  EXPECT_EQ(remote_of(0, 1).address, itsp.endpoint().address);
  // And the next one may do better; its reports say which it is (RFC 3515 section 2.4.6).
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n");
  play("pbx <- 202 REFER\npbx <- NOTIFY 100\nalt <- INVITE sdp\npbx -> 200 NOTIFY\n");
  EXPECT_EQ(pbx.last_request("NOTIFY")->field("Event").substr(0, 9), "refer;id=");
  play("alt -> 603\nalt <- ACK\npbx <- NOTIFY 603\npbx -> 200 NOTIFY\n");
  play(ended_by_caller);
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].transfer, TransferPart::target);
  EXPECT_EQ(records[0].status_code, 486);
  EXPECT_EQ(records[2].transfer, TransferPart::referred);
  EXPECT_EQ(records[2].transfer_status, 603);
  EXPECT_EQ(records[2].end, CallEnd::released_by_caller);
  expect_clean(0);
}

TEST_F(TransferFlow, AChallengeOfTheTargetIsNotReported) {
  refer_to_alt();
  play("alt -> 407\nalt <- ACK\npbx <- NOTIFY 403\npbx -> 200 NOTIFY\n");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(TransferFlow, ATransferorThatLeavesAtOnceDoesNotEndIt) {
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n");
  play(R"(
    pbx  <- 202 REFER
    pbx  <- NOTIFY 100
    alt  <- INVITE sdp
    pbx  -> BYE
    pbx  <- 200 BYE
    pbx  -> 200 NOTIFY
    quiet
    pbx  -> BYE
    pbx  <- 481 BYE
    itsp -> INFO within
    itsp <- 500 INFO
    itsp -> INVITE within
    itsp <- 491 INVITE
    itsp -> ACK
    alt  -> 180
    pbx  <- NOTIFY 180
    pbx  -> 481 NOTIFY
    alt  -> 200 sdp
    alt  <- ACK
    quiet
  )");
  EXPECT_EQ(box.directory().size(), 1u);
  play(joined_call_ends);
  expect_clean(2);
}

// With an INVITE between the two on its way there is no call to keep.
TEST_F(TransferFlow, ATransferorThatLeavesInTheMiddleOfAnInviteEndsIt) {
  refer_to_alt();
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    alt  -> 100
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    alt  <- CANCEL
    pbx  <- 487 INVITE
    pbx  -> ACK
    itsp -> 200 BYE
    itsp -> 487
    itsp <- ACK
    alt  -> 200 CANCEL
    alt  -> 487
    alt  <- ACK
    quiet
  )");
  expect_clean(2);
}

TEST_F(TransferFlow, WithoutTransferorAFailureEndsTheTransferee) {
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n");
  play(R"(
    pbx  <- 202 REFER
    pbx  <- NOTIFY 100
    alt  <- INVITE sdp
    pbx  -> BYE
    pbx  <- 200 BYE
    pbx  -> 200 NOTIFY
    alt  -> 486
    alt  <- ACK
    pbx  <- NOTIFY 486
    itsp <- BYE
    itsp -> 200 BYE
    pbx  -> 200 NOTIFY
    quiet
  )");
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].end, CallEnd::released_by_caller);
  EXPECT_EQ(records[1].status_code, 486);
  expect_clean(0);
}

TEST_F(TransferFlow, ATransfereeThatHangsUpCancelsTheTarget) {
  refer_to_alt();
  play(R"(
    alt  -> 180
    pbx  <- NOTIFY 180
    pbx  -> 200 NOTIFY
    itsp -> BYE
    itsp <- 200 BYE
    alt  <- CANCEL
    pbx  <- BYE
    pbx  -> 200 BYE
    alt  -> 200 CANCEL
    alt  -> 487
    alt  <- ACK
    quiet
  )");
  expect_clean(2);
}

TEST_F(TransferFlow, AnAnswerThatCrossesTheCancelIsEnded) {
  refer_to_alt();
  play(R"(
    alt  -> 180
    pbx  <- NOTIFY 180
    pbx  -> 200 NOTIFY
    itsp -> BYE
    itsp <- 200 BYE
    alt  <- CANCEL
    pbx  <- BYE
    pbx  -> 200 BYE
    alt  -> 200 sdp
    alt  <- ACK
    alt  <- BYE
    alt  -> 200 BYE
    quiet
  )");
  expect_clean(2);
}

// --- other trunks ---

class TransferByTheCalled : public TransferFlow {
 protected:
  TransferByTheCalled() : TransferFlow(options()) {}
  static BoxOptions options() {
    BoxOptions options = handled();
    options.policy[0] = {};
    options.policy[1].transfer = contract::Transfer::handled;
    options.policy[2].history = contract::CallHistory::diversion;
    return options;
  }
};

TEST_F(TransferByTheCalled, TheCallerIsJoinedWithTheTarget) {
  itsp.extra_lines = "Refer-To: <tel:+4930123456>\r\nReferred-By: <sip:777@10.20.2.2>\r\n";
  play("itsp -> REFER within\nitsp <- 202 REFER\nitsp <- NOTIFY 100\nalt <- INVITE sdp\n");
  EXPECT_EQ(alt.last_request("INVITE")->field("Referred-By"), "<sip:777@10.20.2.1>");
  EXPECT_NE(alt.last_request("INVITE")->field("From").find("+4915112345@10.20.2.1"),
            std::string::npos);
  play(R"(
    itsp -> 200 NOTIFY
    alt  -> 200 sdp
    alt  <- ACK
    itsp <- NOTIFY 200
    itsp -> 200 NOTIFY
    itsp -> BYE
    itsp <- 200 BYE
    quiet
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
    quiet
  )");
  expect_clean(2);
}

TEST_F(TransferByTheCalled, ANumberWithoutARouteIs403) {
  itsp.extra_lines = "Refer-To: <sip:+3330@10.20.1.2>\r\n";
  play("itsp -> REFER within\nitsp <- 403 REFER\nquiet\n");
  pbx.extra_lines = "Refer-To: <sip:+4930@10.20.1.2>\r\n";
  play("pbx -> REFER within\npbx <- 405 REFER\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

// Rules and routes see the transferee's number as our side writes it, as with a call of its own.
class TransferRules : public TransferFlow {
 protected:
  TransferRules() : TransferFlow(options()) {}
  static BoxOptions options() {
    BoxOptions options = handled();
    options.policy[1].transfer = contract::Transfer::handled;
    options.numbers[0].calling_in = {R"(^\+4915(\d+)$ -> +4420$1)"};
    options.numbers[2].calling_out = {R"(^\+44 -> 0144)"};
    return options;
  }
};

TEST_F(TransferRules, AreForTheNumberOfTheTransferee) {
  itsp.extra_lines = "Refer-To: <sip:+4930123456@10.20.1.2>\r\n";
  play("itsp -> REFER within\nitsp <- 202 REFER\nitsp <- NOTIFY 100\nalt <- INVITE sdp\n");
  EXPECT_NE(alt.last_request("INVITE")->field("From").find("sip:014420112345@"), std::string::npos)
      << alt.last_request("INVITE")->field("From");
  play("itsp -> 200 NOTIFY\nalt -> 486\nalt <- ACK\nitsp <- NOTIFY 486\nitsp -> 200 NOTIFY\n");
  play(ended_by_caller);
  expect_clean(2);
}

class TransferHunt : public TransferFlow {
 protected:
  TransferHunt() : TransferFlow(options()) {}
  static BoxOptions options() {
    BoxOptions options = handled();
    options.has_third_trunk = false;
    options.has_second_target = true;
    return options;
  }
};

TEST_F(TransferHunt, GoesOnToTheNextTarget) {
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n");
  play(R"(
    pbx  <- 202 REFER
    pbx  <- NOTIFY 100
    itsp <- INVITE sdp
    itsp -> 503
    itsp <- ACK
    alt  <- INVITE sdp
    pbx  -> 200 NOTIFY
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  -> BYE
    alt  <- 200 BYE
    itsp <- BYE
    quiet
  )");
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
