#include "dataplane/media/srtp/contexts.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "dataplane/media/srtp/srtp_harness.h"

namespace demarc::media::srtp {
namespace {

// Each suite with each kind of cipher.
class Srtp : public ::testing::TestWithParam<std::tuple<Suite, Cipher::Kind>> {
 protected:
  Suite suite() const { return std::get<0>(GetParam()); }
  TestContexts test_{std::get<1>(GetParam())};
  uint32_t out_ = test_.contexts.open(some_key(suite()));
  uint32_t in_ = test_.contexts.open(some_key(suite()));

  Octets sent(const Octets& plain, bool is_rtcp = false) {
    const auto result = test_.protect(out_, plain, is_rtcp);
    EXPECT_EQ(result.outcome, Outcome::done);
    return result.octets;
  }
  Outcome received(const Octets& octets, bool is_rtcp = false) {
    return test_.unprotect(in_, octets, is_rtcp).outcome;
  }
};

TEST_P(Srtp, BringsBackWhatWasSent) {
  for (const unsigned body : {0u, 1u, 15u, 16u, 17u, 160u, 1400u}) {
    const Octets plain = rtp_packet(body, 5, body);
    const Octets cipher = sent(plain);
    EXPECT_EQ(cipher.size(), plain.size() + traits_of(suite()).rtp_tag_octets);
    EXPECT_TRUE(std::equal(plain.begin(), plain.begin() + 12, cipher.begin()));
    if (body >= 16) {
      EXPECT_FALSE(std::equal(plain.begin() + 12, plain.end(), cipher.begin() + 12));
    }
    const auto result = test_.unprotect(in_, cipher);
    EXPECT_EQ(result.outcome, Outcome::done);
    EXPECT_EQ(result.octets, plain);
  }
}

TEST_P(Srtp, LeavesCsrcAndExtensionInTheClear) {
  Octets plain = rtp_packet(1);
  plain[0] = 0x92;  // two CSRCs and an extension of one word
  plain[22] = 0;
  plain[23] = 1;
  const Octets cipher = sent(plain);
  EXPECT_TRUE(std::equal(plain.begin(), plain.begin() + 28, cipher.begin()));
  EXPECT_EQ(test_.unprotect(in_, cipher).octets, plain);
}

TEST_P(Srtp, BringsBackRtcp) {
  for (unsigned i = 0; i < 3; ++i) {
    const Octets plain = rtcp_packet(5, 20 * i);
    const Octets cipher = sent(plain, true);
    EXPECT_EQ(cipher.size(), plain.size() + traits_of(suite()).rtcp_tag_octets + 4);
    const auto result = test_.unprotect(in_, cipher, true);
    EXPECT_EQ(result.outcome, Outcome::done);
    EXPECT_EQ(result.octets, plain);
  }
}

TEST_P(Srtp, RefusesEachChangedOctetAndLearnsNothingFromIt) {
  const Octets cipher = sent(rtp_packet(7, 5, 20));
  for (size_t i = 0; i < cipher.size(); ++i) {
    Octets changed = cipher;
    changed[i] ^= 0x41;
    EXPECT_NE(received(changed), Outcome::done) << i;
  }
  EXPECT_EQ(test_.contexts.row(in_).source_count, 0);
  EXPECT_EQ(received(cipher), Outcome::done);
  const Octets report = sent(rtcp_packet(), true);
  for (size_t i = 0; i < report.size(); ++i) {
    Octets changed = report;
    changed[i] ^= 0x41;
    EXPECT_NE(received(changed, true), Outcome::done) << i;
  }
  EXPECT_EQ(received(report, true), Outcome::done);
}

TEST_P(Srtp, RefusesWhatIsTooShortAtEachLength) {
  const Octets cipher = sent(rtp_packet(7, 5, 4));
  const Octets report = sent(rtcp_packet(), true);
  for (size_t length = 0; length < cipher.size(); ++length) {
    EXPECT_NE(received(Octets(cipher.begin(), cipher.begin() + static_cast<long>(length))),
              Outcome::done);
  }
  for (size_t length = 0; length < report.size(); ++length) {
    EXPECT_NE(received(Octets(report.begin(), report.begin() + static_cast<long>(length)), true),
              Outcome::done);
  }
}

TEST_P(Srtp, TakesEachPacketOnce) {
  std::vector<Octets> packets;
  for (unsigned i = 0; i < 200; ++i) packets.push_back(sent(rtp_packet(i)));
  EXPECT_EQ(received(packets[150]), Outcome::done);
  EXPECT_EQ(received(packets[150]), Outcome::replayed);
  EXPECT_EQ(received(packets[149]), Outcome::done);
  EXPECT_EQ(received(packets[23]), Outcome::done);  // the last of the window of 128
  EXPECT_EQ(received(packets[22]), Outcome::replayed);
  const Octets report = sent(rtcp_packet(), true);
  EXPECT_EQ(received(report, true), Outcome::done);
  EXPECT_EQ(received(report, true), Outcome::replayed);
}

TEST_P(Srtp, TakesRtcpOutOfOrderWithinItsWindow) {
  std::vector<Octets> reports;
  for (unsigned i = 0; i < 70; ++i) reports.push_back(sent(rtcp_packet(), true));
  EXPECT_EQ(received(reports[65], true), Outcome::done);
  EXPECT_EQ(received(reports[2], true), Outcome::done);
  EXPECT_EQ(received(reports[1], true), Outcome::replayed);
  EXPECT_EQ(received(reports[69], true), Outcome::done);
}

// A burst with the same packet twice, one that is damaged, RTCP between, and a new SSRC.
TEST_P(Srtp, DoesABurstAsItWouldOneByOne) {
  std::vector<Octets> packets = {sent(rtp_packet(65534)),   sent(rtp_packet(65535)),
                                 sent(rtcp_packet(), true), sent(rtp_packet(0)),
                                 sent(rtp_packet(0, 99)),   sent(rtp_packet(1))};
  packets.push_back(packets[1]);
  packets.push_back(packets[5]);
  packets[5].back() ^= 1;
  std::vector<Packet> burst;
  for (Octets& packet : packets) {
    burst.push_back({in_, packet[1] == 200, packet.data(), static_cast<uint16_t>(packet.size()), 0,
                     Outcome::done});
  }
  test_.contexts.unprotect(burst);
  const Outcome wanted[] = {Outcome::done,     Outcome::done, Outcome::done,
                            Outcome::done,     Outcome::done, Outcome::unauthenticated,
                            Outcome::replayed, Outcome::done};
  for (size_t i = 0; i < burst.size(); ++i) EXPECT_EQ(burst[i].outcome, wanted[i]) << i;
}

TEST_P(Srtp, DuplicatesWithinOneBurstPassOnce) {
  EXPECT_EQ(received(sent(rtp_packet(9))), Outcome::done);
  Octets first = sent(rtp_packet(10));
  Octets second = first;
  Packet burst[2] = {{in_, false, first.data(), static_cast<uint16_t>(first.size()), 0, {}},
                     {in_, false, second.data(), static_cast<uint16_t>(second.size()), 0, {}}};
  test_.contexts.unprotect(burst);
  EXPECT_EQ(burst[0].outcome, Outcome::done);
  EXPECT_EQ(burst[1].outcome, Outcome::replayed);
}

// RFC 3711 section 9.1: the same key stream must not be used for two packets.
TEST_P(Srtp, NeverSendsTwoPacketsUnderOneIndex) {
  sent(rtp_packet(10));
  EXPECT_EQ(test_.protect(out_, rtp_packet(10)).outcome, Outcome::replayed);
  sent(rtp_packet(200));
  EXPECT_EQ(test_.protect(out_, rtp_packet(11)).outcome, Outcome::replayed);
  sent(rtp_packet(199));
}

TEST_P(Srtp, ANewSsrcBeginsAnewAndTheOldOneGoesOn) {
  for (unsigned i = 65000; i < 66000; i += 100) {
    EXPECT_EQ(received(sent(rtp_packet(i & 0xffff, 1))), Outcome::done);
  }
  EXPECT_EQ(received(sent(rtp_packet(65535, 2))), Outcome::done);
  EXPECT_EQ(received(sent(rtp_packet(0, 2))), Outcome::done);
  EXPECT_EQ(received(sent(rtp_packet(500, 1))), Outcome::done);
  EXPECT_EQ(test_.contexts.row(in_).source_count, 2);
}

TEST_P(Srtp, MoreSsrcsThanRowsAreStillTaken) {
  for (uint32_t ssrc = 1; ssrc <= max_sources + max_resting; ++ssrc) {
    EXPECT_EQ(received(sent(rtp_packet(ssrc, ssrc))), Outcome::done);
    EXPECT_EQ(received(sent(rtp_packet(ssrc + 1, ssrc))), Outcome::done);
  }
  EXPECT_EQ(test_.contexts.row(in_).source_count, max_sources);
}

// After a new key some senders keep the roll-over counter, others make a new context.
TEST_P(Srtp, ANewKeyGoesOnCountingOrBeginsAnew) {
  for (const unsigned sequence : {65'535u, 0u, 1u}) received(sent(rtp_packet(sequence)));
  for (const bool goes_on : {true, false}) {
    const MasterKey key = some_key(suite(), 2);
    TestContexts peer(std::get<1>(GetParam()));
    const uint32_t theirs = peer.contexts.open(key);
    for (const unsigned sequence : {65'535u, 0u}) {
      if (goes_on) peer.protect(theirs, rtp_packet(sequence));
    }
    const uint32_t next = test_.contexts.open(key);
    test_.contexts.succeed(in_, next);
    // Neither a forged packet nor one that stands before it in the same burst makes a difference.
    std::vector<Octets> octets;
    for (unsigned i = 2; i < 6; ++i) octets.push_back(peer.protect(theirs, rtp_packet(i)).octets);
    octets.insert(octets.begin(), octets.front());
    octets.front()[20] ^= 1;
    std::vector<Packet> burst;
    for (Octets& one : octets) {
      burst.push_back(
          {next, false, one.data(), static_cast<uint16_t>(one.size()), 0, Outcome::done});
    }
    test_.contexts.unprotect(burst);
    EXPECT_EQ(burst[0].outcome, Outcome::unauthenticated);
    for (unsigned i = 1; i < burst.size(); ++i) {
      ASSERT_EQ(burst[i].outcome, Outcome::done) << goes_on << i;
      EXPECT_EQ(Octets(burst[i].octets, burst[i].octets + burst[i].length), rtp_packet(i + 1));
    }
    const Octets last = peer.protect(theirs, rtp_packet(6)).octets;
    EXPECT_EQ(test_.unprotect(next, last).octets, rtp_packet(6));
    EXPECT_EQ(test_.unprotect(next, last).outcome, Outcome::replayed);
    test_.contexts.close(next);
  }
}

TEST_P(Srtp, ANewKeyThatBeginsBeforeTheOldOneEndedIsTaken) {
  received(sent(rtp_packet(40'000)));
  TestContexts peer(std::get<1>(GetParam()));
  const MasterKey key = some_key(suite(), 2);
  const uint32_t theirs = peer.contexts.open(key);
  const uint32_t next = test_.contexts.open(key);
  test_.contexts.succeed(in_, next);
  for (const unsigned sequence : {100u, 101u, 99u}) {
    EXPECT_EQ(test_.unprotect(next, peer.protect(theirs, rtp_packet(sequence)).octets).octets,
              rtp_packet(sequence));
  }
}

TEST_P(Srtp, CarriesAnMki) {
  MasterKey key = some_key(suite());
  key.mki = {0, 7};
  key.mki_octets = 2;
  const uint32_t out = test_.contexts.open(key);
  const uint32_t in = test_.contexts.open(key);
  for (const bool is_rtcp : {false, true}) {
    const Octets plain = is_rtcp ? rtcp_packet() : rtp_packet(1);
    const auto result = test_.protect(out, plain, is_rtcp);
    ASSERT_EQ(result.outcome, Outcome::done);
    const SuiteTraits traits = traits_of(suite());
    const size_t tag = is_rtcp ? traits.rtcp_tag_octets : traits.rtp_tag_octets;
    EXPECT_EQ(result.octets.size(), plain.size() + tag + (is_rtcp ? 6 : 2));
    Octets wrong = result.octets;
    wrong[wrong.size() - (traits.is_aead ? 1 : tag + 1)] ^= 1;
    EXPECT_EQ(test_.unprotect(in, wrong, is_rtcp).outcome, Outcome::unauthenticated);
    EXPECT_NE(test_.unprotect(in_, result.octets, is_rtcp).outcome, Outcome::done);
    EXPECT_EQ(test_.unprotect(in, result.octets, is_rtcp).octets, plain);
  }
}

// RFC 4568 section 6.1: a lifetime is how long its key may be sent with.
TEST_P(Srtp, HoldsOurKeysToTheirLifetimeAndNotThoseOfPeers) {
  MasterKey key = some_key(suite());
  key.lifetime = 2;
  const uint32_t ours = test_.contexts.open(key, OwnKey{1});
  const uint32_t theirs = test_.contexts.open(key);
  for (const bool is_rtcp : {false, true}) {
    for (unsigned i = 0; i < 5; ++i) {
      const Octets plain = is_rtcp ? rtcp_packet() : rtp_packet(i);
      EXPECT_EQ(test_.protect(ours, plain, is_rtcp).outcome,
                i < 2 ? Outcome::done : Outcome::expired);
      EXPECT_EQ(test_.unprotect(theirs, sent(plain, is_rtcp), is_rtcp).outcome, Outcome::done);
    }
  }
}

TEST_P(Srtp, NeedsRoomBehindThePacket) {
  const SuiteTraits traits = traits_of(suite());
  for (const bool is_rtcp : {false, true}) {
    const Octets plain = is_rtcp ? rtcp_packet() : rtp_packet(1);
    const unsigned needed = is_rtcp ? traits.rtcp_tag_octets + 4u : traits.rtp_tag_octets;
    const auto room = static_cast<uint16_t>(needed - 1);
    EXPECT_EQ(test_.pass(Way::protect, out_, plain, is_rtcp, room).outcome, Outcome::no_room);
    EXPECT_EQ(test_.pass(Way::protect, out_, plain, is_rtcp, static_cast<uint16_t>(needed)).outcome,
              Outcome::done);
  }
}

TEST_P(Srtp, RefusesWhatIsNoRtp) {
  EXPECT_EQ(test_.protect(out_, Octets(11, 0x80)).outcome, Outcome::malformed);
  EXPECT_EQ(test_.protect(out_, Octets(20, 0x11)).outcome, Outcome::malformed);
  EXPECT_EQ(test_.protect(out_, Octets(20, 0x11), true).outcome, Outcome::malformed);
  EXPECT_EQ(test_.unprotect(in_, Octets(60, 0x9f)).outcome, Outcome::malformed);
}

TEST_P(Srtp, RefusesUnencryptedRtcp) {
  Octets report = sent(rtcp_packet(), true);
  const SuiteTraits traits = traits_of(suite());
  report[report.size() - 4 - (traits.is_aead ? 0 : traits.rtcp_tag_octets)] &= 0x7f;
  EXPECT_EQ(received(report, true), Outcome::malformed);
}

TEST_P(Srtp, ChangesInNoDirectionWhatTheOtherKindMade) {
  const auto kind =
      std::get<1>(GetParam()) == Cipher::Kind::evp ? Cipher::Kind::multi_buffer : Cipher::Kind::evp;
  TestContexts other(kind);
  const uint32_t in = other.contexts.open(some_key(suite()));
  for (unsigned i = 0; i < 50; ++i) {
    const Octets plain = rtp_packet(i, 3, i * 17);
    EXPECT_EQ(other.unprotect(in, sent(plain)).octets, plain);
    const Octets report = rtcp_packet(3, i * 4);
    EXPECT_EQ(other.unprotect(in, sent(report, true), true).octets, report);
  }
}

TEST_P(Srtp, WipesItsKeysWhenItCloses) {
  const Context& context = test_.contexts.row(out_);
  test_.contexts.close(out_);
  const auto* octets = reinterpret_cast<const uint8_t*>(&context);
  EXPECT_TRUE(std::all_of(octets, octets + sizeof context, [](uint8_t o) { return o == 0; }));
  const MasterKey key = some_key(suite());
  const auto& memory = test_.memory;
  test_.contexts.close(in_);
  EXPECT_EQ(memmem(memory.data(), memory.size(), key.octets.data(), 16), nullptr);
  EXPECT_EQ(test_.contexts.live(), 0u);
}

TEST_P(Srtp, KnowsTheKeyThatItHas) {
  EXPECT_TRUE(test_.contexts.is_keyed_with(out_, some_key(suite())));
  EXPECT_FALSE(test_.contexts.is_keyed_with(out_, some_key(suite(), 2)));
  MasterKey with_mki = some_key(suite());
  with_mki.mki_octets = 1;
  EXPECT_FALSE(test_.contexts.is_keyed_with(out_, with_mki));
}

INSTANTIATE_TEST_SUITE_P(Suites, Srtp,
                         ::testing::Combine(::testing::ValuesIn(all_suites),
                                            ::testing::Values(Cipher::Kind::multi_buffer,
                                                              Cipher::Kind::evp)));

TEST(SrtpContexts, RunOut) {
  TestContexts test(Cipher::best(), 2);
  const uint32_t first = test.contexts.open(some_key(Suite::aead_aes_256_gcm));
  EXPECT_NE(test.contexts.open(some_key(Suite::aead_aes_256_gcm)), no_context);
  EXPECT_EQ(test.contexts.open(some_key(Suite::aes_cm_128_hmac_sha1_80)), no_context);
  test.contexts.close(first);
  EXPECT_NE(test.contexts.open(some_key(Suite::aes_cm_128_hmac_sha1_80)), no_context);
}

// Schedules of GCM are for half of the keys; those of AES-CM have their place all the same.
TEST(SrtpContexts, RefuseAKeyOfGcmWithoutRoomForItsSchedule) {
  constexpr uint32_t keys = 256;
  constexpr uint32_t gcm_keys = keys / 2 + 64;
  TestContexts test(Cipher::best(), keys);
  uint32_t last = no_context;
  for (uint32_t i = 0; i < gcm_keys; ++i) {
    last = test.contexts.open(some_key(Suite::aead_aes_128_gcm));
    ASSERT_NE(last, no_context);
  }
  EXPECT_EQ(test.contexts.open(some_key(Suite::aead_aes_256_gcm)), no_context);
  EXPECT_EQ(test.contexts.live(), gcm_keys);
  EXPECT_NE(test.contexts.open(some_key(Suite::aes_cm_128_hmac_sha1_80)), no_context);
  test.contexts.close(last);
  EXPECT_NE(test.contexts.open(some_key(Suite::aead_aes_256_gcm)), no_context);
}

TEST(SrtpContexts, StayWithinTheirMemory) {
  std::printf("octets per key: AES-CM %zu, GCM %zu\n", sizeof(Context),
              sizeof(Context) + sizeof(GcmKeys));
  EXPECT_LE(sizeof(Context), 512u);
  EXPECT_LE(sizeof(Context) + sizeof(GcmKeys), 2150u);
  std::vector<std::byte> memory(Contexts::octets_needed(3) + 64);
  memory::Arena arena(TestContexts::aligned(memory));
  const Contexts contexts(arena, 3);
  EXPECT_EQ(arena.used(), Contexts::octets_needed(3));
}

}  // namespace
}  // namespace demarc::media::srtp
