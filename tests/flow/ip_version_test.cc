// SDP that names addresses of an IP version which the peer's realm does not have: nothing of ours
// gets there, so its m-lines are refused.
#include "tests/flow/media_harness.h"

namespace demarc::flow {
namespace {

using contract::Endpoint;

std::string audio(int port, const std::string& more = "") {
  return std::string("m=audio ").append(std::to_string(port)).append(" RTP/AVP 8\r\n").append(more);
}
std::string sdp_v4(const Peer& peer, const std::string& media) {
  const std::string address = peer.name() == "pbx" ? "10.20.1.2" : "10.20.2.2";
  std::string text = "v=0\r\no=- 1 1 IN IP4 ";
  return text.append(address)
      .append("\r\ns=-\r\nc=IN IP4 ")
      .append(address)
      .append("\r\nt=0 0\r\n")
      .append(media);
}
std::string sdp_v6(const std::string& media) {
  std::string text =
      "v=0\r\no=- 1 2 IN IP6 2001:db8::2\r\ns=-\r\nc=IN IP6 2001:db8::2\r\nt=0 0\r\n";
  return text.append(media);
}
const std::string in_v6 = "c=IN IP6 2001:db8::2\r\n";

TEST_F(Media, AnOfferOfAnotherIpVersionIsRefused) {
  pbx.body = sdp_v6(audio(40000));
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 488\npbx -> ACK\n");
  expect_clean(1);
}

TEST_F(Media, OfSeveralMediaLinesThoseOfAnotherIpVersionAreOff) {
  pbx.body = sdp_v4(pbx, audio(40002, in_v6) + audio(Peer::media_port));
  itsp.body = sdp_v4(itsp, "m=audio 0 RTP/AVP 8\r\n" + audio(Peer::media_port));
  play(answered_at_once);
  const std::string& offered = itsp.last_request("INVITE")->body;
  EXPECT_EQ(audio_port(offered), 0);
  const uint16_t port = audio_port(offered.substr(offered.rfind("m=audio ")));
  EXPECT_EQ(rtp(itsp, Peer::media_port, port, 1),
            (Endpoint{pbx.endpoint().address, Peer::media_port}));
  EXPECT_EQ(audio_port(pbx.last_response("INVITE")->body), 0);
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Media, AnAnswerOfAnotherIpVersionEndsTheCall) {
  itsp.body = sdp_v6(audio(40000));
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    itsp <- BYE
    itsp -> 200 BYE
    pbx  <- 502
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(Media, AnAnsweredLineOfAnotherIpVersionIsOffWhereOthersRemain) {
  pbx.body = sdp_v4(pbx, audio(Peer::media_port) + audio(40002));
  itsp.body = sdp_v4(itsp, audio(Peer::media_port) + audio(40002, in_v6));
  answer();
  const std::string& answered = pbx.last_response("INVITE")->body;
  EXPECT_EQ(audio_port(answered.substr(answered.rfind("m=audio "))), 0);
  EXPECT_EQ(rtp(pbx, Peer::media_port, towards_pbx, 1),
            (Endpoint{itsp.endpoint().address, Peer::media_port}));
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Media, AChangeToAnotherIpVersionIsRefusedAndTheCallGoesOn) {
  answer();
  pbx.body = sdp_v6(audio(40000));
  play("pbx -> INVITE within sdp\npbx <- 488\npbx -> ACK\n");
  EXPECT_EQ(rtp(itsp, Peer::media_port, towards_itsp, 1),
            (Endpoint{pbx.endpoint().address, Peer::media_port}));
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Media, ReportsGoWhereMediaGoesWhenTheirPlaceIsOfAnotherIpVersion) {
  pbx.body = sdp_v4(pbx, audio(Peer::media_port, "a=rtcp:40009 IN IP6 2001:db8::2\r\n"));
  answer();
  EXPECT_EQ(rtp(itsp, Peer::media_port + 1, static_cast<uint16_t>(towards_itsp + 1), 0),
            (Endpoint{pbx.endpoint().address, 40009}));
  play(ended_by_caller);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
