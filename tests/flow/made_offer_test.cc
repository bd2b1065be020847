// INVITEs without an offer to a peer that takes none: we make the offer, and what the peer answers
// is offered to the caller (RFC 3264 section 4, RFC 6337 section 3.1; decision D82).
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::SrtpUse;

BoxOptions that_make_offers() {
  BoxOptions options;
  options.policy[1].needs_offer = true;
  options.policy[1].makes_offer = true;
  return options;
}

std::string line_of(const std::string& body, const std::string& begin) {
  const size_t at = body.find(begin);
  return at == std::string::npos ? "" : body.substr(at, body.find("\r\n", at) - at);
}

// The formats of the m-line.
std::string formats_of(const Wire& message) {
  const std::string line = line_of(message.body, "m=audio ");
  const size_t at = line.find("AVP ");
  return at == std::string::npos ? line : line.substr(at + 4);
}

std::string with_formats(const std::string& address, const std::string& formats,
                         const std::string& more = "", const std::string& protocol = "RTP/AVP") {
  std::string sdp = "v=0\r\no=x 1 1 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address;
  sdp.append("\r\nt=0 0\r\nm=audio 40000 ").append(protocol).append(1, ' ').append(formats);
  return sdp.append("\r\n").append(more);
}

class MadeOffer : public Ladder {
 protected:
  explicit MadeOffer(const BoxOptions& options = that_make_offers()) : Ladder(options) {}
  void ring() {
    play(R"(
      pbx  -> INVITE
      pbx  <- 100
      itsp <- INVITE sdp
    )");
  }
  void answer() {
    play(R"(
      itsp -> 200 sdp
      itsp <- ACK
      pbx  <- 200 sdp
      pbx  -> ACK sdp
      quiet
    )");
  }
};

TEST_F(MadeOffer, TheCalledSideIsOfferedG711AndTheCallerWhatItAnswers) {
  ring();
  const std::string offered = itsp.last_request("INVITE")->body;
  EXPECT_EQ(formats_of(*itsp.last_request("INVITE")), "8 0 101");
  EXPECT_NE(offered.find("c=IN IP4 10.20.2.1\r\n"), std::string::npos) << offered;
  EXPECT_EQ(offered.find("0.0.0.0"), std::string::npos) << offered;
  EXPECT_EQ(offered.find("m=audio 9 "), std::string::npos) << offered;
  answer();
  const Wire& answer = *pbx.last_response("INVITE");
  EXPECT_EQ(formats_of(answer), "8 101");
  EXPECT_NE(answer.body.find("c=IN IP4 10.20.1.1\r\n"), std::string::npos) << answer.body;
  play(ended_by_caller);
  EXPECT_EQ(the_record().end, CallEnd::released_by_caller);
  expect_clean(0);
}

TEST_F(MadeOffer, WhatTheCallerTakesLessOfIsOfferedOn) {
  ring();
  itsp.body = with_formats("10.20.2.2", "8 0 101", "a=rtpmap:101 telephone-event/8000\r\n");
  pbx.body = with_formats("10.20.1.2", "0");
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    itsp <- INVITE sdp
  )");
  EXPECT_EQ(formats_of(*itsp.last_request("INVITE")), "0");
  itsp.body = with_formats("10.20.2.2", "0");
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    quiet
  )");
  play(ended_by_called);
  expect_clean(1);
}

TEST_F(MadeOffer, TheVersionOfWhatTheCalledSideSeesGrowsByOne) {
  ring();
  const auto version = [&] {
    const std::string origin = line_of(itsp.last_request("INVITE")->body, "o=");
    const size_t id = origin.find(' ') + 1;
    return std::stoull(origin.substr(origin.find(' ', id) + 1));
  };
  const auto first = version();
  itsp.body = with_formats("10.20.2.2", "8 0");
  pbx.body = with_formats("10.20.1.2", "8");
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    itsp <- INVITE sdp
  )");
  EXPECT_EQ(version(), first + 1);
  itsp.body = with_formats("10.20.2.2", "8");
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
  )");
  play(ended_by_called);
  expect_clean(1);
}

TEST_F(MadeOffer, WithoutAnAnswerInTheAckTheCallEnds) {
  ring();
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
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

TEST_F(MadeOffer, AnAnswerThatFitsNothingEndsTheCallToo) {
  ring();
  pbx.body = "v=0\r\no=x 1 1 IN IP4 10.20.1.2\r\ns=-\r\nc=IN IP4 10.20.1.2\r\nt=0 0\r\n";
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    pbx  <- BYE
    itsp <- BYE
    pbx  -> 200 BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

TEST_F(MadeOffer, AnEarlyAnswerIsKeptFromTheCallerUntilThe2xx) {
  ring();
  play(R"(
    itsp -> 183 sdp
    pbx  <- 183
  )");
  answer();
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(MadeOffer, AnAnswerInAReliable18xStandsForThe2xxWithoutOne) {
  ring();
  play(R"(
    itsp -> 183 sdp reliable
    pbx  <- 183
    itsp <- PRACK
    itsp -> 200 PRACK
    itsp -> 200 INVITE
    itsp <- ACK
    pbx  <- 200 sdp INVITE
    pbx  -> ACK sdp
    quiet
  )");
  EXPECT_EQ(formats_of(*pbx.last_response("INVITE")), "8 101");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(MadeOffer, ACallerThatTakesReliableResponsesOnlyHearsThe2xx) {
  pbx.extra_lines = "Require: 100rel\r\n";
  ring();
  play(R"(
    itsp -> 180
    quiet
  )");
  answer();
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(MadeOffer, A2xxWithoutAnAnswerIsRefused) {
  ring();
  play(R"(
    itsp -> 200
    itsp <- ACK
    pbx  <- 502
    itsp <- BYE
    pbx  -> ACK
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(MadeOffer, ARefusalCrosses) {
  ring();
  play(refused_ringing);
  expect_clean(1);
}

TEST_F(MadeOffer, ACallerThatHangsUpBeforeItsAckEndsTheCalledSideInOrder) {
  ring();
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

TEST_F(MadeOffer, AnAnswerThatComesAgainIsAcknowledgedAgain) {
  ring();
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
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

TEST_F(MadeOffer, WhileTheCallersAnswerIsOutNoOfferCrosses) {
  itsp.extra_response_lines = pbx.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";
  ring();
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    itsp -> UPDATE within sdp
    itsp <- 500 UPDATE
    pbx  -> UPDATE within sdp
    pbx  <- 491 UPDATE
    pbx  -> ACK sdp
    itsp -> UPDATE within sdp
    pbx  <- UPDATE sdp
    pbx  -> 200 sdp UPDATE
    itsp <- 200 sdp UPDATE
    quiet
  )");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(MadeOffer, AnOfferInTheInviteCrossesAsEver) {
  play(answered_call);
  play(ended_by_caller);
  expect_clean(1);
}

class MadeOfferOfCodecs : public MadeOffer {
 protected:
  explicit MadeOfferOfCodecs(const std::vector<std::string>& names = {"G729", "PCMU", "AMR"})
      : MadeOffer(options(names)) {}
  static BoxOptions options(const std::vector<std::string>& names) {
    BoxOptions options = that_make_offers();
    options.codec_names[1] = names;
    return options;
  }
};

TEST_F(MadeOfferOfCodecs, AreThoseOfTheTrunkThatAreKnownHere) {
  ring();
  EXPECT_EQ(formats_of(*itsp.last_request("INVITE")), "18 0 101");
  play(refused_ringing);
  expect_clean(1);
}

class MadeOfferOfNothing : public MadeOfferOfCodecs {
 protected:
  MadeOfferOfNothing() : MadeOfferOfCodecs({"AMR"}) {}
};

TEST_F(MadeOfferOfNothing, TheCallIsRefused) {
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    pbx  <- 488
    pbx  -> ACK
    quiet
  )");
  expect_clean(1);
}

class MadeOfferBypassed : public MadeOffer {
 protected:
  MadeOfferBypassed() : MadeOffer(options()) {}
  static BoxOptions options() {
    BoxOptions options = that_make_offers();
    options.codecs[0].way = options.codecs[1].way = contract::MediaWay::bypassed;
    return options;
  }
};

TEST_F(MadeOfferBypassed, NobodyStandsForTheCallersMedia) {
  play(R"(
    pbx  -> INVITE
    pbx  <- 100
    pbx  <- 488
    pbx  -> ACK
    quiet
  )");
  expect_clean(1);
}

// The key of RFC 4568 section 6.1's example.
constexpr const char* some_crypto =
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";

class MadeOfferSrtp : public MadeOffer {
 protected:
  explicit MadeOfferSrtp(unsigned secured = 1) : MadeOffer(options(secured)) {}
  static BoxOptions options(unsigned secured) {
    BoxOptions options = that_make_offers();
    options.srtp[secured].use = SrtpUse::required;
    options.srtp[secured].suite_count = 1;
    options.srtp[secured].suites[0] = contract::SrtpSuite::aes_cm_128_hmac_sha1_80;
    return options;
  }
};

TEST_F(MadeOfferSrtp, IsOfferedWhereTheCalledSideRequiresIt) {
  ring();
  const std::string& offered = itsp.last_request("INVITE")->body;
  EXPECT_NE(offered.find(" RTP/SAVP 8 0 101\r\n"), std::string::npos) << offered;
  EXPECT_NE(offered.find("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"), std::string::npos);
  itsp.body = with_formats("10.20.2.2", "8", some_crypto, "RTP/SAVP");
  pbx.body = with_formats("10.20.1.2", "8");
  answer();
  const std::string& shown = pbx.last_response("INVITE")->body;
  EXPECT_NE(shown.find(" RTP/AVP 8\r\n"), std::string::npos) << shown;
  EXPECT_EQ(shown.find("a=crypto"), std::string::npos) << shown;
  play(ended_by_caller);
  expect_clean(1);
}

class MadeOfferSrtpCaller : public MadeOfferSrtp {
 protected:
  MadeOfferSrtpCaller() : MadeOfferSrtp(0) {}
};

TEST_F(MadeOfferSrtpCaller, IsOfferedWhereTheCallerRequiresIt) {
  ring();
  EXPECT_EQ(itsp.last_request("INVITE")->body.find("a=crypto"), std::string::npos);
  pbx.body =
      with_formats("10.20.1.2", "8 101",
                   "a=rtpmap:101 telephone-event/8000\r\n" + std::string(some_crypto), "RTP/SAVP");
  answer();
  const std::string& shown = pbx.last_response("INVITE")->body;
  EXPECT_NE(shown.find(" RTP/SAVP 8 101\r\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"), std::string::npos);
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(MadeOfferSrtpCaller, WithoutItTheCallEnds) {
  ring();
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    pbx  <- BYE
    itsp <- BYE
    pbx  -> 200 BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

// Another target that takes an INVITE as it is gets it as it is.
class MadeOfferThenDelayed : public MadeOffer {
 protected:
  MadeOfferThenDelayed() : MadeOffer(options()) {}
  static BoxOptions options() {
    BoxOptions options = that_make_offers();
    options.has_third_trunk = true;
    options.next_trunk = 2;
    return options;
  }
};

TEST_F(MadeOfferThenDelayed, TheNextTargetIsAskedForItsOwnOffer) {
  ring();
  play(R"(
    itsp -> 503
    itsp <- ACK
    alt  <- INVITE
    alt  -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    alt  <- ACK sdp
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
    quiet
  )");
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
