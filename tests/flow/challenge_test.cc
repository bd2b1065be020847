// A peer that wants credentials for an INVITE, for what goes on within a call, or for its end (RFC
// 3261 section 22).
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

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
  explicit Account(bool allows_md5 = true) : Account(options(allows_md5)) {}
  explicit Account(const BoxOptions& options) : Ladder(options) {}
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
  EXPECT_EQ(itsp.last_request("ACK")->field("Proxy-Authorization"), credentials);
  EXPECT_EQ(itsp.last_request("BYE")->field("CSeq"), "3 BYE");
  expect_clean(1);
}

// RFC 3261 section 22.1: each ACK has the credentials of its INVITE, whatever it acknowledges.
struct Acknowledged : Account {
  // Behind the INVITE that has them.
  void expect_credentials() {
    const Wire& ack = *itsp.last_request("ACK");
    EXPECT_FALSE(ack.field("Proxy-Authorization").empty()) << ack.text;
    EXPECT_EQ(ack.fields("Proxy-Authorization"),
              itsp.last_request("INVITE")->fields("Proxy-Authorization"));
  }
  void be_invited() {
    ask();
    play(challenged);
    itsp.extra_response_lines.clear();
    play("itsp <- INVITE sdp\n");
  }
};

TEST_F(Acknowledged, ARefusal) {
  be_invited();
  play(refused_ringing);
  expect_credentials();
  expect_clean(1);
}

TEST_F(Acknowledged, AnAnswerThatComesAgain) {
  be_invited();
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\nitsp -> again\nitsp <- ACK\n");
  expect_credentials();
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Acknowledged, AnAnswerOfAnotherFork) {
  be_invited();
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  itsp.tag_suffix = "fork";
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\nitsp <- BYE\nitsp -> 200 BYE\n");
  expect_credentials();
  EXPECT_EQ(itsp.last_request("BYE")->field("Proxy-Authorization"), "");
  itsp.tag_suffix.clear();
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  expect_clean(1);
}

TEST_F(Acknowledged, AnAnswerWhoseCallIsOver) {
  be_invited();
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  play(ended_by_caller);
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\n");
  expect_credentials();
  expect_clean(1);
}

TEST_F(Acknowledged, WithTheAnswerThatTheCallerOwes) {
  ask();
  play("pbx -> INVITE\npbx <- 100\nitsp <- INVITE\nitsp -> 407\nitsp <- ACK\nitsp <- INVITE\n");
  itsp.extra_response_lines.clear();
  play("itsp -> 200 sdp INVITE\npbx <- 200 sdp\npbx -> ACK sdp\nitsp <- ACK sdp\n");
  expect_credentials();
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Acknowledged, AnAnswerThatCrossesCancel) {
  be_invited();
  play("itsp -> 180\npbx <- 180\npbx -> CANCEL\npbx <- 200 CANCEL\npbx <- 487 INVITE\n");
  play("pbx -> ACK\nitsp <- CANCEL\nitsp -> 200 sdp INVITE\nitsp <- ACK\n");
  expect_credentials();
  play("itsp <- BYE\nitsp -> 200 BYE\n");
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

struct AccountWithin : Account {
  AccountWithin() {
    itsp.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, INFO\r\n";
    play(answered_at_once);
  }
  static std::string number_of(const Wire& request) {
    const std::string cseq = request.field("CSeq");
    return cseq.substr(0, cseq.find(' '));
  }
  // The request that comes again has credentials, the next number and all that it had before.
  void expect_again(const Wire& first, const std::string& method) {
    const Wire& second = *itsp.last_request(method);
    EXPECT_EQ(std::stoi(number_of(second)), std::stoi(number_of(first)) + 1);
    EXPECT_NE(second.field("Proxy-Authorization").find("username=\"u1\""), std::string::npos);
    EXPECT_NE(second.field("Via"), first.field("Via"));
    EXPECT_EQ(second.field("To"), first.field("To"));
    EXPECT_EQ(second.field("Call-ID"), first.field("Call-ID"));
    EXPECT_EQ(second.body, first.body);
  }
  void end() {
    itsp.extra_response_lines.clear();
    play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\nquiet\n");
    expect_clean(1);
  }
};

TEST_F(AccountWithin, ReInvite) {
  ask();
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  const Wire first = *itsp.last_request("INVITE");
  play("itsp -> 407 INVITE\nitsp <- ACK\nitsp <- INVITE sdp\n");
  expect_again(first, "INVITE");
  itsp.extra_response_lines.clear();
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  EXPECT_EQ(number_of(*itsp.last_request("ACK")), number_of(*itsp.last_request("INVITE")));
  const std::string credentials = itsp.last_request("INVITE")->field("Proxy-Authorization");
  EXPECT_FALSE(credentials.empty());
  EXPECT_EQ(itsp.last_request("ACK")->field("Proxy-Authorization"), credentials);
  play("itsp -> again\nitsp <- ACK\n");
  EXPECT_EQ(itsp.last_request("ACK")->field("Proxy-Authorization"), credentials);
  end();
}

TEST_F(AccountWithin, UpdateAndInfo) {
  ask();
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\n");
  const Wire update = *itsp.last_request("UPDATE");
  play("itsp -> 407 UPDATE\nitsp <- UPDATE sdp\n");
  expect_again(update, "UPDATE");
  itsp.extra_response_lines.clear();
  play("itsp -> 200 sdp UPDATE\npbx <- 200 sdp UPDATE\n");
  ask();
  play("pbx -> INFO within\nitsp <- INFO\n");
  const Wire info = *itsp.last_request("INFO");
  play("itsp -> 407 INFO\nitsp <- INFO\n");
  expect_again(info, "INFO");
  itsp.extra_response_lines.clear();
  play("itsp -> 200 INFO\npbx <- 200 INFO\n");
  end();
}

TEST_F(AccountWithin, ASecondRefusalPasses) {
  ask();
  play(R"(
    pbx  -> INFO within
    itsp <- INFO
    itsp -> 407 INFO
    itsp <- INFO
    itsp -> 407 INFO
    pbx  <- 403 INFO
    quiet
  )");
  end();
}

TEST_F(AccountWithin, AStaleNonceIsAnsweredOnceMoreAndNoMore) {
  ask(", stale=true");
  play(R"(
    pbx  -> INFO within
    itsp <- INFO
    itsp -> 407 INFO
    itsp <- INFO
    itsp -> 407 INFO
    itsp <- INFO
    itsp -> 407 INFO
    pbx  <- 403 INFO
    quiet
  )");
  end();
}

TEST_F(AccountWithin, ByeOfACallThatIsOver) {
  ask();
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\n");
  const Wire first = *itsp.last_request("BYE");
  play("itsp -> 407 BYE\nitsp <- BYE\n");
  expect_again(first, "BYE");
  play("itsp -> 407 BYE\nquiet\n");
  expect_clean(1);
}

TEST_F(AccountWithin, ByeToAStaleNonceIsSentThreeTimesAtMost) {
  ask(", stale=true");
  play(R"(
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 407 BYE
    itsp <- BYE
    itsp -> 407 BYE
    itsp <- BYE
    itsp -> 407 BYE
    quiet
  )");
  expect_clean(1);
}

TEST_F(AccountWithin, WhatWasCancelledIsNotSentAgain) {
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 180\npbx <- 180\n");
  play("pbx -> CANCEL\npbx <- 200 CANCEL\nitsp <- CANCEL\nitsp -> 200 CANCEL\n");
  ask();
  play("itsp -> 407 INVITE\nitsp <- ACK\npbx <- 403 INVITE\npbx -> ACK\nquiet\n");
  end();
}

// We have no account with the pbx.
TEST_F(AccountWithin, TheOtherSideIsNotAnswered) {
  pbx.extra_response_lines = "Proxy-Authenticate: Digest realm=\"pbx\", nonce=\"abc\"\r\n";
  play("itsp -> INFO within\npbx <- INFO\npbx -> 407 INFO\nitsp <- 403 INFO\nquiet\n");
  pbx.extra_response_lines.clear();
  end();
}

struct Replaceable : Account {
  Replaceable() : Account(with_replaces()) {}
  static BoxOptions with_replaces() {
    BoxOptions options = Account::options(true);
    options.media_timeout_ms = 0;
    options.policy[0].takes_replaces = true;
    return options;
  }
};

// The INVITE that crosses for who replaces has two numbers of a dialog that goes on without it.
TEST_F(Replaceable, ACallThatWasNotReplacedCountsOnFromTheSecondInvite) {
  play(answered_at_once);
  const Wire& answer = *pbx.last_response("INVITE");
  const auto tag = [&](const char* field) {
    const std::string value = answer.field(field);
    return value.substr(value.find(";tag=") + 5);
  };
  desk.extra_lines = "Replaces: " + answer.field("Call-ID") + ";to-tag=" + tag("To") +
                     ";from-tag=" + tag("From") + "\r\n";
  ask();
  play("desk -> INVITE sdp\ndesk <- 100\nitsp <- INVITE sdp\nitsp -> 407 INVITE\nitsp <- ACK\n");
  itsp.extra_response_lines.clear();
  play("itsp <- INVITE sdp\nitsp -> 486 INVITE\nitsp <- ACK\ndesk <- 486\ndesk -> ACK\n");
  const std::string last = itsp.last_request("INVITE")->field("CSeq");
  play("pbx -> INFO within\nitsp <- INFO\nitsp -> 200 INFO\npbx <- 200 INFO\n");
  EXPECT_EQ(std::stoi(itsp.last_request("INFO")->field("CSeq")), std::stoi(last) + 1);
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(Account, PrackOfAnEarlyDialog) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  itsp.extra_lines = "Require: 100rel\r\nRSeq: 1\r\n";
  play("itsp -> 183\npbx <- 183\nitsp <- PRACK\n");
  itsp.extra_lines.clear();
  const Wire first = *itsp.last_request("PRACK");
  ask();
  play("itsp -> 407 PRACK\nitsp <- PRACK\n");
  itsp.extra_response_lines.clear();
  const Wire& second = *itsp.last_request("PRACK");
  EXPECT_FALSE(second.field("Proxy-Authorization").empty());
  EXPECT_EQ(second.field("RAck"), first.field("RAck"));
  play("itsp -> 200 PRACK\n");
  play("itsp -> 486 INVITE\nitsp <- ACK\npbx <- 486 INVITE\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

// RFC 3261 section 9.1: not before a response to the INVITE that it cancels.
TEST_F(Account, ACancelWaitsForAResponseToTheSecondInvite) {
  ask();
  play(invited);
  play("itsp -> 100\n");
  play(refused);
  itsp.extra_response_lines.clear();
  play(R"(
    itsp <- INVITE sdp
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    pbx  -> ACK
    quiet
    wait 510
    itsp <- INVITE sdp
    itsp -> 180
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
    quiet
  )");
  expect_clean(1);
}

TEST_F(AccountWithin, ACancelWaitsForAResponseToTheSecondInvite) {
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 100\n");
  ask();
  play("itsp -> 407 INVITE\nitsp <- ACK\nitsp <- INVITE sdp\n");
  itsp.extra_response_lines.clear();
  play(R"(
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    quiet
    wait 510
    itsp <- INVITE sdp
    itsp -> 180
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
    pbx  <- 487 INVITE
    pbx  -> ACK
    quiet
  )");
  end();
}

}  // namespace
}  // namespace demarc::flow
