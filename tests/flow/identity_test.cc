// What stands beside From says no more of the caller than From does: number rules and routes reach
// P-Asserted-Identity, Remote-Party-ID, Diversion and History-Info, too.
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

constexpr std::string_view refused = "itsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\n";
constexpr std::string_view identity = "P-Asserted-Identity: \"Alice\" <sip:+4915112345@10.20.1.2>";

// Every peer is trusted and keeps identities, and itsp takes Diversion.
BoxOptions trusting(contract::CallHistory history = contract::CallHistory::diversion) {
  BoxOptions options;
  for (contract::CallPolicy& policy : options.policy) {
    policy.is_trusted = policy.keeps_identity = true;
  }
  options.policy[1].history = history;
  return options;
}
BoxOptions hiding(const char* rule) {
  BoxOptions options = trusting();
  options.numbers[1].calling_out = {rule};
  return options;
}

class Identities : public Ladder {
 protected:
  explicit Identities(const BoxOptions& options = trusting()) : Ladder(options) {}
  const Wire& invite(const std::string& lines) {
    pbx.extra_lines = lines;
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    pbx.extra_lines.clear();
    return *itsp.last_request("INVITE");
  }
  void expect_nothing_of_the_caller(const Wire& sent) {
    EXPECT_EQ(sent.text.find("15112345"), std::string::npos) << sent.text;
    EXPECT_EQ(sent.text.find("Alice"), std::string::npos) << sent.text;
    EXPECT_EQ(sent.field("P-Asserted-Identity"), "");
  }
};

const std::string everything = std::string(identity) +
                               ", <tel:+4915112345>\r\nPrivacy: id\r\nSubject: from Alice\r\n"
                               "P-Preferred-Identity: <sip:+4915112345@10.20.1.2>\r\n"
                               "Remote-Party-ID: <sip:+4915112345@10.20.1.2>;party=calling\r\n"
                               "Diversion: <sip:+4915112345@10.20.1.2>;reason=no-answer\r\n"
                               "History-Info: <sip:+4915112345@10.20.1.2>;index=1\r\n";

struct HiddenGoingOut : Identities {
  HiddenGoingOut() : Identities(hiding(R"(^\+49 -> anonymous)")) {}
};

// The caller wants privacy, and a trusted peer would keep it; the rule says that it is not told.
TEST_F(HiddenGoingOut, NothingOfTheCallerCrosses) {
  const Wire& sent = invite(everything);
  expect_nothing_of_the_caller(sent);
  EXPECT_NE(sent.field("From").find("anonymous.invalid"), std::string::npos);
  EXPECT_EQ(sent.field("Diversion"), "");
  play(refused);
  expect_clean(1);
}

// Nor later on: each message of its leg.
TEST_F(HiddenGoingOut, NothingOfTheCallerCrossesWithinTheCall) {
  invite("");
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  const std::string asserted = std::string(identity) + "\r\n";
  pbx.extra_lines = asserted;
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 200 sdp\n");
  expect_nothing_of_the_caller(*itsp.last_request("INVITE"));
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  play("itsp -> INVITE within sdp\nitsp <- 100\npbx <- INVITE sdp\npbx -> 200 sdp\npbx <- ACK\n");
  play("itsp <- 200 sdp\nitsp -> ACK\n");
  expect_nothing_of_the_caller(*itsp.last_response("INVITE"));
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\n");
  expect_nothing_of_the_caller(*itsp.last_request("BYE"));
  play("itsp -> 200 BYE\n");
  expect_clean(1);
}

// The called side is nobody's caller.
TEST_F(HiddenGoingOut, WhoAnswersIsShown) {
  invite("");
  itsp.extra_lines = "P-Asserted-Identity: <tel:+4930123>\r\n";
  play("itsp -> 180\npbx <- 180\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("P-Asserted-Identity"), "<tel:+4930123>");
  itsp.extra_lines.clear();
  play(refused);
  expect_clean(1);
}

struct HiddenComingIn : Identities {
  HiddenComingIn() : Identities(options()) {}
  static BoxOptions options() {
    BoxOptions options = trusting();
    options.numbers[0].calling_in = {R"(^\+49 -> anonymous)"};
    return options;
  }
};

TEST_F(HiddenComingIn, NothingOfTheCallerCrosses) {
  expect_nothing_of_the_caller(invite(everything));
  play(refused);
  expect_clean(1);
}

struct UnusableIdentity : Identities {
  UnusableIdentity() : Identities(hiding(R"(^\+49\d+$ -> +)")) {}
};

TEST_F(UnusableIdentity, NothingOfTheCallerCrosses) {
  expect_nothing_of_the_caller(invite(everything));
  play(refused);
  expect_clean(1);
}

struct Replaced : Identities {
  Replaced() : Identities(options()) {}
  static BoxOptions options() {
    BoxOptions options = trusting();
    options.caller_id = "+14255550100";
    options.numbers[1].calling_out = {"prefix +1 -> "};
    return options;
  }
};

TEST_F(Replaced, TheRoutesNumberIsAsserted) {
  const Wire& sent = invite(everything);
  EXPECT_EQ(sent.fields("P-Asserted-Identity"),
            std::vector<std::string>{"<sip:4255550100@10.20.2.1>"});
  EXPECT_EQ(sent.text.find("15112345"), std::string::npos) << sent.text;
  EXPECT_EQ(sent.text.find("Alice"), std::string::npos) << sent.text;
  play(refused);
  expect_clean(1);
}

struct Rewritten : Identities {
  explicit Rewritten(contract::CallHistory history = contract::CallHistory::diversion)
      : Identities(options(history)) {}
  static BoxOptions options(contract::CallHistory history) {
    BoxOptions options = trusting(history);
    options.numbers[0].calling_in = {R"(^0([1-9]\d+)$ -> +49$1)"};
    options.numbers[1].calling_out = {R"(^\+49(\d+)$ -> 0049$1)", R"(^\+44(\d+)$ -> +4400$1)"};
    return options;
  }
};

// By the rules of both trunks, in the form that a number without '+' has.
TEST_F(Rewritten, AnIdentityHasTheNumberOfFrom) {
  const Wire& sent = invite(
      "P-Asserted-Identity: \"Alice\" <sip:015112345@10.20.1.2;user=phone>, "
      "<tel:+49-151-12345>\r\n");
  EXPECT_NE(sent.field("From").find("sip:004915112345@"), std::string::npos);
  const std::vector<std::string> sent_ones = sent.fields("P-Asserted-Identity");
  ASSERT_EQ(sent_ones.size(), 2u);
  EXPECT_EQ(sent_ones[0], "\"Alice\" <sip:004915112345@10.20.2.1;user=phone>");
  EXPECT_EQ(sent_ones[1], "<sip:004915112345@10.20.2.1;user=phone>");
  EXPECT_EQ(sent.text.find("sip:015112345"), std::string::npos);
  play(refused);
  expect_clean(1);
}

TEST_F(Rewritten, WhatIsNoNumberStays) {
  const Wire& sent = invite("P-Asserted-Identity: <sip:alice@10.20.1.2>\r\n");
  EXPECT_EQ(sent.field("P-Asserted-Identity"), "<sip:alice@10.20.2.1>");
  play(refused);
  expect_clean(1);
}

TEST_F(Rewritten, Diversions) {
  const Wire& sent = invite(
      "Diversion: <sip:030123@10.20.1.2>;reason=no-answer;counter=2, <tel:+44207946>, "
      "<sip:desk@10.20.1.2>\r\n");
  const std::vector<std::string> diversions = sent.fields("Diversion");
  ASSERT_EQ(diversions.size(), 3u);
  EXPECT_EQ(diversions[0], "<sip:004930123@10.20.2.1>;reason=no-answer;counter=2");
  EXPECT_EQ(diversions[1], "<tel:+4400207946>");
  EXPECT_EQ(diversions[2], "<sip:desk@10.20.2.1>");
  play(refused);
  expect_clean(1);
}

// RFC 7544: History-Info becomes Diversion, and its numbers what the rules make.
TEST_F(Rewritten, EntriesThatBecomeDiversions) {
  const Wire& sent = invite(
      "History-Info: <sip:030123@10.20.1.2>;index=1, "
      "<sip:+442079460018@10.20.1.2;cause=302>;index=1.1;mp=1\r\n");
  EXPECT_EQ(sent.field("Diversion"),
            "<sip:004930123@10.20.2.1>;reason=unconditional;counter=1;privacy=off");
  play(refused);
  expect_clean(1);
}

struct RewrittenEntries : Rewritten {
  RewrittenEntries() : Rewritten(contract::CallHistory::history_info) {}
};

TEST_F(RewrittenEntries, KeepTheirIndices) {
  const Wire& sent = invite(
      "History-Info: <tel:+49-30-123>;index=1, "
      "<sip:desk@10.20.1.2;cause=302>;index=1.1;mp=1\r\n");
  const std::vector<std::string> entries = sent.fields("History-Info");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0], "<sip:004930123@10.20.2.1;user=phone>;index=1");
  EXPECT_EQ(entries[1], "<sip:desk@10.20.2.1;cause=302>;index=1.1;mp=1");
  play(refused);
  expect_clean(1);
}

TEST_F(RewrittenEntries, AreMadeOfDiversions) {
  const Wire& sent = invite("Diversion: <tel:+49-30-123>;reason=user-busy\r\n");
  const std::vector<std::string> entries = sent.fields("History-Info");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0], "<sip:004930123@10.20.2.1;user=phone>;index=1");
  play(refused);
  expect_clean(1);
}

// Another trunk has other rules: who hides the caller at the first does not at the second.
struct IdentityByTrunk : Identities {
  IdentityByTrunk() : Identities(options()) {}
  static BoxOptions options() {
    BoxOptions options = hiding(R"(^\+49 -> anonymous)");
    options.has_third_trunk = true;
    options.next_trunk = 2;
    options.numbers[2].calling_out = {"prefix + -> 00"};
    return options;
  }
};

TEST_F(IdentityByTrunk, EachTargetSeesWhatItsTrunkShows) {
  expect_nothing_of_the_caller(invite(everything));
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\n");
  EXPECT_EQ(alt.last_request("INVITE")->field("P-Asserted-Identity"),
            "\"Alice\" <sip:004915112345@10.20.2.1>");
  play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\n");
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
