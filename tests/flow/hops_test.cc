// Max-Forwards (RFC 3261 section 8.1.1.6): what is left of it on the other leg, and how a call ends
// that comes back to us for ever.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

class Hops : public Ladder {
 protected:
  static std::string with(std::string text, std::string_view before, std::string_view after) {
    const size_t at = text.find(before);
    EXPECT_NE(at, std::string::npos) << "no " << before << " in " << text;
    if (at != std::string::npos) text.replace(at, before.size(), after);
    return text;
  }
  // The caller's INVITE with another line, or none, in place of "Max-Forwards: 70".
  void invite_with(std::string_view line) {
    send(pbx, with(pbx.compose("INVITE sdp"), "Max-Forwards: 70\r\n", line));
  }
  struct SentBack {
    std::string invite;
    std::string via;  // its first one
  };
  // How a proxy there sends the INVITE that it got back to us: with a Via, and `hops` left.
  SentBack send_back(Peer& peer, unsigned hops) {
    const Wire& got = *peer.last_request("INVITE");
    const std::string address = contract::print(peer.endpoint().address).view().data();
    const std::string box_address = contract::print(peer.box_endpoint().address).view().data();
    std::string via = "Via: SIP/2.0/UDP " + address + ";branch=z9hG4bK-back-";
    via.append(std::to_string(++branches_)).append(";rport\r\n");
    std::string own = "Max-Forwards: ";
    own += std::to_string(hops);
    std::string text = with(got.text, "@" + address, "@" + box_address);
    text = with(text, "Via: ", via + "Via: ");
    text = with(text, "Max-Forwards: " + got.field("Max-Forwards"), own);
    send(peer, text);
    return {text, via};
  }
  // The ACK to its refusal (RFC 3261 section 17.1.1.3).
  void acknowledge(Peer& peer, const SentBack& sent) {
    const Wire invite(sent.invite);
    const std::string line = sent.invite.substr(0, sent.invite.find("\r\n") + 2);
    send(peer, with(line, "INVITE", "ACK") + sent.via + "Max-Forwards: 70\r\nFrom: " +
                   invite.field("From") + "\r\nTo: " + peer.last_response("INVITE")->field("To") +
                   "\r\nCall-ID: " + invite.field("Call-ID") + "\r\nCSeq: " +
                   with(invite.field("CSeq"), "INVITE", "ACK") + "\r\nContent-Length: 0\r\n\r\n");
  }

 private:
  int branches_ = 0;
};

TEST_F(Hops, NoneLeftGets483) {
  invite_with("Max-Forwards: 0\r\n");
  play("pbx <- 100\npbx <- 483\npbx -> ACK\nquiet\n");
  EXPECT_EQ(the_record().status_code, 483);
  expect_clean(0);
}

TEST_F(Hops, OneIsTakenByUs) {
  invite_with("Max-Forwards: 1\r\n");
  play("pbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Max-Forwards"), "0");
  play("itsp -> 180\npbx <- 180\n");
  play(refused_ringing);
  expect_clean(1);
}

TEST_F(Hops, NotSaidMeans70) {
  invite_with("");
  play("pbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Max-Forwards"), "69");
  play("itsp -> 180\npbx <- 180\n");
  play(refused_ringing);
  expect_clean(1);
}

// Each round is a call of its own for us, since it has another Call-ID: the hops end it.
TEST_F(Hops, ALoopThroughBothPeersEndsBy483) {
  invite_with("Max-Forwards: 3\r\n");
  play("pbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Max-Forwards"), "2");
  const SentBack first = send_back(itsp, 1);
  play("itsp <- 100\npbx <- INVITE sdp\n");
  EXPECT_EQ(pbx.last_request("INVITE")->field("Max-Forwards"), "0");
  const SentBack second = send_back(pbx, 0);
  play("pbx <- 100\npbx <- 483\n");
  acknowledge(pbx, second);
  play("quiet\npbx -> 483 INVITE\npbx <- ACK\nitsp <- 483\n");
  acknowledge(itsp, first);
  play("itsp -> 483 INVITE\nitsp <- ACK\npbx <- 483\npbx -> ACK\nquiet\n");
  expect_clean(3);
}

// A peer that forks it back to us on two ways has one call of it.
TEST_F(Hops, TheSameOnASecondWayBackGets482) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  const SentBack first = send_back(itsp, 68);
  play("itsp <- 100\npbx <- INVITE sdp\n");
  const SentBack second = send_back(itsp, 68);
  play("itsp <- 482\n");
  acknowledge(itsp, second);
  play("quiet\npbx -> 486 INVITE\npbx <- ACK\nitsp <- 486\n");
  acknowledge(itsp, first);
  play("itsp -> 486 INVITE\nitsp <- ACK\npbx <- 486\npbx -> ACK\nquiet\n");
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
