#include "dataplane/media/checksum.h"
#include "tests/support/seed.h"

#include <gtest/gtest.h>

#include "tests/support/udp_packet.h"

namespace demarc::media {
namespace {

using namespace support;

uint16_t whole(const Octets& octets) {
  return network_word(static_cast<uint16_t>(~fold_sum(sum_words(octets))));
}

TEST(Checksum, AgreesWithThePlainSumForAnyLength) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  TestRandom random(seed);
  Octets octets;
  for (unsigned length = 0; length < 300; ++length) {
    EXPECT_EQ(whole(octets), plain_checksum(octets)) << length;
    octets.push_back(static_cast<uint8_t>(random()));
  }
}

TEST(Checksum, UpdateEqualsAWholeComputationForEveryDelta) {
  // RFC 1624 section 4: the case that equation 2 of RFC 1141 gets wrong is among these.
  for (uint32_t before = 0; before < 0x10000; before += 257) {
    for (uint32_t after = 0; after < 0x10000; after += 255) {
      const auto rest = static_cast<uint16_t>(0x1234 + before);
      const uint16_t old_sum = fold_sum(uint64_t{rest} + before);
      const uint16_t new_sum = fold_sum(uint64_t{rest} + after);
      const uint16_t delta =
          checksum_delta(static_cast<uint16_t>(before), static_cast<uint16_t>(after));
      const uint16_t updated = update_udp_checksum(udp_checksum_of(old_sum), delta);
      EXPECT_EQ(updated % 0xffff, udp_checksum_of(new_sum) % 0xffff);
      EXPECT_NE(updated, 0);
    }
  }
}

TEST(Checksum, AComputedZeroIsAllOnes) {
  EXPECT_EQ(udp_checksum_of(0xffff), 0xffff);
  EXPECT_EQ(udp_checksum_of(0xfffe), 1);
}

}  // namespace
}  // namespace demarc::media
