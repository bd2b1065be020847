// A 2xx to an INVITE of ours behind the end of its transaction.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

class LateAnswer : public Ladder {
 protected:
  LateAnswer() : Ladder(patient()) {}
  static BoxOptions patient() {
    BoxOptions options;
    options.media_timeout_ms = 0;
    return options;
  }
  // Nobody answers: timer B.
  void call_in_vain() {
    play("pbx -> INVITE sdp\npbx <- 100\n");
    for (unsigned i = 0; i < 700 && pbx.inbox().empty(); ++i) wait_ms(100);
    play("pbx <- 408\npbx -> ACK\n");
    wait_ms(70'000);
    itsp.inbox().clear();
    play("quiet\n");
  }
};

// Who answers then is in a call with nobody: RFC 3261 section 13.2.2.4.
TEST_F(LateAnswer, ToACallThatIsOverIsAcknowledgedAndEnded) {
  call_in_vain();
  const std::string answer = itsp.compose("200 sdp INVITE");
  send(itsp, answer);
  play("itsp <- ACK\nitsp <- BYE\n");
  EXPECT_EQ(itsp.last_request("BYE")->field("Call-ID"),
            itsp.last_request("INVITE")->field("Call-ID"));
  // Each copy is acknowledged, and one BYE is enough.
  send(itsp, answer);
  play("itsp <- ACK\nitsp -> 200 BYE\nquiet\n");
  EXPECT_EQ(box.worker_counter(contract::WorkerCounter::sip_stray_response), 2u);
  expect_clean(1);
}

TEST_F(LateAnswer, ToALiveCallIsNotItsEnd) {
  play(answered_at_once);
  const std::string answer = itsp.compose("200 sdp INVITE");
  wait_ms(70'000);
  send(itsp, answer);
  play("quiet\n");
  EXPECT_EQ(box.engine().live_calls(), 1u);
  play(ended_by_caller);
  expect_clean(1);
}

// Another fork of it is not that call.
TEST_F(LateAnswer, OfAnotherForkIsEndedAlone) {
  play(answered_at_once);
  wait_ms(70'000);
  Peer fork = itsp;
  fork.tag_suffix = "late";
  send(itsp, fork.compose("200 sdp INVITE"));
  play("itsp <- ACK\nitsp <- BYE\nitsp -> 200 BYE\nquiet\n");
  EXPECT_EQ(box.engine().live_calls(), 1u);
  play(ended_by_caller);
  expect_clean(1);
}

// Nothing is sent for what we have not asked.
TEST_F(LateAnswer, WithATagThatIsNotOursIsDropped) {
  call_in_vain();
  std::string answer = itsp.compose("200 sdp INVITE");
  const size_t tag = answer.find(";tag=", answer.find("From:")) + 5;
  answer[tag + 3] = answer[tag + 3] == 'a' ? 'b' : 'a';
  send(itsp, answer);
  play("quiet\n");
  expect_clean(1);
}

// The INVITE is still under way, and its own answer makes the call.
TEST_F(LateAnswer, WithABranchThatIsNotOursIsDropped) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 180\npbx <- 180\n");
  std::string answer = itsp.compose("200 sdp INVITE");
  const size_t branch = answer.find("branch=z9hG4bK") + 14;
  answer[branch + 3] = answer[branch + 3] == 'a' ? 'b' : 'a';
  send(itsp, answer);
  play("quiet\nitsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
