// A call with SRTP on one side or both: what ladders of it stand on.
#pragma once

#include <string>

#include "tests/flow/ladder.h"
#include "tests/flow/srtp_line.h"

namespace demarc::flow {

using contract::SrtpSuite;
using contract::SrtpUse;
using media::srtp::MasterKey;
using media::srtp::some_key;
using media::srtp::TestContexts;

inline std::string sdp_of(const Peer& peer, const std::string& media) {
  const std::string address = peer.name() == "pbx" ? "10.20.1.2" : "10.20.2.2";
  return "v=0\r\no=x 1 2 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\n" +
         media;
}

class SrtpLadder : public Ladder {
 protected:
  explicit SrtpLadder(const BoxOptions& options) : Ladder(options) {}

  void offer(const std::string& media) {
    pbx.body = sdp_of(pbx, media);
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    towards_itsp = audio_port(offered());
  }
  void answer(const std::string& media) {
    itsp.body = sdp_of(itsp, media);
    play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
    towards_pbx = audio_port(answered());
  }
  void reinvite(const std::string& offered, const std::string& answered) {
    pbx.body = sdp_of(pbx, offered);
    itsp.body = sdp_of(itsp, answered);
    play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  }
  void end() {
    play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
    EXPECT_EQ(box.engine().media().live_keys(), 0u);
    expect_clean(1);
  }
  const std::string& offered() { return itsp.last_request("INVITE")->body; }
  const std::string& answered() { return pbx.last_response("INVITE")->body; }

  Octets relay(const Peer& from, uint16_t port, const Octets& payload) {
    return relayed(box, from, port, payload);
  }
  // SRTP of the peer in, plain out, and the way back.
  void expect_crossing(const MasterKey& theirs, const MasterKey& ours, unsigned sequence) {
    const uint32_t out = far.contexts.open(theirs);
    const uint32_t in = far.contexts.open(ours);
    const Octets plain = media::srtp::rtp_packet(sequence);
    EXPECT_EQ(relay(itsp, towards_itsp, far.protect(out, plain).octets), plain);
    EXPECT_EQ(far.unprotect(in, relay(pbx, towards_pbx, plain)).octets, plain);
    far.contexts.close(out);
    far.contexts.close(in);
  }

  TestContexts far{media::srtp::Cipher::best(), 16};
  uint16_t towards_pbx = 0;
  uint16_t towards_itsp = 0;
};

// The caller's trunk may have SRTP, the other one has none.
class SrtpInside : public SrtpLadder {
 protected:
  SrtpInside() : SrtpLadder(with_srtp(SrtpUse::optional, SrtpUse::off)) {}
  static std::string savp(const std::string& lines) { return media_line("RTP/SAVP", lines); }
};
class SrtpBothSides : public SrtpLadder {
 protected:
  SrtpBothSides() : SrtpLadder(with_srtp(SrtpUse::required, SrtpUse::optional)) {}
};

}  // namespace demarc::flow
