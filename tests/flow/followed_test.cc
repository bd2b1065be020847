// Redirections that are followed: a 3xx whose Contacts the trunk knows (decisions D10, D125).
#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

class Redirected : public Ladder {
 protected:
  explicit Redirected(const BoxOptions& options = followed()) : Ladder(options) {}
  static BoxOptions followed() {
    BoxOptions options;
    options.policy[1].redirects = contract::Redirects::followed;
    return options;
  }
  static constexpr std::string_view invited = R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )";
  static constexpr std::string_view answered_by_alt = R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
    quiet
  )";
};

TEST_F(Redirected, FollowsAContactThatTheTrunkKnows) {
  play(invited);
  itsp.extra_lines = "Contact: <sip:+1@192.0.2.99>, <sip:+442079460099@10.20.2.3:5060>;q=0.5\r\n";
  itsp.contact = "mailto:nobody@example.net";
  play("itsp -> 302\nitsp <- ACK\nalt <- INVITE sdp\n");
  EXPECT_TRUE(alt.last_request("INVITE")->text.starts_with("INVITE sip:+442079460099@"));
  play(answered_by_alt);
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.attempts[0].status_code, 302);
  EXPECT_EQ(record.called_sent.view(), "+442079460099");
  expect_clean(0);
}

// A target that was found by a redirection is not waited for without end, either.
TEST_F(Redirected, TheNewTargetRingsForTheTrunksTimeOnly) {
  play(invited);
  itsp.contact = "sip:+442079460099@10.20.2.3:5060";
  play("itsp -> 302\nitsp <- ACK\nalt <- INVITE sdp\nalt -> 180\npbx <- 180\nwait 180100\n");
  play("pbx <- 480\nalt <- CANCEL\npbx -> ACK\nalt -> 200 CANCEL\nalt -> 487 INVITE\n");
  play("alt <- ACK\n");
  expect_clean(1);
}

TEST_F(Redirected, OtherContactsLeadNowhere) {
  play(invited);
  itsp.contact = "sip:+1@192.0.2.99";
  play("itsp -> 302\nitsp <- ACK\npbx <- 480\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

TEST_F(Redirected, ACircleEnds) {
  play(invited);
  itsp.contact = "sip:+1@10.20.2.2";
  play("itsp -> 302\nitsp <- ACK\nitsp <- INVITE sdp\nitsp -> 302\nitsp <- ACK\n");
  play("itsp <- INVITE sdp\nitsp -> 302\nitsp <- ACK\nitsp <- INVITE sdp\n");
  play("itsp -> 302\nitsp <- ACK\npbx <- 480\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

TEST_F(Redirected, TheBestContactIsTriedFirstAndTheOthersAfterIt) {
  play(invited);
  itsp.extra_lines =
      "Contact: <sip:+3@10.20.2.3:5060>;q=0.1, <sip:+1@192.0.2.99>, <sip:+2@10.20.2.2>;q=0.5\r\n";
  itsp.contact = "sip:+4@10.20.2.3";
  play("itsp -> 302\nitsp <- ACK\nalt <- INVITE sdp\n");
  EXPECT_TRUE(alt.last_request("INVITE")->text.starts_with("INVITE sip:+4@"));
  play("alt -> 486\nalt <- ACK\nitsp <- INVITE sdp\n");
  EXPECT_TRUE(itsp.last_request("INVITE")->text.starts_with("INVITE sip:+2@"));
  play("itsp -> 404\nitsp <- ACK\nalt <- INVITE sdp\n");
  EXPECT_TRUE(alt.last_request("INVITE")->text.starts_with("INVITE sip:+3@"));
  play(answered_by_alt);
  const contract::CallRecord record = the_record();
  ASSERT_EQ(record.attempt_count, 4);
  EXPECT_EQ(record.attempts[1].status_code, 486);
  EXPECT_EQ(record.attempts[2].status_code, 404);
  expect_clean(0);
}

TEST_F(Redirected, AContactThatIsSilentIsFollowedByTheNext) {
  play(invited);
  itsp.extra_lines = "Contact: <sip:+1@10.20.2.2>, <sip:+2@10.20.2.3>\r\n";
  itsp.contact = "mailto:nobody@example.net";
  play("itsp -> 302\nitsp <- ACK\nitsp <- INVITE sdp\nwait 10100\nalt <- INVITE sdp\n");
  itsp.inbox().clear();
  play(answered_by_alt);
  expect_clean(1);
}

TEST_F(Redirected, ContactsThatAllRefuseLeaveTheLastRefusal) {
  play(invited);
  itsp.extra_lines = "Contact: <sip:+1@10.20.2.2>, <sip:+2@10.20.2.3>\r\n";
  itsp.contact = "mailto:nobody@example.net";
  play("itsp -> 302\nitsp <- ACK\nitsp <- INVITE sdp\nitsp -> 486\nitsp <- ACK\n");
  play("alt <- INVITE sdp\nalt -> 404\nalt <- ACK\npbx <- 404\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

TEST_F(Redirected, ADeclineEverywhereEndsTheSearch) {
  play(invited);
  itsp.extra_lines = "Contact: <sip:+1@10.20.2.2>, <sip:+2@10.20.2.3>\r\n";
  itsp.contact = "mailto:nobody@example.net";
  play("itsp -> 302\nitsp <- ACK\nitsp <- INVITE sdp\nitsp -> 603\nitsp <- ACK\n");
  play("pbx <- 603\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

// The target of a transfer that was found by a redirection.
struct RedirectedTransfer : TransferFlow {
  RedirectedTransfer() : TransferFlow(options()) {}
  static BoxOptions options() {
    BoxOptions options = handled();
    options.policy[2].redirects = contract::Redirects::followed;
    return options;
  }
  // How many buffers are free in the call that comes of it.
  uint32_t free_when_joined(const std::string& contacts) {
    refer_to_alt();
    alt.contact = "mailto:nobody@example.net";
    alt.extra_lines = "Contact: " + contacts + "\r\n";
    play("alt -> 302\nalt <- ACK\nalt <- INVITE sdp\n");
    alt.contact = alt.extra_lines = {};
    play("alt -> 200 sdp\nalt <- ACK\npbx <- NOTIFY 200\npbx -> 200 NOTIFY\n");
    pbx.extra_lines.clear();
    play("pbx -> BYE\npbx <- 200 BYE\nquiet\nwait 70000\n");
    const uint32_t free = box.engine().free_datagrams();
    play(joined_call_ends);
    return free;
  }
};

TEST_F(RedirectedTransfer, ContactsThatWereNotTriedAreNotKept) {
  const uint32_t free = free_when_joined("<sip:+1@10.20.2.3>");
  pbx = Peer("pbx2", "10.20.1.2", "10.20.1.1");
  itsp = Peer("itsp2", "10.20.2.2", "10.20.2.1");
  alt = Peer("alt2", "10.20.2.3", "10.20.2.1");
  play(answered_at_once);
  EXPECT_EQ(free_when_joined("<sip:+1@10.20.2.3>, <sip:+2@10.20.2.3>;q=0.5"), free);
  expect_clean(4);
}

class RedirectedByName : public Redirected {
 protected:
  RedirectedByName() : Redirected(options()) {}
  static BoxOptions options() {
    BoxOptions options = followed();
    options.peer_host = "sip.itsp.example";
    options.peer_names = {"a.itsp.example"};
    options.contact_host = "box.example";
    return options;
  }
};

TEST_F(RedirectedByName, ANameOfThePeerIsThePeer) {
  play(invited);
  itsp.extra_lines = "Contact: <sip:+1@a.itsp.example>, <sip:+2@SIP.itsp.example:5060>;q=0.5\r\n";
  itsp.contact = "mailto:nobody@example.net";
  play("itsp -> 302\nitsp <- ACK\nitsp <- INVITE sdp\n");
  EXPECT_TRUE(itsp.last_request("INVITE")->text.starts_with("INVITE sip:+1@"));
  play("itsp -> 404\nitsp <- ACK\nitsp <- INVITE sdp\n");
  EXPECT_TRUE(itsp.last_request("INVITE")->text.starts_with("INVITE sip:+2@"));
  play("itsp -> 404\nitsp <- ACK\npbx <- 404\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

// Not who was asked last: that is one of its other Contacts.
TEST_F(RedirectedByName, ANameOfThePeerIsWhoSentTheRedirection) {
  play(invited);
  itsp.extra_lines = "Contact: <sip:+1@10.20.2.3>, <sip:+2@a.itsp.example>;q=0.5\r\n";
  itsp.contact = "mailto:nobody@example.net";
  play("itsp -> 302\nitsp <- ACK\nalt <- INVITE sdp\nalt -> 486\nalt <- ACK\nitsp <- INVITE sdp\n");
  EXPECT_TRUE(itsp.last_request("INVITE")->text.starts_with("INVITE sip:+2@"));
  play("itsp -> 404\nitsp <- ACK\npbx <- 404\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

// What names us there would come back, and what nobody knows leads away (decision D10).
TEST_F(RedirectedByName, AnotherNameIsNot) {
  play(invited);
  itsp.extra_lines = "Contact: <sip:+1@box.example>\r\n";
  itsp.contact = "sip:+3@elsewhere.example";
  play("itsp -> 302\nitsp <- ACK\npbx <- 480\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
