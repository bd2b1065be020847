#include "dataplane/wire/checksum.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "dataplane/wire/frame_samples_for_test.h"

namespace demarc::wire {
namespace {

// RFC 1071 section 3: 00 01 f2 03 f4 f5 f6 f7 sums to ddf2.
TEST(Checksum, MatchesTheExampleOfRfc1071) {
  const uint8_t octets[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  const uint16_t checksum = checksum_fold(checksum_sum(octets));
  uint8_t wire[2];
  std::memcpy(wire, &checksum, 2);
  EXPECT_EQ(wire[0], static_cast<uint8_t>(~0xdd));
  EXPECT_EQ(wire[1], static_cast<uint8_t>(~0xf2));
}

TEST(Checksum, SumsAnyLengthAsItWouldWordByWord) {
  std::array<uint8_t, 300> octets;
  uint32_t random = 1;
  for (uint8_t& octet : octets) {
    random = random * 1664525 + 1013904223;
    octet = static_cast<uint8_t>(random >> 24 | 0x80);  // large ones, for the carries
  }
  for (size_t begin = 0; begin < 4; ++begin) {
    for (size_t length = 0; begin + length <= octets.size(); ++length) {
      uint64_t sum = 0;
      for (size_t i = 0; i < length; ++i) sum += uint64_t{octets[begin + i]} << (i % 2 * 8);
      EXPECT_EQ(checksum_reduce(checksum_sum({&octets[begin], length})), checksum_reduce(sum))
          << begin << " " << length;
    }
  }
}

TEST(Checksum, PadsAnOddOctetWithZero) {
  const uint8_t odd[] = {1, 2, 3};
  const uint8_t even[] = {1, 2, 3, 0};
  EXPECT_EQ(checksum_fold(checksum_sum(odd)), checksum_fold(checksum_sum(even)));
}

TEST(Checksum, HasNoRestForAWholeDatagram) {
  const samples::Octets datagram = samples::udp("hello");
  EXPECT_EQ(checksum_fold(pseudo_header_sum(samples::peer_v4, samples::our_v4,
                                            static_cast<uint32_t>(datagram.size())) +
                          checksum_sum(datagram)),
            0);
}

TEST(Checksum, UpdatedEqualsRecomputed) {
  for (unsigned before = 0; before < 65536; before += 257) {
    uint16_t words[4] = {0x1234, static_cast<uint16_t>(before), 0xfffe, 0x0001};
    uint8_t octets[8];
    std::memcpy(octets, words, 8);
    const uint16_t old = checksum_fold(checksum_sum(octets));
    const auto after = static_cast<uint16_t>(before * 7 + 3);
    std::memcpy(octets + 2, &after, 2);
    EXPECT_EQ(checksum_update(old, words[1], after), checksum_fold(checksum_sum(octets)));
  }
}

TEST(Checksum, UpdatedForAnAddressEqualsRecomputed) {
  uint8_t octets[32];
  for (uint8_t i = 0; i < 32; ++i) octets[i] = static_cast<uint8_t>(i * 37);
  const uint16_t old = checksum_fold(checksum_sum(octets));
  uint8_t before[16];
  std::memcpy(before, octets + 8, 16);
  std::memcpy(octets + 8, samples::our_v6.octets.data(), 16);
  EXPECT_EQ(checksum_update(old, before, samples::our_v6.octets),
            checksum_fold(checksum_sum(octets)));
}

}  // namespace
}  // namespace demarc::wire
