#include "sip-parser/sdp/sdp.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

bool holds(std::string_view lines) {
  const Read read(body_with(lines));
  EXPECT_EQ(read.error, SdpError{}) << lines;
  return is_hold(read.description, read.media(), read.body);
}

TEST(Sdp, NamesItsErrors) {
  for (unsigned i = 1; i < static_cast<unsigned>(SdpError::count); ++i) {
    EXPECT_FALSE(spelling(static_cast<SdpError>(i)).empty()) << i;
  }
  EXPECT_EQ(spelling(SdpError::bad_media), "bad_media");
  EXPECT_EQ(spelling(SdpError::count), "");
}

TEST(Sdp, NamesBandwidthsAndDirections) {
  EXPECT_EQ(spelling(BandwidthType::tias), "TIAS");
  EXPECT_EQ(spelling(BandwidthType::count), "");
  EXPECT_EQ(spelling(Direction::sendonly), "sendonly");
  EXPECT_EQ(spelling(Direction::inactive), "inactive");
}

TEST(Sdp, KnowsHold) {
  EXPECT_TRUE(holds("a=sendonly\r\n"));
  EXPECT_TRUE(holds("a=inactive\r\n"));
  EXPECT_TRUE(holds("c=IN IP4 0.0.0.0\r\n"));
  EXPECT_TRUE(holds("c=IN IP6 ::\r\na=sendrecv\r\n"));
  EXPECT_FALSE(holds(""));
  EXPECT_FALSE(holds("a=sendrecv\r\n"));
  EXPECT_FALSE(holds("a=recvonly\r\n"));
}

TEST(Sdp, KnowsHoldOfTheSession) {
  const Read read(
      "v=0\no=- 1 1 IN IP4 h\nc=IN IP4 0.0.0.0\nm=audio 1 RTP/AVP 0\n"
      "m=audio 0 RTP/AVP 0\nm=audio 1 RTP/AVP 0\nc=IN IP4 h\n");
  EXPECT_TRUE(is_hold(read.description, read.media(0), read.body));
  // Off is not on hold.
  EXPECT_FALSE(is_hold(read.description, read.media(1), read.body));
  EXPECT_FALSE(is_hold(read.description, read.media(2), read.body));
}

TEST(Sdp, GivesTheAttributesOfOneLevel) {
  const Read read(std::string(session_lines) + "a=ice-lite\r\n" + std::string(audio_line) +
                  "a=mid:1\r\na=mid:2\r\n" + std::string(audio_line) + "a=label:3\r\n");
  ASSERT_EQ(read.error, SdpError{});
  const Attributes session = session_attributes_of(read.description);
  EXPECT_NE(session.find(AttributeKind::ice_lite), nullptr);
  EXPECT_EQ(session.find(AttributeKind::mid), nullptr);
  const Attributes first = attributes_of(read.description, read.media(0));
  EXPECT_EQ(first.end() - first.begin(), 2);
  EXPECT_EQ(read(first.find(AttributeKind::mid)->value), "1");
  EXPECT_EQ(attributes_of(read.description, read.media(1)).begin()->kind, AttributeKind::label);
}

TEST(Bandwidths, KeepsOneOfEachType) {
  Bandwidths bandwidths;
  EXPECT_TRUE(bandwidths.empty());
  EXPECT_EQ(bandwidths.value(BandwidthType::rr), 0u);
  bandwidths.set(BandwidthType::rr, 5);
  EXPECT_TRUE(bandwidths.has(BandwidthType::rr));
  EXPECT_EQ(bandwidths.value(BandwidthType::rr), 5u);
  bandwidths.erase(BandwidthType::rr);
  EXPECT_TRUE(bandwidths.empty());
}

TEST(Direction, IsAnsweredByItsMirrorAtMost) {
  using enum Direction;
  EXPECT_EQ(answer_to(sendrecv, sendrecv), sendrecv);
  EXPECT_EQ(answer_to(sendrecv, recvonly), recvonly);
  EXPECT_EQ(answer_to(sendonly, sendrecv), recvonly);
  EXPECT_EQ(answer_to(sendonly, sendonly), inactive);
  EXPECT_EQ(answer_to(recvonly, sendrecv), sendonly);
  EXPECT_EQ(answer_to(inactive, sendrecv), inactive);
}

}  // namespace
}  // namespace demarc::sdp
