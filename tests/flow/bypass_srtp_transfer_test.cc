// Transfers of calls whose media goes past the box under keys of its peers (SDES, RFC 4568): each
// of the two who are joined is told the key of the other.
#include "tests/flow/srtp_line.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::MediaWay;
using media::srtp::MasterKey;
using media::srtp::some_key;

class BypassedKeys : public TransferFlow {
 protected:
  BypassedKeys() : TransferFlow(ways(), NoCall{}) {
    shows_media = true;
    say(pbx, "10.20.1.2", some_key(cm_80, 1));
    say(desk, "10.20.1.3", some_key(cm_80, 2));
    say(itsp, "10.20.2.2", of_itsp);
    say(alt, "10.20.2.3", of_alt);
    play(answered_at_once);
  }
  static BoxOptions ways() {
    BoxOptions options = handled();
    for (contract::CodecPolicy& policy : options.codecs) policy.way = MediaWay::bypassed;
    return options;
  }
  static void say(Peer& peer, const std::string& address, const MasterKey& key) {
    peer.body = "v=0\r\no=x 1 2 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address +
                "\r\nt=0 0\r\n" + media_line("RTP/SAVP", crypto_line(1, key));
  }
  static bool has_key(const Peer& peer, const MasterKey& key) {
    return peer.last_request("INVITE")->body.find(base64_of(key)) != std::string::npos;
  }
  void expect_end() {
    play("pbx -> 200 NOTIFY\npbx -> BYE\npbx <- 200 BYE\nquiet\n");
    play(joined_call_ends);
    expect_clean(2);
  }

  MasterKey of_itsp = some_key(cm_80, 3);
  MasterKey of_alt = some_key(cm_80, 4);
};

TEST_F(BypassedKeys, TheTargetIsOfferedTheKeyOfTheTransferee) {
  refer_to_alt();
  EXPECT_TRUE(has_key(alt, of_itsp));
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    itsp <- INVITE sdp
  )");
  EXPECT_TRUE(has_key(itsp, of_alt));
  const MasterKey again = some_key(cm_80, 5);
  say(itsp, "10.20.2.2", again);
  play(R"(
    itsp -> 200 sdp INVITE
    itsp <- ACK
    alt  <- INVITE sdp
    alt  -> 200 sdp INVITE
    alt  <- ACK
  )");
  EXPECT_TRUE(has_key(alt, again)) << "the one of its answer";
  expect_end();
}

TEST_F(BypassedKeys, TwoCallsBecomeOneUnderTheirKeys) {
  const std::string dialog = consult();
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play(R"(
    pbx  <- 202 REFER
    desk <- BYE
    itsp <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    itsp -> 200 sdp INVITE
    itsp <- ACK
    alt  <- INVITE sdp
    alt  -> 200 sdp INVITE
    alt  <- ACK
  )");
  EXPECT_TRUE(has_key(itsp, of_alt));
  EXPECT_TRUE(has_key(alt, of_itsp));
  expect_end();
}

}  // namespace
}  // namespace demarc::flow
