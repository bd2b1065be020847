// SDP in a multipart body, beside a location (RFC 6442) or ISUP (RFC 3204): the box takes the SDP,
// and no other part crosses (RFC 5621).
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

const std::string location_part =
    "Content-Type: application/pidf+xml\r\nContent-ID: <place@pbx>\r\n\r\n"
    "<presence entity=\"pres:10.20.1.2\"/>";

std::string delimited(std::initializer_list<std::string> parts, const std::string& boundary) {
  std::string body;
  for (const std::string& part : parts) {
    body += "--";
    body += boundary + "\r\n" + part + "\r\n";
  }
  return body + "--" + boundary + "--\r\n";
}

class Multipart : public Ladder {
 protected:
  explicit Multipart(const BoxOptions& options = {}) : Ladder(options) {}

  static std::string sdp_part(const Peer& peer) {
    return "Content-Type: application/sdp\r\n\r\n" + peer.sdp();
  }
  // From now on the bodies of this peer are these parts.
  static void wrap(Peer& peer, std::initializer_list<std::string> parts) {
    peer.body = delimited(parts, "edge");
    peer.content_type = "multipart/mixed;boundary=edge";
  }
  static void expect_plain(const Wire& message) {
    EXPECT_EQ(message.field("Content-Type"), "application/sdp") << message.text;
    EXPECT_EQ(message.body.substr(0, 5), "v=0\r\n") << message.text;
    EXPECT_EQ(message.text.find("pidf"), std::string::npos) << message.text;
  }
};

TEST_F(Multipart, AnOfferInOneIsAnsweredAsOneAlone) {
  wrap(pbx, {sdp_part(pbx), location_part});
  pbx.extra_lines = "MIME-Version: 1.0\r\nGeolocation: <cid:place@pbx>\r\n";
  play(answered_call);
  const Wire& sent = *itsp.last_request("INVITE");
  expect_plain(sent);
  EXPECT_EQ(sent.field("Geolocation"), "");
  EXPECT_EQ(sent.field("MIME-Version"), "");
  expect_plain(*pbx.last_response("INVITE"));
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Multipart, TheSdpNeedNotComeFirst) {
  wrap(pbx, {location_part, sdp_part(pbx)});
  play(answered_call);
  expect_plain(*itsp.last_request("INVITE"));
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Multipart, TheSdpMayLieInAnInnerOne) {
  const std::string inner = "Content-Type: multipart/alternative;boundary=inner\r\n\r\n" +
                            delimited({sdp_part(pbx)}, "inner");
  wrap(pbx, {location_part, inner});
  play(answered_call);
  expect_plain(*itsp.last_request("INVITE"));
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Multipart, AnAnswerMayStandInOne) {
  wrap(itsp, {location_part, sdp_part(itsp)});
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 183 sdp
    pbx  <- 183 sdp
  )");
  expect_plain(*pbx.last_response("INVITE"));
  play(R"(
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  expect_plain(*pbx.last_response("INVITE"));
  play(ended_by_called);
  expect_clean(1);
}

TEST_F(Multipart, AnOfferInA2xxAndItsAnswerInTheAckMayStandInOne) {
  wrap(pbx, {location_part, sdp_part(pbx)});
  wrap(itsp, {location_part, sdp_part(itsp)});
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    itsp <- ACK sdp
  )");
  expect_plain(*pbx.last_response("INVITE"));
  expect_plain(*itsp.last_request("ACK"));
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Multipart, AnOfferInAProvisionalResponseAndItsAnswerInThePrackMayStandInOne) {
  wrap(pbx, {location_part, sdp_part(pbx)});
  wrap(itsp, {location_part, sdp_part(itsp)});
  pbx.extra_lines = with_prack_and_update;
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    itsp <- INVITE
    itsp -> 183 sdp reliable
    pbx  <- 183 sdp reliable
    pbx  -> PRACK sdp
    itsp <- PRACK sdp
    pbx  <- 200 PRACK
    itsp -> 200 PRACK
    itsp -> 200 INVITE
    itsp <- ACK
    pbx  <- 200 INVITE
    pbx  -> ACK
  )");
  expect_plain(*itsp.last_request("PRACK"));
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Multipart, AReinviteAndAnUpdateMayBringOne) {
  pbx.extra_lines = with_prack_and_update;
  itsp.extra_response_lines = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";
  play(answered_call);
  wrap(pbx, {location_part, sdp_part(pbx)});
  wrap(itsp, {location_part, sdp_part(itsp)});
  // It is said of all the parts, which do not go on.
  pbx.extra_lines = "Content-Disposition: session;handling=required\r\n";
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK
  )");
  expect_plain(*itsp.last_request("INVITE"));
  EXPECT_EQ(itsp.last_request("INVITE")->field("Content-Disposition"), "");
  expect_plain(*pbx.last_response("INVITE"));
  play(R"(
    pbx  -> UPDATE within sdp
    itsp <- UPDATE sdp
    itsp -> 200 sdp UPDATE
    pbx  <- 200 sdp UPDATE
  )");
  expect_plain(*itsp.last_request("UPDATE"));
  expect_plain(*pbx.last_response("UPDATE"));
  play(ended_by_caller);
  expect_clean(1);
}

// An UPDATE without SDP is answered here.
TEST_F(Multipart, OneWithoutSdpIsNoOffer) {
  wrap(pbx, {location_part});
  pbx.extra_lines = with_prack_and_update;
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE
    itsp -> 200 sdp
    pbx  <- 200 sdp
  )");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Content-Type"), "");
  pbx.body.clear();
  pbx.content_type = "application/sdp";
  play("pbx -> ACK sdp\nitsp <- ACK sdp\n");
  wrap(pbx, {location_part});
  play("pbx -> UPDATE within sdp\npbx <- 200 UPDATE\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Multipart, OneWithoutSdpInAPrackIsNothing) {
  pbx.extra_lines = with_prack_and_update;
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 183 sdp
    pbx  <- 183 sdp reliable
  )");
  wrap(pbx, {location_part});
  play("pbx -> PRACK sdp\npbx <- 200 PRACK\nquiet\n");
  play(refused_ringing);
  expect_clean(1);
}

class MultipartToOneThatNeedsOffers : public Multipart {
 protected:
  MultipartToOneThatNeedsOffers() : Multipart(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.policy[1].needs_offer = true;
    return options;
  }
};

TEST_F(MultipartToOneThatNeedsOffers, OneWithoutSdpIs488) {
  play(answered_call);
  wrap(pbx, {location_part});
  play("pbx -> INVITE within sdp\npbx <- 488\npbx -> ACK\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Multipart, BrokenIs400) {
  wrap(pbx, {location_part, sdp_part(pbx)});
  pbx.body.resize(pbx.body.rfind("--edge--"));
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 400\npbx -> ACK\nquiet\n");
  EXPECT_EQ(the_record().status_code, 400);
  expect_clean(0);
}

TEST_F(Multipart, APartThatMustBeUnderstoodIs415) {
  wrap(pbx, {sdp_part(pbx),
             "Content-Type: application/isup;version=itu-t92+\r\n"
             "Content-Disposition: signal;handling=required\r\n\r\n\x01\x10"});
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 415\npbx -> ACK\nquiet\n");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Accept"), "application/sdp, multipart/mixed");
  EXPECT_EQ(the_record().status_code, 415);
  expect_clean(0);
}

TEST_F(Multipart, WithinACallTheyAreRefusedTheSameAndTheSessionStays) {
  pbx.extra_lines = with_prack_and_update;
  play(answered_call);
  const std::string offer = sdp_part(pbx);
  wrap(pbx, {offer,
             "Content-Type: application/isup\r\n"
             "Content-Disposition: signal;handling=required\r\n\r\n\x01\x10"});
  play("pbx -> INVITE within sdp\npbx <- 415\npbx -> ACK\nquiet\n");
  play("pbx -> UPDATE within sdp\npbx <- 415 UPDATE\nquiet\n");
  wrap(pbx, {location_part, offer});
  pbx.body.resize(pbx.body.rfind("--edge--"));
  play("pbx -> INVITE within sdp\npbx <- 400\npbx -> ACK\nquiet\n");
  play("pbx -> UPDATE within sdp\npbx <- 400 UPDATE\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

// It acknowledges all the same.
TEST_F(Multipart, APrackWithABrokenOneIsRefusedAndNotAskedForAgain) {
  pbx.extra_lines = with_prack_and_update;
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 183 sdp
    pbx  <- 183 sdp reliable
  )");
  wrap(pbx, {sdp_part(pbx)});
  pbx.body.resize(pbx.body.rfind("--edge--"));
  play("pbx -> PRACK sdp\npbx <- 400 PRACK\nwait 4000\nquiet\n");
  play(refused_ringing);
  expect_clean(1);
}

TEST_F(Multipart, A2xxWithABrokenOneIsNoAnswer) {
  wrap(itsp, {sdp_part(itsp)});
  itsp.body.resize(itsp.body.rfind("--edge--"));
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    itsp <- BYE
    pbx  <- 502
    pbx  -> ACK
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

// Methods that make no offers carry what they carry.
TEST_F(Multipart, InInfoItCrossesAsItIs) {
  play(answered_call);
  pbx.body = delimited({"Content-Type: text/plain\r\n\r\nhello"}, "edge");
  pbx.content_type = "multipart/mixed;boundary=edge";
  play(R"(
    pbx  -> INFO within sdp
    itsp <- INFO sdp
    itsp -> 200 INFO
    pbx  <- 200 INFO
  )");
  EXPECT_EQ(itsp.last_request("INFO")->field("Content-Type"), pbx.content_type);
  EXPECT_EQ(itsp.last_request("INFO")->body, pbx.body);
  play(ended_by_caller);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
