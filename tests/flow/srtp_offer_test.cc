// What peers offer of SRTP: several lines, two m-lines, possibilities; which one is taken, and how
// it is answered.
#include "tests/flow/srtp_ladder_harness.h"

namespace demarc::flow {
namespace {

TEST_F(SrtpInside, TheBestLineByOurOrderIsAnsweredUnderItsTag) {
  const MasterKey cm = some_key(cm_80, 1);
  const MasterKey gcm = some_key(gcm_128, 2);
  offer(savp(crypto_line(3, cm) + crypto_line(9, gcm)));
  EXPECT_EQ(offered().find("crypto"), std::string::npos);
  EXPECT_NE(line_of(offered(), "m=audio").find("RTP/AVP 8"), std::string::npos);
  answer(media_line("RTP/AVP", ""));
  EXPECT_NE(line_of(answered(), "m=audio").find("RTP/SAVP 8"), std::string::npos);
  EXPECT_TRUE(line_of(answered(), "a=crypto").starts_with("a=crypto:9 AEAD_AES_128_GCM inline:"));
  const MasterKey ours = key_in(answered(), gcm_128);
  EXPECT_NE(ours.octets, gcm.octets);
  const uint32_t out = far.contexts.open(gcm);
  const uint32_t in = far.contexts.open(ours);
  const Octets plain = media::srtp::rtp_packet(5);
  EXPECT_EQ(relay(pbx, towards_pbx, far.protect(out, plain).octets), plain);
  EXPECT_EQ(far.unprotect(in, relay(itsp, towards_itsp, plain)).octets, plain);
  end();
}

TEST_F(SrtpInside, LinesThatWouldWeakenItArePassedOver) {
  const MasterKey good = some_key(cm_80, 1);
  const MasterKey bad = some_key(gcm_128, 2);
  std::string lines;
  unsigned tag = 1;
  for (const std::string more :
       {" UNENCRYPTED_SRTP", " UNENCRYPTED_SRTCP", " UNAUTHENTICATED_SRTP", " KDR=3",
        " FEC_ORDER=FEC_SRTP", " SOMETHING=1", "|2^20|1:8", "|2^20|300:1"}) {
    lines += crypto_line(tag++, bad, more);
  }
  lines += "a=crypto:77 AES_CM_128_HMAC_SHA1_80 inline:short\r\n";
  lines += crypto_line(20, good, "|2^31|5:2 WSH=128 -OPTIONAL");
  offer(savp(lines));
  answer(media_line("RTP/AVP", ""));
  EXPECT_TRUE(line_of(answered(), "a=crypto").starts_with("a=crypto:20 AES_CM_128_HMAC_SHA1_80"));
  MasterKey with_mki = good;
  with_mki.mki = {0, 5};
  with_mki.mki_octets = 2;
  const uint32_t out = far.contexts.open(with_mki);
  const Octets plain = media::srtp::rtp_packet(5);
  EXPECT_EQ(relay(pbx, towards_pbx, far.protect(out, plain).octets), plain);
  end();
}

TEST_F(SrtpInside, WithoutAUsableLineSavpIsRefused) {
  pbx.body = sdp_of(pbx, savp(crypto_line(1, some_key(SrtpSuite::aes_cm_128_hmac_sha1_32))));
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 488\npbx -> ACK\n");
}

TEST_F(SrtpInside, PlainIsTakenToo) {
  offer(media_line("RTP/AVP", ""));
  answer(media_line("RTP/AVP", ""));
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
  const Octets plain = media::srtp::rtp_packet(5);
  EXPECT_EQ(relay(pbx, towards_pbx, plain), plain);
  end();
}

TEST_F(SrtpInside, KeysUnderAvpAreAnsweredUnderAvp) {
  const MasterKey theirs = some_key(cm_80, 1);
  offer(media_line("RTP/AVP", crypto_line(4, theirs)));
  answer(media_line("RTP/AVP", ""));
  EXPECT_NE(line_of(answered(), "m=audio").find("RTP/AVP 8"), std::string::npos);
  EXPECT_TRUE(line_of(answered(), "a=crypto").starts_with("a=crypto:4 "));
  end();
}

TEST_F(SrtpInside, SavpfIsAnsweredAsSuch) {
  offer(media_line("RTP/SAVPF", crypto_line(1, some_key(cm_80))));
  EXPECT_NE(line_of(offered(), "m=audio").find("RTP/AVPF 8"), std::string::npos);
  answer(media_line("RTP/AVPF", ""));
  EXPECT_NE(line_of(answered(), "m=audio").find("RTP/SAVPF 8"), std::string::npos);
  end();
}

// As Teams has it for media that is bypassed: the profile of DTLS with keys in SDP, and perhaps a
// fingerprint, which is not ours to answer.
TEST_F(SrtpInside, KeysUnderTheProfileOfDtlsAreAnsweredUnderIt) {
  const MasterKey theirs = some_key(cm_80, 1);
  offer(media_line("UDP/TLS/RTP/SAVP", crypto_line(2, theirs, "|2^31") +
                                           "a=fingerprint:sha-256 AB:CD\r\na=setup:actpass\r\n"));
  EXPECT_NE(line_of(offered(), "m=audio").find(" RTP/AVP 8"), std::string::npos);
  answer(media_line("RTP/AVP", ""));
  EXPECT_NE(line_of(answered(), "m=audio").find(" UDP/TLS/RTP/SAVP 8"), std::string::npos);
  EXPECT_TRUE(line_of(answered(), "a=crypto").starts_with("a=crypto:2 AES_CM_128_HMAC_SHA1_80 "));
  for (const std::string* text : {&offered(), &answered()}) {
    for (const char* word : {"fingerprint", "setup"}) {
      EXPECT_EQ(text->find(word), std::string::npos) << word;
    }
  }
  const uint32_t out = far.contexts.open(theirs);
  const uint32_t in = far.contexts.open(key_in(answered(), cm_80));
  const Octets plain = media::srtp::rtp_packet(5);
  EXPECT_EQ(relay(pbx, towards_pbx, far.protect(out, plain).octets), plain);
  EXPECT_EQ(far.unprotect(in, relay(itsp, towards_itsp, plain)).octets, plain);
  end();
}

TEST_F(SrtpInside, TheProfileOfDtlsWithoutKeysIsRefused) {
  pbx.body = sdp_of(pbx, media_line("UDP/TLS/RTP/SAVP", "a=fingerprint:sha-256 AB:CD\r\n"));
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 488\npbx -> ACK\n");
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
}

// The same media twice, as peers offer it that leave the choice to us.
TEST_F(SrtpInside, OfTwoMediaLinesTheEncryptedOneIsTaken) {
  const std::string crypto = crypto_line(1, some_key(cm_80));
  offer(media_line("RTP/SAVP", crypto, 40000) + media_line("RTP/AVP", "", 40002));
  answer(media_line("RTP/AVP", "") + "m=audio 0 RTP/AVP 8\r\n");
  const size_t second = answered().rfind("m=audio ");
  EXPECT_TRUE(answered().substr(second).starts_with("m=audio 0 RTP/AVP"));
  EXPECT_NE(line_of(answered(), "m=audio").find("RTP/SAVP 8"), std::string::npos);
  EXPECT_NE(towards_pbx, 0);
  end();
}

TEST_F(SrtpInside, TheEncryptedOneIsTakenWhereThePlainOneStandsFirst) {
  const MasterKey theirs = some_key(cm_80);
  offer(media_line("RTP/AVP", "", 40002) + media_line("RTP/SAVP", crypto_line(1, theirs), 40000));
  // The other side sees one line of audio.
  EXPECT_TRUE(line_of(offered(), "m=audio").starts_with("m=audio 0 "));
  const size_t second = offered().rfind("m=audio ");
  EXPECT_FALSE(offered().substr(second).starts_with("m=audio 0 "));
  EXPECT_EQ(offered().find("crypto"), std::string::npos);
  answer("m=audio 0 RTP/AVP 8\r\n" + media_line("RTP/AVP", ""));
  EXPECT_TRUE(line_of(answered(), "m=audio").starts_with("m=audio 0 RTP/AVP"));
  const std::string taken = answered().substr(answered().rfind("m=audio "));
  EXPECT_NE(line_of(taken, "m=audio").find("RTP/SAVP 8"), std::string::npos);
  const MasterKey ours = key_in(taken, cm_80);
  const Octets plain = media::srtp::rtp_packet(5);
  const Octets sent = far.protect(far.contexts.open(theirs), plain).octets;
  EXPECT_EQ(relay(pbx, audio_port(taken), sent), plain);
  const Octets back = relay(itsp, audio_port(offered().substr(second)), plain);
  EXPECT_EQ(far.unprotect(far.contexts.open(ours), back).octets, plain);
  end();
}

// RFC 5939: what stands in a=acap is a possibility that we do not take up, so the offer is what its
// m-line says. No key of it may cross.
std::string potential_lines() {
  return "a=tcap:1 RTP/SAVP\r\na=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" +
         base64_of(some_key(cm_80, 9)) + "\r\na=pcfg:1 t=1 a=1\r\n";
}

TEST_F(SrtpInside, APotentialConfigurationIsPassedOver) {
  offer(media_line("RTP/AVP", potential_lines()));
  answer(media_line("RTP/AVP", ""));
  EXPECT_NE(line_of(answered(), "m=audio").find("RTP/AVP 8"), std::string::npos);
  for (const std::string* text : {&offered(), &answered()}) {
    for (const char* word : {"acap", "pcfg", "tcap", "acfg", "crypto", "inline"}) {
      EXPECT_EQ(text->find(word), std::string::npos) << word;
    }
  }
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
  end();
}

// As Lync has it where it leaves the choice: the keys stand beside the plain profile, too.
TEST_F(SrtpInside, KeysBesideAPotentialConfigurationAreTaken) {
  const MasterKey theirs = some_key(cm_80);
  offer(media_line("RTP/AVP", crypto_line(1, theirs, "|2^31|1:1") + "a=encryption:optional\r\n" +
                                  "a=tcap:1 RTP/SAVP\r\na=pcfg:1 t=1\r\n"));
  answer(media_line("RTP/AVP", ""));
  EXPECT_NE(line_of(answered(), "m=audio").find("RTP/AVP 8"), std::string::npos);
  EXPECT_NE(line_of(answered(), "a=crypto:1"), "");
  EXPECT_EQ(answered().find("cfg"), std::string::npos);
  EXPECT_EQ(offered().find("encryption"), std::string::npos);
  end();
}

// Feedback is a profile: it is offered where it was offered. Which messages of it somebody takes is
// told by payload number, and ours may be others, so nobody is told of any.
TEST_F(SrtpInside, FeedbackCrossesAsAProfileWithoutItsMessages) {
  offer(media_line("RTP/SAVPF", crypto_line(1, some_key(cm_80)) + "a=rtcp-fb:8 nack\r\n" +
                                    "a=rtcp-fb:* ccm fir\r\n"));
  EXPECT_NE(line_of(offered(), "m=audio").find("RTP/AVPF 8"), std::string::npos);
  EXPECT_EQ(offered().find("rtcp-fb"), std::string::npos);
  answer(media_line("RTP/AVPF", "a=rtcp-fb:8 nack\r\n"));
  EXPECT_NE(line_of(answered(), "m=audio").find("RTP/SAVPF 8"), std::string::npos);
  EXPECT_EQ(answered().find("rtcp-fb"), std::string::npos);
  end();
}

TEST_F(SrtpInside, WithoutAUsableLineThePlainOneIsTaken) {
  const std::string crypto = crypto_line(1, some_key(SrtpSuite::aes_cm_128_hmac_sha1_32));
  pbx.body = sdp_of(pbx, media_line("RTP/SAVP", crypto, 40002) + media_line("RTP/AVP", "", 40000));
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  itsp.body = sdp_of(itsp, "m=audio 0 RTP/SAVP 8\r\n" + media_line("RTP/AVP", ""));
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  EXPECT_TRUE(line_of(answered(), "m=audio").starts_with("m=audio 0 RTP/SAVP"));
  EXPECT_FALSE(answered().substr(answered().rfind("m=audio ")).starts_with("m=audio 0"));
  end();
}

TEST_F(SrtpBothSides, AKeyThatIsOnlyAPossibilityIsNone) {
  pbx.body = sdp_of(pbx, media_line("RTP/AVP", potential_lines()));
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 488\npbx -> ACK\n");
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
}

}  // namespace
}  // namespace demarc::flow
