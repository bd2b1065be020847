// Call pickup: INVITE with Replaces of an early dialog that the box began (RFC 3891 section 3).
// With SRTP and with media that goes past the box: pickup_media_test.cc.
#include "tests/flow/pickup_harness.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::TransferPart;

TEST_F(PickupFlow, AnotherPhoneTakesTheCallThatRings) {
  ring();
  pick_up(";early-only");
  play(R"(
    itsp <- CANCEL
    alt  <- 200 sdp INVITE
    pbx  <- 200 sdp INVITE
    alt  -> ACK
    pbx  -> ACK
  )");
  EXPECT_EQ(itsp.last_request("CANCEL")->field("Reason"),
            "SIP;cause=200;text=\"Call completed elsewhere\"");
  play(cancelled);
  play("quiet\n");
  const auto rows = box.directory();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(box.region().trunk_live(Box::pbx).load(), 1u);
  EXPECT_EQ(box.region().trunk_live(Box::itsp).load(), 1u);
  wait_ms(1100);
  EXPECT_EQ(box.directory().at(0).media[0].remote.address, pbx.endpoint().address);
  EXPECT_EQ(box.directory().at(0).media[1].remote.address, alt.endpoint().address);
  // Both can change the session within it.
  play(R"(
    alt  -> INVITE within sdp
    alt  <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    alt  <- 200 sdp
    alt  -> ACK
    pbx  -> INVITE within sdp
    pbx  <- 100
    alt  <- INVITE sdp
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  play(ended);
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].end, CallEnd::transferred);
  EXPECT_EQ(records[0].transfer, TransferPart::replacing);
  EXPECT_EQ(records[0].status_code, 200);
  EXPECT_EQ(records[1].end, CallEnd::released_by_caller);
  EXPECT_EQ(records[1].transfer, TransferPart::replaced);
  EXPECT_EQ(records[1].transfer_status, 200);
  EXPECT_EQ(records[1].attempts[0].end, contract::AttemptEnd::taken);
  EXPECT_EQ(records[1].attempts[0].status_code, 0);
  EXPECT_EQ(records[1].call_id_out.view(), records[0].call_id_in.view());
  expect_clean(0);
}

TEST_F(PickupFlow, TheTakerMayHangUp) {
  ring();
  pick_up();
  play(R"(
    itsp <- CANCEL
    alt  <- 200 sdp INVITE
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
    alt  -> ACK
  )");
  play(cancelled);
  play(R"(
    alt  -> BYE
    alt  <- 200 BYE
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  expect_clean(2);
}

// Each answers the other's offer, with the numbers that each has chosen.
TEST_F(PickupFlow, BothGetWhatTheyHaveInCommon) {
  pbx.body = sdp("10.20.1.2",
                 "m=audio 40000 RTP/AVP 8 0 101\r\n"
                 "a=rtpmap:101 telephone-event/8000\r\n"
                 "m=image 40004 udptl t38\r\n");
  alt.body = sdp("10.20.2.3",
                 "m=audio 40000 RTP/AVP 9 8 96\r\n"
                 "a=rtpmap:96 telephone-event/8000\r\n");
  ring();
  pick_up();
  play("itsp <- CANCEL\nalt <- 200 sdp INVITE\npbx <- 200 sdp INVITE\n");
  const std::string to_alt = alt.last_response("INVITE")->body;
  const std::string to_pbx = pbx.last_response("INVITE")->body;
  EXPECT_NE(to_alt.find("RTP/AVP 8 101\r\n"), std::string::npos) << to_alt;
  EXPECT_EQ(to_alt.find("m=image"), std::string::npos) << to_alt;
  EXPECT_NE(to_pbx.find("RTP/AVP 8 96\r\n"), std::string::npos) << to_pbx;
  EXPECT_EQ(to_pbx.find("m=audio", to_pbx.find("m=audio") + 1), to_pbx.rfind("m=audio 0"));
  play("alt -> ACK\npbx -> ACK\n");
  play(cancelled);
  // The taker has one m-line, the caller two: each sees as many as it knows.
  alt.body.clear();
  play("alt -> INVITE within sdp\nalt <- 100\npbx <- INVITE sdp\n");
  EXPECT_NE(pbx.last_request("INVITE")->body.find("m=audio 0 RTP/AVP 0"), std::string::npos);
  pbx.body = sdp("10.20.1.2", "m=audio 40000 RTP/AVP 8\r\nm=audio 0 RTP/AVP 0\r\n");
  play("pbx -> 200 sdp\npbx <- ACK\nalt <- 200 sdp\nalt -> ACK\n");
  EXPECT_EQ(alt.last_response("INVITE")->body.find("m=audio 0"), std::string::npos);
  play(ended);
  expect_clean(2);
}

TEST_F(PickupFlow, AnAnswerThatCrossesTheCancelIsEnded) {
  ring();
  pick_up();
  play(R"(
    itsp <- CANCEL
    alt  <- 200 sdp INVITE
    pbx  <- 200 sdp INVITE
    itsp -> 200 sdp INVITE
    itsp <- ACK
    itsp <- BYE
    itsp -> 200 BYE
    alt  -> ACK
    pbx  -> ACK
    quiet
  )");
  play(ended);
  expect_clean(2);
}

TEST_F(PickupFlow, ATakerThatDoesNotAcknowledgeEndsTheCall) {
  ring();
  pick_up();
  play("itsp <- CANCEL\nalt <- 200 sdp INVITE\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  play(cancelled);
  wait_ms(32100);
  alt.inbox().clear();
  pbx.inbox().clear();
  EXPECT_EQ(alt.last_request("BYE") != nullptr, true);
  play("alt -> 200 BYE\npbx -> 200 BYE\nquiet\n");
  expect_clean(2);
}

// The caller has gone before it heard of the answer.
TEST_F(PickupFlow, ACallerThatCancelsAtTheSameTimeIsAnswered) {
  ring();
  pick_up();
  play(R"(
    itsp <- CANCEL
    alt  <- 200 sdp INVITE
    pbx  <- 200 sdp INVITE
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    alt  -> ACK
    pbx  -> ACK
  )");
  play(cancelled);
  play(ended);
  expect_clean(2);
}

TEST_F(PickupFlow, WithoutACodecInCommonTheOtherPhoneRingsOn) {
  ring();
  alt.body = sdp("10.20.2.3", "m=audio 40000 RTP/AVP 18\r\n");
  pick_up();
  play("alt <- 488\nalt -> ACK\nquiet\n");
  play(given_up);
  expect_clean(2);
}

TEST_F(PickupFlow, WithoutAnOfferOnEitherSideIs488) {
  ring();
  alt.extra_lines = "Replaces: " + rung() + "\r\n";
  play("alt -> INVITE\nalt <- 100\nalt <- 488\nalt -> ACK\nquiet\n");
  play(given_up);
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 180
    pbx  <- 180
  )");
  pick_up();
  play("alt <- 488\nalt -> ACK\nquiet\n");
  play(given_up);
  expect_clean(4);
}

TEST_F(PickupFlow, TagsThatNobodyHasAre481) {
  ring();
  alt.extra_lines = "Replaces: " + rung() + "x\r\n";
  play("alt -> INVITE sdp\nalt <- 100\nalt <- 481\nalt -> ACK\nquiet\n");
  play(given_up);
  expect_clean(2);
}

class PickupWithPrack : public PickupFlow {
 protected:
  PickupWithPrack() : PickupFlow(options()) {}
  static BoxOptions options() {
    BoxOptions options = takeable();
    options.policy[0].reliable_provisionals = contract::Use::supported;
    return options;
  }
};

// SDP that the caller has not acknowledged yet comes first.
TEST_F(PickupWithPrack, WhileAPrackIsAwaitedIs491) {
  pbx.extra_lines = "Supported: 100rel\r\n";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 183 sdp
    pbx  <- 183 sdp reliable
  )");
  pbx.extra_lines.clear();
  pick_up();
  play("alt <- 491\nalt -> ACK\npbx -> PRACK\npbx <- 200 PRACK\n");
  pick_up();
  play("itsp <- CANCEL\nalt <- 200 sdp INVITE\npbx <- 200 sdp INVITE\nalt -> ACK\npbx -> ACK\n");
  play(cancelled);
  play(ended);
  expect_clean(3);
}

}  // namespace
}  // namespace demarc::flow
