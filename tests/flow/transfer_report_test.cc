// Transfers by REFER: what the transferor hears of them, when, and what is no REFER (RFC 3515).
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

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
  play(ended_by_caller);
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
  play(ended_by_caller);
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
  play(ended_by_caller);
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
  play(ended_by_caller);
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
    alt  <- 500 INFO
    alt  -> BYE
    alt  <- 200 BYE
    pbx  <- NOTIFY 480
    pbx  -> 200 NOTIFY
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(TransferFlow, NoneBeginsWhileDraining) {
  box.engine().drain();
  refer("Refer-To: <sip:+49301@x>\r\n");
  play("pbx <- 503 REFER\n");
  play(ended_by_caller);
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
  play(ended_by_caller);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
