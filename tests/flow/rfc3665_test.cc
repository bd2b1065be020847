// RFC 3665 section 3, "SIP Session Establishment", with the box where the RFC has its proxies.
// Alice is pbx, Bob itsp. README.md says what a back-to-back user agent does not carry of it.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;

using Rfc3665 = Ladder;

TEST_F(Rfc3665, Section3x1SuccessfulSessionEstablishment) {
  play(answered_call);
  play(ended_by_called);
  EXPECT_EQ(the_record().end, CallEnd::released_by_called);
  expect_clean(0);
}

// Each proxy answers 100 and adds itself to the route; here each leg has one hop.
TEST_F(Rfc3665, Section3x2SessionEstablishmentThroughTwoProxies) {
  pbx.record_route = "<sip:10.20.1.2:5060;lr>";
  itsp.record_route = "<sip:10.20.2.2:5060;lr>";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 100
    itsp -> 180
    pbx  <- 180
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  EXPECT_EQ(itsp.last_request("INVITE")->fields("Via").size(), 1u);
  EXPECT_EQ(itsp.last_request("INVITE")->field("Record-Route"), "");
  EXPECT_EQ(itsp.last_request("ACK")->field("Route"), "<sip:10.20.2.2:5060;lr>");
  play(ended_by_called);
  EXPECT_EQ(pbx.last_request("BYE")->field("Route"), "<sip:10.20.1.2:5060;lr>");
  expect_clean(1);
}

// A challenge is between the proxy and whoever sent the request, which are we.
TEST_F(Rfc3665, Section3x3MultipleProxyAuthentication) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  itsp.extra_lines = "Proxy-Authenticate: Digest realm=\"b.example\", nonce=\"1\"\r\n";
  play("itsp -> 407\nitsp <- ACK\npbx <- 403\npbx -> ACK\nquiet\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Proxy-Authenticate"), "");
  expect_clean(1);
}

class Rfc3665TwoTargets : public Ladder {
 protected:
  Rfc3665TwoTargets() : Ladder(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.has_second_target = true;
    options.policy[1].redirects = contract::Redirects::followed;
    return options;
  }
};

TEST_F(Rfc3665TwoTargets, Section3x4SessionWithProxyFailure) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nwait 10100\n");
  itsp.inbox().clear();  // sent again, to no avail
  play(R"(
    alt  <- INVITE sdp
    alt  -> 180
    pbx  <- 180
    alt  -> 200 sdp INVITE
    alt  <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
    alt  -> BYE
    alt  <- 200 BYE
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

// The box is the ALG: both see its addresses in SDP and nobody else's.
TEST_F(Rfc3665, Section3x5SessionThroughAnAlg) {
  play(answered_call);
  EXPECT_NE(itsp.last_request("INVITE")->body.find("c=IN IP4 10.20.2.1\r\n"), std::string::npos);
  EXPECT_NE(pbx.last_response("INVITE")->body.find("c=IN IP4 10.20.1.1\r\n"), std::string::npos);
  for (const std::string& body :
       {itsp.last_request("INVITE")->body, pbx.last_response("INVITE")->body}) {
    EXPECT_EQ(body.find("m=audio 40000"), std::string::npos);
  }
  play(ended_by_called);
  expect_clean(1);
}

TEST_F(Rfc3665TwoTargets, Section3x6RedirectAndSdpInAck) {
  play("pbx -> INVITE\npbx <- 100\nitsp <- INVITE\n");
  itsp.contact = "sip:bob@10.20.2.3";
  play(R"(
    itsp -> 302
    itsp <- ACK
    alt  <- INVITE
    alt  -> 180
    pbx  <- 180
    alt  -> 200 sdp INVITE
    pbx  <- 200 sdp INVITE
    pbx  -> ACK sdp
    alt  <- ACK sdp
    alt  -> BYE
    alt  <- 200 BYE
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  EXPECT_TRUE(alt.last_request("INVITE")->text.starts_with("INVITE sip:bob@"));
  expect_clean(1);
}

// Bob's new address is ours to know; Alice is offered the same port of ours.
TEST_F(Rfc3665, Section3x7ReinviteForAnotherAddress) {
  play(answered_call);
  const std::string offered = pbx.last_response("INVITE")->body;
  itsp.body =
      "v=0\r\no=itsp 1 2 IN IP4 10.20.2.2\r\ns=itsp\r\nc=IN IP4 10.20.2.9\r\nt=0 0\r\n"
      "m=audio 47172 RTP/AVP 8\r\n";
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp INVITE
    pbx  <- ACK
    itsp <- 200 sdp INVITE
    itsp -> ACK
    wait 1100
  )");
  EXPECT_EQ(box.directory().at(0).media[1].remote, *contract::parse_endpoint("10.20.2.9", 47172));
  const auto port_of = [](const std::string& body) {
    return body.substr(body.find("m=audio "), 13);
  };
  EXPECT_EQ(port_of(pbx.last_request("INVITE")->body), port_of(offered));
  play(ended_by_called);
  expect_clean(1);
}

TEST_F(Rfc3665, Section3x8NoAnswer) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    itsp <- CANCEL
    pbx  -> ACK
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::cancelled);
  expect_clean(0);
}

TEST_F(Rfc3665, Section3x9Busy) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    pbx  -> ACK
    quiet
  )");
  expect_clean(1);
}

// The RFC's proxy says 480 after it has given up; we say 408, after the failover time of the trunk.
TEST_F(Rfc3665, Section3x10NoResponse) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nwait 10100\n");
  itsp.inbox().clear();
  play("pbx <- 408\npbx -> ACK\nwait 22000\nquiet\n");
  EXPECT_EQ(the_record().end, CallEnd::no_response);
  expect_clean(0);
}

TEST_F(Rfc3665, Section3x11TemporarilyUnavailable) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    itsp -> 480 INVITE
    itsp <- ACK
    pbx  <- 480 INVITE
    pbx  -> ACK
    quiet
  )");
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
