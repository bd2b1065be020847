// Transfers by REFER, handled here: RFC 3515, RFC 3892, RFC 4488, RFC 5589, and the flows of
// RFC 5359 sections 2.4 (unattended), 2.5 (attended) and 2.6 (as a B2BUA does it).
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::TransferPart;

// pbx has called itsp. Its transfers are handled here, and +49 leads to alt.
class TransferFlow : public Ladder {
 protected:
  explicit TransferFlow(const BoxOptions& options = handled()) : Ladder(options) {
    pbx.called = "+442079460018";
    play(answered);
  }
  static BoxOptions handled() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.media_timeout_ms = 0;
    options.policy[0].transfer = contract::Transfer::handled;
    options.policy[0].takes_replaces = true;
    return options;
  }
  static constexpr std::string_view answered = R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )";
  // The call that it was before.
  static constexpr std::string_view ended = R"(
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )";
  // The call that it is now.
  static constexpr std::string_view joined_call_ends = R"(
    alt  -> BYE
    alt  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )";
  void refer(const std::string& lines) {
    pbx.extra_lines = lines;
    play("pbx -> REFER within\n");
  }
  // Up to the INVITE that alt gets.
  void refer_to_alt(const std::string& lines = "") {
    refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n" + lines);
    play("pbx <- 202 REFER\npbx <- NOTIFY 100\nalt <- INVITE sdp\npbx -> 200 NOTIFY\nquiet\n");
  }
  static std::string sdp(const std::string& address, const std::string& formats,
                         const std::string& more) {
    return "v=0\r\no=x 1 2 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address +
           "\r\nt=0 0\r\nm=audio 40000 RTP/AVP " + formats + "\r\n" + more;
  }
  contract::Endpoint remote_of(unsigned row, unsigned side) {
    wait_ms(1100);  // rows are written once a second
    return box.directory().at(row).media[side].remote;
  }
};

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
    wait 4200
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
  )");
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
  play(ended);
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
  play(ended);
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
    itsp <- 480 INFO
    itsp -> INVITE within sdp
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

TEST_F(TransferFlow, ATransferorThatStaysGetsBye) {
  refer_to_alt();
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    pbx  -> 200 NOTIFY
    quiet
    pbx  -> INFO within
    pbx  <- 481 INFO
    wait 5010
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferFlow, ATargetThatRingsTooLongIsCancelled) {
  refer_to_alt();
  play(R"(
    alt  -> 180
    pbx  <- NOTIFY 180
    pbx  -> 200 NOTIFY
    wait 180010
    alt  <- CANCEL
    alt  -> 200 CANCEL
    alt  -> 487
    alt  <- ACK
    pbx  <- NOTIFY 480
    pbx  -> 200 NOTIFY
    quiet
  )");
  play(ended);
  expect_clean(2);
}

// One at a time: of what happens meanwhile the last is said (RFC 6665 section 4.2.2).
TEST_F(TransferFlow, ReportsDoNotOvertakeOneAnother) {
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n");
  play(R"(
    pbx  <- 202 REFER
    pbx  <- NOTIFY 100
    alt  <- INVITE sdp
    alt  -> 180
    alt  -> 183
    quiet
    pbx  -> 200 NOTIFY
    pbx  <- NOTIFY 183
    alt  -> 486
    alt  <- ACK
    quiet
    pbx  -> 200 NOTIFY
    pbx  <- NOTIFY 486
    pbx  -> 200 NOTIFY
    quiet
  )");
  play(ended);
  expect_clean(2);
}

TEST_F(TransferFlow, WithoutASubscriptionNothingIsReported) {
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\nRefer-Sub: false\r\nRequire: norefersub\r\n");
  play("pbx <- 200 REFER\nalt <- INVITE sdp\n");
  EXPECT_EQ(pbx.last_response("REFER")->field("Refer-Sub"), "false");
  play(R"(
    alt  -> 180
    alt  -> 200 sdp
    alt  <- ACK
    quiet
    pbx  -> BYE
    pbx  <- 200 BYE
  )");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferFlow, WhatIsNoReferIsRefused) {
  refer("");
  play("pbx <- 400 REFER\n");
  refer("Refer-To: <sip:+49301@x>\r\nRefer-To: <sip:+49302@x>\r\n");
  play("pbx <- 400 REFER\n");
  refer("Refer-To: <sip:+49301@x;method=BYE>\r\n");
  play("pbx <- 603 REFER\n");
  refer("Refer-To: <http://example.com>\r\n");
  play("pbx <- 416 REFER\n");
  refer("Refer-To: <sip:+49301@x>\r\nRequire: explicitsub\r\n");
  play("pbx <- 420 REFER\nquiet\n");
  play(ended);
  expect_clean(1);
}

TEST_F(TransferFlow, OneAtATime) {
  refer_to_alt();
  refer("Refer-To: <sip:+49302@x>\r\n");
  play("pbx <- 491 REFER\nalt -> 486\nalt <- ACK\npbx <- NOTIFY 486\npbx -> 200 NOTIFY\n");
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
  )");
  refer("Refer-To: <sip:+49302@x>\r\n");
  play(R"(
    pbx  <- 491 REFER
    pbx  -> 200 sdp INVITE
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  play(ended);
  expect_clean(2);
}

// The transferor resumes while the target answers: its INVITE is over first.
TEST_F(TransferFlow, TheTargetWaitsForAnInviteWithinTheCall) {
  refer_to_alt();
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    alt  -> 200 sdp
    alt  <- ACK
    quiet
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    quiet
    pbx  -> ACK
    pbx  <- NOTIFY 200
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferFlow, ATargetThatLeavesBeforeItIsJoinedHasFailed) {
  refer_to_alt();
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    alt  -> 200 sdp
    alt  <- ACK
    alt  -> INFO within
    alt  <- 480 INFO
    alt  -> BYE
    alt  <- 200 BYE
    pbx  <- NOTIFY 480
    pbx  -> 200 NOTIFY
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  play(ended);
  expect_clean(2);
}

TEST_F(TransferFlow, NoneBeginsWhileDraining) {
  box.engine().drain();
  refer("Refer-To: <sip:+49301@x>\r\n");
  play("pbx <- 503 REFER\n");
  play(ended);
  expect_clean(1);
}

TEST_F(TransferFlow, AReliableProvisionalOfTheTargetIsAcknowledgedHere) {
  refer_to_alt();
  play(R"(
    alt  -> 183 sdp reliable
    alt  <- PRACK
    pbx  <- NOTIFY 183
    alt  -> 200 PRACK
    pbx  -> 200 NOTIFY
    alt  -> 200
    alt  <- ACK
    pbx  <- NOTIFY 200
    pbx  -> BYE
    pbx  <- 200 BYE
  )");
  play(joined_call_ends);
  expect_clean(2);
}

// Nothing of the target's early media reaches the transferee while it talks to the transferor.
TEST_F(TransferFlow, MediaStaysAsItWasUntilTheTargetAnswers) {
  refer_to_alt();
  play("alt -> 183 sdp\npbx <- NOTIFY 183\npbx -> 200 NOTIFY\n");
  EXPECT_EQ(remote_of(0, 0).address, pbx.endpoint().address);
  EXPECT_EQ(remote_of(0, 1).address, itsp.endpoint().address);
  EXPECT_EQ(remote_of(1, 1).port, 0);
  play("alt -> 486\nalt <- ACK\npbx <- NOTIFY 486\npbx -> 200 NOTIFY\n");
  play(ended);
  expect_clean(2);
}

// --- attended ---

class Attended : public TransferFlow {
 protected:
  // Another phone of the pbx has called alt; this names its dialog.
  std::string consult() {
    desk.called = "+4930123456";
    play(R"(
      desk -> INVITE sdp
      desk <- 100
      alt  <- INVITE sdp
      alt  -> 200 sdp
      alt  <- ACK
      desk <- 200 sdp
      desk -> ACK
    )");
    return named(*desk.last_response("INVITE"));
  }
  static std::string named(const Wire& answer) {
    const auto tag = [&](const char* field) {
      const std::string value = answer.field(field);
      return value.substr(value.find(";tag=") + 5);
    };
    return answer.field("Call-ID").replace(answer.field("Call-ID").find('@'), 1, "%40") +
           "%3Bto-tag%3D" + tag("To") + "%3Bfrom-tag%3D" + tag("From");
  }
};

// RFC 5359 section 2.5: the two who stay hear nothing, both legs of the transferor end.
TEST_F(Attended, TheTwoCallsBecomeOne) {
  const std::string dialog = consult();
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog +
        ">\r\nReferred-By: <sip:2001@10.20.1.2>\r\n");
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
  const auto rows = box.directory();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(remote_of(0, 0).address, itsp.endpoint().address);
  EXPECT_EQ(remote_of(0, 1).address, alt.endpoint().address);
  play(joined_call_ends);
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].end, CallEnd::transferred);
  EXPECT_EQ(records[0].referred_by.view(), "2001");
  EXPECT_EQ(records[1].transfer, TransferPart::target);
  expect_clean(0);
}

TEST_F(Attended, OneThatWasHeldIsTakenOffHoldFirst) {
  const std::string dialog = consult();
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
  itsp.body.clear();
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    itsp <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )");
  EXPECT_EQ(itsp.last_request("INVITE")->body.find("a=sendonly"), std::string::npos);
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(Attended, ACallThatIsOverIsReportedAs481) {
  const std::string dialog = consult();
  play(R"(
    desk -> BYE
    desk <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
  )");
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play("pbx <- 202 REFER\npbx <- NOTIFY 481\npbx -> 200 NOTIFY\nquiet\n");
  play(ended);
  expect_clean(2);
}

TEST_F(Attended, ACallCanNotReplaceItself) {
  const std::string dialog = named(*pbx.last_response("INVITE"));
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play("pbx <- 202 REFER\npbx <- NOTIFY 481\npbx -> 200 NOTIFY\nquiet\n");
  play(ended);
  expect_clean(1);
}

// RFC 3891 section 6.1: a dialog that is not ours is the target's to know.
TEST_F(Attended, ACallThatIsNotOursIsNamedToTheTarget) {
  refer(
      "Refer-To: <sip:+4930123456@10.20.1.1?Replaces=a9%40there%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n");
  play("pbx <- 202 REFER\npbx <- NOTIFY 100\nalt <- INVITE sdp\npbx -> 200 NOTIFY\n");
  EXPECT_EQ(alt.last_request("INVITE")->field("Replaces"), "a9@there;to-tag=1;from-tag=2");
  EXPECT_EQ(alt.last_request("INVITE")->field("Require"), "replaces");
  play("alt -> 420\nalt <- ACK\npbx <- NOTIFY 420\npbx -> 200 NOTIFY\n");
  play(ended);
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
  play(ended);
  expect_clean(1);
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
