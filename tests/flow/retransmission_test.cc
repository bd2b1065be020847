// What UDP does to messages: lost, repeated, late (RFC 3261 sections 13.3.1.4 and 17).
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::WorkerCounter;

class Retransmission : public Ladder {
 protected:
  void answer() {
    play(R"(
      pbx  -> INVITE sdp
      pbx  <- 100
      itsp <- INVITE sdp
      itsp -> 180
      pbx  <- 180
      itsp -> 200 sdp
      itsp <- ACK
      pbx  <- 200 sdp
    )");
  }
};

TEST_F(Retransmission, RepeatedInviteIsAnsweredAgainAndPassedOnce) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    pbx  -> again
    pbx  <- 100
    itsp -> 180
    pbx  <- 180
    pbx  -> again
    pbx  <- 180
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    pbx  -> again
    pbx  <- 486
    pbx  -> ACK
    quiet
  )");
  expect_clean(1);
}

TEST_F(Retransmission, InviteGoesOutAgainUntilAProvisionalComes) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    wait 510
    itsp <- INVITE sdp
    wait 1010
    itsp <- INVITE sdp
    itsp -> 100
    wait 4000
    quiet
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(Retransmission, LostAckOfTheCallerBringsThe200Again) {
  answer();
  play(R"(
    wait 510
    pbx  <- 200 sdp
    wait 1010
    pbx  <- 200 sdp
    pbx  -> ACK
    wait 5000
    quiet
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

class NeverAcknowledged : public Ladder {
 protected:
  NeverAcknowledged() : Ladder({.media_timeout_ms = 0}) {}
};

TEST_F(NeverAcknowledged, AnswerIsReleasedAfter64TimesT1) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    wait 31900
  )");
  // At 0.5, 1.5, 3.5 s and then each 4 s: T1 doubles up to T2.
  EXPECT_EQ(pbx.inbox().size(), 10u);
  pbx.inbox().clear();
  play(R"(
    quiet
    wait 150
    itsp <- BYE
    pbx  <- BYE
    itsp -> 200 BYE
    pbx  -> 200 BYE
  )");
  EXPECT_EQ(the_record().end, CallEnd::lost_peer);
  expect_clean(0);
}

TEST_F(Retransmission, RepeatedAnswerIsAcknowledgedAgain) {
  answer();
  play(R"(
    pbx  -> ACK
    itsp -> again
    itsp <- ACK
    quiet
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(Retransmission, RepeatedRefusalIsAcknowledgedAgain) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    itsp -> again
    itsp <- ACK
    pbx  -> ACK
    quiet
  )");
  expect_clean(1);
}

TEST_F(Retransmission, RefusalGoesOutAgainUntilItsAck) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    wait 510
    pbx  <- 486
    wait 1010
    pbx  <- 486
    pbx  -> ACK
    wait 5000
    quiet
  )");
  expect_clean(1);
}

TEST_F(Retransmission, RepeatedByeIsAnsweredAgain) {
  answer();
  play(R"(
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    pbx  -> again
    pbx  <- 200
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

TEST_F(Retransmission, ByeGoesOutAgainUntilItIsAnswered) {
  answer();
  play(R"(
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    wait 510
    itsp <- BYE
    itsp -> 200 BYE
    wait 5000
    quiet
  )");
  expect_clean(1);
}

class Impatient : public Ladder {
 protected:
  Impatient() : Ladder({.no_response_timeout_ms = 4000}) {}
};

// How soon a trunk gives up on an INVITE says nothing of a BYE: a few lost ones must not leave its
// peer in a call that is over.
TEST_F(Impatient, ByeIsTriedFor64TimesT1AllTheSame) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    wait 4000
    itsp <- BYE
    itsp <- BYE
    itsp <- BYE
    wait 27600
    itsp <- BYE
    itsp <- BYE
    itsp <- BYE
    itsp <- BYE
    itsp <- BYE
    itsp <- BYE
    itsp <- BYE
    itsp -> 200 BYE
    wait 600
    quiet
  )");
  expect_clean(1);
}

TEST_F(Retransmission, ByesThatCrossEndTheCallOnce) {
  answer();
  play(R"(
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> BYE
    itsp <- 481
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

// The call is over with the BYE, whenever the caller's ACK comes, and what the BYE says crosses.
TEST_F(Retransmission, AByeBeforeALostAckIsTheEndOfTheRecord) {
  answer();
  itsp.extra_lines = "Reason: Q.850;cause=16\r\n";
  play("itsp -> BYE\nitsp <- 200\nwait 33000\n");
  EXPECT_EQ(pbx.last_request("BYE")->field("Reason"), "Q.850;cause=16");
  pbx.inbox().clear();
  play("pbx -> 200 BYE\nquiet\n");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::released_by_called);
  EXPECT_LT(record.ended_unix_ns - record.answered_unix_ns, 1'000'000'000u);
  expect_clean(0);
}

// RFC 3261 section 15: the caller gets no BYE before its ACK.
TEST_F(Retransmission, ByeOfTheCalledSideBeforeTheAckWaitsForIt) {
  answer();
  play(R"(
    itsp -> BYE
    itsp <- 200
    quiet
    pbx  -> ACK
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::released_by_called);
  expect_clean(0);
}

TEST_F(Retransmission, SecondForkIsAcknowledgedAndEnded) {
  answer();
  itsp.tag_suffix = "-fork2";
  play(R"(
    pbx  -> ACK
    itsp -> 200 sdp
    itsp <- ACK
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(box.engine().live_calls(), 1u);
  itsp.tag_suffix.clear();
  play(R"(
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(Retransmission, LateAnswerOfACallThatIsOverIsAcknowledgedAndEnded) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    pbx  -> ACK
    itsp <- CANCEL
    itsp -> 200 sdp
    itsp <- ACK
    itsp <- BYE
    itsp -> 200 sdp
    itsp <- ACK
    quiet
    itsp -> 200 BYE
    itsp -> 200 sdp
    itsp <- ACK
    quiet
  )");
  expect_clean(1);
}

// The ACK goes where the BYE will go: to the Contact, when that is the peer's.
TEST_F(Retransmission, EachAckGoesToTheContact) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  itsp.contact = "sip:itsp@10.20.2.2:5070";
  const std::string answer = itsp.compose("200 sdp") + std::string(sip::padding_octets, ' ');
  const std::string_view octets =
      std::string_view(answer).substr(0, answer.size() - sip::padding_octets);
  const contract::Endpoint contact = *contract::parse_endpoint("10.20.2.2", 5070);
  transaction::Path path;
  path.local = itsp.box_endpoint();
  path.remote = itsp.endpoint();
  for (int i = 0; i < 2; ++i) {
    box.engine().on_datagram(octets, path, box.now());
    const auto sends = box.engine().outbox().sends();
    ASSERT_FALSE(sends.empty());
    EXPECT_TRUE(box.engine().octets(sends[0].datagram).starts_with("ACK "));
    EXPECT_EQ(sends[0].path.remote, contact);
    box.engine().clear_outbox();
  }
}

// A Contact that is no address of the trunk is not sent to.
TEST_F(Retransmission, AckForAStrangersContactGoesToTheSourceOfTheAnswer) {
  itsp.contact = "sip:itsp@192.0.2.1";
  answer();
  play(R"(
    itsp -> again
    itsp <- ACK
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(Retransmission, AckWithAnotherNumberIsStray) {
  answer();
  std::string ack = pbx.compose("ACK");
  ack.replace(ack.find("CSeq: 1 ACK"), 11, "CSeq: 2 ACK");
  send(pbx, ack);
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_stray_ack), 1u);
  play(R"(
    wait 510
    pbx  <- 200 sdp
    pbx  -> ACK
    wait 5000
    quiet
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(Retransmission, StrayMessagesAreCountedAndDropped) {
  answer();
  play("pbx -> ACK\n");
  const std::string response = itsp.compose("200 sdp");
  std::string foreign = response;
  foreign.replace(foreign.find("branch=z9hG4bK") + 14, 4, "0000");
  send(itsp, foreign);
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_stray_response), 1u);
  play("quiet\n");
}

}  // namespace
}  // namespace demarc::flow
