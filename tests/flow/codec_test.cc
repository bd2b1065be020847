// What SDP may say, and what becomes of payload: codec policies, several m-lines, rtcp-mux, DSCP.
#include "dataplane/media/g711.h"
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"
#include "tests/flow/rtp_line.h"

namespace demarc::flow {
namespace {

using contract::AddedCodecs;
using contract::TrunkCounter;

constexpr uint16_t media_port = Peer::media_port;

std::string sdp(const std::string& address, const std::string& lines) {
  return "v=0\r\no=x 1 1 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\n" +
         lines;
}

// The usual answer, with SDP of their own on either side.
class Codec : public Ladder {
 protected:
  explicit Codec(const BoxOptions& options = {}) : Ladder(options) {}
  void offer(const std::string& lines) { pbx.body = sdp("10.20.1.2", lines); }
  void answer(const std::string& lines) { itsp.body = sdp("10.20.2.2", lines); }
  void call() { play(answered_at_once); }
  void reinvite() {
    play(R"(
      pbx  -> INVITE within sdp
      pbx  <- 100
      itsp <- INVITE sdp
      itsp -> 200 sdp
      itsp <- ACK
      pbx  <- 200 sdp
      pbx  -> ACK
    )");
  }
  void end() {
    play(R"(
      pbx  -> BYE
      pbx  <- 200
      itsp <- BYE
      itsp -> 200 BYE
    )");
    expect_clean(1);
  }
  const std::string& offered() { return itsp.last_request("INVITE")->body; }
  const std::string& answered() { return pbx.last_response("INVITE")->body; }
  RtpLine from_pbx(const std::string& media = "audio", uint16_t port = media_port) {
    return {box, pbx, port, port_in(answered(), media)};
  }
  RtpLine from_itsp(const std::string& media = "audio", uint16_t port = media_port) {
    return {box, itsp, port, port_in(offered(), media)};
  }
};

BoxOptions with(contract::CodecPolicy policy, std::vector<std::string> names = {}) {
  BoxOptions options;
  options.codecs[1] = policy;
  options.codec_names[1] = std::move(names);
  return options;
}

class Strict : public Codec {
 protected:
  Strict() : Codec(with({}, {"PCMU", "PCMA"})) {}
};

TEST_F(Strict, StripsFormatsWithTheirLinesAndPutsTheRestInOrder) {
  offer(
      "m=audio 40000 RTP/AVP 96 8 0 97 101\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 "
      "useinbandfec=1\r\n"
      "a=rtpmap:97 telephone-event/48000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 "
      "0-15\r\n");
  answer("m=audio 40000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n");
  call();
  EXPECT_EQ(formats_in(offered()), "0 8 101");
  EXPECT_EQ(offered().find(":96"), std::string::npos);
  EXPECT_EQ(offered().find(":97"), std::string::npos);
  EXPECT_NE(offered().find("a=fmtp:101 0-15"), std::string::npos);
  EXPECT_EQ(formats_in(answered()), "0 101");
  end();
}

TEST_F(Strict, RefusesAnOfferOfWhichNothingIsLeft) {
  offer("m=audio 40000 RTP/AVP 18\r\n");
  play(R"(
    pbx -> INVITE sdp
    pbx <- 100
    pbx <- 488
    pbx -> ACK
  )");
  expect_clean(1);
}

TEST_F(Strict, AnAnswerOfOtherFormatsIsShownAsARefusedLine) {
  offer("m=audio 40000 RTP/AVP 0\r\n");
  answer("m=audio 40000 RTP/AVP 18\r\n");
  call();
  EXPECT_EQ(port_in(answered()), 0);
  end();
}

class Transcoding : public Codec {
 protected:
  static BoxOptions adding() {
    contract::CodecPolicy policy;
    policy.added = AddedCodecs::pcmu;
    policy.dscp = 34;
    return with(policy, {"PCMU"});
  }
  Transcoding() : Codec(adding()) {}
  void exchange_audio() {
    RtpLine pbx_line = from_pbx();
    RtpLine itsp_line = from_itsp();
    std::vector<uint8_t> audio(160);
    for (unsigned i = 0; i < 20; ++i) {
      for (uint8_t& octet : audio) octet = static_cast<uint8_t>(octet * 5 + 13 + i);
      std::vector<uint8_t> wanted = audio;
      media::transcode_scalar(media::Law::a, wanted);
      pbx_line.audio(8, audio);
      ASSERT_EQ(pbx_line.out.size(), 1u);
      EXPECT_EQ(pbx_line.out[0].payload, wanted);
      EXPECT_EQ(pbx_line.out[0].payload_type, 0);
      EXPECT_EQ(pbx_line.out[0].dscp, 34);
      EXPECT_EQ(pbx_line.take()[0].to, (contract::Endpoint{itsp.endpoint().address, media_port}));
      wanted = audio;
      media::transcode_scalar(media::Law::mu, wanted);
      itsp_line.audio(0, audio);
      ASSERT_EQ(itsp_line.out.size(), 1u);
      EXPECT_EQ(itsp_line.out[0].payload, wanted);
      EXPECT_EQ(itsp_line.out[0].dscp, 46);
      EXPECT_EQ(itsp_line.take()[0].payload_type, 8);
    }
  }
};

TEST_F(Transcoding, EachSideHasItsLaw) {
  offer("m=audio 40000 RTP/AVP 8\r\n");
  answer("m=audio 40000 RTP/AVP 0\r\n");
  call();
  EXPECT_EQ(formats_in(offered()), "0");
  EXPECT_EQ(formats_in(answered()), "8");
  exchange_audio();
  end();
}

TEST_F(Transcoding, OutlivesHold) {
  offer("m=audio 40000 RTP/AVP 8\r\n");
  answer("m=audio 40000 RTP/AVP 0\r\n");
  call();
  offer("m=audio 40000 RTP/AVP 8\r\na=sendonly\r\n");
  answer("m=audio 40000 RTP/AVP 0\r\na=recvonly\r\n");
  reinvite();
  EXPECT_NE(answered().find("a=recvonly"), std::string::npos);
  offer("m=audio 40000 RTP/AVP 8\r\na=sendrecv\r\n");
  answer("m=audio 40000 RTP/AVP 0\r\na=sendrecv\r\n");
  reinvite();
  exchange_audio();
  end();
}

TEST_F(Transcoding, EndsWhenBothSidesAgreeOnAnother) {
  offer("m=audio 40000 RTP/AVP 8\r\n");
  answer("m=audio 40000 RTP/AVP 0\r\n");
  call();
  offer("m=audio 40000 RTP/AVP 0\r\n");
  answer("m=audio 40000 RTP/AVP 0\r\n");
  reinvite();
  RtpLine line = from_pbx();
  line.audio(0, std::vector<uint8_t>(160, 0x12));
  ASSERT_EQ(line.out.size(), 1u);
  EXPECT_EQ(line.out[0].payload, std::vector<uint8_t>(160, 0x12));
  end();
}

TEST_F(Transcoding, ARefusedChangeLeavesItAsItWas) {
  offer("m=audio 40000 RTP/AVP 8\r\n");
  answer("m=audio 40000 RTP/AVP 0\r\n");
  call();
  offer("m=audio 40000 RTP/AVP 8\r\na=sendonly\r\n");
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 488
    itsp <- ACK
    pbx  <- 488
    pbx  -> ACK
  )");
  // The ports are those of the first answer.
  RtpLine line(box, pbx, media_port, box.directory().at(0).media[0].local.port);
  line.audio(8, std::vector<uint8_t>(160, 0x55));
  ASSERT_EQ(line.out.size(), 1u);
  EXPECT_EQ(line.out[0].payload_type, 0);
  end();
}

class Cutting : public Codec {
 protected:
  static BoxOptions cutting() {
    contract::CodecPolicy policy;
    policy.ptime_ms = 10;
    return with(policy);
  }
  Cutting() : Codec(cutting()) {}
};

TEST_F(Cutting, TheTrunkGetsPacketsOfItsLength) {
  offer("m=audio 40000 RTP/AVP 8\r\n");
  answer("m=audio 40000 RTP/AVP 8\r\n");
  call();
  RtpLine line = from_pbx();
  for (unsigned i = 0; i < 10; ++i) line.audio(8, std::vector<uint8_t>(160, 0x55));
  ASSERT_EQ(line.out.size(), 20u);
  for (unsigned i = 0; i < 20; ++i) {
    EXPECT_EQ(line.out[i].payload.size(), 80u);
    EXPECT_EQ(line.out[i].sequence, 1 + i);
    EXPECT_EQ(line.out[i].timestamp, 1600 + 80 * i);
  }
  RtpLine back = from_itsp();
  back.audio(8, std::vector<uint8_t>(160, 0x55));
  EXPECT_EQ(back.out[0].payload.size(), 160u);
  end();
}

TEST_F(Codec, FourStreamsAreRelayedAndFurtherOnesRefused) {
  std::string lines;
  for (const char* one :
       {"audio 40000 RTP/AVP 8", "video 40002 RTP/AVPF 96", "application 40004 RTP/AVP 97",
        "image 40006 udptl t38", "video 40008 RTP/AVP 96"}) {
    lines += std::string("m=") + one + "\r\n";
  }
  offer(lines);
  answer(lines);
  call();
  struct Way {
    const char* media;
    uint16_t port;
  };
  for (const Way way : {Way{"audio", 40000}, Way{"video", 40002}, Way{"application", 40004}}) {
    RtpLine line = from_pbx(way.media, way.port);
    line.rtp(96, {1, 2, 3});
    ASSERT_EQ(line.out.size(), 1u) << way.media;
    EXPECT_EQ(line.out[0].to, (contract::Endpoint{itsp.endpoint().address, way.port}));
  }
  RtpLine fax = from_pbx("image", 40006);
  fax.put({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13});
  EXPECT_EQ(fax.out.size(), 1u);
  EXPECT_NE(offered().find("RTP/AVPF"), std::string::npos);
  EXPECT_NE(offered().find("m=video 0 RTP/AVP 96"), std::string::npos);
  end();
}

TEST_F(Codec, AsymmetricNumbersPassBothWays) {
  offer("m=audio 40000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n");
  answer("m=audio 40000 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n");
  call();
  EXPECT_EQ(formats_in(answered()), "111");
  RtpLine line = from_pbx();
  line.rtp(111, {1, 2, 3});
  EXPECT_EQ(line.out.at(0).payload_type, 111);
  RtpLine back = from_itsp();
  back.rtp(96, {1, 2, 3});
  EXPECT_EQ(back.out.at(0).payload_type, 96);
  end();
}

TEST_F(Codec, RtcpGoesWhereAnAttributeSays) {
  offer("m=audio 40000 RTP/AVP 8\r\na=rtcp:45001\r\n");
  answer("m=audio 40000 RTP/AVP 8\r\na=rtcp:46001 IN IP4 10.20.2.9\r\n");
  call();
  RtpLine line(box, pbx, 45001, static_cast<uint16_t>(port_in(answered()) + 1));
  line.put({0x80, 200, 0, 1, 0, 0, 0, 7});
  ASSERT_EQ(line.out.size(), 1u);
  EXPECT_EQ(line.out[0].to, (contract::Endpoint{*contract::parse_address("10.20.2.9"), 46001}));
  end();
}

// RFC 5761: each leg for itself.
TEST_F(Codec, ACallerMultiplexesWhereTheCalledSideDoesNot) {
  offer("m=audio 40000 RTP/AVP 8\r\na=rtcp-mux\r\n");
  answer("m=audio 40000 RTP/AVP 8\r\n");
  call();
  EXPECT_NE(offered().find("a=rtcp-mux"), std::string::npos);
  EXPECT_NE(answered().find("a=rtcp-mux"), std::string::npos);
  RtpLine forth = from_pbx();
  forth.put({0x80, 200, 0, 1, 0, 0, 0, 7});
  ASSERT_EQ(forth.out.size(), 1u);
  EXPECT_EQ(forth.out[0].to.port, media_port + 1);
  EXPECT_EQ(forth.out[0].from.port, port_in(offered()) + 1);
  RtpLine back(box, itsp, media_port + 1, static_cast<uint16_t>(port_in(offered()) + 1));
  back.put({0x80, 201, 0, 1, 0, 0, 0, 7});
  ASSERT_EQ(back.out.size(), 1u);
  EXPECT_EQ(back.out[0].to.port, media_port);
  EXPECT_EQ(back.out[0].from.port, port_in(answered()));
  RtpLine audio = from_pbx();
  audio.audio(8, {1, 2, 3});
  EXPECT_EQ(audio.out.at(0).to.port, media_port);
  end();
}

TEST_F(Codec, BothSidesMultiplex) {
  offer("m=audio 40000 RTP/AVP 8\r\na=rtcp-mux\r\n");
  answer("m=audio 40000 RTP/AVP 8\r\na=rtcp-mux\r\n");
  call();
  RtpLine line = from_itsp();
  line.put({0x80, 200, 0, 1, 0, 0, 0, 7});
  ASSERT_EQ(line.out.size(), 1u);
  EXPECT_EQ(line.out[0].to.port, media_port);
  EXPECT_EQ(line.out[0].from.port, port_in(answered()));
  end();
}

class OnlyPcma : public Codec {
 protected:
  OnlyPcma() : Codec(with({}, {"PCMA"})) {}
};

// A trunk's list of codecs is about every line of audio, whichever side offers it.
TEST_F(OnlyPcma, FurtherLinesOfAudioAreStrippedToo) {
  offer(
      "m=audio 40000 RTP/AVP 0 8\r\n"
      "m=audio 40010 RTP/AVP 0 9 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
      "m=audio 40020 RTP/AVP 0 9\r\n"
      "m=video 40030 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n");
  answer(
      "m=audio 40000 RTP/AVP 8\r\n"
      "m=audio 40010 RTP/AVP 9 8\r\n"
      "m=audio 0 RTP/AVP 0\r\n"
      "m=video 40030 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n");
  call();
  const std::string formats = " RTP/AVP 8 101\r\n";
  EXPECT_NE(offered().find(formats), std::string::npos) << offered();
  EXPECT_EQ(offered().find("RTP/AVP 0 9 8"), std::string::npos) << offered();
  EXPECT_NE(offered().find("m=audio 0 RTP/AVP"), std::string::npos) << offered();
  EXPECT_NE(offered().find(" RTP/AVP 96\r\n"), std::string::npos) << offered();
  // What was not offered there is not told back.
  EXPECT_EQ(answered().find("RTP/AVP 9 "), std::string::npos) << answered();
  end();
}

}  // namespace
}  // namespace demarc::flow
