// RFC 6337: the six ways of Table 1 in which an offer and its answer may go, on both legs; how an
// offer is refused (section 2.3); and what is not allowed.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

class Rfc6337 : public Ladder {
 protected:
  void ring(std::string_view invite) {
    pbx.extra_lines = with_prack_and_update;
    std::string script = "pbx -> ";
    play(script.append(invite).append("\npbx <- 100\nitsp <- ").append(invite).append("\n"));
    itsp.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n";
  }
  // With an offer in the INVITE and its answer in a reliable 183.
  void answer_early() {
    ring("INVITE sdp");
    play(R"(
      itsp -> 183 sdp reliable
      itsp <- PRACK
      pbx  <- 183 sdp reliable
      itsp -> 200 PRACK
      pbx  -> PRACK
      pbx  <- 200 PRACK
    )");
  }
  void answer() {
    play(R"(
      itsp -> 200 INVITE
      itsp <- ACK
      pbx  <- 200 sdp INVITE
      pbx  -> ACK
    )");
  }
};

TEST_F(Rfc6337, Pattern1OfferInInviteAnswerIn2xx) {
  play(answered_call);
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Rfc6337, Pattern2OfferIn2xxAnswerInAck) {
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 200 sdp INVITE
    pbx  <- 200 sdp INVITE
    pbx  -> ACK sdp
    itsp <- ACK sdp
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Rfc6337, Pattern3OfferInInviteAnswerInReliable1xx) {
  answer_early();
  answer();
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Rfc6337, Pattern4OfferInReliable1xxAnswerInPrack) {
  ring("INVITE");
  play(R"(
    itsp -> 183 sdp reliable
    pbx  <- 183 sdp reliable
    pbx  -> PRACK sdp
    pbx  <- 200 PRACK
    itsp <- PRACK sdp
    itsp -> 200 PRACK
    itsp -> 200 INVITE
    itsp <- ACK
    pbx  <- 200 INVITE
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

// On the other leg it is pattern 6: the PRACK there went out with the 183.
TEST_F(Rfc6337, Pattern5OfferInPrackAnswerInIts2xx) {
  ring("INVITE sdp");
  play(R"(
    itsp -> 183 sdp reliable
    itsp <- PRACK
    pbx  <- 183 sdp reliable
    itsp -> 200 PRACK
    pbx  -> PRACK sdp
    itsp <- UPDATE sdp
    itsp -> 200 sdp UPDATE
    pbx  <- 200 sdp PRACK
  )");
  answer();
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Rfc6337, Pattern6OfferInUpdateAnswerInIts2xx) {
  answer_early();
  play(R"(
    pbx  -> UPDATE within sdp
    itsp <- UPDATE sdp
    itsp -> 200 sdp UPDATE
    pbx  <- 200 sdp UPDATE
    itsp -> UPDATE within sdp
    pbx  <- UPDATE sdp
    pbx  -> 200 sdp UPDATE
    itsp <- 200 sdp UPDATE
  )");
  answer();
  play(ended_by_caller);
  expect_clean(1);
}

// Section 3.1.1: SDP in a 1xx that is not reliable is a foretaste; the answer is that of the 2xx.
TEST_F(Rfc6337, AForetasteOfTheAnswerIsTheAnswerOnceMore) {
  ring("INVITE sdp");
  play(R"(
    itsp -> 183 sdp
    pbx  <- 183 sdp reliable
    pbx  -> PRACK
    pbx  <- 200 PRACK
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

// Section 2.3, Table 2.
TEST_F(Rfc6337, Rejected1OfferInInviteBy488) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 488\nitsp <- ACK\n");
  play("pbx <- 488\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

TEST_F(Rfc6337, Rejected1OfferInReinviteBy488) {
  play(answered_call);
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 488 INVITE
    itsp <- ACK
    pbx  <- 488 INVITE
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

// An offer in a 2xx can be taken with all m-lines refused, or the call ends.
TEST_F(Rfc6337, Rejected2OfferIn2xxByRefusingItsLines) {
  play(
      "pbx -> INVITE\npbx <- 100\nitsp <- INVITE\nitsp -> 200 sdp INVITE\npbx <- 200 sdp INVITE\n");
  pbx.body =
      "v=0\r\no=pbx 1 1 IN IP4 10.20.1.2\r\ns=-\r\nc=IN IP4 10.20.1.2\r\nt=0 0\r\n"
      "m=audio 0 RTP/AVP 8\r\n";
  play("pbx -> ACK sdp\nitsp <- ACK sdp\n");
  EXPECT_NE(itsp.last_request("ACK")->body.find("m=audio 0 "), std::string::npos);
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Rfc6337, Rejected6OfferInUpdateBy488) {
  answer_early();
  play(R"(
    pbx  -> UPDATE within sdp
    itsp <- UPDATE sdp
    itsp -> 488 UPDATE
    pbx  <- 488 UPDATE
  )");
  answer();
  play(ended_by_caller);
  expect_clean(1);
}

// Not allowed: an offer before the first one is answered (RFC 3311 section 5.1).
TEST_F(Rfc6337, NotAllowedUpdateBeforeTheAnswer) {
  ring("INVITE sdp");
  play(R"(
    itsp -> 180
    pbx  <- 180
    pbx  -> UPDATE within sdp
    pbx  <- 500 UPDATE
    itsp -> UPDATE within sdp
    itsp <- 491 UPDATE
  )");
  play(refused_ringing);
  expect_clean(1);
}

// Not allowed: offers of both at once (section 4.3, RFC 3261 section 14.2).
TEST_F(Rfc6337, NotAllowedOffersThatMeet) {
  answer_early();
  play(R"(
    pbx  -> UPDATE within sdp
    itsp <- UPDATE sdp
    itsp -> UPDATE within sdp
    itsp <- 491 UPDATE
    itsp -> 491 UPDATE
    pbx  <- 491 UPDATE
  )");
  answer();
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> INVITE within sdp
    itsp <- 491 INVITE
    itsp -> ACK
    pbx  -> UPDATE within sdp
    pbx  <- 500 UPDATE
  )");
  const Wire crossed = *itsp.last_request("INVITE");
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  play(ended_by_caller);
  expect_clean(1);
}

// Not allowed: an offer in a 1xx that is not reliable.
TEST_F(Rfc6337, NotAllowedOfferInAPlain1xx) {
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 183 sdp
    pbx  <- 183
    itsp -> 200 sdp INVITE
    pbx  <- 200 sdp INVITE
    pbx  -> ACK sdp
    itsp <- ACK sdp
  )");
  play(ended_by_caller);
  expect_clean(1);
}

// Not allowed: a new offer in the ACK or in the 2xx behind an answer that was final.
TEST_F(Rfc6337, NotAllowedSdpBehindTheAnswerIsNothing) {
  answer_early();
  itsp.body =
      "v=0\r\no=itsp 1 9 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\n"
      "m=audio 41000 RTP/AVP 0\r\n";
  const std::string answered = pbx.last_response("INVITE")->body;
  play(R"(
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK sdp
    quiet
    wait 1100
  )");
  EXPECT_EQ(pbx.last_response("INVITE")->body, answered);
  EXPECT_EQ(box.directory().at(0).media[1].remote.port, 40000);
  play(ended_by_caller);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
