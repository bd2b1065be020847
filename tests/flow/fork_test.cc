// An INVITE that the called side forks: RFC 3261 sections 12.1, 13.2.2.4 and 19.3.
#include <set>

#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

class Fork : public Ladder {
 protected:
  explicit Fork(const BoxOptions& options = {}) : Ladder(options) {}
  void ring(std::string_view fork, std::string_view what) {
    answer_as(fork);
    std::string line = "itsp -> ";
    line += what;
    play(line);
  }
  // From the next message on, another branch of the called side.
  void answer_as(std::string_view fork) { itsp.tag_suffix = std::string(fork); }
  std::string shown_tag() const {
    const std::string to = pbx.last_response("INVITE")->field("To");
    return to.substr(to.find(";tag="));
  }
};

TEST_F(Fork, EachForkIsAnEarlyDialogOfItsOwn) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  std::set<std::string> tags;
  for (const char* fork : {"a", "b", "c"}) {
    ring(fork, "180");
    play("pbx <- 180\n");
    tags.insert(shown_tag());
  }
  EXPECT_EQ(tags.size(), 3u);
  ring("b", "183 sdp");
  play("pbx <- 183 sdp\n");
  EXPECT_EQ(tags.count(shown_tag()), 1u);
  const std::string chosen = shown_tag();
  ring("b", "200 sdp");
  play("itsp <- ACK\npbx <- 200 sdp\n");
  EXPECT_EQ(shown_tag(), chosen);
  play(R"(
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

TEST_F(Fork, ALate2xxOfAnotherForkIsAcknowledgedAndEnded) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  ring("a", "180");
  ring("b", "180");
  play("pbx <- 180\npbx <- 180\n");
  ring("a", "200 sdp");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  ring("b", "200 sdp");
  play("itsp <- ACK\nitsp <- BYE\nitsp -> 200 BYE\nquiet\n");
  answer_as("a");
  play("itsp -> BYE\nitsp <- 200 BYE\npbx <- BYE\npbx -> 200 BYE\n");
  expect_clean(1);
}

// The 2xx of the first fork has no SDP; that of its 18x holds again, though another came meanwhile.
TEST_F(Fork, MediaGoesBackToTheForkThatAnswers) {
  const auto sdp = [](int port) {
    std::string body =
        "v=0\r\no=x 1 2 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\nm=audio ";
    body.append(std::to_string(port)).append(" RTP/AVP 8\r\n");
    return body;
  };
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  itsp.body = sdp(40010);
  ring("a", "183 sdp");
  itsp.body = sdp(40020);
  ring("b", "183 sdp");
  play("pbx <- 183 sdp\npbx <- 183 sdp\nwait 1100\n");
  EXPECT_EQ(box.directory().at(0).media[1].remote.port, 40020);
  ring("a", "200");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\nwait 1100\n");
  EXPECT_EQ(box.directory().at(0).media[1].remote.port, 40010);
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  expect_clean(1);
}

// Each early dialog counts CSeq for itself, for whoever calls is a dialog that begins anew.
TEST_F(Fork, AByeWithTheNumberOfAnotherForksPrackIsTaken) {
  pbx.extra_lines = "Supported: 100rel\r\n";
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  ring("a", "183 sdp");
  play("pbx <- 183 sdp reliable\npbx -> PRACK\npbx <- 200 PRACK\n");
  ring("b", "200 sdp INVITE");
  play("itsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  std::string bye = pbx.compose("BYE");
  bye.replace(bye.find("CSeq: 3 BYE"), 11, "CSeq: 2 BYE");
  send(pbx, bye);
  play("pbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  expect_clean(1);
}

TEST_F(Fork, PracksGoToTheirOwnFork) {
  pbx.extra_lines = "Supported: 100rel\r\n";
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  ring("a", "183 sdp reliable");
  play("itsp <- PRACK\npbx <- 183 sdp reliable\n");
  EXPECT_TRUE(itsp.last_request("PRACK")->field("To").ends_with("a"));
  play("itsp -> 200 PRACK\npbx -> PRACK\npbx <- 200 PRACK\n");
  ring("b", "183 sdp reliable");
  play("itsp <- PRACK\npbx <- 183 sdp reliable\n");
  EXPECT_TRUE(itsp.last_request("PRACK")->field("To").ends_with("b"));
  play("itsp -> 200 PRACK\npbx -> PRACK\npbx <- 200 PRACK\n");
  ring("a", "200 sdp INVITE");
  play("itsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  // CSeq goes on behind that of the PRACK.
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  EXPECT_EQ(itsp.last_request("BYE")->field("CSeq"), "3 BYE");
  expect_clean(1);
}

class FewForks : public Fork {
 protected:
  FewForks() : Fork(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.policy[0].max_early_dialogs = 2;
    return options;
  }
};

// What the caller's side can not take is not shown to it.
TEST_F(FewForks, ShowsNoMoreThanTheTrunkTakes) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  std::set<std::string> tags;
  for (char fork = 'a'; fork <= 'y'; ++fork) ring(std::string(2, fork), "180");
  while (!pbx.inbox().empty()) {
    tags.insert(pbx.inbox().front().field("To"));
    pbx.inbox().pop_front();
  }
  EXPECT_EQ(tags.size(), 2u);
  // One that was not shown wins all the same.
  ring("yy", "200 sdp");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
