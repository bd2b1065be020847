// What the preset "teams" means on the wire (Microsoft Teams Direct Routing), point by point; that
// it sets these policies is tested in controlplane/config. SRTP is tested in srtp_test.cc.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::Transport;

constexpr const char* name_of_ours = "sbc.example.com";

class Teams : public Ladder {
 protected:
  explicit Teams(uint16_t more_targets = 0) : Ladder(options(more_targets)) {
    itsp.transport = alt.transport = Transport::tls;
  }
  static BoxOptions options(uint16_t more_targets) {
    BoxOptions options;
    options.transport = {Transport::udp, Transport::tls, Transport::tls};
    options.contact_host = name_of_ours;
    options.has_second_target = more_targets != 0;
    contract::CallPolicy& policy = options.policy[1];
    policy.user_is_phone = true;
    policy.transfer = contract::Transfer::passed;
    policy.takes_replaces = true;
    policy.needs_offer = policy.makes_offer = true;
    options.policy[0].transfer = contract::Transfer::passed;
    return options;
  }
};

bool has_our_name(const Wire& message) {
  return message.field("Contact").find(name_of_ours) != std::string::npos;
}

TEST_F(Teams, ContactIsTheNameOfOurCertificateAndNumbersSayPhone) {
  play(answered_at_once);
  const Wire& invite = *itsp.last_request("INVITE");
  EXPECT_TRUE(has_our_name(invite)) << invite.field("Contact");
  EXPECT_EQ(invite.field("Contact").find("10.20"), std::string::npos);
  EXPECT_NE(invite.text.find(";user=phone;transport=tls SIP/2.0\r\n"), std::string::npos);
  EXPECT_NE(invite.field("From").find(";user=phone>"), std::string::npos);
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_TRUE(has_our_name(*itsp.last_request("INVITE")));
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Teams, OurAnswersShowTheNameToo) {
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  EXPECT_TRUE(has_our_name(*itsp.last_response("INVITE")));
  play(R"(
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
    pbx  -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(Teams, AReferOf400CharactersCrossesWhole) {
  play(answered_at_once);
  std::string target = "<sip:sip.pstnhub.microsoft.com:443;transport=tls?x-m=";
  while (target.size() < 399) target += static_cast<char>('a' + target.size() % 26);
  target += ">";
  ASSERT_EQ(target.size(), 400u);
  itsp.extra_lines = "Refer-To: " + target + "\r\n";
  play("itsp -> REFER within\npbx <- REFER\n");
  EXPECT_EQ(pbx.last_request("REFER")->field("Refer-To"), target);
  play("pbx -> 202 REFER\nitsp <- 202 REFER\n");
  itsp.extra_lines = "";
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Teams, ACallWithoutAnOfferComesWithOneOfOurs) {
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    quiet
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Teams, AChangeWithoutAnOfferComesWithOneOfOursToo) {
  play(answered_at_once);
  play(R"(
    pbx  -> INVITE within
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    quiet
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Teams, WhatAsksForNoSessionTimerGetsNone) {
  play(answered_at_once);
  EXPECT_EQ(itsp.last_request("INVITE")->field("Session-Expires"), "");
  play(ended_by_caller);
  expect_clean(1);
}

// sip, sip2 and sip3 are the peers of the trunk in their order.
class TeamsFailover : public Teams {
 protected:
  TeamsFailover() : Teams(1) {}
};

TEST_F(TeamsFailover, TheNextOneIsTriedAt408And503And504) {
  for (const char* status : {"408", "503", "504"}) {
    SCOPED_TRACE(status);
    play(R"(
      pbx  -> INVITE sdp
      pbx  <- 100
      itsp <- INVITE sdp
    )");
    play(std::string("itsp -> ") + status + "\nitsp <- ACK\nalt <- INVITE sdp\n");
    EXPECT_TRUE(has_our_name(*alt.last_request("INVITE")));
    play(R"(
      alt  -> 486
      alt  <- ACK
      pbx  <- 486
      pbx  -> ACK
      quiet
    )");
  }
  expect_clean(3);
}

TEST_F(TeamsFailover, NobodyElseIsTriedAt603) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 603
    itsp <- ACK
    pbx  <- 603
    pbx  -> ACK
    quiet
  )");
  expect_clean(1);
}

// Another of its addresses takes over a call that it was called with, as after a transfer there.
TEST_F(TeamsFailover, AnInviteWithReplacesTakesTheCallOver) {
  play(answered_at_once);
  const Wire& invite = *itsp.last_request("INVITE");
  const std::string from = invite.field("From");
  alt.extra_lines = "Replaces: " + invite.field("Call-ID") +
                    ";to-tag=" + from.substr(from.find(";tag=") + 5) + ";from-tag=" + itsp.tag() +
                    "\r\n";
  play(R"(
    alt  -> INVITE sdp
    alt  <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- BYE
    alt  <- 200 sdp
    itsp -> 200 BYE
    alt  -> ACK
    alt  -> BYE
    alt  <- 200 BYE
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  expect_clean(2);
}

// It asks whether we are there, and hears so by name.
TEST_F(Teams, ItsOptionsAreAnswered) {
  play(R"(
    itsp -> OPTIONS
    itsp <- 200 OPTIONS
    quiet
  )");
  expect_clean(0);
}

}  // namespace
}  // namespace demarc::flow
