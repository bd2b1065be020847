#include "dataplane/media/rtp.h"

#include <gtest/gtest.h>

#include <vector>

namespace demarc::media {
namespace {

std::vector<uint8_t> header(uint8_t first, uint8_t second, size_t size) {
  std::vector<uint8_t> octets(size);
  if (size > 0) octets[0] = first;
  if (size > 1) octets[1] = second;
  return octets;
}

TEST(Rtp, ReadsTheFieldsOfTheHeader) {
  const uint8_t octets[] = {0x80, 0x08, 0x12, 0x34, 0xa0, 0xb1, 0xc2, 0xd3, 0x01, 0x02, 0x03, 0x04};
  ASSERT_TRUE(is_rtp(octets));
  const RtpHeader rtp = read_rtp_header(octets);
  EXPECT_EQ(rtp.sequence_number, 0x1234);
  EXPECT_EQ(rtp.timestamp, 0xa0b1c2d3u);
  EXPECT_EQ(rtp.ssrc, 0x01020304u);
}

TEST(Rtp, RefusesAShortHeader) {
  EXPECT_FALSE(is_rtp({}));
  EXPECT_FALSE(is_rtp(header(0x80, 0, 11)));
  EXPECT_TRUE(is_rtp(header(0x80, 0, 12)));
}

TEST(Rtp, RefusesAnotherVersion) {
  EXPECT_FALSE(is_rtp(header(0x00, 0, 172)));
  EXPECT_FALSE(is_rtp(header(0x40, 0, 172)));
  EXPECT_FALSE(is_rtp(header(0xc0, 0, 172)));
}

TEST(Rtp, RefusesContributingSourcesBeyondTheEnd) {
  EXPECT_FALSE(is_rtp(header(0x8f, 0, 12 + 59)));
  EXPECT_TRUE(is_rtp(header(0x8f, 0, 12 + 60)));
}

TEST(Rtp, RefusesAnExtensionBeyondTheEnd) {
  EXPECT_FALSE(is_rtp(header(0x90, 0, 15)));
  std::vector<uint8_t> octets = header(0x91, 0, 12 + 4 + 4 + 8);
  octets[19] = 2;  // the extension's length in words, behind one contributing source
  EXPECT_TRUE(is_rtp(octets));
  octets[19] = 3;
  EXPECT_FALSE(is_rtp(octets));
  octets[18] = 0xff;
  EXPECT_FALSE(is_rtp(octets));
}

TEST(Rtcp, WantsVersionAndLength) {
  EXPECT_TRUE(is_rtcp(header(0x80, 201, 8)));
  EXPECT_FALSE(is_rtcp(header(0x80, 201, 7)));
  EXPECT_FALSE(is_rtcp(header(0x00, 201, 8)));
}

TEST(Rtcp, IsToldFromRtpByThePacketType) {
  EXPECT_FALSE(looks_like_rtcp(header(0x80, 191, 12)));
  EXPECT_TRUE(looks_like_rtcp(header(0x80, 192, 12)));
  EXPECT_TRUE(looks_like_rtcp(header(0x80, 223, 12)));
  EXPECT_FALSE(looks_like_rtcp(header(0x80, 224, 12)));
  EXPECT_FALSE(looks_like_rtcp(header(0x80, 200, 7)));
}

}  // namespace
}  // namespace demarc::media
