// An UPDATE in an early dialog that is still open when the called side says more to the INVITE. Its
// SDP there repeats what was answered before (RFC 3261 section 13.2.1), and answers no UPDATE.
#include <string>

#include "tests/flow/media_harness.h"

namespace demarc::flow {
namespace {

class EarlyUpdate : public Media {
 protected:
  static std::string at(const char* address, int port, const std::string& more = "") {
    return std::string("v=0\r\no=x 1 2 IN IP4 ").append(address).append("\r\ns=-\r\nc=IN IP4 ") +
           std::string(address).append("\r\nt=0 0\r\nm=audio ").append(std::to_string(port)) +
           std::string(" RTP/AVP 8\r\n").append(more);
  }
  // It rings, and both have agreed on the session.
  void agree() {
    pbx.extra_lines = with_prack_and_update;
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    itsp.extra_lines = with_prack_and_update;
    play(R"(
      itsp -> 183 sdp reliable
      itsp <- PRACK
      pbx  <- 183 sdp reliable
      itsp -> 200 PRACK
      pbx  -> PRACK
      pbx  <- 200 PRACK
    )");
    towards_itsp = audio_port(itsp.last_request("INVITE")->body);
  }
  void end() {
    play(ended_by_caller);
    EXPECT_EQ(the_record().status_code, 200);
    expect_clean(0);
  }
};

TEST_F(EarlyUpdate, OfTheCalledSideOutlivesTheAnswer) {
  agree();
  play(R"(
    itsp -> UPDATE within sdp
    pbx  <- UPDATE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
    pbx  -> 200 sdp UPDATE
    itsp <- 200 sdp UPDATE
  )");
  end();
}

// The caller gets the answer to its offer, and not another offer in its place.
TEST_F(EarlyUpdate, OfTheCalledSideIsNotRepeatedBeforeTheCallerHasTakenIt) {
  agree();
  const std::string answered = pbx.last_response("INVITE")->body;
  itsp.body = at("10.20.2.2", 40000, "m=video 40002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n");
  play(R"(
    itsp -> UPDATE within sdp
    pbx  <- UPDATE sdp
    itsp -> 200 INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
    pbx  -> 491 UPDATE
    itsp <- 491 UPDATE
  )");
  EXPECT_EQ(pbx.last_response("INVITE")->body, answered);
  end();
}

TEST_F(EarlyUpdate, OfTheCalledSideIsRepeatedOnceTheCallerHasTakenIt) {
  agree();
  itsp.body = at("10.20.2.2", 40100);
  play("itsp -> UPDATE within sdp\npbx <- UPDATE sdp\n");
  const std::string offered = pbx.last_request("UPDATE")->body;
  play("pbx -> 200 sdp UPDATE\nitsp <- 200 sdp UPDATE\n");
  play("itsp -> 200 INVITE\nitsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  EXPECT_EQ(pbx.last_response("INVITE")->body, offered);
  end();
}

TEST_F(EarlyUpdate, OfTheCallerOutlivesTheAnswerThatHasFewerLines) {
  agree();
  pbx.body = at("10.20.1.2", 40000, "m=video 40002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n");
  play("pbx -> UPDATE within sdp\nitsp <- UPDATE sdp\n");
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  itsp.body = at("10.20.2.2", 40000, "m=video 0 RTP/AVP 96\r\n");
  play("itsp -> 200 sdp UPDATE\npbx <- 200 sdp UPDATE\n");
  end();
}

TEST_F(EarlyUpdate, ThatIsRefusedBehindTheAnswerMovesNoMedia) {
  agree();
  pbx.body = at("10.20.1.2", 40100);
  play(R"(
    pbx  -> UPDATE within sdp
    itsp <- UPDATE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
    itsp -> 491 UPDATE
    pbx  <- 491 UPDATE
  )");
  EXPECT_EQ(rtp(itsp, 40000, towards_itsp, 1).port, Peer::media_port);
  end();
}

TEST_F(EarlyUpdate, IsNotAnsweredByAnother18x) {
  agree();
  pbx.body = at("10.20.1.2", 40100);
  play(R"(
    pbx  -> UPDATE within sdp
    itsp <- UPDATE sdp
    itsp -> 180 sdp reliable
    itsp <- PRACK
    itsp -> 200 PRACK
    pbx  <- 180
    itsp -> 200 sdp UPDATE
    pbx  <- 200 sdp UPDATE
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  EXPECT_EQ(rtp(itsp, 40000, towards_itsp, 1).port, 40100);
  end();
}

// What the caller still asks in the dialog of a fork that has lost would come to it behind our BYE.
TEST_F(EarlyUpdate, InTheDialogOfAnotherForkGets481WhenOneHasAnswered) {
  agree();
  itsp.tag_suffix = "b";
  play(
      "itsp -> 183 sdp reliable INVITE\nitsp <- PRACK\npbx <- 183 sdp reliable\nitsp -> 200 "
      "PRACK\n");
  itsp.tag_suffix.clear();
  play("itsp -> 200 INVITE\nitsp <- ACK\n");  // which the caller's PRACK is waited for
  play("pbx -> UPDATE within sdp\npbx <- 481 UPDATE\n");
  EXPECT_TRUE(itsp.inbox().empty());
  play("pbx -> PRACK\npbx <- 200 PRACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  end();
}

}  // namespace
}  // namespace demarc::flow
