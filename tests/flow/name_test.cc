// Display names that the peer of a trunk is shown: in From, To and P-Asserted-Identity, by its
// rules.
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

constexpr std::string_view refused = "itsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\n";

struct NameOptions {
  std::vector<std::string> caller = {};
  std::vector<std::string> called = {};
  bool are_trusted = false;
};

BoxOptions options_of(const NameOptions& wanted) {
  BoxOptions options;
  options.numbers[1].caller_names = wanted.caller;
  options.numbers[1].called_names = wanted.called;
  for (contract::CallPolicy& policy : options.policy) {
    policy.is_trusted = policy.keeps_identity = wanted.are_trusted;
  }
  return options;
}

class Names : public Ladder {
 protected:
  explicit Names(const NameOptions& wanted) : Ladder(options_of(wanted)) {}
  const Wire& invite(const std::string& lines = "") {
    pbx.extra_lines = lines;
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    return *itsp.last_request("INVITE");
  }
  void finish() {
    play(refused);
    expect_clean(1);
  }
};

bool begins(const std::string& text, std::string_view with) {
  return text.compare(0, with.size(), with) == 0;
}

struct MadeOfTheNumber : Names {
  MadeOfTheNumber() : Names({.caller = {R"(^\+49151(\d+)$ -> "Desk \"$1" \ x")"}}) {}
};

// RFC 3261 section 25.1: quotes and backslashes of a name do not end it.
TEST_F(MadeOfTheNumber, StandsInQuotes) {
  EXPECT_TRUE(begins(invite().field("From"),
                     R"("Desk \\\"12345\" \\ x" <sip:+4915112345@10.20.2.1>;tag=)"));
  finish();
}

// From stays as it is as long as the dialog does (RFC 3261 section 12.2.1.1).
TEST_F(MadeOfTheNumber, StaysWithinTheCall) {
  const std::string from = invite().field("From");
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\npbx -> BYE\npbx <- 200 BYE\n");
  play("itsp <- BYE\n");
  EXPECT_EQ(itsp.last_request("BYE")->field("From"), from);
  play("itsp -> 200 BYE\n");
  expect_clean(1);
}

struct MadeAfterTheNumber : Ladder {
  MadeAfterTheNumber() : Ladder(options()) {}
  static BoxOptions options() {
    BoxOptions options = options_of({.caller = {R"(^0(\d+)$ -> "$1")", R"(^.*$ -> "other")"}});
    options.numbers[1].calling_out = {"prefix +49 -> 0"};
    return options;
  }
};

TEST_F(MadeAfterTheNumber, IsByTheNumberThatThePeerIsShown) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_TRUE(begins(itsp.last_request("INVITE")->field("From"), R"("15112345" <sip:015112345@)"));
  play(refused);
  expect_clean(1);
}

struct Removed : Names {
  Removed() : Names({.caller = {R"(^\+1 -> "no")", "prefix +49 -> remove"}, .are_trusted = true}) {}
};

TEST_F(Removed, IsInNoFieldOfTheCaller) {
  const Wire& sent = invite("P-Asserted-Identity: \"Alice\" <sip:+4915112345@10.20.1.2>\r\n");
  EXPECT_TRUE(begins(sent.field("From"), "<sip:+4915112345@"));
  EXPECT_EQ(sent.field("P-Asserted-Identity"), "<sip:+4915112345@10.20.2.1>");
  finish();
}

struct Kept : Names {
  Kept()
      : Names({.caller = {"prefix +49 -> keep", R"(^.*$ -> "no")"},
               .called = {R"(^\+1 -> "no")", "prefix +44 -> keep"}}) {}
};

TEST_F(Kept, IsWhatTheCallerSaid) {
  pbx.called_name = R"("Bob \"B\"" )";
  const Wire& sent = invite();
  EXPECT_TRUE(begins(sent.field("From"), "\"Caller\" <sip:+4915112345@"));
  EXPECT_TRUE(begins(sent.field("To"), R"("Bob \"B\"" <sip:+442079460018@)"));
  finish();
}

struct Unnamed : Names {
  Unnamed() : Names({}) {}
};

// Nobody asked for the name that the caller gives the called side.
TEST_F(Unnamed, ToHasNoNameWithoutARule) {
  pbx.called_name = "Bob ";
  const Wire& sent = invite();
  EXPECT_TRUE(begins(sent.field("From"), "\"Caller\" <"));
  EXPECT_TRUE(begins(sent.field("To"), "<sip:+442079460018@"));
  finish();
}

struct OfATable : Names {
  OfATable()
      : Names({.caller = {"table names", R"(^.*$ -> "no")"},
               .called = {"table names", R"(^.*$ -> "no")"},
               .are_trusted = true}) {}
};

TEST_F(OfATable, IsThatOfTheNumber) {
  const Wire& sent =
      invite("P-Asserted-Identity: <tel:+4915112345>, <sip:reception@10.20.1.2>\r\n");
  EXPECT_TRUE(begins(sent.field("From"), "\"Anna \\\"A\\\"\" <sip:+4915112345@"));
  EXPECT_TRUE(begins(sent.field("To"), "\"London\" <sip:+442079460018@"));
  const std::vector<std::string> identities = sent.fields("P-Asserted-Identity");
  ASSERT_EQ(identities.size(), 2u);
  EXPECT_EQ(identities[0], "\"Anna \\\"A\\\"\" <tel:+4915112345>");
  EXPECT_EQ(identities[1], "\"no\" <sip:reception@10.20.2.1>") << "which is no number";
  finish();
}

// Who answers is nobody's caller.
TEST_F(OfATable, IsNotThatOfWhoAnswers) {
  invite();
  itsp.extra_lines = "P-Asserted-Identity: \"Bob\" <tel:+4915112345>\r\n";
  play("itsp -> 180\npbx <- 180\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("P-Asserted-Identity"), "\"Bob\" <tel:+4915112345>");
  finish();
}

// RFC 3323: not even a trusted peer is told a name that the caller did not give.
TEST_F(OfATable, IsNotShownOfWhoWantsPrivacy) {
  const Wire& sent = invite("P-Asserted-Identity: <sip:+4915112345@10.20.1.2>\r\nPrivacy: id\r\n");
  EXPECT_EQ(sent.text.find("Anna"), std::string::npos) << sent.text;
  EXPECT_EQ(sent.field("P-Asserted-Identity"), "<sip:+4915112345@10.20.2.1>");
  finish();
}

struct OfAStranger : Names {
  OfAStranger() : Names({.caller = {"table names", R"(^.*$ -> "no")"}}) {}
};

TEST_F(OfAStranger, IsAnonymousWhereTheCallerIs) {
  const Wire& sent = invite("Privacy: user\r\n");
  EXPECT_TRUE(begins(sent.field("From"), "\"Anonymous\" <sip:anonymous@anonymous.invalid>"));
  finish();
}

struct OfAParty : Ladder {
  OfAParty() : Ladder(options()) {}
  static BoxOptions options() {
    BoxOptions options = options_of({.caller = {"prefix +49 -> remove"}});
    options.added_fields[1] = {{"Remote-Party-ID", "", contract::HeaderRule::Action::pass}};
    return options;
  }
};

TEST_F(OfAParty, IsRemovedWhereThePartyCalls) {
  pbx.extra_lines =
      "Remote-Party-ID: \"Anna\" <sip:+4915112345@10.20.1.2>;party=calling, "
      "\"Bob\" <sip:+4930123@10.20.1.2>;party=called\r\n";
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  const std::vector<std::string> parties = itsp.last_request("INVITE")->fields("Remote-Party-ID");
  ASSERT_EQ(parties.size(), 2u);
  EXPECT_EQ(parties[0], "<sip:+4915112345@10.20.2.1>;party=calling");
  EXPECT_EQ(parties[1], "\"Bob\" <sip:+4930123@10.20.2.1>;party=called");
  play(refused);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
