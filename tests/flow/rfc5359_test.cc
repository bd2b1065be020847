// RFC 5359 sections 2.1 to 2.3 and 2.9: hold, consultation hold, music on hold, forwarding. Alice
// is pbx, Bob itsp.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

class Rfc5359 : public Ladder {
 protected:
  static std::string sdp(const std::string& address, int port, const std::string& direction) {
    std::string body = "v=0\r\no=x 1 2 IN IP4 ";
    body.append(address).append("\r\ns=-\r\nc=IN IP4 ").append(address);
    body.append("\r\nt=0 0\r\nm=audio ").append(std::to_string(port));
    return body.append(" RTP/AVP 8\r\na=").append(direction).append("\r\n");
  }
  // Bob offers, Alice answers; both see the other's direction.
  void change(const std::string& bob, const std::string& alice) {
    itsp.body = bob;
    pbx.body = alice;
    play(R"(
      itsp -> INVITE within sdp
      itsp <- 100
      pbx  <- INVITE sdp
      pbx  -> 200 sdp INVITE
      pbx  <- ACK
      itsp <- 200 sdp INVITE
      itsp -> ACK
    )");
  }
  bool was_offered(const std::string& line) {
    return pbx.last_request("INVITE")->body.find(line) != std::string::npos;
  }
  bool was_answered(const std::string& line) {
    return itsp.last_response("INVITE")->body.find(line) != std::string::npos;
  }
};

TEST_F(Rfc5359, Section2x1CallHold) {
  play(answered_call);
  change(sdp("10.20.2.2", 40000, "sendonly"), sdp("10.20.1.2", 40000, "recvonly"));
  EXPECT_TRUE(was_offered("a=sendonly"));
  EXPECT_TRUE(was_answered("a=recvonly"));
  change(sdp("10.20.2.2", 40000, "sendrecv"), sdp("10.20.1.2", 40000, "sendrecv"));
  EXPECT_TRUE(was_offered("a=sendrecv"));
  EXPECT_TRUE(was_answered("a=sendrecv"));
  play(ended_by_called);
  expect_clean(1);
}

// Bob holds Alice, calls somebody else through the box, and comes back.
TEST_F(Rfc5359, Section2x2ConsultationHold) {
  play(answered_call);
  change(sdp("10.20.2.2", 40000, "inactive"), sdp("10.20.1.2", 40000, "inactive"));
  EXPECT_TRUE(was_offered("a=inactive"));
  Peer alice = pbx, bob = itsp;
  pbx = Peer("carol", "10.20.1.2", "10.20.1.1");
  itsp = Peer("consulting", "10.20.2.2", "10.20.2.1");
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  EXPECT_EQ(box.directory().size(), 2u);
  play("itsp -> BYE\nitsp <- 200 BYE\npbx <- BYE\npbx -> 200 BYE\n");
  std::swap(pbx, alice);
  std::swap(itsp, bob);
  change(sdp("10.20.2.2", 40000, "sendrecv"), sdp("10.20.1.2", 40000, "sendrecv"));
  EXPECT_TRUE(was_offered("a=sendrecv"));
  play(ended_by_called);
  expect_clean(2);
}

// Bob has a music server send to Alice: its address in his offer, and its answer in a later ACK.
// The box passes the music on as it does Bob's own.
TEST_F(Rfc5359, Section2x3MusicOnHold) {
  play(answered_call);
  change(sdp("10.20.2.7", 49170, "sendonly"), sdp("10.20.1.2", 40000, "recvonly"));
  EXPECT_TRUE(was_offered("a=sendonly"));
  EXPECT_TRUE(was_offered("c=IN IP4 10.20.1.1"));
  play("wait 1100\n");
  EXPECT_EQ(box.directory().at(0).media[1].remote, *contract::parse_endpoint("10.20.2.7", 49170));
  // Bob asks Alice for an offer when he takes the call back.
  pbx.body = sdp("10.20.1.2", 40000, "sendrecv");
  itsp.body = sdp("10.20.2.2", 40000, "sendrecv");
  play(R"(
    itsp -> INVITE within
    itsp <- 100
    pbx  <- INVITE
    pbx  -> 200 sdp INVITE
    itsp <- 200 sdp INVITE
    itsp -> ACK sdp
    pbx  <- ACK sdp
    wait 1100
  )");
  EXPECT_EQ(box.directory().at(0).media[1].remote, *contract::parse_endpoint("10.20.2.2", 40000));
  play(ended_by_called);
  expect_clean(1);
}

// Bob does not answer, Carol does.
class Rfc5359TwoTargets : public Ladder {
 protected:
  Rfc5359TwoTargets() : Ladder(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.has_second_target = true;
    options.policy[1].failover_timeouts |=
        static_cast<uint8_t>(contract::FailoverTimeout::no_answer);
    return options;
  }
};

TEST_F(Rfc5359TwoTargets, Section2x9CallForwardingNoAnswer) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    wait 180100
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
    pbx  <- 100
    alt  <- INVITE sdp
    alt  -> 180
    pbx  <- 180
    alt  -> 200 sdp INVITE
    alt  <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
    quiet
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.attempts[0].end, contract::AttemptEnd::no_answer);
  EXPECT_EQ(record.attempts[1].end, contract::AttemptEnd::answered);
  expect_clean(0);
}

}  // namespace
}  // namespace demarc::flow
