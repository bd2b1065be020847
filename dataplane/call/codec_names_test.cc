#include "dataplane/call/codec_names.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::call {
namespace {

using contract::AudioCodec;

media::CodecNames names_of(const std::string& lines) {
  const std::string body =
      "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n" + lines;
  sdp::Description description;
  EXPECT_TRUE(sdp::parse(body, description));
  return codec_names({description.media[0], body});
}

TEST(CodecNames, KnowWhatAnRtpmapSays) {
  const media::CodecNames names = names_of(
      "m=audio 4000 RTP/AVP 96 97 8 101\r\na=rtpmap:96 OPUS/48000/2\r\n"
      "a=rtpmap:97 ilbc/8000\r\na=rtpmap:101 telephone-event/8000\r\n");
  EXPECT_EQ(names.of(96), AudioCodec::opus);
  EXPECT_EQ(names.of(97), AudioCodec::ilbc);
  EXPECT_EQ(names.of(8), AudioCodec::pcma);
  EXPECT_EQ(names.of(101), AudioCodec::unknown);
  EXPECT_EQ(names.of(contract::no_payload_type), AudioCodec::unknown);
}

TEST(CodecNames, TakeAnRtpmapBeforeTheStaticName) {
  EXPECT_EQ(names_of("m=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMU/8000\r\n").of(8), AudioCodec::pcmu);
  EXPECT_EQ(names_of("m=audio 4000 RTP/AVP 0\r\n").of(18), AudioCodec::g729);
}

TEST(CodecNames, HaveNoCaseAndAreComparedWhole) {
  for (unsigned i = 1; i < static_cast<unsigned>(AudioCodec::count); ++i) {
    const auto codec = static_cast<AudioCodec>(i);
    std::string name(encoding_of(codec));
    EXPECT_EQ(contract::audio_codec(name), codec) << name;
    for (char& c : name) c = ascii::to_lower(c);
    EXPECT_EQ(contract::audio_codec(name), codec) << name;
    EXPECT_EQ(contract::audio_codec(name + "x"), AudioCodec::unknown) << name;
    EXPECT_EQ(contract::audio_codec("x" + name), AudioCodec::unknown) << name;
    EXPECT_EQ(contract::audio_codec("12345678" + name), AudioCodec::unknown) << name;
  }
  EXPECT_EQ(contract::audio_codec(""), AudioCodec::unknown);
}

TEST(CodecNames, OfWhatIsNoRtpAreNone) {
  EXPECT_EQ(names_of("m=image 4000 udptl t38\r\n").count, 0);
}

TEST(CodecNames, KeepAsManyAsFit) {
  media::CodecNames names;
  for (uint8_t i = 0; i < 20; ++i) names.add(static_cast<uint8_t>(96 + i), AudioCodec::amr);
  EXPECT_EQ(names.of(101), AudioCodec::amr);
  EXPECT_EQ(names.of(102), AudioCodec::unknown);
  names.add(96, AudioCodec::opus);
  EXPECT_EQ(names.of(96), AudioCodec::opus);
}

}  // namespace
}  // namespace demarc::call
