// INVITEs without an offer: RFC 3264 section 4, RFC 3261 section 13.2.1, RFC 6337 section 3.1.
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using DelayedOffer = Ladder;

constexpr std::string_view ended = R"(
  pbx  -> BYE
  pbx  <- 200 BYE
  itsp <- BYE
  itsp -> 200 BYE
  quiet
)";

TEST_F(DelayedOffer, TheAnswerIsInTheAck) {
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 180
    pbx  <- 180
    itsp -> 200 sdp
    pbx  <- 200 sdp
    itsp -> again
    quiet
    pbx  -> ACK sdp
    itsp <- ACK sdp
    itsp -> again
    itsp <- ACK sdp
  )");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Supported"), "timer");
  play(ended);
  expect_clean(1);
}

TEST_F(DelayedOffer, WithoutAnAnswerTheCallEnds) {
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  <- BYE
    itsp <- ACK
    itsp <- BYE
    pbx  -> 200 BYE
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::lost_peer);
  expect_clean(0);
}

TEST_F(DelayedOffer, ACallerThatHangsUpBeforeItsAckEndsTheCalledSideInOrder) {
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- ACK
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

TEST_F(DelayedOffer, A2xxWithoutAnOfferIsRefused) {
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 200
    pbx  <- 502
    itsp <- ACK
    itsp <- BYE
    pbx  -> ACK
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

// An offer in an 18x that is not reliable is none.
TEST_F(DelayedOffer, SdpInAPlain18xDoesNotCross) {
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 183 sdp
    pbx  <- 183
    itsp -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    itsp <- ACK sdp
  )");
  play(ended);
  expect_clean(1);
}

TEST_F(DelayedOffer, TheOfferInAReliable18xIsAnsweredInThePrack) {
  pbx.extra_lines = "Supported: 100rel\r\n";
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
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
  play(ended);
  expect_clean(1);
}

TEST_F(DelayedOffer, APrackWithoutTheAnswerIsRefusedAndMayComeAgain) {
  pbx.extra_lines = "Supported: 100rel\r\n";
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 183 sdp reliable
    pbx  <- 183 sdp reliable
    pbx  -> PRACK
    pbx  <- 488 PRACK
    pbx  -> PRACK sdp
    pbx  <- 200 PRACK
    itsp <- PRACK sdp
    itsp -> 200 PRACK
    itsp -> 486 INVITE
    itsp <- ACK
    pbx  <- 486 INVITE
    pbx  -> ACK
  )");
  expect_clean(1);
}

// Teams takes no INVITE without SDP.
class NeedsOffer : public Ladder {
 protected:
  NeedsOffer() : Ladder(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.policy[1].needs_offer = true;
    return options;
  }
};

TEST_F(NeedsOffer, ACallWithoutOfferIsRefused) {
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    pbx  <- 488
    pbx  -> ACK
    quiet
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.status_code, 488);
  ASSERT_EQ(record.attempt_count, 1);
  EXPECT_EQ(record.attempts[0].end, contract::AttemptEnd::dropped);
  EXPECT_EQ(record.attempts[0].target, itsp.endpoint());
  expect_clean(0);
}

TEST_F(NeedsOffer, AChangeWithoutOfferIsRefusedAndTheCallStays) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> INVITE within
    pbx  <- 488
    pbx  -> ACK
    quiet
  )");
  play(ended);
  expect_clean(1);
}

TEST_F(NeedsOffer, ThePeerItselfMayAskForOne) {
  play(R"(
    itsp -> INVITE
    itsp <- 100
    pbx  <- INVITE
    pbx  -> 486
    pbx  <- ACK
    itsp <- 486
    itsp -> ACK
    quiet
  )");
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
