// PRACK (RFC 3262) where the two trunks of a call use it otherwise than one another.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::Use;

constexpr std::string_view supported = "Supported: 100rel\r\n";
constexpr std::string_view offered_in_2xx = R"(
  pbx  -> INVITE
  pbx  <- 100
  itsp <- INVITE
  itsp -> 183 sdp
  pbx  <- 183
  itsp -> 200 sdp INVITE
  pbx  <- 200 sdp INVITE
  pbx  -> ACK sdp
  itsp <- ACK sdp
)";

class Mixed : public Ladder {
 protected:
  Mixed(Use inside, Use outside) : Ladder(options(inside, outside)) {}
  static BoxOptions options(Use inside, Use outside) {
    BoxOptions options;
    options.policy[0].reliable_provisionals = inside;
    options.policy[1].reliable_provisionals = outside;
    return options;
  }
  bool is_named_to(const Peer& peer, const std::string& field) {
    return peer.last_request("INVITE")->field(field).find("100rel") != std::string::npos;
  }
};

class RequiredOff : public Mixed {
 protected:
  RequiredOff() : Mixed(Use::required, Use::off) {}
};

TEST_F(RequiredOff, TheCallerAcknowledgesWhatTheCalledSideSaysPlainly) {
  pbx.extra_lines = supported;
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_FALSE(is_named_to(itsp, "Supported") || is_named_to(itsp, "Require"));
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

// SDP in a plain 18x is no offer (RFC 3261 section 13.2.1): that is in the 2xx.
TEST_F(RequiredOff, ADelayedOfferComesWithThe2xx) {
  pbx.extra_lines = supported;
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 183 sdp
    pbx  <- 183 reliable
    pbx  -> PRACK
    pbx  <- 200 PRACK
    itsp -> 200 sdp INVITE
    pbx  <- 200 sdp INVITE
    pbx  -> ACK sdp
    itsp <- ACK sdp
  )");
  play(ended_by_caller);
  expect_clean(1);
}

class OffRequired : public Mixed {
 protected:
  OffRequired() : Mixed(Use::off, Use::required) {}
};

TEST_F(OffRequired, WeAcknowledgeForACallerThatNeverHearsOfIt) {
  pbx.extra_lines = supported;
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_TRUE(is_named_to(itsp, "Require"));
  play(R"(
    itsp -> 183 sdp reliable
    itsp <- PRACK
    pbx  <- 183 sdp
    itsp -> 200 PRACK
    itsp -> 200 INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

// An offer in a reliable 18x has its answer in the PRACK (RFC 3262 section 5), which this caller
// can not send: 100rel is not named, so that the offer comes with the 2xx.
TEST_F(OffRequired, ADelayedOfferIsNotAskedForReliably) {
  pbx.extra_lines = supported;
  play(offered_in_2xx);
  EXPECT_FALSE(is_named_to(itsp, "Supported") || is_named_to(itsp, "Require"));
  play(ended_by_caller);
  expect_clean(1);
}

class RequiredSupported : public Mixed {
 protected:
  RequiredSupported() : Mixed(Use::required, Use::supported) {}
};

TEST_F(RequiredSupported, TheDelayedOfferOfACalledSideThatTakesItIsAnsweredInThePrack) {
  pbx.extra_lines = supported;
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
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(RequiredSupported, TheDelayedOfferOfOneThatDoesNotComesWithThe2xx) {
  pbx.extra_lines = supported;
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 180
    pbx  <- 180 reliable
    pbx  -> PRACK
    pbx  <- 200 PRACK
    itsp -> 200 sdp INVITE
    pbx  <- 200 sdp INVITE
    pbx  -> ACK sdp
    itsp <- ACK sdp
  )");
  play(ended_by_caller);
  expect_clean(1);
}

class SupportedRequired : public Mixed {
 protected:
  SupportedRequired() : Mixed(Use::supported, Use::required) {}
};

TEST_F(SupportedRequired, ADelayedOfferIsAnsweredInThePrackOfACallerThatTakesIt) {
  pbx.extra_lines = supported;
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
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(SupportedRequired, ADelayedOfferOfACallerWithoutItIsNotAskedForReliably) {
  play(offered_in_2xx);
  EXPECT_FALSE(is_named_to(itsp, "Supported") || is_named_to(itsp, "Require"));
  play(ended_by_caller);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
