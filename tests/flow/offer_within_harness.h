// OfferWithin: a re-INVITE without an offer to a peer that takes none (decision D83); what its
// ladders begin with. Tests only.
#pragma once

#include <string>

#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"
#include "tests/flow/srtp_line.h"

namespace demarc::flow {

inline BoxOptions that_make_offers(unsigned trunk = 1, BoxOptions options = {}) {
  options.policy[trunk].needs_offer = true;
  options.policy[trunk].makes_offer = true;
  return options;
}

// The version of o=.
inline uint64_t version_of(const std::string& body) {
  const std::string origin = line_of(body, "o=");
  const size_t id = origin.find(' ') + 1;
  return std::stoull(origin.substr(origin.find(' ', id) + 1));
}

class OfferWithin : public Ladder {
 protected:
  explicit OfferWithin(const BoxOptions& options = that_make_offers()) : Ladder(options) {}

  static std::string sdp(const Peer& peer, const std::string& media) {
    const std::string address = peer.name() == "pbx" ? "10.20.1.2" : "10.20.2.2";
    return "v=0\r\no=x 1 1 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\n" +
           media;
  }
  void say(Peer& peer, const std::string& more, const std::string& formats = "8") {
    peer.body = sdp(peer, "m=audio 40000 RTP/AVP " + formats + "\r\n" + more);
  }
  void begin() {
    say(pbx, "", "8 0");
    say(itsp, "", "8 0");
    play(answered_at_once);
  }
  void ask() {
    play(R"(
      pbx  -> INVITE within
      pbx  <- 100
      itsp <- INVITE sdp
    )");
  }
  void turn_round() {
    play(R"(
      itsp -> 200 sdp
      itsp <- ACK
      pbx  <- 200 sdp
    )");
  }
  void change() {
    play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\nquiet\n");
  }
  const std::string& offered() { return itsp.last_request("INVITE")->body; }
  const std::string& offered_back() { return pbx.last_response("INVITE")->body; }
};

}  // namespace demarc::flow
