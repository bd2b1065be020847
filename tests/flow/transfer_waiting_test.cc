// What the transferee asks while it waits for the target, and the transferor has left.
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

class TransferWaiting : public TransferFlow {
 protected:
  TransferWaiting()
      : TransferFlow(handled(), false, "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n") {}
  // The transferor has left, and the target rings.
  void leave() {
    refer_to_alt();
    play("pbx -> BYE\npbx <- 200 BYE\nalt -> 180\npbx <- NOTIFY 180\npbx -> 481 NOTIFY\n");
  }
};

// Nobody else is there to answer, and 491 for ever would end the call.
TEST_F(TransferWaiting, ARefreshIsAnsweredHere) {
  leave();
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 200 sdp INVITE
    wait 510
    itsp <- 200 sdp INVITE
    itsp -> ACK
    alt  -> 200 sdp INVITE
    alt  <- ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

TEST_F(TransferWaiting, AHoldIsAnsweredHereAndKnownToTheTarget) {
  leave();
  itsp.body = sdp("10.20.2.2", "8 101", "a=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n");
  play("itsp -> UPDATE within sdp\nitsp <- 200 sdp UPDATE\n");
  EXPECT_NE(itsp.last_response("UPDATE")->body.find("a=recvonly"), std::string::npos);
  play(R"(
    alt  -> 200 sdp INVITE
    alt  <- ACK
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    alt  <- INVITE sdp
  )");
  EXPECT_NE(alt.last_request("INVITE")->body.find("a=sendonly"), std::string::npos);
  alt.body = sdp("10.20.2.3", "8 101", "a=rtpmap:101 telephone-event/8000\r\na=recvonly\r\n");
  play("alt -> 200 sdp INVITE\nalt <- ACK\nquiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

// It has said BYE; what it sends after that belongs to no session.
TEST_F(TransferWaiting, WhoHasLeftIsNotAnswered) {
  leave();
  play("pbx -> INVITE within sdp\npbx <- 481 INVITE\npbx -> ACK\n");
  play("alt -> 200 sdp INVITE\nalt <- ACK\nquiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

// The target's answer waits for the ACK as for any INVITE.
TEST_F(TransferWaiting, TheTargetWaitsForTheAck) {
  leave();
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 200 sdp INVITE
    alt  -> 200 sdp INVITE
    alt  <- ACK
    itsp -> ACK
    quiet
  )");
  play(joined_call_ends);
  expect_clean(2);
}

// The session stays as it was.
TEST_F(TransferWaiting, WhatTheOneWhoLeftCouldNotTakeIsRefused) {
  leave();
  const std::string before = itsp.body;
  itsp.body = sdp("10.20.2.2", "96", "a=rtpmap:96 opus/48000/2\r\n");
  play("itsp -> UPDATE within sdp\nitsp <- 488 UPDATE\n");
  itsp.body = before;
  play("alt -> 200 sdp INVITE\nalt <- ACK\nquiet\n");
  play(joined_call_ends);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
