// Call pickup where media has keys, or goes past the box (decision D46).
#include "dataplane/media/srtp/srtp_harness.h"
#include "sip-parser/sdp/base64.h"
#include "tests/flow/pickup_harness.h"
#include "tests/flow/srtp_line.h"

namespace demarc::flow {
namespace {

using contract::SrtpUse;
using media::srtp::MasterKey;
using media::srtp::some_key;

// What the pickup ends with when it is done.
constexpr std::string_view taken = R"(
  itsp <- CANCEL
  alt  <- 200 sdp INVITE
  pbx  <- 200 sdp INVITE
  alt  -> ACK
  pbx  -> ACK
)";

class SecurePickup : public PickupFlow {
 protected:
  SecurePickup(SrtpUse of_pbx, SrtpUse of_itsp) : PickupFlow(options(of_pbx, of_itsp)) {}
  static BoxOptions options(SrtpUse of_pbx, SrtpUse of_itsp) {
    BoxOptions options = takeable();
    const BoxOptions with_keys = with_srtp(of_pbx, of_itsp);
    options.srtp = with_keys.srtp;
    return options;
  }
  void offer(Peer& peer, const std::string& media) {
    peer.body =
        sdp(peer.endpoint().address == pbx.endpoint().address ? "10.20.1.2" : "10.20.2.3", media);
  }
  const std::string& rung_with() { return itsp.last_request("INVITE")->body; }
  const std::string& to_alt() { return alt.last_response("INVITE")->body; }
  const std::string& to_pbx() { return pbx.last_response("INVITE")->body; }
  void expect_end() {
    play(ended);
    EXPECT_EQ(box.engine().media().live_keys(), 0u);
    expect_clean(2);
  }
  // One packet from each to the other, with the keys that each leg has; null: plain.
  struct Keys {
    const MasterKey* theirs = nullptr;
    const MasterKey* ours = nullptr;
  };
  void expect_crossing(const Keys& of_alt, const Keys& of_pbx) {
    const Octets plain = media::srtp::rtp_packet(7);
    EXPECT_EQ(opened(of_pbx.ours, relay(alt, to_alt(), sealed(of_alt.theirs, plain))), plain);
    EXPECT_EQ(opened(of_alt.ours, relay(pbx, to_pbx(), sealed(of_pbx.theirs, plain))), plain);
  }

 private:
  Octets sealed(const MasterKey* key, const Octets& plain) {
    if (key == nullptr) return plain;
    const uint32_t row = far_.contexts.open(*key);
    const Octets octets = far_.protect(row, plain).octets;
    far_.contexts.close(row);
    return octets;
  }
  Octets opened(const MasterKey* key, const Octets& octets) {
    if (key == nullptr) return octets;
    const uint32_t row = far_.contexts.open(*key);
    const Octets plain = far_.unprotect(row, octets).octets;
    far_.contexts.close(row);
    return plain;
  }
  Octets relay(const Peer& from, const std::string& shown, const Octets& payload) {
    return relayed(box, from, audio_port(shown), payload);
  }

  media::srtp::TestContexts far_{media::srtp::Cipher::best(), 16};
};

class PickupOutside : public SecurePickup {
 protected:
  PickupOutside() : SecurePickup(SrtpUse::off, SrtpUse::required) {}
};

// The taker's line is answered by its tag, with a key that the phone which rang has not seen.
TEST_F(PickupOutside, WhoTakesHasKeysOfItsOwn) {
  ring();
  const MasterKey theirs = some_key(cm_80);
  offer(alt, media_line("RTP/SAVP", crypto_line(7, theirs)));
  pick_up();
  play(taken);
  play(cancelled);
  EXPECT_NE(line_of(to_alt(), "m=audio").find("RTP/SAVP 8"), std::string::npos) << to_alt();
  EXPECT_TRUE(line_of(to_alt(), "a=crypto:").starts_with("a=crypto:7 AES_CM_128_HMAC_SHA1_80 "))
      << to_alt();
  EXPECT_NE(line_of(to_pbx(), "m=audio").find("RTP/AVP 8"), std::string::npos) << to_pbx();
  EXPECT_EQ(line_of(to_pbx(), "a=crypto"), "");
  const MasterKey ours = key_in(to_alt(), cm_80);
  EXPECT_NE(base64_of(ours), base64_of(key_in(rung_with(), cm_80)));
  expect_crossing({&theirs, &ours}, {});
  // Its next offer has the same key, and is answered by the same tag.
  play(R"(
    alt  -> INVITE within sdp
    alt  <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    alt  <- 200 sdp
    alt  -> ACK
  )");
  EXPECT_EQ(base64_of(key_in(to_alt(), cm_80)), base64_of(ours));
  expect_end();
}

TEST_F(PickupOutside, WithoutKeysThatItsTrunkWantsTheOtherPhoneRingsOn) {
  ring();
  offer(alt, media_line("RTP/AVP", ""));
  pick_up();
  play("alt <- 488\nalt -> ACK\nquiet\n");
  offer(alt, media_line("RTP/SAVP", ""));
  pick_up();
  play("alt <- 488\nalt -> ACK\nquiet\n");
  play(given_up);
  expect_clean(3);
}

// The phone that rings on has the keys that it was offered.
TEST_F(PickupOutside, AfterARefusalTheOtherPhoneAnswersWithItsKeys) {
  ring();
  offer(alt, media_line("RTP/AVP", ""));
  pick_up();
  play("alt <- 488\nalt -> ACK\n");
  const MasterKey ours = key_in(rung_with(), cm_80);
  const MasterKey theirs = some_key(cm_80);
  itsp.body = sdp("10.20.2.2", media_line("RTP/SAVP", crypto_line(2, theirs)));
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  const Octets plain = media::srtp::rtp_packet(3);
  const Octets octets = relayed(box, pbx, audio_port(to_pbx()), plain);
  media::srtp::TestContexts far{media::srtp::Cipher::best(), 16};
  const uint32_t row = far.contexts.open(ours);
  EXPECT_EQ(far.unprotect(row, octets).octets, plain);
  far.contexts.close(row);
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\nquiet\n");
  expect_clean(2);
}

class PickupInside : public SecurePickup {
 protected:
  PickupInside() : SecurePickup(SrtpUse::required, SrtpUse::off) {}
};

TEST_F(PickupInside, TheCallerIsAnsweredByItsOwnLine) {
  const MasterKey theirs = some_key(cm_80);
  offer(pbx, media_line("RTP/SAVP", crypto_line(3, theirs)));
  ring();
  offer(alt, media_line("RTP/AVP", ""));
  pick_up();
  play(taken);
  play(cancelled);
  EXPECT_EQ(line_of(to_alt(), "a=crypto"), "");
  EXPECT_NE(line_of(to_pbx(), "m=audio").find("RTP/SAVP 8"), std::string::npos) << to_pbx();
  EXPECT_TRUE(line_of(to_pbx(), "a=crypto:").starts_with("a=crypto:3 AES_CM_128_HMAC_SHA1_80 "));
  const MasterKey ours = key_in(to_pbx(), cm_80);
  expect_crossing({}, {&theirs, &ours});
  expect_end();
}

class PickupBothSecure : public SecurePickup {
 protected:
  PickupBothSecure() : SecurePickup(SrtpUse::optional, SrtpUse::optional) {}
};

TEST_F(PickupBothSecure, EachLegHasItsOwnKeysAndProfile) {
  const MasterKey of_pbx = some_key(cm_80);
  const MasterKey of_alt = some_key(gcm_128);
  offer(pbx, media_line("RTP/AVP", crypto_line(1, of_pbx)));
  ring();
  offer(alt, media_line("RTP/SAVP", crypto_line(1, of_alt)));
  pick_up();
  play(taken);
  play(cancelled);
  EXPECT_NE(line_of(to_alt(), "m=audio").find("RTP/SAVP 8"), std::string::npos) << to_alt();
  EXPECT_NE(line_of(to_pbx(), "m=audio").find("RTP/AVP 8"), std::string::npos) << to_pbx();
  const MasterKey towards_alt = key_in(to_alt(), gcm_128);
  const MasterKey towards_pbx = key_in(to_pbx(), cm_80);
  expect_crossing({&of_alt, &towards_alt}, {&of_pbx, &towards_pbx});
  expect_end();
}

TEST_F(PickupBothSecure, WhoTakesWithoutKeysGetsNone) {
  const MasterKey of_pbx = some_key(cm_80);
  offer(pbx, media_line("RTP/SAVP", crypto_line(1, of_pbx)));
  ring();
  offer(alt, media_line("RTP/AVP", ""));
  pick_up();
  play(taken);
  play(cancelled);
  EXPECT_NE(line_of(to_alt(), "m=audio").find("RTP/AVP 8"), std::string::npos) << to_alt();
  EXPECT_EQ(line_of(to_alt(), "a=crypto"), "");
  const MasterKey towards_pbx = key_in(to_pbx(), cm_80);
  expect_crossing({}, {&of_pbx, &towards_pbx});
  expect_end();
}

class PickupPast : public PickupFlow {
 protected:
  PickupPast() : PickupFlow(options()) { shows_media = true; }
  static BoxOptions options() {
    BoxOptions options = takeable();
    options.codecs[0].way = options.codecs[1].way = contract::MediaWay::bypassed;
    return options;
  }
  const std::string& to_alt() { return alt.last_response("INVITE")->body; }
  const std::string& to_pbx() { return pbx.last_response("INVITE")->body; }
};

// Each hears the other's place and words, narrowed to what both have.
TEST_F(PickupPast, EachIsAnsweredWithWhatTheOtherOneSaid) {
  pbx.body = sdp("10.20.1.2", "m=audio 40000 RTP/AVP 8 0\r\n");
  alt.body = sdp("10.20.2.3", "m=audio 42000 RTP/AVP 9 8\r\na=rtcp:42009\r\n");
  const uint32_t before = box.engine().media().free_pairs(contract::RealmId{0});
  ring();
  pick_up();
  play(taken);
  play(cancelled);
  EXPECT_EQ(box.engine().media().free_pairs(contract::RealmId{0}), before);
  EXPECT_NE(to_alt().find("o=x 1 2 IN IP4 10.20.1.2\r\n"), std::string::npos) << to_alt();
  EXPECT_NE(to_alt().find("m=audio 40000 RTP/AVP 8\r\n"), std::string::npos) << to_alt();
  EXPECT_NE(to_pbx().find("c=IN IP4 10.20.2.3\r\n"), std::string::npos) << to_pbx();
  EXPECT_NE(to_pbx().find("m=audio 42000 RTP/AVP 8\r\n"), std::string::npos) << to_pbx();
  EXPECT_NE(to_pbx().find("a=rtcp:42009\r\n"), std::string::npos) << to_pbx();
  // What is offered later goes past the box, too.
  play(R"(
    alt  -> INVITE within sdp
    alt  <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    alt  <- 200 sdp
    alt  -> ACK
  )");
  EXPECT_EQ(pbx.last_request("INVITE")->body, alt.body);
  play(ended);
  expect_clean(2);
}

// The tag is that of who offered, the key that of who answers, of a suite that both have.
TEST_F(PickupPast, KeysCrossUnderTheTagsThatWereOffered) {
  const MasterKey gcm = some_key(gcm_128);
  const MasterKey caller = some_key(cm_80);
  MasterKey taker = some_key(cm_80);
  taker.octets[3] = static_cast<uint8_t>(taker.octets[3] ^ 1);
  pbx.body = sdp("10.20.1.2",
                 media_line("RTP/SAVP", crypto_line(1, gcm) + crypto_line(4, caller, "|2^20|5:2")));
  alt.body = sdp("10.20.2.3", media_line("RTP/SAVP", crypto_line(9, taker)));
  ring();
  pick_up();
  play(taken);
  play(cancelled);
  std::string expected = "a=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:";
  expected.append(base64_of(caller)).append("|5:2");
  EXPECT_EQ(line_of(to_alt(), "a=crypto:"), expected) << to_alt();
  expected = "a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:";
  expected.append(base64_of(taker));
  EXPECT_EQ(line_of(to_pbx(), "a=crypto:"), expected) << to_pbx();
  play(ended);
  expect_clean(2);
}

// Nobody stands between who could change the profile, or make keys.
TEST_F(PickupPast, WithoutProfileOrSuiteInCommonTheOtherPhoneRingsOn) {
  const MasterKey caller = some_key(cm_80);
  pbx.body = sdp("10.20.1.2", media_line("RTP/SAVP", crypto_line(1, caller)));
  ring();
  for (const std::string& media :
       {media_line("RTP/AVP", ""), media_line("RTP/SAVP", crypto_line(1, some_key(gcm_128))),
        media_line("RTP/SAVP", ""), media_line("UDP/TLS/RTP/SAVP", crypto_line(1, caller))}) {
    alt.body = sdp("10.20.2.3", media);
    pick_up();
    play("alt <- 488\nalt -> ACK\nquiet\n");
  }
  play(given_up);
  expect_clean(5);
}

// RFC 3323 section 5.2: media that goes past the box shows where the taker is.
TEST_F(PickupPast, WhoWantsItsSessionPrivateCanNotTakeIt) {
  ring();
  pick_up("\r\nPrivacy: session;critical");
  play("alt <- 488\nalt -> ACK\nquiet\n");
  play(given_up);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
