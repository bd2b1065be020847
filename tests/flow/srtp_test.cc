// SRTP with keys in SDP (RFC 4568) through a call: what is offered and answered on either side, and
// the octets of media that cross.
#include <memory>
#include <set>

#include "tests/flow/srtp_ladder_harness.h"

namespace demarc::flow {
namespace {

using contract::Endpoint;
using contract::TrunkCounter;

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
  const uint32_t out = far.contexts.open(first);
  const Octets plain = media::srtp::rtp_packet(9);
  EXPECT_EQ(relay(itsp, towards_itsp, far.protect(out, plain).octets), plain);
  end();
}

// All forks see the same keys of ours, and each chooses a suite.
TEST_F(SrtpOutside, ASuiteThatIsChosenAgainHasNoIndexTwice) {
  offer(media_line("RTP/AVP", ""));
  const auto ring = [&](const std::string& fork, unsigned tag, SrtpSuite suite) {
    itsp.tag_suffix = fork;
    itsp.body = sdp_of(itsp, media_line("RTP/SAVP", crypto_line(tag, some_key(suite, 1))));
    play("itsp -> 183 sdp\npbx <- 183 sdp\n");
    towards_pbx = audio_port(answered());
  };
  const Octets report = media::srtp::rtcp_packet();
  ring("a", 2, cm_80);
  const uint32_t in = far.contexts.open(key_in(offered(), cm_80));
  const Octets first = relay(pbx, towards_pbx, report);
  EXPECT_EQ(far.unprotect(in, first, true).octets, report);
  ring("b", 1, gcm_128);
  EXPECT_NE(relay(pbx, towards_pbx, report), Octets());
  ring("c", 2, cm_80);
  const Octets third = relay(pbx, towards_pbx, report);
  EXPECT_NE(third, first);
  EXPECT_EQ(far.unprotect(in, third, true).octets, report);
  play("itsp -> 200\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  end();
}

TEST_F(SrtpOutside, ACallOfTheirsMustOfferKeys) {
  itsp.called = "+441632960001";
  itsp.body = sdp_of(itsp, media_line("RTP/AVP", ""));
  play("itsp -> INVITE sdp\nitsp <- 100\nitsp <- 488\nitsp -> ACK\n");
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
}

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
