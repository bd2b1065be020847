// What crosses or fails while an offer of ours stands for one of the asking side (decision D83),
// where one side has SRTP, and where codec policies choose the formats: keys, formats and media are
// those from before.
#include "dataplane/media/g711.h"
#include "tests/flow/offer_within_harness.h"
#include "tests/flow/rtp_line.h"

namespace demarc::flow {
namespace {

using contract::SrtpUse;
using media::srtp::MasterKey;
using media::srtp::some_key;

enum class Kind { srtp, policy };

std::string name_of(const testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::srtp ? "Srtp" : "Policy";
}

class CrossingMedia : public OfferWithin, public testing::WithParamInterface<Kind> {
 protected:
  CrossingMedia() : OfferWithin(options()) {}
  static BoxOptions options() {
    BoxOptions options = GetParam() == Kind::srtp
                             ? that_make_offers(1, with_srtp(SrtpUse::off, SrtpUse::required))
                             : that_make_offers();
    options.media_timeout_ms = 0;
    if (GetParam() == Kind::srtp) return options;
    options.codec_names[1] = {"PCMU"};
    options.codecs[0].added = contract::AddedCodecs::pcma;
    options.codecs[1].added = contract::AddedCodecs::pcmu;
    return options;
  }
  // SRTP: both have A-law alone, itsp with its key. Policy: pbx has A-law, itsp has mu-law.
  void say_both(const std::string& of_pbx = "", const std::string& of_itsp = "") {
    if (GetParam() == Kind::srtp) {
      say(pbx, of_pbx);
      itsp.body = sdp(itsp, media_line("RTP/SAVP", crypto_line(2, theirs_)) + of_itsp);
    } else {
      say(pbx, of_pbx);
      say(itsp, of_itsp, "0");
    }
  }
  void begin_both() {
    say_both();
    play(answered_at_once);
    first_ = line_of(offered(), "m=audio");
    if (GetParam() == Kind::srtp) ours_ = base64_of(key_in(offered(), cm_80));
    expect_media();
  }
  // What itsp is offered is what it was offered first, with the same key.
  void expect_first_offer() {
    EXPECT_EQ(line_of(offered(), "m=audio"), first_);
    if (GetParam() == Kind::srtp) {
      EXPECT_EQ(base64_of(key_in(offered(), cm_80)), ours_);
    }
  }
  void expect_media() {
    ++sequence_;
    if (GetParam() == Kind::srtp) return expect_secured();
    RtpLine line{box, itsp, Peer::media_port, port_in(offered())};
    const std::vector<uint8_t> audio(160, 0x12);
    std::vector<uint8_t> wanted = audio;
    media::transcode_scalar(media::Law::mu, wanted);
    line.audio(0, audio);
    ASSERT_EQ(line.out.size(), 1u);
    EXPECT_EQ(line.out[0].payload_type, 8);
    EXPECT_EQ(line.out[0].payload, wanted);
  }
  void expect_secured() {
    const uint32_t out = far_.contexts.open(theirs_);
    const Octets plain = media::srtp::rtp_packet(sequence_);
    EXPECT_EQ(relayed(box, itsp, audio_port(offered()), far_.protect(out, plain).octets), plain);
    far_.contexts.close(out);
  }
  void expect_unchanged() {
    expect_media();
    say_both();
    change();
    expect_first_offer();
    expect_media();
    play(ended_by_caller);
    EXPECT_EQ(box.engine().media().live_keys(), 0u);
    expect_clean(1);
  }
  void hold_in_ack() {
    begin_both();
    ask();
    expect_first_offer();
    turn_round();
    say(pbx, "a=sendonly\r\n");
    play("pbx -> ACK sdp\nitsp <- INVITE sdp\n");
    expect_first_offer();
    EXPECT_EQ(line_of(offered(), "a=sendonly"), "a=sendonly");
  }

 private:
  const MasterKey theirs_ = some_key(cm_80);
  media::srtp::TestContexts far_{media::srtp::Cipher::best(), 16};
  std::string first_, ours_;
  unsigned sequence_ = 6;
};

INSTANTIATE_TEST_SUITE_P(Each, CrossingMedia, testing::Values(Kind::srtp, Kind::policy), name_of);

TEST_P(CrossingMedia, ARefusalChangesNothing) {
  begin_both();
  for (const std::string status : {"488", "491"}) {
    ask();
    expect_first_offer();
    play("itsp -> " + status + "\nitsp <- ACK\npbx <- " + status + "\npbx -> ACK\nquiet\n");
  }
  expect_unchanged();
}

TEST_P(CrossingMedia, AChallengeThatWeCanNotAnswerChangesNothing) {
  begin_both();
  ask();
  itsp.extra_response_lines = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n";
  play("itsp -> 407 INVITE\nitsp <- ACK\npbx <- 403 INVITE\npbx -> ACK\nquiet\n");
  itsp.extra_response_lines.clear();
  expect_unchanged();
}

TEST_P(CrossingMedia, ACancelledOneChangesNothing) {
  begin_both();
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
  expect_unchanged();
}

TEST_P(CrossingMedia, A2xxThatCrossesTheCancelIsPassed) {
  begin_both();
  ask();
  play(R"(
    itsp -> 100
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    itsp <- CANCEL
    itsp -> 200 sdp INVITE
    itsp <- ACK
    itsp -> 481 CANCEL
    pbx  <- 200 sdp INVITE
  )");
  play("pbx -> ACK sdp\n");
  // Offered back are both laws, of which pbx has one: itsp hears of that (D83).
  if (GetParam() == Kind::policy) play("itsp <- INVITE sdp\nitsp -> 200 sdp\nitsp <- ACK\n");
  play("quiet\n");
  expect_unchanged();
}

TEST_P(CrossingMedia, SilenceOfWhoIsAskedChangesNothing) {
  begin_both();
  ask();
  play("wait 32100\n");
  itsp.inbox().clear();
  play("pbx <- 408 INVITE\npbx -> ACK\nquiet\n");
  expect_unchanged();
}

TEST_P(CrossingMedia, WhoIsToldMayRefuse) {
  hold_in_ack();
  play("itsp -> 488 INVITE\nitsp <- ACK\nquiet\n");
  expect_unchanged();
}

TEST_P(CrossingMedia, WhoIsToldInGlareOffersFirst) {
  hold_in_ack();
  play("itsp -> INVITE within sdp\nitsp <- 491 INVITE\nitsp -> ACK\n");
  play("itsp -> 491\nitsp <- ACK\nquiet\n");
  expect_unchanged();
}

TEST_P(CrossingMedia, SilenceOfWhoIsToldEndsTheCall) {
  hold_in_ack();
  play("wait 32100\npbx <- BYE\npbx -> 200 BYE\n");
  itsp.inbox().clear();
  play("itsp -> 200 BYE\n");
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
