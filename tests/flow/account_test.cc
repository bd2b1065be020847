// Two accounts with one peer at one address and port of ours: calls are told apart by the user that
// they are for (decision D77), or by the host that the peer shows in Contact, what follows by
// its dialog or transaction.
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

using contract::TrunkCounter;
using contract::WorkerCounter;

struct TwoAccounts : Ladder {
  TwoAccounts() : Ladder(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.has_account = true;
    options.has_third_trunk = true;
    options.has_second_account = true;
    return options;
  }
  static constexpr std::string_view invited = R"(
    itsp -> INVITE sdp
    itsp <- 100
    pbx  <- INVITE sdp
  )";
};

TEST_F(TwoAccounts, ACallIsOfTheOneWhoseUserItIsFor) {
  itsp.called = "u2";
  play(invited);
  play(R"(
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
    itsp -> INFO within
    pbx  <- INFO
    pbx  -> 200 INFO
    itsp <- 200
    itsp -> BYE
    itsp <- 200
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  EXPECT_EQ(box.trunk_counter(Box::alt, TrunkCounter::answered_in), 1u);
  EXPECT_EQ(box.trunk_counter(Box::itsp, TrunkCounter::attempts_in), 0u);
  EXPECT_EQ(the_record().from, Box::alt);
  expect_clean(0);
}

TEST_F(TwoAccounts, EachHasItsOwnRoutes) {
  itsp.called = "u1";
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    itsp <- 404
    itsp -> ACK
  )");
  EXPECT_EQ(the_record().from, Box::itsp);
  expect_clean(0);
}

TEST_F(TwoAccounts, ACancelFindsItsCall) {
  itsp.called = "u2";
  play(invited);
  play(R"(
    pbx  -> 180
    itsp <- 180
    itsp -> CANCEL
    itsp <- 200
    itsp <- 487
    itsp -> ACK
    pbx  <- CANCEL
    pbx  -> 200 CANCEL
    pbx  -> 487
    pbx  <- ACK
    quiet
  )");
  expect_clean(1);
}

TEST_F(TwoAccounts, ACallForNoneOfThemIs404) {
  play(R"(
    itsp -> INVITE sdp
    itsp <- 404
    itsp -> ACK
    quiet
  )");
  EXPECT_EQ(box.worker_counter(WorkerCounter::unknown_account), 1u);
  expect_clean(0);
}

TEST_F(TwoAccounts, WhatIsForNoUserIsAnswered) {
  play(R"(
    itsp -> OPTIONS
    itsp <- 200
  )");
  EXPECT_EQ(box.worker_counter(WorkerCounter::unknown_account), 0u);
  expect_clean(0);
}

TEST_F(TwoAccounts, ACallToThePeerHasTheAccountOfItsTrunk) {
  pbx.called = "+4930123456";
  itsp.extra_response_lines = "Proxy-Authenticate: Digest realm=\"itsp\", nonce=\"abc\"\r\n";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 407
    itsp <- ACK
  )");
  itsp.extra_response_lines.clear();
  play("itsp <- INVITE sdp");
  const Wire* invite = itsp.last_request("INVITE");
  EXPECT_EQ(invite->field("Contact"), "<sip:u2@10.20.2.1:5060>");
  EXPECT_NE(invite->field("Proxy-Authorization").find("username=\"u2\""), std::string::npos);
  play(R"(
    itsp -> 180
    pbx  <- 180
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
    itsp -> BYE
    itsp <- 200
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  EXPECT_EQ(box.trunk_counter(Box::alt, TrunkCounter::answered_out), 1u);
  EXPECT_EQ(the_record().to, Box::alt);
  expect_clean(0);
}

// Tags and branches can be stolen, so a source speaks for those alone that have it.
TEST_F(TwoAccounts, AnotherSourceSpeaksForNoneOfThem) {
  itsp.called = "u2";
  play(invited);
  Peer stranger("stranger", "10.20.2.3", "10.20.2.1");
  send(stranger, stranger.compose("INVITE sdp"));
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_unknown_source), 1u);
  play(R"(
    pbx  -> 503
    pbx  <- ACK
    itsp <- 503
    itsp -> ACK
    quiet
  )");
  expect_clean(1);
}

struct TwoPeers : Ladder {
  TwoPeers() : Ladder(options()) {}
  static BoxOptions options() {
    BoxOptions options = TwoAccounts::options();
    options.has_peer_contacts = true;
    return options;
  }
};

TEST_F(TwoPeers, ACallIsOfTheOneWhoseHostItShows) {
  itsp.contact = "sip:sbc@Two.peers.example:5060";
  itsp.called = "sales";
  play(TwoAccounts::invited);
  play(R"(
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  // What is within the call is of its trunk, whatever it shows.
  itsp.contact = "sip:sbc@one.peers.example";
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(box.trunk_counter(Box::alt, TrunkCounter::answered_in), 1u);
  EXPECT_EQ(box.trunk_counter(Box::itsp, TrunkCounter::attempts_in), 0u);
  EXPECT_EQ(the_record().from, Box::alt);
  expect_clean(0);
}

// Neither CANCEL nor the ACK of a refusal has a Contact.
TEST_F(TwoPeers, ACancelAndTheAckOfARefusalAreOfTheirInvite) {
  itsp.contact = "sip:sbc@two.peers.example:5060";
  itsp.called = "sales";
  play(TwoAccounts::invited);
  play(R"(
    pbx  -> 180
    itsp <- 180
    itsp -> CANCEL
    itsp <- 200 CANCEL
    itsp <- 487 INVITE
    pbx  <- CANCEL
    itsp -> ACK
    pbx  -> 200 CANCEL
    pbx  -> 487
    pbx  <- ACK
    quiet
  )");
  EXPECT_EQ(the_record().from, Box::alt);
  expect_clean(0);
}

TEST_F(TwoPeers, EachHasItsOwnRoutes) {
  itsp.contact = "sip:one.peers.example";
  itsp.called = "sales";
  play("itsp -> INVITE sdp\nitsp <- 100\nitsp <- 404\nitsp -> ACK\n");
  EXPECT_EQ(the_record().from, Box::itsp);
  expect_clean(0);
}

TEST_F(TwoPeers, ACallThatShowsNoneOfTheirHostsIs404) {
  for (const char* contact :
       {"sip:three.peers.example", "sip:10.20.2.2", "sip:two.peers.example.x"}) {
    itsp.contact = contact;
    play("itsp -> INVITE sdp\nitsp <- 404\nitsp -> ACK\nquiet\n");
  }
  EXPECT_EQ(box.worker_counter(WorkerCounter::unknown_account), 3u);
  expect_clean(0);
}

TEST_F(TwoPeers, AnswersNeedNoHost) {
  pbx.called = "+4930123456";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    itsp -> BYE
    itsp <- 200
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  EXPECT_EQ(box.trunk_counter(Box::alt, TrunkCounter::answered_out), 1u);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
