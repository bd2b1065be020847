// Long streams through SRTP: loss, reordering, duplicates and the wraps of the sequence number.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dataplane/media/srtp/srtp_harness.h"

namespace demarc::media::srtp {
namespace {

class SrtpStream : public ::testing::TestWithParam<Suite> {};

// More than two wraps. Packets are sent in order; the way loses, doubles and reorders them within
// reach of the replay window, and once is down for longer than half a cycle less one.
TEST_P(SrtpStream, OutlivesTwoWrapsWithLossAndReordering) {
  constexpr unsigned packets = 145'000;
  std::mt19937 random(5);
  TestContexts test;
  const uint32_t out = test.contexts.open(some_key(GetParam()));
  const uint32_t in = test.contexts.open(some_key(GetParam()));
  std::vector<Octets> way;  // what is on its way
  unsigned sent = 0;
  unsigned lost = 0;
  unsigned doubled = 0;
  unsigned done = 0;
  unsigned replayed = 0;
  const auto deliver = [&] {
    std::vector<Octets> octets(way.begin(), way.begin() + std::min<long>(40, std::ssize(way)));
    way.erase(way.begin(), way.begin() + std::ssize(octets));
    std::vector<Packet> burst;
    for (Octets& packet : octets) {
      burst.push_back(
          {in, false, packet.data(), static_cast<uint16_t>(packet.size()), 0, Outcome::done});
    }
    test.contexts.unprotect(burst);
    for (const Packet& packet : burst) {
      done += packet.outcome == Outcome::done;
      replayed += packet.outcome == Outcome::replayed;
      if (packet.outcome != Outcome::done) continue;
      const Octets plain(packet.octets, packet.octets + packet.length);
      const unsigned sequence = unsigned{plain[2]} << 8 | plain[3];
      ASSERT_EQ(plain, rtp_packet(sequence, 0xcafebabe, 20));
    }
  };
  for (unsigned i = 0; i < packets; ++i) {
    auto result = test.protect(out, rtp_packet((i + 60'000) & 0xffff, 0xcafebabe, 20));
    ASSERT_EQ(result.outcome, Outcome::done);
    ++sent;
    // What was before the gap is not in reach of what comes behind it.
    while (i == 90'001 && !way.empty()) deliver();
    const bool is_down = i > 90'000 && i < 90'000 + 30'000;
    if (is_down || random() % 50 == 0) {
      ++lost;
      continue;
    }
    if (random() % 100 == 0) {
      way.push_back(result.octets);
      ++doubled;
    }
    way.push_back(std::move(result.octets));
    if (way.size() < 60) continue;
    std::shuffle(way.begin(), way.begin() + 40, random);
    deliver();
  }
  while (!way.empty()) deliver();
  EXPECT_EQ(done, sent - lost);
  EXPECT_EQ(replayed, doubled);
  EXPECT_EQ(test.contexts.row(in).sources[0].rtp.highest >> 16, (60'000 + packets - 1) >> 16);
}

INSTANTIATE_TEST_SUITE_P(Suites, SrtpStream,
                         ::testing::Values(Suite::aes_cm_128_hmac_sha1_80,
                                           Suite::aead_aes_128_gcm));

}  // namespace
}  // namespace demarc::media::srtp
