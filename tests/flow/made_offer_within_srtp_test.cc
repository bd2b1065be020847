// Offers of ours within a call whose media is SRTP: who is asked keeps its keys (decision D83).
#include "tests/flow/offer_within_harness.h"

namespace demarc::flow {
namespace {

using contract::SrtpUse;
using media::srtp::MasterKey;
using media::srtp::some_key;
using media::srtp::TestContexts;

class OfferWithinSrtp : public OfferWithin {
 protected:
  explicit OfferWithinSrtp(SrtpUse of_pbx = SrtpUse::off)
      : OfferWithin(that_make_offers(1, with_srtp(of_pbx, SrtpUse::required))) {}

  void say_key(Peer& peer, unsigned tag, const MasterKey& key) {
    peer.body = sdp(peer, media_line("RTP/SAVP", crypto_line(tag, key)));
  }
  // SRTP of itsp in, plain out, and the way back with our key of what it was offered.
  void expect_crossing(const MasterKey& theirs, unsigned sequence) {
    const uint32_t out = far.contexts.open(theirs);
    const uint32_t in = far.contexts.open(key_in(offered(), theirs.suite));
    const Octets plain = media::srtp::rtp_packet(sequence);
    EXPECT_EQ(relayed(box, itsp, audio_port(offered()), far.protect(out, plain).octets), plain);
    EXPECT_EQ(far.unprotect(in, relayed(box, pbx, audio_port(offered_back()), plain)).octets,
              plain);
    far.contexts.close(out);
    far.contexts.close(in);
  }
  void end() {
    play(ended_by_caller);
    EXPECT_EQ(box.engine().media().live_keys(), 0u);
    expect_clean(1);
  }

  TestContexts far{media::srtp::Cipher::best(), 16};
};

TEST_F(OfferWithinSrtp, MediaGoesOnUnderTheSameKeyBeforeAndAfterTheAck) {
  const MasterKey theirs = some_key(cm_80);
  say(pbx, "");
  say_key(itsp, 2, theirs);
  play(answered_at_once);
  const MasterKey ours = key_in(offered(), cm_80);
  expect_crossing(theirs, 7);
  ask();
  EXPECT_NE(line_of(offered(), "m=audio").find("RTP/SAVP 8"), std::string::npos);
  EXPECT_EQ(base64_of(key_in(offered(), cm_80)), base64_of(ours));
  turn_round();
  EXPECT_EQ(offered_back().find("crypto"), std::string::npos);
  expect_crossing(theirs, 8);
  play("pbx -> ACK sdp\nquiet\n");
  expect_crossing(theirs, 9);
  end();
}

TEST_F(OfferWithinSrtp, AnotherKeyOfTheAnswerIsTaken) {
  say(pbx, "");
  say_key(itsp, 2, some_key(cm_80, 1));
  play(answered_at_once);
  ask();
  const MasterKey second = some_key(gcm_128, 2);
  say_key(itsp, 1, second);
  turn_round();
  play("pbx -> ACK sdp\nquiet\n");
  expect_crossing(second, 7);
  end();
}

class OfferWithinSrtpBoth : public OfferWithinSrtp {
 protected:
  OfferWithinSrtpBoth() : OfferWithinSrtp(SrtpUse::required) {}
};

TEST_F(OfferWithinSrtpBoth, EachSideKeepsAndSeesItsOwnKeys) {
  const MasterKey of_pbx = some_key(cm_80, 1);
  const MasterKey of_itsp = some_key(cm_80, 2);
  say_key(pbx, 1, of_pbx);
  say_key(itsp, 2, of_itsp);
  play(answered_at_once);
  ask();
  EXPECT_EQ(offered().find(base64_of(of_pbx)), std::string::npos);
  turn_round();
  EXPECT_EQ(offered_back().find(base64_of(of_itsp)), std::string::npos);
  const auto expect_through = [&](unsigned sequence) {
    const uint32_t from_pbx = far.contexts.open(of_pbx);
    const uint32_t to_itsp = far.contexts.open(key_in(offered(), cm_80));
    const Octets plain = media::srtp::rtp_packet(sequence);
    const Octets sent = far.protect(from_pbx, plain).octets;
    const Octets got = relayed(box, pbx, audio_port(offered_back()), sent);
    EXPECT_EQ(far.unprotect(to_itsp, got).octets, plain);
    far.contexts.close(from_pbx);
    far.contexts.close(to_itsp);
  };
  expect_through(7);
  say_key(pbx, 2, of_pbx);  // the tag of what it is offered now
  play("pbx -> ACK sdp\nquiet\n");
  expect_through(8);
  end();
}

}  // namespace
}  // namespace demarc::flow
