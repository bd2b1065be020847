// Which header fields cross a call, and in which messages: what the other side may know, and what a
// trunk's rules add.
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

constexpr std::string_view answered = R"(
  itsp -> 200 sdp
  itsp <- ACK
  pbx  <- 200 sdp
  pbx  -> ACK
)";

class Header : public Ladder {
 protected:
  explicit Header(const BoxOptions& options = {}) : Ladder(options) {}
  void invite(std::string_view lines) {
    pbx.extra_lines = lines;
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  }
};

TEST_F(Header, OnlyWhatIsAllowedCrosses) {
  invite(
      "Subject: dinner\r\nPriority: urgent\r\nUser-Agent: Secret/1.0\r\nX-Ticket: 7\r\n"
      "P-Asserted-Identity: <sip:+4915112345@10.20.1.2>\r\n");
  const Wire& sent = *itsp.last_request("INVITE");
  EXPECT_EQ(sent.field("Subject"), "dinner");
  EXPECT_EQ(sent.field("Priority"), "urgent");
  for (const char* name : {"User-Agent", "X-Ticket", "P-Asserted-Identity"}) {
    EXPECT_EQ(sent.field(name), "") << name;
  }
  play("itsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\n");
  expect_clean(1);
}

TEST_F(Header, TheReasonOfAByeCrossesBothWays) {
  invite("");
  play(answered);
  itsp.extra_lines = "Reason: Q.850;cause=16;text=\"Normal call clearing\"\r\n";
  play("itsp -> BYE\nitsp <- 200 BYE\npbx <- BYE\n");
  EXPECT_EQ(pbx.last_request("BYE")->field("Reason"),
            "Q.850;cause=16;text=\"Normal call clearing\"");
  play("pbx -> 200 BYE\n");
  expect_clean(1);
}

TEST_F(Header, TheReasonOfACancelCrosses) {
  invite("");
  play("itsp -> 180\npbx <- 180\n");
  pbx.extra_lines = "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n";
  play("pbx -> CANCEL\npbx <- 200 CANCEL\npbx <- 487 INVITE\nitsp <- CANCEL\n");
  EXPECT_EQ(itsp.last_request("CANCEL")->field("Reason"),
            "SIP;cause=200;text=\"Call completed elsewhere\"");
  play("pbx -> ACK\nitsp -> 200 CANCEL\nitsp -> 487 INVITE\nitsp <- ACK\n");
  expect_clean(1);
}

TEST_F(Header, TheReasonOfAFailureCrosses) {
  invite("");
  itsp.extra_lines = "Reason: Q.850;cause=1\r\n";
  play("itsp -> 404\nitsp <- ACK\npbx <- 404\npbx -> ACK\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Reason"), "Q.850;cause=1");
  expect_clean(1);
}

// RFC 3323: who wants to be hidden is hidden from a peer that we do not trust.
TEST_F(Header, AHiddenCallerHasNoNameOutside) {
  invite("Privacy: user\r\n");
  const Wire& sent = *itsp.last_request("INVITE");
  EXPECT_NE(sent.field("From").find("sip:anonymous@anonymous.invalid"), std::string::npos);
  EXPECT_EQ(sent.text.find("+4915112345"), std::string::npos);
  play("itsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\n");
  expect_clean(1);
}

// RFC 3323 section 5: what must be hidden in a way that we do not know is not carried at all.
TEST_F(Header, PrivacyThatIsCriticalAndOutOfReachIs500) {
  pbx.extra_lines = "Privacy: id;teleport;critical\r\n";
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 500\npbx -> ACK\nquiet\n");
  EXPECT_EQ(the_record().status_code, 500);
  expect_clean(0);
}

TEST_F(Header, PrivacyThatIsCriticalAndKnownIsProvided) {
  invite("Privacy: user;header;session;id;critical\r\n");
  EXPECT_NE(itsp.last_request("INVITE")->field("From").find("anonymous.invalid"),
            std::string::npos);
  play("itsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\n");
  expect_clean(1);
}

// A peer that is promised a field gets it whoever sends the request: the other side, or we.
class AddedHeader : public Header {
 protected:
  AddedHeader() : Header(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.added_fields[1] = {{"X-Account", "42"}};
    options.no_response_timeout_ms = 32000;
    return options;
  }
  void hang_up() {
    contract::CommandRing commands = box.region().commands(0);
    const uint64_t serial = box.directory().at(0).serial;
    ASSERT_TRUE(
        commands.push({contract::Command::Kind::hang_up, contract::CallSlot{0}, serial, 1}));
    box.engine().on_commands(box.now());
    wait_ms(1);
  }
};

TEST_F(AddedHeader, StandsInAByeOfOurOwn) {
  invite("");
  play(answered);
  hang_up();
  play("pbx <- BYE\nitsp <- BYE\npbx -> 200 BYE\nitsp -> 200 BYE\n");
  EXPECT_EQ(itsp.last_request("BYE")->field("X-Account"), "42");
  EXPECT_EQ(pbx.last_request("BYE")->field("X-Account"), "");
  expect_clean(1);
}

TEST_F(AddedHeader, StandsInACancelAndAPrackOfOurOwn) {
  invite("");
  play("itsp -> 183 sdp reliable\nitsp <- PRACK\npbx <- 183 sdp\nitsp -> 200 PRACK\n");
  EXPECT_EQ(itsp.last_request("PRACK")->field("X-Account"), "42");
  hang_up();
  play("pbx <- 503\nitsp <- CANCEL\npbx -> ACK\n");
  EXPECT_EQ(itsp.last_request("CANCEL")->field("X-Account"), "42");
  play("itsp -> 200 CANCEL\nitsp -> 487 INVITE\nitsp <- ACK\n");
  expect_clean(1);
}

TEST_F(AddedHeader, StandsInTheByeToALateFork) {
  invite("");
  play(answered);
  itsp.tag_suffix = "b";
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\nitsp <- BYE\nitsp -> 200 BYE\n");
  EXPECT_EQ(itsp.last_request("BYE")->field("X-Account"), "42");
  itsp.tag_suffix.clear();
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  EXPECT_EQ(itsp.last_request("BYE")->field("X-Account"), "42");
  expect_clean(1);
}

class TrustedHeader : public Header {
 protected:
  TrustedHeader() : Header(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    for (contract::CallPolicy& policy : options.policy) {
      policy.is_trusted = policy.keeps_identity = true;
    }
    return options;
  }
};

TEST_F(TrustedHeader, IdentityCrossesWithTheHostOfOurOwnSide) {
  invite("P-Asserted-Identity: \"Alice\" <sip:+4915112345@10.20.1.2>\r\nPrivacy: id\r\n");
  const Wire& sent = *itsp.last_request("INVITE");
  EXPECT_EQ(sent.field("P-Asserted-Identity"), "\"Alice\" <sip:+4915112345@10.20.2.1>");
  EXPECT_EQ(sent.field("Privacy"), "id");
  itsp.extra_lines = "P-Asserted-Identity: <tel:+442079460018>\r\n";
  play("itsp -> 180\npbx <- 180\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("P-Asserted-Identity"), "<tel:+442079460018>");
  play("itsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\n");
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
