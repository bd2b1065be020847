#include "sip-parser/sdp/format.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

TEST(Codec, KnowsStaticPayloadTypes) {
  EXPECT_EQ(static_codec(0).encoding, "PCMU");
  EXPECT_EQ(static_codec(8).encoding, "PCMA");
  EXPECT_EQ(static_codec(9).clock_rate_hz, 8000u);
  EXPECT_EQ(static_codec(10).channels, 2);
  EXPECT_EQ(static_codec(18).encoding, "G729");
  EXPECT_EQ(static_codec(34).encoding, "H263");
  for (const uint8_t unassigned :
       {uint8_t{1}, uint8_t{20}, uint8_t{35}, uint8_t{96}, no_payload_type}) {
    EXPECT_TRUE(static_codec(unassigned).encoding.empty()) << unsigned{unassigned};
  }
}

TEST(Codec, IsOfTheRtpmapFirst) {
  const Read read(std::string(session_lines) +
                  "m=audio 1 RTP/AVP 0 8 96 97\r\na=rtpmap:8 opus/48000/2\r\na=rtpmap:96 X/1\r\n");
  ASSERT_EQ(read.error, SdpError{});
  const auto codec = [&read](unsigned i) { return codec_of(read.media().formats[i], read.body); };
  EXPECT_EQ(codec(0).encoding, "PCMU");
  EXPECT_EQ(codec(1).encoding, "opus");
  EXPECT_EQ(codec(1).clock_rate_hz, 48000u);
  EXPECT_EQ(codec(1).channels, 2);
  EXPECT_EQ(codec(2).channels, 1);
  EXPECT_TRUE(codec(3).encoding.empty());
}

TEST(Codec, IsComparedWithoutCase) {
  EXPECT_TRUE(is_same({"PCMU", 8000, 1}, {"pcmu", 8000, 1}));
  EXPECT_FALSE(is_same({"PCMU", 8000, 1}, {"PCMU", 16000, 1}));
  EXPECT_FALSE(is_same({"L16", 44100, 1}, {"L16", 44100, 2}));
  EXPECT_FALSE(is_same({"PCMU", 8000, 1}, {"PCMA", 8000, 1}));
  EXPECT_FALSE(is_same({}, {}));
}

}  // namespace
}  // namespace demarc::sdp
