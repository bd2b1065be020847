// Re-INVITEs without an offer to a peer that takes none: what the asking side said last is offered,
// and the answer is offered to who asked (RFC 3261 section 14.2, RFC 3264 section 8; decision D83).
#include "tests/flow/offer_within_harness.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;

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

}  // namespace
}  // namespace demarc::flow
