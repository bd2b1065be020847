// Requests that UDP may not carry go over TCP where the trunk takes them there (RFC 3261 section
// 18.1.1), and over UDP all the same where nobody takes them.
#include "tests/flow/openings.h"
#include "tests/flow/transport_harness.h"

namespace demarc::flow {
namespace {

using contract::Transport;
using transaction::StreamId;

class LargeOverTcp : public Ladder {
 protected:
  LargeOverTcp() : Ladder(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.policy[1].large_over_tcp = true;
    options.policy[0].takes_replaces = true;
    return options;
  }
  // A peer names so many codecs that a request with them is larger than UDP may carry.
  void be_long() { be_long(pbx); }
  static void be_long(Peer& peer) {
    peer.body = peer.sdp();
    for (int i = 102; i < 126; ++i) {
      peer.body.append("a=rtpmap:").append(std::to_string(i));
      peer.body += " a-codec-with-a-rather-long-name/8000\r\n";
    }
    const size_t formats = peer.body.find(" 8 101\r\n");
    std::string all = " 8 101";
    for (int i = 102; i < 126; ++i) all.append(1, ' ').append(std::to_string(i));
    peer.body.replace(formats, 6, all);
  }
  // The stream thread says that no connection took the last INVITE.
  void nobody_took_it() {
    box.engine().on_undelivered(sip::Method::invite, branch_of(*itsp.last_request("INVITE")),
                                box.now(), contract::StreamFault::refused);
  }
};

TEST_F(LargeOverTcp, SmallInviteGoesOverUdp) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(LargeOverTcp, LargeInviteGoesOverTcpAndItsDialogToo) {
  itsp.transport = Transport::tcp;
  itsp.stream = itsp_stream;
  be_long();
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Via").find("SIP/2.0/TCP "), 0u);
  EXPECT_NE(itsp.last_request("INVITE")->field("Contact").find(";transport=tcp"),
            std::string::npos);
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(LargeOverTcp, WhereNobodyTakesItOverTcpItGoesOverUdpAllTheSame) {
  be_long();
  itsp.transport = Transport::tcp;
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Via").find("SIP/2.0/TCP "), 0u);
  nobody_took_it();
  itsp.transport = Transport::udp;
  wait_ms(10);
  play("itsp <- INVITE sdp");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Via").find("SIP/2.0/UDP "), 0u);
  EXPECT_EQ(itsp.last_request("INVITE")->field("Contact").find("transport"), std::string::npos);
  // It is there, if not over TCP: that is no sign against it.
  EXPECT_EQ(box.region().target_signs(0, contract::TargetId{1}).unanswered.load(), 0u);
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

// A call whose INVITE was small, and a change of it that is not.
class LargeWithin : public LargeOverTcp {
 protected:
  void begin() {
    itsp.takes_large_over_tcp = true;
    play(answered_at_once);
    be_long();
    play(R"(
      pbx  -> INVITE within sdp
      pbx  <- 100
      itsp <- INVITE sdp
    )");
    EXPECT_EQ(itsp.last_request("INVITE")->field("Via").find("SIP/2.0/TCP "), 0u);
    EXPECT_EQ(itsp.last_path.stream, StreamId::none);
  }
  void end() {
    play(R"(
      itsp <- ACK
      pbx  <- 200 sdp
      pbx  -> ACK
      pbx  -> BYE
      pbx  <- 200 BYE
      itsp <- BYE
    )");
    EXPECT_EQ(itsp.last_request("BYE")->field("Via").find("SIP/2.0/UDP "), 0u);
    play("itsp -> 200 BYE");
    expect_clean(1);
  }
};

TEST_F(LargeWithin, GoesOverTcpAndTheDialogStaysOnUdp) {
  begin();
  EXPECT_EQ(itsp.last_request("INVITE")->field("Contact").find("transport"), std::string::npos);
  itsp.sends_over = Transport::tcp;
  itsp.stream = itsp_stream;
  play("itsp -> 200 sdp");
  itsp.sends_over.reset();
  itsp.stream = StreamId::none;
  EXPECT_EQ(itsp.last_path.transport, Transport::udp);
  end();
}

TEST_F(LargeWithin, WhereNobodyTakesItOverTcpItGoesOverUdpAsTheSameRequest) {
  begin();
  const Wire first = *itsp.last_request("INVITE");
  itsp.takes_large_over_tcp = false;
  box.engine().on_undelivered(sip::Method::invite, branch_of(first), box.now(),
                              contract::StreamFault::refused);
  wait_ms(10);
  play("itsp <- INVITE sdp");
  const Wire& again = *itsp.last_request("INVITE");
  EXPECT_EQ(again.field("Via").find("SIP/2.0/UDP "), 0u);
  EXPECT_EQ(branch_of(again), branch_of(first));
  EXPECT_EQ(again.field("CSeq"), first.field("CSeq"));
  EXPECT_EQ(again.body, first.body);
  play("itsp -> 200 sdp");
  end();
}

TEST_F(LargeWithin, WhoTakesItNeitherWayHasChangedNothing) {
  begin();
  itsp.takes_large_over_tcp = false;
  const std::string branch = branch_of(*itsp.last_request("INVITE"));
  box.engine().on_undelivered(sip::Method::invite, branch, box.now());
  wait_ms(10);
  play(R"(
    itsp <- INVITE sdp
    itsp -> 488
    itsp <- ACK
    pbx  <- 488
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(LargeOverTcp, WhoIsNotThereOverUdpEitherIsTriedNoMore) {
  be_long();
  itsp.transport = Transport::tcp;
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  nobody_took_it();
  itsp.transport = Transport::udp;
  wait_ms(10);
  play(R"(
    itsp <- INVITE sdp
    itsp -> 503
    itsp <- ACK
    pbx  <- 503
    pbx  -> ACK
    quiet
  )");
  expect_clean(1);
}

// The ACK brings the caller's answer, which is large.
class LargeAck : public LargeOverTcp {
 protected:
  void acknowledge() {
    play(R"(
      pbx  -> INVITE
      pbx  <- 100
      itsp <- INVITE
    )");
    be_long(itsp);
    be_long(pbx);
    itsp.takes_large_over_tcp = true;
    play(R"(
      itsp -> 200 sdp
      pbx  <- 200 sdp
      pbx  -> ACK sdp
      itsp <- ACK sdp
    )");
  }
  void end() {
    play(ended_by_caller);
    expect_clean(1);
  }
};

TEST_F(LargeAck, GoesOverTcpThoughItsInviteDidNot) {
  acknowledge();
  EXPECT_EQ(itsp.last_request("INVITE")->field("Via").find("SIP/2.0/UDP "), 0u);
  EXPECT_EQ(itsp.last_request("ACK")->field("Via").find("SIP/2.0/TCP "), 0u);
  EXPECT_EQ(itsp.last_path.transport, Transport::tcp);
  end();
}

TEST_F(LargeAck, GoesOverUdpWhenTheAnswerComesAgain) {
  acknowledge();
  const Wire first = *itsp.last_request("ACK");
  itsp.takes_large_over_tcp = false;
  play(R"(
    itsp -> again
    itsp <- ACK sdp
    itsp -> again
    itsp <- ACK sdp
  )");
  const Wire& again = *itsp.last_request("ACK");
  EXPECT_EQ(again.field("Via").find("SIP/2.0/UDP "), 0u);
  EXPECT_EQ(branch_of(again), branch_of(first));
  EXPECT_EQ(again.field("CSeq"), first.field("CSeq"));
  EXPECT_EQ(again.body, first.body);
  end();
}

TEST_F(LargeAck, OfAChangeGoesTheSameWays) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> INVITE within
    pbx  <- 100
    itsp <- INVITE
  )");
  be_long(itsp);
  be_long(pbx);
  itsp.takes_large_over_tcp = true;
  play(R"(
    itsp -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    itsp <- ACK sdp
  )");
  EXPECT_EQ(itsp.last_request("ACK")->field("Via").find("SIP/2.0/TCP "), 0u);
  itsp.takes_large_over_tcp = false;
  play(R"(
    itsp -> again
    itsp <- ACK sdp
  )");
  EXPECT_EQ(itsp.last_request("ACK")->field("Via").find("SIP/2.0/UDP "), 0u);
  end();
}

// Another phone takes the call over, with a large offer: it crosses as an INVITE within the dialog.
class LargeReplaces : public LargeOverTcp {
 protected:
  void take_over() {
    play(answered_at_once);
    const Wire& answer = *pbx.last_response("INVITE");
    const auto tag = [&](const char* field) {
      const std::string value = answer.field(field);
      return value.substr(value.find(";tag=") + 5);
    };
    desk.extra_lines = "Replaces: " + answer.field("Call-ID") + ";to-tag=" + tag("To") +
                       ";from-tag=" + tag("From") + "\r\n";
    be_long(desk);
    itsp.takes_large_over_tcp = true;
    play(R"(
      desk -> INVITE sdp
      desk <- 100
      itsp <- INVITE sdp
    )");
    EXPECT_EQ(itsp.last_request("INVITE")->field("Via").find("SIP/2.0/TCP "), 0u);
  }
  void end() {
    play(R"(
      itsp -> 200 sdp
      itsp <- ACK
      pbx  <- BYE
      desk <- 200 sdp
      pbx  -> 200 BYE
      desk -> ACK
      desk -> BYE
      desk <- 200 BYE
      itsp <- BYE
    )");
    EXPECT_EQ(itsp.last_request("BYE")->field("Via").find("SIP/2.0/UDP "), 0u);
    play("itsp -> 200 BYE");
    expect_clean(2);
  }
};

TEST_F(LargeReplaces, CrossesOverTcpAndTheDialogStaysOnUdp) {
  take_over();
  EXPECT_EQ(itsp.last_request("INVITE")->field("Contact").find("transport"), std::string::npos);
  itsp.takes_large_over_tcp = false;
  end();
}

TEST_F(LargeReplaces, WhereNobodyTakesItOverTcpItGoesOverUdpAsTheSameRequest) {
  take_over();
  const Wire first = *itsp.last_request("INVITE");
  itsp.takes_large_over_tcp = false;
  nobody_took_it();
  wait_ms(10);
  play("itsp <- INVITE sdp");
  const Wire& again = *itsp.last_request("INVITE");
  EXPECT_EQ(again.field("Via").find("SIP/2.0/UDP "), 0u);
  EXPECT_EQ(branch_of(again), branch_of(first));
  EXPECT_EQ(again.body, first.body);
  end();
}

}  // namespace
}  // namespace demarc::flow
