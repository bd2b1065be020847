// A peer that wants credentials for an INVITE (RFC 3261 section 22).
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

constexpr std::string_view invited = R"(
  pbx  -> INVITE sdp
  pbx  <- 100
  itsp <- INVITE sdp
)";
constexpr std::string_view refused = R"(
  itsp -> 407
  itsp <- ACK
)";
constexpr std::string_view challenged = R"(
  pbx  -> INVITE sdp
  pbx  <- 100
  itsp <- INVITE sdp
  itsp -> 407
  itsp <- ACK
)";

struct Account : Ladder {
  explicit Account(bool allows_md5 = true) : Ladder(options(allows_md5)) {}
  static BoxOptions options(bool allows_md5) {
    BoxOptions options;
    options.has_account = true;
    options.allows_md5 = allows_md5;
    options.preloaded_route = "<sip:edge.example;lr>";
    return options;
  }
  // The next response of the peer asks for credentials.
  void ask(const std::string& more = "", const std::string& name = "Proxy-Authenticate") {
    itsp.extra_response_lines =
        name + ": Digest realm=\"itsp\", nonce=\"abc\", qop=\"auth\"" + more + "\r\n";
  }
};

TEST_F(Account, AChallengeIsAnsweredAndTheCallGoesOn) {
  ask();
  play(invited);
  const Wire first = *itsp.last_request("INVITE");
  play(refused);
  itsp.extra_response_lines.clear();
  play("itsp <- INVITE sdp");
  const Wire second = *itsp.last_request("INVITE");
  EXPECT_EQ(first.field("Contact"), "<sip:u1@10.20.2.1:5060>");
  EXPECT_EQ(first.field("Route"), "<sip:edge.example;lr>");
  EXPECT_EQ(second.field("Call-ID"), first.field("Call-ID"));
  EXPECT_EQ(second.field("From"), first.field("From"));
  EXPECT_EQ(second.field("Contact"), first.field("Contact"));
  EXPECT_EQ(second.body, first.body);
  EXPECT_NE(second.field("Via"), first.field("Via"));
  EXPECT_EQ(second.field("CSeq"), "2 INVITE");
  const std::string credentials = second.field("Proxy-Authorization");
  EXPECT_NE(credentials.find("username=\"u1\""), std::string::npos);
  EXPECT_NE(credentials.find("nonce=\"abc\""), std::string::npos);
  EXPECT_NE(credentials.find("nc=00000001"), std::string::npos);
  EXPECT_EQ(second.text.find("pw1"), std::string::npos);
  play(R"(
    itsp -> 180
    pbx  <- 180
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(itsp.last_request("BYE")->field("CSeq"), "3 BYE");
  expect_clean(1);
}

TEST_F(Account, WrongCredentialsEndTheCall) {
  ask();
  play(challenged);
  play(R"(
    itsp <- INVITE sdp
    itsp -> 407
    itsp <- ACK
    pbx  <- 403
    pbx  -> ACK
    quiet
  )");
  expect_clean(1);
}

TEST_F(Account, AStaleNonceIsAnsweredOnceMore) {
  ask();
  play(challenged);
  ask(", stale=true");
  play(R"(
    itsp <- INVITE sdp
    itsp -> 407
    itsp <- ACK
    itsp <- INVITE sdp
    itsp -> 407
    itsp <- ACK
    pbx  <- 403
    pbx  -> ACK
  )");
  EXPECT_EQ(itsp.last_request("INVITE")->field("CSeq"), "3 INVITE");
  expect_clean(1);
}

TEST_F(Account, A401IsAnsweredInAuthorization) {
  ask("", "WWW-Authenticate");
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 401
    itsp <- ACK
    itsp <- INVITE sdp
  )");
  EXPECT_FALSE(itsp.last_request("INVITE")->field("Authorization").empty());
  itsp.extra_response_lines.clear();
  play(R"(
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(Account, CancelMeansTheInviteThatIsUnderWay) {
  ask();
  play(challenged);
  itsp.extra_response_lines.clear();
  play(R"(
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    itsp <- CANCEL
    pbx  -> ACK
    itsp -> 200 CANCEL
    itsp -> 487
    itsp <- ACK
  )");
  expect_clean(1);
}

struct WithoutMd5 : Account {
  WithoutMd5() : Account(false) {}
};

TEST_F(WithoutMd5, AChallengeOfMd5IsARefusal) {
  ask();
  play(challenged);
  play(R"(
    pbx  <- 403
    pbx  -> ACK
    quiet
  )");
  expect_clean(1);
}

using NoAccount = Ladder;

TEST_F(NoAccount, AChallengeIsARefusal) {
  itsp.extra_response_lines = "Proxy-Authenticate: Digest realm=\"itsp\", nonce=\"abc\"\r\n";
  play(challenged);
  play(R"(
    pbx  <- 403
    pbx  -> ACK
    quiet
  )");
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
