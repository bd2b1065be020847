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
  EXPECT_EQ(names.of(96).codec, AudioCodec::opus);
  EXPECT_EQ(names.of(97).codec, AudioCodec::ilbc);
  EXPECT_EQ(names.of(8).codec, AudioCodec::pcma);
  EXPECT_EQ(names.of(101).codec, AudioCodec::unknown);
  EXPECT_EQ(names.of(contract::no_payload_type).codec, AudioCodec::unknown);
}

TEST(CodecNames, TakeAnRtpmapBeforeTheStaticName) {
  EXPECT_EQ(names_of("m=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMU/8000\r\n").of(8).codec,
            AudioCodec::pcmu);
  EXPECT_EQ(names_of("m=audio 4000 RTP/AVP 0\r\n").of(18).codec, AudioCodec::g729);
}

TEST(CodecNames, HaveTheClockOfEach) {
  const media::CodecNames names = names_of(
      "m=audio 4000 RTP/AVP 111 8 101 13\r\na=rtpmap:111 opus/48000/2\r\n"
      "a=rtpmap:101 telephone-event/48000\r\n");
  EXPECT_EQ(names.of(111).clock_rate_hz, 48'000u);
  EXPECT_EQ(names.of(8).clock_rate_hz, 8000u);
  EXPECT_EQ(
      names_of("m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 X/4000000000\r\n").of(96).clock_rate_hz, 0u);
}

TEST(CodecNames, TellWhatIsSentBesideTheCodec) {
  const media::CodecNames names =
      names_of("m=audio 4000 RTP/AVP 8 101 13\r\na=rtpmap:101 telephone-event/8000\r\n");
  EXPECT_FALSE(names.of(8).is_beside);
  EXPECT_TRUE(names.of(101).is_beside);
  EXPECT_TRUE(names.of(13).is_beside);
  EXPECT_TRUE(names.of(20).is_beside);
  EXPECT_FALSE(names.of(0).is_beside);
  EXPECT_FALSE(media::CodecNames().of(20).is_beside);
  EXPECT_TRUE(media::CodecNames().of(13).is_beside);
}

TEST(CodecNames, AreReadFromWhatWePrint) {
  const sdp::PrintedFormat formats[] = {{.payload_type = 96, .codec = {"iLBC", 8000, 1}},
                                        {.payload_type = 9}};
  const media::CodecNames names = codec_names(formats);
  EXPECT_EQ(names.of(96).codec, AudioCodec::ilbc);
  EXPECT_EQ(names.of(9).codec, AudioCodec::g722);
  EXPECT_EQ(names.of(9).clock_rate_hz, 8000u);
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

TEST(CodecNames, HaveNoClockBeyondTheLargest) {
  const media::CodecNames names = names_of(
      "m=audio 40000 RTP/AVP 96 97\r\na=rtpmap:96 opus/1048575\r\na=rtpmap:97 opus/1048576\r\n");
  EXPECT_EQ(names.of(96).clock_rate_hz, 1'048'575u);
  EXPECT_EQ(names.of(97).clock_rate_hz, 0u);
  EXPECT_EQ(names.of(97).codec, AudioCodec::opus);
}

TEST(CodecNames, KeepAsManyAsFit) {
  media::CodecNames names;
  for (uint8_t i = 0; i < 20; ++i) names.add({8000, static_cast<uint8_t>(96 + i), AudioCodec::amr});
  EXPECT_EQ(names.of(102).codec, AudioCodec::amr);
  EXPECT_EQ(names.of(103).codec, AudioCodec::unknown);
  EXPECT_FALSE(names.of(103).is_beside);
  names.add({48'000, 96, AudioCodec::opus});
  names.add_missing({8000, 96, AudioCodec::amr});
  EXPECT_EQ(names.of(96).codec, AudioCodec::opus);
}

}  // namespace
}  // namespace demarc::call
