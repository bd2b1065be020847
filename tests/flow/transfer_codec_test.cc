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
  explicit CodecTransfer(const Policies& policies) : CodecTransfer(options(policies)) {}
  explicit CodecTransfer(const BoxOptions& options) : Ladder(options) {}
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

class TransferAfterRefresh : public CodecTransfer {
 protected:
  TransferAfterRefresh() : CodecTransfer(that_refresh()) {}
  static BoxOptions that_refresh() {
    BoxOptions options = CodecTransfer::options(allowing(1, {"PCMU", "PCMA"}));
    options.policy[0].session_expires_s = options.policy[1].session_expires_s = 600;
    return options;
  }
};

// The transferee took less in its answer to a refresh of ours, and itsp was told so (decision D26).
TEST_F(TransferAfterRefresh, TheTargetIsOfferedWhatTheTransfereeSaidInIt) {
  pbx.extra_lines = "Supported: timer\r\nSession-Expires: 600;refresher=uas\r\n";
  call("0 8 9", "0 8");
  play("wait 300100\npbx <- INVITE sdp\n");
  pbx.body = sdp(pbx, "8");
  itsp.body = sdp(itsp, "8");
  play("pbx -> 200 sdp INVITE\npbx <- ACK\nitsp <- INVITE sdp\nitsp -> 200 sdp INVITE\n");
  pbx.extra_lines.clear();
  play("itsp <- ACK\nquiet\n");
  refer();
  EXPECT_EQ(formats_in(shown(alt)), "8");
  answer("8");
  end();
}

class TransferFromMadeOffer : public CodecTransfer {
 protected:
  TransferFromMadeOffer() : CodecTransfer(that_makes_offers()) {}
  static BoxOptions that_makes_offers() {
    BoxOptions options = CodecTransfer::options(allowing(1, {"PCMA", "PCMU"}));
    options.policy[1].needs_offer = options.policy[1].makes_offer = true;
    return options;
  }
};

// It said so in its ACK (decision D82).
TEST_F(TransferFromMadeOffer, TheTargetIsOfferedWhatTheTransfereeSaid) {
  pbx.body = sdp(pbx, "0 8");
  itsp.body = sdp(itsp, "8 0");
  play("pbx -> INVITE\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 200 sdp\nitsp <- ACK\n");
  play("pbx <- 200 sdp\npbx -> ACK sdp\nquiet\n");
  refer();
  EXPECT_EQ(formats_in(shown(alt)), "0 8");
  answer("0 8");
  end();
}

class TransferFromPickup : public CodecTransfer {
 protected:
  TransferFromPickup() : CodecTransfer(that_are_taken()) {}
  static BoxOptions that_are_taken() {
    BoxOptions options = CodecTransfer::options(allowing(0, {"PCMU"}));
    options.has_third_trunk = false;
    options.has_second_target = true;
    options.policy[0].transfer = contract::Transfer::handled;
    options.policy[1].takes_replaces = true;
    return options;
  }
};

// alt picks up what rings at itsp, and is sent back to it: with what alt said, not what rang.
TEST_F(TransferFromPickup, TheTargetIsOfferedWhatTheOneWhoPickedUpSaid) {
  pbx.body = sdp(pbx, "0");
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 180\npbx <- 180\n");
  const Wire rang = *itsp.last_request("INVITE");
  const std::string from = rang.field("From");
  alt.extra_lines = "Replaces: " + rang.field("Call-ID") +
                    ";to-tag=" + from.substr(from.find(";tag=") + 5) + ";from-tag=" + itsp.tag() +
                    "\r\n";
  alt.body = sdp(alt, "0 8 9");
  play("alt -> INVITE sdp\nalt <- 100\nalt <- 200 sdp\nitsp <- CANCEL\npbx <- 200 sdp\n");
  alt.extra_lines.clear();
  play("alt -> ACK\npbx -> ACK\nitsp -> 200 CANCEL\nitsp -> 487 INVITE\nitsp <- ACK\n");
  pbx.extra_lines = "Refer-To: <tel:+442079460019>\r\n";
  play("pbx -> REFER within\npbx <- 202 REFER\npbx <- NOTIFY 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(formats_in(shown(itsp)), "0 8 9");
  pbx.extra_lines.clear();
  play("pbx -> 200 NOTIFY\nitsp -> 486 INVITE\nitsp <- ACK\npbx <- NOTIFY 486\n");
  play("pbx -> 200 NOTIFY\npbx -> BYE\npbx <- 200 BYE\nalt <- BYE\nalt -> 200 BYE\nquiet\n");
  pbx.inbox().clear();
  box.take_records();
  expect_clean(0);
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
