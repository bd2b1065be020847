// Re-INVITEs without an offer to a peer that takes none: what the asking side said last is offered,
// and the answer is offered to who asked (RFC 3261 section 14.2, RFC 3264 section 8; decision D83).
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"
#include "tests/flow/srtp_line.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::SrtpUse;
using media::srtp::MasterKey;
using media::srtp::some_key;
using media::srtp::TestContexts;

BoxOptions that_make_offers(unsigned trunk = 1, BoxOptions options = {}) {
  options.policy[trunk].needs_offer = true;
  options.policy[trunk].makes_offer = true;
  return options;
}

// The version of o=.
uint64_t version_of(const std::string& body) {
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

TEST_F(OfferWithin, WhatTheAskingSideSaidLastIsOfferedAndTheAnswerOfferedBack) {
  begin();
  const std::string first = offered();
  const std::string first_answer = offered_back();
  ask();
  EXPECT_EQ(line_of(offered(), "m=audio"), line_of(first, "m=audio"));
  EXPECT_EQ(line_of(offered(), "c="), "c=IN IP4 10.20.2.1");
  EXPECT_EQ(version_of(offered()), version_of(first) + 1);
  turn_round();
  EXPECT_EQ(line_of(offered_back(), "m=audio"), line_of(first_answer, "m=audio"));
  EXPECT_EQ(version_of(offered_back()), version_of(first_answer) + 1);
  play("pbx -> ACK sdp\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(OfferWithin, AskedTwiceTheOfferIsTheSameInEveryOctet) {
  begin();
  ask();
  const std::string first = offered();
  turn_round();
  play("pbx -> ACK sdp\nquiet\n");
  ask();
  EXPECT_EQ(offered(), first);
  turn_round();
  play("pbx -> ACK sdp\nquiet\n");
  play(ended_by_called);
  expect_clean(1);
}

TEST_F(OfferWithin, ResumesFromAHold) {
  begin();
  say(pbx, "a=sendonly\r\n");
  say(itsp, "a=recvonly\r\n");
  change();
  const uint64_t held = version_of(offered());
  say(itsp, "a=sendrecv\r\n");
  ask();
  EXPECT_EQ(line_of(offered(), "a=sendonly"), "");
  EXPECT_EQ(version_of(offered()), held + 1);
  turn_round();
  EXPECT_EQ(line_of(offered_back(), "a=recvonly"), "");
  say(pbx, "a=sendrecv\r\n");
  play("pbx -> ACK sdp\nquiet\n");
  wait_ms(1100);  // the row is written once a second
  const auto row = box.directory().at(0);
  for (const auto& media : row.media) {
    if (media.remote.port == 0) continue;
    EXPECT_EQ(media.direction, contract::MediaDirection::sendrecv);
  }
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(OfferWithin, AHoldInTheAckGoesOn) {
  begin();
  ask();
  const uint64_t asked = version_of(offered());
  turn_round();
  say(pbx, "a=sendonly\r\n", "8 0");
  play("pbx -> ACK sdp\nitsp <- INVITE sdp\n");
  EXPECT_EQ(line_of(offered(), "a=sendonly"), "a=sendonly");
  EXPECT_EQ(version_of(offered()), asked + 1);
  say(itsp, "a=recvonly\r\n", "8 0");
  play("itsp -> 200 sdp\nitsp <- ACK\nquiet\n");
  play(ended_by_called);
  expect_clean(1);
}

TEST_F(OfferWithin, AHoldOfTheOtherSideStays) {
  begin();
  ask();
  say(itsp, "a=sendonly\r\n", "8 0");
  turn_round();
  EXPECT_EQ(line_of(offered_back(), "a=sendonly"), "a=sendonly");
  say(pbx, "a=recvonly\r\n", "8 0");
  play("pbx -> ACK sdp\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(OfferWithin, WhatIsNotToldUsesUpNoVersion) {
  begin();
  ask();
  const uint64_t asked = version_of(offered());
  turn_round();
  play("pbx -> ACK sdp\nquiet\n");
  say(pbx, "a=sendonly\r\n");
  say(itsp, "a=recvonly\r\n");
  change();
  EXPECT_EQ(version_of(offered()), asked + 1);
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(OfferWithin, ARefusalLeavesTheSessionAsItWas) {
  begin();
  say(pbx, "a=sendonly\r\n");
  say(itsp, "a=recvonly\r\n");
  change();
  ask();
  play(R"(
    itsp -> 488
    itsp <- ACK
    pbx  <- 488
    pbx  -> ACK
    quiet
  )");
  wait_ms(1100);
  EXPECT_EQ(box.directory().at(0).media[0].direction, contract::MediaDirection::sendonly);
  say(itsp, "", "8 0");
  ask();
  turn_round();
  play("pbx -> ACK sdp\nitsp <- INVITE sdp\n");
  say(itsp, "a=recvonly\r\n");
  play("itsp -> 200 sdp\nitsp <- ACK\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(OfferWithin, WithoutAnAnswerInTheAckTheCallEnds) {
  begin();
  ask();
  turn_round();
  play(R"(
    pbx  -> ACK
    pbx  <- BYE
    itsp <- BYE
    pbx  -> 200 BYE
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::lost_peer);
  expect_clean(0);
}

TEST_F(OfferWithin, A2xxWithoutAnAnswerEndsTheCall) {
  begin();
  ask();
  play(R"(
    itsp -> 200
    itsp <- ACK
    pbx  <- 500 INVITE
    pbx  <- BYE
    itsp <- BYE
    pbx  -> ACK
    pbx  -> 200 BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

TEST_F(OfferWithin, An2xxThatComesAgainIsAcknowledgedWithTheSameAck) {
  begin();
  ask();
  turn_round();
  play(R"(
    itsp -> again
    itsp <- ACK
    pbx  -> ACK sdp
    itsp -> again
    itsp <- ACK
    quiet
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(OfferWithin, CancelledItIsOverOnBothSides) {
  begin();
  ask();
  play(R"(
    itsp -> 100
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
    pbx  <- 487 INVITE
    pbx  -> ACK
    quiet
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(OfferWithin, WhoHangsUpInsteadOfItsAckEndsTheOtherSideInOrder) {
  begin();
  ask();
  turn_round();
  play(R"(
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

TEST_F(OfferWithin, NoOtherOfferCrossesMeanwhile) {
  itsp.extra_response_lines = pbx.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";
  begin();
  ask();
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 491
    itsp -> ACK
  )");
  // Its 2xx belongs to our INVITE; a peer answers one at a time.
  play("itsp -> UPDATE within sdp\nitsp <- 491 UPDATE\n");
  play("pbx -> UPDATE within sdp\npbx <- 500 UPDATE\n");
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp INVITE\n");
  play("itsp -> UPDATE within sdp\nitsp <- 500 UPDATE\n");
  play("pbx -> ACK sdp\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

// A line that is off stays off, and is there.
TEST_F(OfferWithin, EveryLineOfTheSessionIsThere) {
  const auto two_lines = [&](const Peer& peer, int second) {
    return sdp(peer, "m=audio 40000 RTP/AVP 8\r\nm=video " + std::to_string(second) +
                         " RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n");
  };
  pbx.body = two_lines(pbx, 40002);
  itsp.body = two_lines(itsp, 40002);
  play(answered_at_once);
  ask();
  EXPECT_NE(line_of(offered(), "m=video"), "");
  EXPECT_EQ(line_of(offered(), "m=video 0"), "");
  itsp.body = two_lines(itsp, 0);
  turn_round();
  EXPECT_NE(line_of(offered_back(), "m=video 0"), "");
  pbx.body = two_lines(pbx, 0);
  play("pbx -> ACK sdp\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

class OfferWithinByCaller : public OfferWithin {
 protected:
  OfferWithinByCaller() : OfferWithin(that_make_offers(0)) {}
};

TEST_F(OfferWithinByCaller, TheCalledSideMayAskTheSame) {
  begin();
  play(R"(
    itsp -> INVITE within
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK sdp
    quiet
  )");
  EXPECT_EQ(line_of(pbx.last_request("INVITE")->body, "c="), "c=IN IP4 10.20.1.1");
  // Towards the other side nothing is made: it takes an INVITE as it is.
  play(R"(
    pbx  -> INVITE within
    pbx  <- 100
    itsp <- INVITE
    itsp -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    itsp <- ACK sdp
    quiet
  )");
  play(ended_by_called);
  expect_clean(1);
}

// Out there only mu-law is allowed, and the PBX has A-law alone.
class OfferWithinUnderPolicy : public OfferWithin {
 protected:
  OfferWithinUnderPolicy() : OfferWithin(options()) {}
  static BoxOptions options() {
    BoxOptions options = that_make_offers();
    options.codec_names[1] = {"PCMU"};
    options.codecs[0].added = contract::AddedCodecs::pcma;
    options.codecs[1].added = contract::AddedCodecs::pcmu;
    return options;
  }
};

TEST_F(OfferWithinUnderPolicy, TheFormatsAreChosenAnewOfItsOwnWords) {
  say(pbx, "");
  say(itsp, "", "0");
  play(answered_at_once);
  const std::string first = line_of(offered(), "m=audio");
  EXPECT_TRUE(first.ends_with(" RTP/AVP 0")) << first;
  ask();
  EXPECT_EQ(line_of(offered(), "m=audio"), first);
  turn_round();
  EXPECT_TRUE(line_of(offered_back(), "m=audio").ends_with(" RTP/AVP 0 8")) << offered_back();
  // One law is less than the two that it was offered, so the other side hears of it, though nothing
  // is different there.
  play("pbx -> ACK sdp\nitsp <- INVITE sdp\n");
  EXPECT_EQ(line_of(offered(), "m=audio"), first);
  play("itsp -> 200 sdp\nitsp <- ACK\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

class OfferWithinTransferred : public TransferFlow {
 protected:
  OfferWithinTransferred() : TransferFlow(that_make_offers(2, handled())) {}
};

// What the transferee said last was said to somebody else.
TEST_F(OfferWithinTransferred, TheTransfereesWordsAreOfferedToTheTarget) {
  refer_to_alt();
  play(R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- NOTIFY 200
    pbx  -> 200 NOTIFY
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp -> INVITE within
    itsp <- 100
    alt  <- INVITE sdp
    alt  -> 200 sdp
    alt  <- ACK
    itsp <- 200 sdp
    itsp -> ACK sdp
    quiet
  )");
  EXPECT_EQ(remote_of(0, 0).address, itsp.endpoint().address);
  EXPECT_EQ(remote_of(0, 1).address, alt.endpoint().address);
  play(joined_call_ends);
  expect_clean(2);
}

class OfferWithinBypassed : public OfferWithin {
 protected:
  OfferWithinBypassed() : OfferWithin(options()) { shows_media = true; }
  static BoxOptions options() {
    BoxOptions options = that_make_offers();
    options.codecs[0].way = options.codecs[1].way = contract::MediaWay::bypassed;
    return options;
  }
};

TEST_F(OfferWithinBypassed, NobodyStandsForMediaThatGoesPastUs) {
  begin();
  play("pbx -> INVITE within\npbx <- 488\npbx -> ACK\nquiet\n");
  play(ended_by_caller);
  expect_clean(1);
}

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
