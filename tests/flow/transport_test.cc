// Calls over TCP and TLS: what Via and Contact say, which connection a message goes over, timers
// that reliable transports do not have, and what becomes of a request that no connection brings.
#include "dataplane/contract/counters.h"
#include "tests/flow/openings.h"
#include "tests/flow/transport_harness.h"

namespace demarc::flow {
namespace {

using contract::Transport;
using transaction::StreamId;

class TcpToUdp : public TransportLadder {
 protected:
  TcpToUdp() : TransportLadder(over(Transport::tcp, Transport::udp)) {}
};

TEST_F(TcpToUdp, AnswersOnTheConnectionThatTheRequestCameOn) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    itsp -> 200 sdp
    itsp <- ACK
  )");
  EXPECT_EQ(pbx.last_path.stream, pbx_stream);
  // It asked for rport (RFC 3581 section 4), so it is told from where its request came.
  EXPECT_NE(pbx.last_response("INVITE")->field("Via").find(";rport=34567"), std::string::npos)
      << pbx.last_response("INVITE")->field("Via");
  // When that is gone a new one goes to the port that the Via means.
  EXPECT_EQ(pbx.last_path.remote.port, 5060);
  EXPECT_NE(pbx.inbox().front().field("Contact").find(";transport=tcp"), std::string::npos);
  EXPECT_EQ(itsp.last_request("INVITE")->field("Via").find("SIP/2.0/UDP "), 0u);
  EXPECT_EQ(itsp.last_request("INVITE")->field("Contact").find("transport"), std::string::npos);
  play(R"(
    pbx  <- 200 sdp
    pbx  -> ACK
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

// RFC 3261 section 18.2.2, though the peer has sent an UPDATE over another connection since.
TEST_F(TcpToUdp, RepeatsAnAnswerOnTheConnectionOfItsInvite) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
  )");
  pbx.stream = StreamId{0x10003};
  play(R"(
    pbx  -> UPDATE within
    pbx  <- 200 UPDATE
  )");
  EXPECT_EQ(pbx.last_path.stream, pbx.stream);
  play(R"(
    wait 510
    pbx  <- 200 sdp
  )");
  EXPECT_EQ(pbx.last_path.stream, pbx_stream);
  play(R"(
    pbx  -> ACK
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

TEST_F(TcpToUdp, RequestsWithinTheCallGoToTheContactOverAnyConnection) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
  )");
  EXPECT_EQ(pbx.last_path.stream, StreamId::none);
  EXPECT_EQ(pbx.last_request("BYE")->field("Via").find("SIP/2.0/TCP "), 0u);
  play("pbx -> 200 BYE");
  expect_clean(1);
}

TEST_F(TcpToUdp, ContactThatIsNoAddressLeavesTheConnection) {
  pbx.contact = "sip:pbx@pbx.example.com;transport=tcp";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
  )");
  EXPECT_EQ(pbx.last_path.stream, pbx_stream);
  EXPECT_EQ(pbx.last_path.remote.port, 5060);
  play("pbx -> 200 BYE");
  expect_clean(1);
}

TEST_F(TcpToUdp, FollowsThePeerToItsNextConnection) {
  pbx.contact = "sip:pbx@pbx.example.com;transport=tcp";
  play(answered_at_once);
  pbx.stream = StreamId{0x30003};
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> ACK
    itsp <- ACK
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
  )");
  EXPECT_EQ(pbx.last_path.stream, StreamId{0x30003});
  play("pbx -> 200 BYE");
  expect_clean(1);
}

class UdpToTcp : public TransportLadder {
 protected:
  UdpToTcp() : TransportLadder(over(Transport::udp, Transport::tcp)) {}
};

TEST_F(UdpToTcp, SaysSoInViaContactAndRequestUri) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  const Wire& invite = *itsp.last_request("INVITE");
  EXPECT_EQ(invite.field("Via").find("SIP/2.0/TCP 10.20.2.1:5060;branch="), 0u);
  EXPECT_EQ(invite.field("Contact"), "<sip:10.20.2.1:5060;transport=tcp>");
  EXPECT_NE(invite.text.find("@10.20.2.2;transport=tcp SIP/2.0\r\n"), std::string::npos);
  EXPECT_EQ(invite.field("To").find("transport"), std::string::npos);
  play(R"(
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(UdpToTcp, RepeatsNothingThatTcpBrings) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    wait 8000
    quiet
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    wait 8000
    quiet
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(UdpToTcp, RequestThatNoConnectionBringsIs503AtOnce) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  box.engine().on_undelivered(sip::Method::invite, branch_of(*itsp.last_request("INVITE")),
                              box.now());
  wait_ms(10);
  play(R"(
    pbx  <- 503
    pbx  -> ACK
    quiet
  )");
  EXPECT_EQ(box.worker_counter(contract::WorkerCounter::sip_undelivered), 1u);
  // Health counts it like silence.
  EXPECT_EQ(box.region().target_signs(0, contract::TargetId{1}).unanswered.load(), 1u);
  expect_clean(1);
}

TEST_F(UdpToTcp, ConnectionThatCanNotBeMadeIsASignOfItsOwn) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  box.engine().on_undelivered(sip::Method::invite, branch_of(*itsp.last_request("INVITE")),
                              box.now(), contract::StreamFault::wrong_name);
  wait_ms(10);
  play(R"(
    pbx  <- 503
    pbx  -> ACK
  )");
  const contract::TargetSigns& signs = box.region().target_signs(0, contract::TargetId{1});
  EXPECT_EQ(signs.refused.load(), 1u);
  EXPECT_EQ(signs.fault.load(), contract::StreamFault::wrong_name);
  EXPECT_EQ(signs.unanswered.load(), 0u);
  expect_clean(1);
}

TEST_F(UdpToTcp, LostConnectionEndsNothingThatWasAnswered) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
  )");
  box.engine().on_undelivered(sip::Method::invite, branch_of(*itsp.last_request("INVITE")),
                              box.now());
  box.engine().on_undelivered(sip::Method::invite, "z9hG4bK-unknown", box.now());
  // The response comes over a connection that the peer made meanwhile.
  itsp.stream = itsp_stream;
  itsp.connection_port = 41000;
  play(R"(
    quiet
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

class UdpToTwoTcp : public TransportLadder {
 protected:
  UdpToTwoTcp() : TransportLadder(options()) {}
  static BoxOptions options() {
    BoxOptions options = over(Transport::udp, Transport::tcp);
    options.has_second_target = true;
    return options;
  }
};

TEST_F(UdpToTwoTcp, NextTargetIsTriedWhenTheFirstCanNotBeReached) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  box.engine().on_undelivered(sip::Method::invite, branch_of(*itsp.last_request("INVITE")),
                              box.now());
  wait_ms(10);
  play(R"(
    alt  <- INVITE sdp
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
  )");
  expect_clean(1);
}

class TlsToUdp : public TransportLadder {
 protected:
  explicit TlsToUdp(bool accepts_sips = false) : TransportLadder(options(accepts_sips)) {}
  static BoxOptions options(bool accepts_sips) {
    BoxOptions options = over(Transport::tls, Transport::udp);
    options.policy[0].accepts_sips = accepts_sips;
    options.policy[0].takes_alias = true;
    options.policy[1].user_is_phone = true;
    return options;
  }
  std::string to_sips(std::string invite) {
    const size_t at = invite.find("INVITE sip:");
    return invite.replace(at, 11, "INVITE sips:");
  }
};

TEST_F(TlsToUdp, OffersAliasAndSaysUserIsPhoneWhereTheTrunksSaySo) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
  )");
  const Wire& invite = *itsp.last_request("INVITE");
  EXPECT_NE(invite.text.find("@10.20.2.2;user=phone SIP/2.0\r\n"), std::string::npos);
  EXPECT_NE(invite.field("From").find("@10.20.2.1;user=phone>"), std::string::npos);
  EXPECT_NE(invite.field("To").find("@10.20.2.2;user=phone>"), std::string::npos);
  EXPECT_NE(pbx.last_request("BYE")->field("Via").find(";alias"), std::string::npos);
  EXPECT_EQ(pbx.last_request("BYE")->field("Via").find("SIP/2.0/TLS "), 0u);
  play("pbx -> 200 BYE");
  expect_clean(1);
}

TEST_F(TlsToUdp, SipsIsRefusedUnlessTheTrunkTakesIt) {
  send(pbx, to_sips(pbx.compose("INVITE sdp")));
  play(R"(
    pbx  <- 100
    pbx  <- 416
    pbx  -> ACK
    quiet
  )");
  EXPECT_EQ(the_record().status_code, 416);
  expect_clean(0);
}

class SipsToUdp : public TlsToUdp {
 protected:
  SipsToUdp() : TlsToUdp(true) {}
};

TEST_F(SipsToUdp, SipsGoesOnOverTlsOrNotAtAll) {
  send(pbx, to_sips(pbx.compose("INVITE sdp")));
  play(R"(
    pbx  <- 100
    pbx  <- 480
    pbx  -> ACK
    quiet
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.attempt_count, 1);
  EXPECT_EQ(record.attempts[0].end, contract::AttemptEnd::dropped);
  expect_clean(0);
}

class TlsToTls : public TransportLadder {
 protected:
  TlsToTls() : TransportLadder(options()) {}
  static BoxOptions options() {
    BoxOptions options = over(Transport::tls, Transport::tls);
    options.policy[0].accepts_sips = true;
    return options;
  }
};

TEST_F(TlsToTls, SipsCallHasASipsContact) {
  std::string invite = pbx.compose("INVITE sdp");
  send(pbx, invite.replace(invite.find("INVITE sip:"), 11, "INVITE sips:"));
  play(R"(
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
  )");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Contact"), "<sips:10.20.1.1:5060>");
  play(R"(
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
