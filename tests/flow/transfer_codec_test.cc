// REFER that is handled here, of calls whose formats a codec policy chose (decision D72).
#include "dataplane/media/g711.h"
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"
#include "tests/flow/rtp_line.h"

namespace demarc::flow {
namespace {

struct Policies {
  std::array<contract::CodecPolicy, 3> of = {};  // pbx, itsp and alt
  std::array<std::vector<std::string>, 3> names = {};
};

// pbx has called itsp, which refers it to alt. Each has a policy or none.
class CodecTransfer : public Ladder {
 protected:
  explicit CodecTransfer(const Policies& policies) : Ladder(options(policies)) {
    pbx.called = "+442079460018";
  }
  static BoxOptions options(const Policies& policies) {
    BoxOptions options;
    options.has_third_trunk = true;
    options.media_timeout_ms = 0;
    options.policy[1].transfer = contract::Transfer::handled;
    options.codecs = policies.of;
    options.codec_names = policies.names;
    return options;
  }
  static std::string sdp(const Peer& peer, const std::string& formats) {
    const bool is_outside = peer.name() != "pbx";
    std::string address = is_outside ? "10.20.2.2" : "10.20.1.2";
    if (peer.name() == "alt") address = "10.20.2.3";
    std::string body = "v=0\r\no=x 1 2 IN IP4 ";
    body.append(address).append("\r\ns=-\r\nc=IN IP4 ").append(address);
    return body.append("\r\nt=0 0\r\nm=audio 40000 RTP/AVP ").append(formats).append("\r\n");
  }
  void call(const std::string& offered, const std::string& answered) {
    pbx.body = sdp(pbx, offered);
    itsp.body = sdp(itsp, answered);
    play(answered_at_once);
  }
  // Up to the INVITE that alt gets.
  void refer() {
    itsp.extra_lines = "Refer-To: <tel:+4930123456>\r\n";
    play("itsp -> REFER within\nitsp <- 202 REFER\nitsp <- NOTIFY 100\nalt <- INVITE sdp\n");
    play("itsp -> 200 NOTIFY\nquiet\n");
    itsp.extra_lines.clear();
  }
  void answer(const std::string& formats) {
    alt.body = sdp(alt, formats);
    play("alt -> 200 sdp\nalt <- ACK\nitsp <- NOTIFY 200\nitsp -> 200 NOTIFY\n");
  }
  // What a peer is told of the other one, and what it says to that.
  void agree(Peer& peer, const std::string& told, const std::string& formats) {
    peer.body = sdp(peer, formats);
    const std::string name(peer.name());
    std::string ladder = name;
    ladder.append(" <- INVITE sdp\n").append(name).append(" -> 200 sdp\n");
    play(ladder.append(name).append(" <- ACK\n"));
    EXPECT_EQ(formats_in(shown(peer)), told);
  }
  void end() {
    play(R"(
      quiet
      itsp -> BYE
      itsp <- 200 BYE
      pbx  -> BYE
      pbx  <- 200 BYE
      alt  <- BYE
      alt  -> 200 BYE
      quiet
    )");
    expect_clean(2);
  }
  static const std::string& shown(const Peer& peer) { return peer.last_request("INVITE")->body; }
};

Policies allowing(unsigned trunk, std::vector<std::string> names, uint8_t added = 0) {
  Policies policies;
  policies.names.at(trunk) = std::move(names);
  policies.of.at(trunk).added = added;
  return policies;
}

class TransferFromStrict : public CodecTransfer {
 protected:
  TransferFromStrict() : CodecTransfer(allowing(1, {"PCMU"})) {}
};

// itsp may be told of PCMU alone; who comes in its place hears all that pbx has.
TEST_F(TransferFromStrict, TheTargetIsOfferedWhatTheTransfereeSaid) {
  call("0 8 9", "0");
  EXPECT_EQ(formats_in(shown(itsp)), "0");
  refer();
  EXPECT_EQ(formats_in(shown(alt)), "0 8 9");
  answer("9 8");
  agree(pbx, "9 8", "9 8");
  end();
}

TEST_F(TransferFromStrict, WhatWasSaidWithinTheCallIsOfferedAndWhatWasRefusedIsNot) {
  call("0 8 9", "0");
  pbx.body = sdp(pbx, "9 0");
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  pbx.body = sdp(pbx, "18 0");
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 488
    itsp <- ACK
    pbx  <- 488
    pbx  -> ACK
  )");
  refer();
  EXPECT_EQ(formats_in(shown(alt)), "9 0");
  answer("0");
  end();
}

// The other one was asked for an offer, and this one answered it in its ACK.
TEST_F(TransferFromStrict, AnOfferThatWasAskedForIsKnownToo) {
  call("0 8 9", "0");
  pbx.body = sdp(pbx, "0");
  itsp.body = sdp(itsp, "0 8");
  play(R"(
    pbx  -> INVITE within
    pbx  <- 100
    itsp <- INVITE
    itsp -> 200 sdp
    pbx  <- 200 sdp
    pbx  -> ACK sdp
    itsp <- ACK sdp
  )");
  refer();
  EXPECT_EQ(formats_in(shown(alt)), "0");
  answer("0");
  end();
}

TEST_F(TransferFromStrict, ATargetThatRefusesLeavesTheCallAsItWas) {
  call("0 8 9", "0");
  refer();
  play("alt -> 486\nalt <- ACK\nitsp <- NOTIFY 486\nitsp -> 200 NOTIFY\n");
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\nquiet\n");
  expect_clean(2);
}

class TransferFromTranscoded : public CodecTransfer {
 protected:
  TransferFromTranscoded() : CodecTransfer(allowing(1, {"PCMU"}, contract::AddedCodecs::pcmu)) {}
};

// What was made for itsp is not what pbx has.
TEST_F(TransferFromTranscoded, TheTargetIsNotOfferedWhatWasMadeForTheOther) {
  call("8", "0");
  EXPECT_EQ(formats_in(shown(itsp)), "0");
  refer();
  EXPECT_EQ(formats_in(shown(alt)), "8");
  answer("8");
  // pbx has what it needs.
  RtpLine line{box, pbx, Peer::media_port, port_in(pbx.last_response("INVITE")->body)};
  line.audio(8, std::vector<uint8_t>(160, 0x12));
  ASSERT_EQ(line.out.size(), 1u);
  EXPECT_EQ(line.out[0].payload, std::vector<uint8_t>(160, 0x12));
  EXPECT_EQ(line.out[0].to.address, alt.endpoint().address);
  end();
}

class TransferToTranscoded : public CodecTransfer {
 protected:
  TransferToTranscoded() : CodecTransfer(allowing(2, {"PCMU"}, contract::AddedCodecs::pcmu)) {}
};

TEST_F(TransferToTranscoded, ThePolicyOfTheTargetsTrunkChooses) {
  call("8", "8");
  refer();
  EXPECT_EQ(formats_in(shown(alt)), "0");
  answer("0");
  // pbx has what it needs.
  RtpLine line{box, pbx, Peer::media_port, port_in(pbx.last_response("INVITE")->body)};
  const std::vector<uint8_t> audio(160, 0x12);
  std::vector<uint8_t> wanted = audio;
  media::transcode_scalar(media::Law::a, wanted);
  line.audio(8, audio);
  ASSERT_EQ(line.out.size(), 1u);
  EXPECT_EQ(line.out[0].payload_type, 0);
  EXPECT_EQ(line.out[0].payload, wanted);
  end();
}

class TransferToOrdered : public CodecTransfer {
 protected:
  TransferToOrdered() : CodecTransfer(allowing(2, {"PCMA", "PCMU"})) {}
};

// The target may send no format that the transferee has not taken.
TEST_F(TransferToOrdered, TheTargetIsToldWhenTheTransfereeTakesFewer) {
  call("0 8 9", "0 8 9");
  refer();
  EXPECT_EQ(formats_in(shown(alt)), "8 0");
  answer("8 0");
  agree(pbx, "8 0", "0");
  agree(alt, "0", "0");
  end();
}

}  // namespace
}  // namespace demarc::flow
