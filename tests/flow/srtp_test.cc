// SRTP with keys in SDP (RFC 4568) through a call: what is offered and answered on either side, and
// the octets of media that cross.
#include <memory>
#include <set>

#include "dataplane/media/srtp/srtp_harness.h"
#include "tests/flow/ladder.h"
#include "tests/flow/srtp_line.h"

namespace demarc::flow {
namespace {

using contract::Endpoint;
using contract::SrtpSuite;
using contract::SrtpUse;
using contract::TrunkCounter;
using media::srtp::MasterKey;
using media::srtp::some_key;
using media::srtp::TestContexts;

std::string sdp_of(const Peer& peer, const std::string& media) {
  const std::string address = peer.name() == "pbx" ? "10.20.1.2" : "10.20.2.2";
  return "v=0\r\no=x 1 2 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\n" +
         media;
}

class SrtpLadder : public Ladder {
 protected:
  explicit SrtpLadder(const BoxOptions& options) : Ladder(options) {}

  void offer(const std::string& media) {
    pbx.body = sdp_of(pbx, media);
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    towards_itsp = audio_port(offered());
  }
  void answer(const std::string& media) {
    itsp.body = sdp_of(itsp, media);
    play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
    towards_pbx = audio_port(answered());
  }
  void reinvite(const std::string& offered, const std::string& answered) {
    pbx.body = sdp_of(pbx, offered);
    itsp.body = sdp_of(itsp, answered);
    play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  }
  void end() {
    play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
    EXPECT_EQ(box.engine().media().live_keys(), 0u);
    expect_clean(1);
  }
  const std::string& offered() { return itsp.last_request("INVITE")->body; }
  const std::string& answered() { return pbx.last_response("INVITE")->body; }

  Octets relay(const Peer& from, uint16_t port, const Octets& payload) {
    return relayed(box, from, port, payload);
  }
  // SRTP of the peer in, plain out, and the way back.
  void expect_crossing(const MasterKey& theirs, const MasterKey& ours, unsigned sequence) {
    const uint32_t out = far.contexts.open(theirs);
    const uint32_t in = far.contexts.open(ours);
    const Octets plain = media::srtp::rtp_packet(sequence);
    EXPECT_EQ(relay(itsp, towards_itsp, far.protect(out, plain).octets), plain);
    EXPECT_EQ(far.unprotect(in, relay(pbx, towards_pbx, plain)).octets, plain);
    far.contexts.close(out);
    far.contexts.close(in);
  }

  TestContexts far{media::srtp::Cipher::best(), 16};
  uint16_t towards_pbx = 0;
  uint16_t towards_itsp = 0;
};

class SrtpOutside : public SrtpLadder {
 protected:
  SrtpOutside() : SrtpLadder(with_srtp(SrtpUse::off, SrtpUse::required)) {}
};

TEST_F(SrtpOutside, IsOfferedWithAKeyPerSuiteAndTakenInTheAnswer) {
  offer(media_line("RTP/AVP", ""));
  EXPECT_NE(line_of(offered(), "m=audio").find("RTP/SAVP 8"), std::string::npos);
  EXPECT_TRUE(line_of(offered(), "a=crypto:1").starts_with("a=crypto:1 AEAD_AES_128_GCM inline:"));
  EXPECT_TRUE(line_of(offered(), "a=crypto:2").starts_with("a=crypto:2 AES_CM_128_HMAC_SHA1_80"));
  const MasterKey theirs = some_key(cm_80);
  answer(media_line("RTP/SAVP", crypto_line(2, theirs, "|2^31")));
  EXPECT_NE(line_of(answered(), "m=audio").find("RTP/AVP 8"), std::string::npos);
  EXPECT_EQ(answered().find("crypto"), std::string::npos);
  EXPECT_EQ(box.engine().media().live_keys(), 2u);
  expect_crossing(theirs, key_in(offered(), cm_80), 7);
  end();
}

TEST_F(SrtpOutside, GcmIsTakenToo) {
  offer(media_line("RTP/AVP", ""));
  const MasterKey theirs = some_key(gcm_128);
  answer(media_line("RTP/SAVP", crypto_line(1, theirs)));
  expect_crossing(theirs, key_in(offered(), gcm_128), 7);
  end();
}

TEST_F(SrtpOutside, WhatIsNotAuthenticIsCountedAndEndsNothing) {
  offer(media_line("RTP/AVP", ""));
  answer(media_line("RTP/SAVP", crypto_line(2, some_key(cm_80))));
  for (unsigned i = 0; i < 200; ++i) {
    EXPECT_EQ(relay(itsp, towards_itsp, media::srtp::rtp_packet(i)), Octets());
  }
  EXPECT_EQ(box.engine().live_calls(), 1u);
  end();
  EXPECT_EQ(box.trunk_counter(Box::itsp, TrunkCounter::rtp_drop_unauthenticated), 200u);
}

TEST_F(SrtpOutside, AnAnswerWithoutAKeyOrWithTheWrongTagIsNoAnswer) {
  for (const std::string& media : {media_line("RTP/SAVP", ""), media_line("RTP/AVP", ""),
                                   media_line("RTP/SAVP", crypto_line(1, some_key(cm_80)))}) {
    offer(media_line("RTP/AVP", ""));
    itsp.body = sdp_of(itsp, media);
    play("itsp -> 200 sdp\nitsp <- ACK\nitsp <- BYE\nitsp -> 200 BYE\n");
    EXPECT_EQ(box.engine().media().live_keys(), 0u);
    pbx.inbox().clear();
    wait_ms(70'000);
    pbx.inbox().clear();
  }
}

TEST_F(SrtpOutside, TheSameKeyGoesOnAfterAReinviteAndAnotherBegins) {
  offer(media_line("RTP/AVP", ""));
  const MasterKey first = some_key(cm_80, 1);
  answer(media_line("RTP/SAVP", crypto_line(2, first)));
  const MasterKey ours = key_in(offered(), cm_80);
  const uint32_t out = far.contexts.open(first);
  const auto sent = [&](uint32_t context, unsigned sequence) {
    return relay(itsp, towards_itsp,
                 far.protect(context, media::srtp::rtp_packet(sequence & 0xffff)).octets);
  };
  EXPECT_NE(sent(out, 65'535), Octets());
  EXPECT_NE(sent(out, 65'536), Octets());
  reinvite(media_line("RTP/AVP", "a=sendonly\r\n"),
           media_line("RTP/SAVP", "a=recvonly\r\n" + crypto_line(2, first)));
  EXPECT_EQ(key_in(offered(), cm_80).octets, ours.octets);
  EXPECT_NE(sent(out, 65'537), Octets());  // with its roll-over counter
  const MasterKey second = some_key(cm_80, 2);
  reinvite(media_line("RTP/AVP", ""), media_line("RTP/SAVP", crypto_line(2, second)));
  EXPECT_EQ(sent(out, 65'538), Octets());
  EXPECT_NE(sent(far.contexts.open(second), 2), Octets());
  end();
}

TEST_F(SrtpOutside, KeysGoOnWhereFaxWasInBetween) {
  offer(media_line("RTP/AVP", ""));
  const MasterKey theirs = some_key(cm_80);
  answer(media_line("RTP/SAVP", crypto_line(2, theirs)));
  const uint32_t out = far.contexts.open(theirs);
  const uint32_t in = far.contexts.open(key_in(offered(), cm_80));
  Octets recorded;
  const auto expect_both_ways = [&](unsigned sequence) {
    const Octets plain = media::srtp::rtp_packet(sequence);
    recorded = far.protect(out, plain).octets;
    EXPECT_EQ(relay(itsp, towards_itsp, recorded), plain);
    EXPECT_EQ(far.unprotect(in, relay(pbx, towards_pbx, plain)).octets, plain);
  };
  for (const unsigned sequence : {65'535u, 0u}) expect_both_ways(sequence);
  const std::string fax = "m=image 40000 udptl t38\r\na=T38FaxVersion:0\r\n";
  reinvite(fax, fax);
  EXPECT_EQ(relay(itsp, towards_itsp, Octets(20, 7)), Octets(20, 7));
  reinvite(media_line("RTP/AVP", ""), media_line("RTP/SAVP", crypto_line(2, theirs)));
  EXPECT_EQ(relay(itsp, towards_itsp, recorded), Octets());
  expect_both_ways(1);
  end();
}

TEST_F(SrtpOutside, EachForkHasItsOwnKey) {
  offer(media_line("RTP/AVP", ""));
  const MasterKey first = some_key(cm_80, 1);
  const MasterKey second = some_key(gcm_128, 2);
  const auto ring = [&](const std::string& fork, const std::string& what,
                        const std::string& media) {
    itsp.tag_suffix = fork;
    if (!media.empty()) itsp.body = sdp_of(itsp, media);
    play("itsp -> " + what + "\n");
  };
  ring("a", "183 sdp", media_line("RTP/SAVP", crypto_line(2, first)));
  play("pbx <- 183 sdp\n");
  towards_pbx = audio_port(answered());
  expect_crossing(first, key_in(offered(), cm_80), 1);
  ring("b", "183 sdp", media_line("RTP/SAVP", crypto_line(1, second)));
  play("pbx <- 183 sdp\n");
  expect_crossing(second, key_in(offered(), gcm_128), 1);
  ring("a", "200", "");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  EXPECT_EQ(box.engine().media().live_keys(), 2u);
  const uint32_t out = far.contexts.open(first);
  const Octets plain = media::srtp::rtp_packet(9);
  EXPECT_EQ(relay(itsp, towards_itsp, far.protect(out, plain).octets), plain);
  end();
}

TEST_F(SrtpOutside, ACallOfTheirsMustOfferKeys) {
  itsp.called = "+441632960001";
  itsp.body = sdp_of(itsp, media_line("RTP/AVP", ""));
  play("itsp -> INVITE sdp\nitsp <- 100\nitsp <- 488\nitsp -> ACK\n");
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
}

class SrtpInside : public SrtpLadder {
 protected:
  SrtpInside() : SrtpLadder(with_srtp(SrtpUse::optional, SrtpUse::off)) {}
  static std::string savp(const std::string& lines) { return media_line("RTP/SAVP", lines); }
};

TEST_F(SrtpInside, WhoMovesElsewhereGetsAnotherKey) {
  const MasterKey theirs = some_key(cm_80, 1);
  offer(savp(crypto_line(1, theirs)));
  answer(media_line("RTP/AVP", ""));
  const MasterKey first = key_in(answered(), cm_80);
  reinvite(savp("a=sendonly\r\n" + crypto_line(1, theirs)),
           media_line("RTP/AVP", "a=recvonly\r\n"));
  EXPECT_EQ(key_in(answered(), cm_80).octets, first.octets);
  // Another phone, say: it knows nothing of the roll-over counter.
  reinvite(media_line("RTP/SAVP", crypto_line(1, some_key(cm_80, 2)), 41000),
           media_line("RTP/AVP", ""));
  const MasterKey second = key_in(answered(), cm_80);
  EXPECT_NE(second.octets, first.octets);
  const Octets sent = relay(itsp, audio_port(offered()), media::srtp::rtp_packet(1));
  EXPECT_EQ(far.unprotect(far.contexts.open(second), sent).octets, media::srtp::rtp_packet(1));
  end();
}

TEST_F(SrtpInside, WhoResumesElsewhereGetsAnotherKey) {
  const MasterKey theirs = some_key(cm_80, 1);
  offer(savp(crypto_line(1, theirs)));
  answer(media_line("RTP/AVP", ""));
  const MasterKey first = key_in(answered(), cm_80);
  // Hold in the old style says no place.
  reinvite(savp("c=IN IP4 0.0.0.0\r\n" + crypto_line(1, theirs)), media_line("RTP/AVP", ""));
  EXPECT_EQ(key_in(answered(), cm_80).octets, first.octets);
  reinvite(media_line("RTP/SAVP", crypto_line(1, some_key(cm_80, 2)), 41000),
           media_line("RTP/AVP", ""));
  EXPECT_NE(key_in(answered(), cm_80).octets, first.octets);
  end();
}

TEST_F(SrtpInside, AnOfferThatIsRefusedLeavesTheKeyAsItWas) {
  const MasterKey theirs = some_key(cm_80, 1);
  offer(savp(crypto_line(1, theirs)));
  answer(media_line("RTP/AVP", ""));
  const MasterKey first = key_in(answered(), cm_80);
  const uint32_t in = far.contexts.open(first);
  pbx.body = sdp_of(pbx, media_line("RTP/SAVP", crypto_line(1, some_key(cm_80, 2)), 41000));
  play(
      "pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 488\nitsp <- ACK\n"
      "pbx <- 488\npbx -> ACK\n");
  const Octets sent = relay(itsp, towards_itsp, media::srtp::rtp_packet(2));
  EXPECT_EQ(far.unprotect(in, sent).octets, media::srtp::rtp_packet(2));
  end();
}

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

class SrtpNowhere : public SrtpLadder {
 protected:
  SrtpNowhere() : SrtpLadder({}) {}
};

TEST_F(SrtpNowhere, SavpIsRefusedAndKeysUnderAvpAreIgnored) {
  pbx.body = sdp_of(pbx, media_line("RTP/SAVP", crypto_line(1, some_key(cm_80))));
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 488\npbx -> ACK\n");
  wait_ms(40'000);
  offer(media_line("RTP/AVP", crypto_line(1, some_key(cm_80))));
  EXPECT_EQ(offered().find("crypto"), std::string::npos);
  answer(media_line("RTP/AVP", ""));
  EXPECT_EQ(answered().find("crypto"), std::string::npos);
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
}

class SrtpBothSides : public SrtpLadder {
 protected:
  SrtpBothSides() : SrtpLadder(with_srtp(SrtpUse::required, SrtpUse::optional)) {}
};

TEST_F(SrtpBothSides, NoKeyCrossesAndMediaIsKeyedAnew) {
  const MasterKey pbx_key = some_key(cm_80, 1);
  const MasterKey itsp_key = some_key(gcm_128, 2);
  offer(media_line("RTP/SAVP", crypto_line(1, pbx_key)));
  EXPECT_NE(line_of(offered(), "m=audio").find("RTP/AVP 8"), std::string::npos);
  EXPECT_EQ(offered().find(base64_of(pbx_key)), std::string::npos);
  answer(media_line("RTP/AVP", crypto_line(1, itsp_key)));
  EXPECT_EQ(answered().find(base64_of(itsp_key)), std::string::npos);
  EXPECT_EQ(box.engine().media().live_keys(), 4u);
  const MasterKey ours = key_in(answered(), cm_80);
  const std::set<std::string> keys = {base64_of(pbx_key), base64_of(itsp_key), base64_of(ours),
                                      base64_of(key_in(offered(), gcm_128)),
                                      base64_of(key_in(offered(), cm_80))};
  EXPECT_EQ(keys.size(), 5u);
  const uint32_t from_itsp = far.contexts.open(itsp_key);
  const uint32_t at_pbx = far.contexts.open(ours);
  for (unsigned i = 65'530; i < 65'545; ++i) {
    const Octets plain = media::srtp::rtp_packet(i & 0xffff);
    const Octets crossed = relay(itsp, towards_itsp, far.protect(from_itsp, plain).octets);
    EXPECT_EQ(far.unprotect(at_pbx, crossed).octets, plain);
  }
  end();
}

TEST_F(SrtpBothSides, APeerWithoutKeysIsPlainWhereItMayBe) {
  const MasterKey pbx_key = some_key(cm_80, 1);
  offer(media_line("RTP/SAVP", crypto_line(1, pbx_key)));
  answer(media_line("RTP/AVP", ""));
  EXPECT_EQ(box.engine().media().live_keys(), 2u);
  const uint32_t out = far.contexts.open(pbx_key);
  const Octets plain = media::srtp::rtp_packet(1);
  EXPECT_EQ(relay(pbx, towards_pbx, far.protect(out, plain).octets), plain);
  end();
}

TEST_F(SrtpBothSides, AnOfferInTheAnswerIsTurnedRound) {
  const MasterKey itsp_key = some_key(gcm_128, 2);
  const MasterKey pbx_key = some_key(cm_80, 1);
  itsp.body = sdp_of(itsp, media_line("RTP/SAVP", crypto_line(7, itsp_key)));
  play("pbx -> INVITE\npbx <- 100\nitsp <- INVITE\nitsp -> 200 sdp\npbx <- 200 sdp\n");
  EXPECT_NE(line_of(answered(), "m=audio").find("RTP/SAVP 8"), std::string::npos);
  towards_pbx = audio_port(answered());
  pbx.body = sdp_of(pbx, media_line("RTP/SAVP", crypto_line(2, pbx_key)));
  play("pbx -> ACK sdp\nitsp <- ACK sdp\n");
  EXPECT_EQ(box.engine().media().live_keys(), 4u);
  const uint32_t out = far.contexts.open(pbx_key);
  EXPECT_NE(relay(pbx, towards_pbx, far.protect(out, media::srtp::rtp_packet(1)).octets), Octets());
  end();
}

// Neither the directory nor the record, which others may read, has a key.
TEST_F(SrtpBothSides, SharedMemoryHasNoKey) {
  const MasterKey pbx_key = some_key(cm_80, 1);
  offer(media_line("RTP/SAVP", crypto_line(1, pbx_key)));
  answer(media_line("RTP/AVP", crypto_line(2, some_key(cm_80, 2))));
  wait_ms(1100);
  const auto expect_none = [&](const void* octets, size_t size) {
    for (const MasterKey& key : {pbx_key, some_key(cm_80, 2), key_in(offered(), cm_80)}) {
      const std::string text = base64_of(key);
      EXPECT_EQ(memmem(octets, size, key.octets.data(), 16), nullptr);
      EXPECT_EQ(memmem(octets, size, text.data(), text.size()), nullptr);
    }
  };
  const contract::DirectoryRow row = box.directory().at(0);
  expect_none(&row, sizeof row);
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  const contract::CallRecord record = the_record();
  expect_none(&record, sizeof record);
}

class SrtpFewKeys : public SrtpLadder {
 protected:
  static BoxOptions options() {
    BoxOptions options = with_srtp(SrtpUse::required, SrtpUse::off);
    options.srtp_keys = 1;
    return options;
  }
  SrtpFewKeys() : SrtpLadder(options()) {}
};

TEST_F(SrtpFewKeys, WithoutAKeyLeftACallIsRefused) {
  pbx.body = sdp_of(pbx, media_line("RTP/SAVP", crypto_line(1, some_key(cm_80))));
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 503\npbx -> ACK\n");
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
}

}  // namespace
}  // namespace demarc::flow
