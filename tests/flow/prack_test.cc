// Reliable provisional responses, RFC 3262: each side for itself.
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;

constexpr std::string_view supported = "Supported: 100rel\r\n";
constexpr std::string_view ended = R"(
  pbx  -> BYE
  pbx  <- 200 BYE
  itsp <- BYE
  itsp -> 200 BYE
  quiet
)";

class Prack : public Ladder {
 protected:
  explicit Prack(const BoxOptions& options = {}) : Ladder(options) {}
  void invite(std::string_view lines) {
    pbx.extra_lines = lines;
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  }
};

TEST_F(Prack, ACallerWithoutItGetsPlainResponses) {
  invite("");
  EXPECT_NE(itsp.last_request("INVITE")->field("Supported").find("100rel"), std::string::npos);
  play(R"(
    itsp -> 183 sdp reliable
    itsp <- PRACK
    pbx  <- 183 sdp
    itsp -> 200 PRACK
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  EXPECT_EQ(itsp.last_request("PRACK")->field("RAck"), "101 1 INVITE");
  play(ended);
  expect_clean(1);
}

TEST_F(Prack, ACalledSideWithoutItIsNoMatterToTheCaller) {
  invite(supported);
  play(R"(
    itsp -> 180
    pbx  <- 180
    itsp -> 183 sdp
    pbx  <- 183 sdp reliable
    pbx  -> PRACK
    pbx  <- 200 PRACK
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  play(ended);
  expect_clean(1);
}

TEST_F(Prack, ACallerThatRequiresItGetsNothingElse) {
  invite("Require: 100rel\r\n");
  play(R"(
    itsp -> 180
    pbx  <- 180 reliable
    pbx  -> PRACK
    pbx  <- 200 PRACK
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  play(ended);
  expect_clean(1);
}

TEST_F(Prack, IsRepeatedUntilItsPrackAndTheNextOneWaits) {
  invite(supported);
  play(R"(
    itsp -> 183 sdp
    pbx  <- 183 sdp reliable
    itsp -> 180
    pbx  <- 180
    itsp -> 183 sdp
    quiet
    wait 510
    pbx  <- 183 sdp reliable
    wait 1010
    pbx  <- 183 sdp reliable
    pbx  -> PRACK
    pbx  <- 200 PRACK
    pbx  <- 183 sdp reliable
    pbx  -> PRACK
    pbx  <- 200 PRACK
    wait 3000
    quiet
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    pbx  -> ACK
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
  )");
  expect_clean(1);
}

// RFC 3262 section 3: no 2xx before the SDP of a reliable response is acknowledged.
TEST_F(Prack, HoldsThe2xxUntilThen) {
  invite(supported);
  play(R"(
    itsp -> 183 sdp
    pbx  <- 183 sdp reliable
    itsp -> 200 sdp
    itsp <- ACK
    quiet
    pbx  -> PRACK
    pbx  <- 200 PRACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  play(ended);
  EXPECT_EQ(the_record().end, CallEnd::released_by_caller);
  expect_clean(0);
}

// What crosses of the header of a response crosses as well when the response has to wait.
TEST_F(Prack, AHeld2xxKeepsItsHeaderFields) {
  invite(supported);
  play("itsp -> 183 sdp\npbx <- 183 sdp reliable\n");
  itsp.extra_lines = "User-to-User: 0456;encoding=hex\r\n";
  play("itsp -> 200 sdp\nitsp <- ACK\nquiet\n");
  itsp.extra_lines = "";
  play("pbx -> PRACK\npbx <- 200 PRACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("User-to-User"), "0456;encoding=hex");
  play(ended);
  expect_clean(1);
}

TEST_F(Prack, AResponseThatWaitsForAnotherKeepsItsHeaderFields) {
  invite("Require: 100rel\r\n");
  play("itsp -> 180\npbx <- 180 reliable\n");
  itsp.extra_lines = "User-to-User: 0456;encoding=hex\r\n";
  play("itsp -> 181\n");
  // The last one counts.
  itsp.extra_lines = "User-to-User: 0789;encoding=hex\r\n";
  play("itsp -> 182\nquiet\npbx -> PRACK\npbx <- 200 PRACK\npbx <- 182 reliable\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("User-to-User"), "0789;encoding=hex");
  play("pbx -> PRACK\npbx <- 200 PRACK\n");
  play("itsp -> 486 INVITE\nitsp <- ACK\npbx <- 486 INVITE\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

TEST_F(Prack, ACancelThatMeetsTheHeld2xxEndsTheCalledSide) {
  invite(supported);
  play(R"(
    itsp -> 183 sdp
    pbx  <- 183 sdp reliable
    itsp -> 200 sdp
    itsp <- ACK
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    itsp <- BYE
    pbx  -> ACK
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::cancelled);
  expect_clean(0);
}

TEST_F(Prack, ACallerThatNeverAcknowledgesIsGivenUp) {
  invite(supported);
  play("itsp -> 183 sdp\npbx <- 183 sdp reliable\nwait 32100\n");
  EXPECT_EQ(pbx.last_response("INVITE")->status_code, 504);
  pbx.inbox().clear();
  play(R"(
    pbx  -> ACK
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
  )");
  EXPECT_EQ(the_record().end, CallEnd::lost_peer);
  expect_clean(0);
}

TEST_F(Prack, AStrayOneIs481) {
  invite(supported);
  play(R"(
    itsp -> 183 sdp
    pbx  <- 183 sdp reliable
    pbx  -> PRACK
    pbx  <- 200 PRACK
    pbx  -> PRACK
    pbx  <- 481 PRACK
    itsp -> 486
    itsp <- ACK
    pbx  <- 486 INVITE
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(Prack, ARepeatedReliableResponseIsTakenOnce) {
  invite("");
  play(R"(
    itsp -> 183 sdp reliable
    itsp <- PRACK
    pbx  <- 183 sdp
    itsp -> again
    quiet
    itsp -> 200 PRACK
    itsp -> 486 INVITE
    itsp <- ACK
    pbx  <- 486
    pbx  -> ACK
  )");
  expect_clean(1);
}

// An offer in PRACK goes on as UPDATE (RFC 6337 section 3.2.3 row 5 on one side, row 6 on the
// other).
TEST_F(Prack, CarriesAnOfferOfItsOwn) {
  invite(supported);
  itsp.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n";
  play(R"(
    itsp -> 183 sdp reliable
    itsp <- PRACK
    pbx  <- 183 sdp reliable
    itsp -> 200 PRACK
    pbx  -> PRACK sdp
    itsp <- UPDATE sdp
    itsp -> 200 sdp UPDATE
    pbx  <- 200 sdp PRACK
    itsp -> 200 INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  play(ended);
  expect_clean(1);
}

// Where nobody can be asked, the offer is refused, against RFC 3262 section 3 (decision D142). The
// response is acknowledged all the same, and the session stays.
TEST_F(Prack, AnOfferThatNobodyCanBeAskedIs488AndTheCallGoesOn) {
  invite(supported);
  itsp.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, PRACK\r\n";
  play(R"(
    itsp -> 183 sdp reliable
    itsp <- PRACK
    pbx  <- 183 sdp reliable
    itsp -> 200 PRACK
    pbx  -> PRACK sdp
    pbx  <- 488 PRACK
    wait 3000
    quiet
    itsp -> 200 INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  play(ended);
  expect_clean(1);
}

// The PRACK may bring an offer, which should not be refused, so the called side's waits for it.
TEST_F(Prack, AnUpdateOfTheCalledSideWaitsForThePrack) {
  pbx.extra_lines = "Supported: 100rel\r\nAllow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n";
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  play(R"(
    itsp -> 183 sdp reliable
    itsp <- PRACK
    pbx  <- 183 sdp reliable
    itsp -> 200 PRACK
    itsp -> UPDATE within sdp
    itsp <- 491 UPDATE
    pbx  -> PRACK
    pbx  <- 200 PRACK
    itsp -> UPDATE within sdp
    pbx  <- UPDATE sdp
    pbx  -> 200 sdp UPDATE
    itsp <- 200 sdp UPDATE
    itsp -> 486 INVITE
    itsp <- ACK
    pbx  <- 486 INVITE
    pbx  -> ACK
  )");
  expect_clean(1);
}

// RFC 6337 section 3.1.1: no offer before the first one is answered.
TEST_F(Prack, AnUpdateBeforeTheAnswerIsRefused) {
  invite(supported);
  itsp.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n";
  play(R"(
    itsp -> 180
    pbx  <- 180
    pbx  -> UPDATE within sdp
    pbx  <- 500 UPDATE
    itsp -> UPDATE within sdp
    itsp <- 491 UPDATE
    itsp -> 486 INVITE
    itsp <- ACK
    pbx  <- 486 INVITE
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(Prack, AnUpdateAfterTheAnswerCrossesWhileItRings) {
  invite(supported);
  itsp.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n";
  play(R"(
    itsp -> 183 sdp reliable
    itsp <- PRACK
    pbx  <- 183 sdp reliable
    itsp -> 200 PRACK
    pbx  -> PRACK
    pbx  <- 200 PRACK
    pbx  -> UPDATE within sdp
    itsp <- UPDATE sdp
    itsp -> 200 sdp UPDATE
    pbx  <- 200 sdp UPDATE
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  play(ended);
  expect_clean(1);
}

class PrackPolicy : public Prack {
 protected:
  static BoxOptions with(contract::Use inside, contract::Use outside) {
    BoxOptions options;
    options.policy[0].reliable_provisionals = inside;
    options.policy[1].reliable_provisionals = outside;
    return options;
  }
  explicit PrackPolicy(const BoxOptions& options) : Prack(options) {}
};

class PrackOff : public PrackPolicy {
 protected:
  PrackOff() : PrackPolicy(with(contract::Use::off, contract::Use::off)) {}
};

TEST_F(PrackOff, IsNeverNamedAndWhoRequiresItIsRefused) {
  pbx.extra_lines = "Require: 100rel\r\n";
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 420\npbx -> ACK\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Unsupported"), "100rel");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Allow").find("PRACK"), std::string::npos);
  expect_clean(1);
}

TEST_F(PrackOff, ASupporterGetsPlainResponses) {
  invite(supported);
  EXPECT_EQ(itsp.last_request("INVITE")->text.find("100rel"), std::string::npos);
  play(R"(
    itsp -> 183 sdp
    pbx  <- 183 sdp
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    pbx  -> ACK
  )");
  expect_clean(1);
}

class PrackRequired : public PrackPolicy {
 protected:
  PrackRequired() : PrackPolicy(with(contract::Use::required, contract::Use::required)) {}
};

TEST_F(PrackRequired, ACallerWithoutItIs421) {
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 421\npbx -> ACK\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Require"), "100rel");
  expect_clean(1);
}

TEST_F(PrackRequired, IsRequiredOfTheCalledSide) {
  invite(supported);
  EXPECT_EQ(itsp.last_request("INVITE")->field("Require"), "100rel");
  play(R"(
    itsp -> 180 reliable
    itsp <- PRACK
    pbx  <- 180 reliable
    itsp -> 200 PRACK
    pbx  -> PRACK
    pbx  <- 200 PRACK
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  play(ended);
  expect_clean(1);
}

// Without room for its PRACK a response counts as lost: it comes again.
class FullPrack : public Prack {
 protected:
  FullPrack() : Prack({.transactions = 16}) {}
  // BYEs to no dialog, which find room where nothing else does.
  void fill(uint32_t until) {
    for (int i = 0; box.engine().live_transactions() < until; ++i) {
      Peer other("other" + std::to_string(i), "10.20.1.2", "10.20.1.1");
      std::string bye = other.compose("OPTIONS");
      for (size_t at = bye.find("OPTIONS"); at != std::string::npos; at = bye.find("OPTIONS")) {
        bye.replace(at, 7, "BYE");
      }
      bye.insert(bye.find("\r\nCall-ID"), ";tag=none");
      send(other, bye);
    }
    pbx.inbox().clear();
  }
};

TEST_F(FullPrack, IsMadeUpForWhenTheResponseComesAgain) {
  invite("");
  fill(16);
  play("itsp -> 183 sdp reliable\nquiet\nwait 33000\nquiet\n");
  play(R"(
    itsp -> again
    itsp <- PRACK
    pbx  <- 183 sdp
    itsp -> 200 PRACK
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  play(ended);
  expect_clean(1);
}

TEST_F(FullPrack, ThatBringsTheAnswerIsAskedForAgain) {
  pbx.extra_lines = supported;
  play("pbx -> INVITE\npbx <- 100\nitsp <- INVITE\nitsp -> 183 sdp reliable\n");
  play("pbx <- 183 sdp reliable\n");
  fill(15);
  play("pbx -> PRACK sdp\npbx <- 503 PRACK\n");
  EXPECT_EQ(pbx.last_response("PRACK")->field("Retry-After"), "5");
  EXPECT_TRUE(itsp.inbox().empty());
  // Nobody can say what the session is: it ends when the caller does not come again.
  wait_ms(70'000);
  EXPECT_EQ(the_record().status_code, 504);
  expect_clean(0);
}

}  // namespace
}  // namespace demarc::flow
