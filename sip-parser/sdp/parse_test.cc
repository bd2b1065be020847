#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"
#include "tests/support/sip_messages.h"

namespace demarc::sdp {
namespace {

constexpr std::string_view start = "v=0\no=- 1 1 IN IP4 h\n";

SdpError after_start(std::string_view lines) {
  return error_of(std::string(start) + std::string(lines));
}

TEST(SdpParse, LeavesTheFractionOfMillisecondsOut) {
  const Read read(body_with("a=ptime:20.5\r\na=maxptime:40.0\r\n"));
  EXPECT_EQ(read.media(0).ptime_ms, 20);
  EXPECT_EQ(read.media(0).maxptime_ms, 40);
}

TEST(SdpParse, ReadsAnOffer) {
  const Read read(support::sdp_offer);
  ASSERT_EQ(read.error, SdpError{});
  const Description& description = read.description;
  EXPECT_EQ(read(description.origin.user_name), "-");
  EXPECT_EQ(read(description.origin.session_id), "3724394400");
  EXPECT_EQ(read(description.origin.session_version), "3724394405");
  EXPECT_EQ(description.origin.address.type, AddressType::ip4);
  EXPECT_EQ(read(description.origin.address.address), "192.0.2.10");
  EXPECT_EQ(read(description.session_name), "call");
  EXPECT_EQ(description.connection.type, AddressType::ip4);
  EXPECT_EQ(read(description.connection.address), "192.0.2.10");
  EXPECT_EQ(read(description.start_time), "0");
  EXPECT_EQ(read(description.stop_time), "0");
  EXPECT_EQ(description.attribute_count, 0);
  ASSERT_EQ(description.media_count, 1u);
}

TEST(SdpParse, ReadsTheMediaOfAnOffer) {
  const Read read(support::sdp_offer);
  ASSERT_EQ(read.error, SdpError{});
  const Media& media = read.media();
  EXPECT_EQ(read(media.media), "audio");
  EXPECT_EQ(media.type, MediaType::audio);
  EXPECT_EQ(media.port, 49170);
  EXPECT_EQ(media.port_count, 1);
  EXPECT_EQ(read(media.protocol_text), "RTP/AVP");
  EXPECT_EQ(media.protocol, Protocol::rtp_avp);
  EXPECT_EQ(media.ptime_ms, 20);
  EXPECT_EQ(media.maxptime_ms, 0);
  EXPECT_TRUE(media.has_direction);
  EXPECT_EQ(media.direction, Direction::sendrecv);
  EXPECT_EQ(&read.description.connection_of(media), &read.description.connection);
}

TEST(SdpParse, ReadsTheFormatsOfAnOffer) {
  const Read read(support::sdp_offer);
  ASSERT_EQ(read.error, SdpError{});
  ASSERT_EQ(read.media().format_count, 3);
  const Format& event = read.media().formats[2];
  EXPECT_EQ(read(event.text), "101");
  EXPECT_EQ(event.payload_type, 101);
  EXPECT_EQ(read(event.encoding), "telephone-event");
  EXPECT_EQ(event.clock_rate_hz, 8000u);
  EXPECT_EQ(event.channels, 0);
  EXPECT_EQ(read(event.fmtp), "0-15");
  EXPECT_EQ(read(read.media().formats[0].encoding), "PCMA");
  EXPECT_TRUE(read.media().formats[0].fmtp.empty());
}

TEST(SdpParse, ReadsWhatMediaHaveOfTheirOwn) {
  const Read read(
      "v=0\r\no=- 1 1 IN IP4 h\r\ns= \r\ni=of all\r\nb=CT:1000\r\na=sendonly\r\na=group:BUNDLE "
      "1\r\n"
      "t=0 0\r\n"
      "m=audio 4000 RTP/SAVPF 96\r\ni=of one\r\nc=IN IP6 2001:db8::1\r\nb=TIAS:64000\r\nb=AS:64\r\n"
      "a=rtcp-mux\r\na=inactive\r\na=rtcp:4005 IN IP4 192.0.2.7\r\na=mid:1\r\na=maxptime:60\r\n"
      "m=image 0 udptl t38\r\na=T38FaxVersion:0\r\n"
      "m=video 5000/2 RTP/AVP 97\r\nc=IN IP4 224.2.1.1/127/3\r\nc=IN IP4 224.2.1.4/127\r\n"
      "a=rtcp:5005\r\n");
  ASSERT_EQ(read.error, SdpError{});
  EXPECT_EQ(read(read.description.information), "of all");
  EXPECT_EQ(read.description.bandwidths.value(BandwidthType::ct), 1000u);
  EXPECT_EQ(read.description.session_attribute_count, 1);
  ASSERT_EQ(read.description.media_count, 3u);
  const Media& first = read.media(0);
  EXPECT_EQ(first.protocol, Protocol::rtp_savpf);
  EXPECT_EQ(read(first.information), "of one");
  EXPECT_EQ(first.connection.type, AddressType::ip6);
  EXPECT_EQ(read(first.connection.address), "2001:db8::1");
  EXPECT_EQ(first.bandwidths.value(BandwidthType::tias), 64000u);
  EXPECT_EQ(first.bandwidths.value(BandwidthType::as), 64u);
  EXPECT_FALSE(first.bandwidths.has(BandwidthType::ct));
  EXPECT_EQ(read.description.direction_of(first), Direction::inactive);
  EXPECT_EQ(first.rtcp_port, 4005);
  EXPECT_EQ(read(first.rtcp_connection.address), "192.0.2.7");
  EXPECT_TRUE(first.has_rtcp_mux);
  EXPECT_EQ(first.maxptime_ms, 60);
  EXPECT_EQ(first.first_attribute, 1);
  EXPECT_EQ(first.attribute_count, 1);
  const Media& second = read.media(1);
  EXPECT_EQ(second.port, 0);
  EXPECT_EQ(second.type, MediaType::image);
  EXPECT_EQ(second.protocol, Protocol::udptl);
  EXPECT_EQ(read(second.formats[0].text), "t38");
  EXPECT_EQ(second.formats[0].payload_type, no_payload_type);
  EXPECT_EQ(read.description.direction_of(second), Direction::sendonly);
  EXPECT_EQ(second.attribute_count, 1);
  const Media& third = read.media(2);
  EXPECT_EQ(third.port_count, 2);
  EXPECT_EQ(third.connection_count, 2);
  EXPECT_EQ(read(third.connection.address), "224.2.1.1");
  EXPECT_EQ(third.rtcp_port, 5005);
  EXPECT_EQ(third.rtcp_connection.type, AddressType::none);
}

TEST(SdpParse, LeavesNothingOfTheDescriptionBefore) {
  const std::string rich =
      std::string(session_lines) + "i=x\r\nb=AS:1\r\na=sendonly\r\na=x\r\n" +
      "m=audio 1/2 RTP/AVP 0 8\r\ni=x\r\nc=IN IP4 h\r\nb=AS:1\r\na=rtpmap:0 PCMU/8000/2\r\n"
      "a=fmtp:0 x\r\na=ptime:20\r\na=maxptime:20\r\na=inactive\r\na=rtcp-mux\r\n"
      "a=rtcp:9 IN IP4 h\r\na=y\r\n";
  const std::string poor = std::string(start) + "c=IN IP4 h\nm=audio 1 RTP/AVP 0\n";
  Description description;
  ASSERT_EQ(error_of(rich, description), SdpError{});
  ASSERT_EQ(error_of(poor, description), SdpError{});
  EXPECT_TRUE(description.session_name.empty() && description.information.empty());
  EXPECT_TRUE(description.bandwidths.empty() && description.start_time.empty());
  EXPECT_FALSE(description.has_direction);
  EXPECT_EQ(description.attribute_count, 0);
  EXPECT_EQ(description.session_attribute_count, 0);
  const Media& media = description.media[0];
  EXPECT_EQ(media.port_count, 1);
  EXPECT_EQ(media.connection_count, 0);
  EXPECT_EQ(media.connection.type, AddressType::none);
  EXPECT_TRUE(media.information.empty() && media.bandwidths.empty());
  EXPECT_FALSE(media.has_direction || media.has_rtcp_mux);
  EXPECT_EQ(media.rtcp_port + media.ptime_ms + media.maxptime_ms + media.attribute_count, 0);
  EXPECT_EQ(media.rtcp_connection.type, AddressType::none);
  EXPECT_EQ(media.format_count, 1);
  EXPECT_TRUE(media.formats[0].encoding.empty() && media.formats[0].fmtp.empty());
  EXPECT_EQ(media.formats[0].clock_rate_hz + media.formats[0].channels, 0u);
}

TEST(SdpParse, AcceptsAnyLineEnd) {
  std::string lf(support::sdp_offer);
  lf.erase(std::remove(lf.begin(), lf.end(), '\r'), lf.end());
  const std::string printed = print_again(support::sdp_offer, our_rewrite());
  EXPECT_EQ(print_again(lf, our_rewrite()), printed);
  EXPECT_EQ(print_again(lf.substr(0, lf.size() - 1), our_rewrite()), printed);
  const std::string_view offer = support::sdp_offer;
  EXPECT_EQ(print_again(offer.substr(0, offer.size() - 2), our_rewrite()), printed);
  EXPECT_EQ(print_again(std::string(offer) + "\r\n\r\n", our_rewrite()), printed);
  EXPECT_EQ(print_again(std::string(offer) + "\n\r\n\n", our_rewrite()), printed);
}

TEST(SdpParse, AcceptsMoreBlanksThanTheGrammarHas) {
  const std::string body =
      "v=0\r\no=-  3724394400  3724394405  IN  IP4  192.0.2.10 \r\ns=call\r\n"
      "c=IN  IP4  192.0.2.10  \r\nt=0  0 \r\nm=audio  49170  RTP/AVP  8  0  101  \r\n"
      "a=rtpmap:8  PCMA/8000 \r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101  telephone-event/8000 \r\n"
      "a=fmtp:101  0-15\r\na=ptime:20 \r\na=sendrecv \r\n";
  EXPECT_EQ(print_again(body, our_rewrite()), print_again(support::sdp_offer, our_rewrite()));
  EXPECT_EQ(with_lines("a=rtcp:1  IN  IP4  h \r\na=rtcp:1 \r\na=rtcp-mux \r\na=x \r\n"),
            SdpError{});
}

TEST(SdpParse, SkipsLinesThatItDoesNotNeed) {
  EXPECT_EQ(after_start("s=-\ni=info\nu=x\ne=x\np=x\nc=IN IP4 h\nb=nonsense\nt=0 0\nr=1\nz=0\n"
                        "k=clear:x\nX=unknown\nm=audio 1 RTP/AVP 0\ni=x\nk=x\nb=AS:x\nb=X-Y:1\n"
                        "u=\nt=1 2\n"),
            SdpError{});
}

TEST(SdpParse, TakesTheLinesOfOneLevelInAnyOrder) {
  EXPECT_EQ(error_of("v=0\nt=0 0\na=sendonly\nb=AS:1\nc=IN IP4 h\ns=-\no=- 1 1 IN IP4 h\n"
                     "m=audio 1 RTP/AVP 0\na=x\nb=AS:1\nc=IN IP4 h\ni=x\n"),
            SdpError{});
}

TEST(SdpParse, KeepsTheFirstOfWhatShouldStandOnce) {
  const Read read(
      body_with("a=rtpmap:0 PCMU/8000\r\na=rtpmap:0 PCMA/16000/2\r\na=fmtp:0 a\r\n"
                "a=fmtp:0 b\r\nb=AS:1\r\nb=AS:2\r\nb=RS:x\r\nb=RS:3\r\nt=7 8\r\n"));
  ASSERT_EQ(read.error, SdpError{});
  const Format& format = read.media().formats[0];
  EXPECT_EQ(read(format.encoding), "PCMU");
  EXPECT_EQ(format.clock_rate_hz, 8000u);
  EXPECT_EQ(format.channels, 0);
  EXPECT_EQ(read(format.fmtp), "a");
  EXPECT_EQ(read.media().bandwidths.value(BandwidthType::as), 1u);
  EXPECT_EQ(read.media().bandwidths.value(BandwidthType::rs), 3u);
  EXPECT_EQ(read(read.description.start_time), "0");
}

TEST(SdpParse, DescribesTheFirstOfAPayloadTypeThatStandsTwice) {
  const Read read(std::string(session_lines) + "m=audio 1 RTP/AVP 9 9\r\na=rtpmap:9 X/1\r\n");
  ASSERT_EQ(read.error, SdpError{});
  EXPECT_EQ(read(read.media().formats[0].encoding), "X");
  EXPECT_TRUE(read.media().formats[1].encoding.empty());
}

TEST(SdpParse, DescribesOnlyTheFormatsOfTheirOwnMedia) {
  const Read read(std::string(session_lines) + "a=rtpmap:0 A/1\r\na=fmtp:0 a\r\na=ptime:9\r\n" +
                  std::string(audio_line) + "a=rtpmap:9 B/1\r\na=fmtp:9 b\r\na=fmtp:red b\r\n" +
                  "m=image 1 udptl t38\r\na=rtpmap:101 C/1\r\na=fmtp:101 c\r\n");
  ASSERT_EQ(read.error, SdpError{});
  for (unsigned i = 0; i < 2; ++i) {
    for (unsigned j = 0; j < read.media(i).format_count; ++j) {
      EXPECT_TRUE(read.media(i).formats[j].encoding.empty());
      EXPECT_TRUE(read.media(i).formats[j].fmtp.empty());
    }
    EXPECT_EQ(read.media(i).ptime_ms, 0);
  }
}

TEST(SdpParse, KeepsOtherAttributesAsTheyAre) {
  const Read read(body_with("a=x-unknown:v:1 = /\r\na=ice-lite\r\na=empty:\r\na=rtpmap:0 A/1\r\n"));
  ASSERT_EQ(read.error, SdpError{});
  ASSERT_EQ(read.media().attribute_count, 3);
  const Attributes attributes = attributes_of(read.description, read.media());
  EXPECT_EQ(read(attributes.begin()->name), "x-unknown");
  EXPECT_EQ(read(attributes.begin()->value), "v:1 = /");
  EXPECT_EQ(attributes.begin()->kind, AttributeKind::other);
  const Attribute* flag = attributes.find(AttributeKind::ice_lite);
  ASSERT_NE(flag, nullptr);
  EXPECT_TRUE(flag->value.empty());
  EXPECT_EQ(attributes.find(AttributeKind::crypto), nullptr);
}

TEST(SdpParse, ReadsNamesThatBeginLikeAnother) {
  const Read read(
      body_with("a=sendrecv2\r\na=rtpmapper:1\r\na=ptimes:x\r\na=fmtps\r\n"
                "a=sendrecv-x:1\r\na=rtcp-mux-only\r\n"));
  ASSERT_EQ(read.error, SdpError{});
  EXPECT_FALSE(read.media().has_direction || read.media().has_rtcp_mux);
  EXPECT_EQ(read.media().attribute_count, 6);
}

TEST(SdpParse, ReadsTheSameWhereverALineStands) {
  const std::string printed = print_again(support::sdp_offer, our_rewrite());
  for (size_t shift = 0; shift < 130; ++shift) {
    std::string body(support::sdp_offer);
    body.insert(body.find("c="), "i=" + std::string(shift, 'x') + "\r\n");
    EXPECT_EQ(print_again(body, our_rewrite()), printed) << shift;
  }
}

TEST(SdpParse, IsSafeOnEveryTruncation) {
  const std::string body = std::string(support::sdp_offer) +
                           "m=video 5000 RTP/AVP 97\r\nc=IN IP6 ::1\r\na=rtcp:5005 IN IP4 h\r\n"
                           "b=AS:5\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\na=rtcp-mux";
  for (size_t length = 0; length <= body.size(); ++length) {
    const std::string_view cut = std::string_view(body).substr(0, length);
    const std::string printed = print_again(cut, our_rewrite());
    if (printed != "unreadable") {
      EXPECT_EQ(print_again(printed, our_rewrite()), printed) << cut;
    }
  }
}

// One octet of the offer at a time, as every value: either refused or printed in a fixed point.
TEST(SdpParse, IsSafeOnEveryChangedOctet) {
  const std::string offer(support::sdp_offer);
  Description description;
  for (size_t i = 0; i < offer.size(); ++i) {
    for (unsigned octet = 0; octet < 256; octet += 3) {
      std::string body = offer;
      body[i] = static_cast<char>(octet);
      if (!parse(body, description)) continue;
      std::array<char, 4096> once, twice;
      sip::Writer writer(once);
      ASSERT_TRUE(print(description, body, our_rewrite(), writer)) << body;
      ASSERT_TRUE(parse(writer.written(), description)) << body;
      sip::Writer second(twice);
      ASSERT_TRUE(print(description, writer.written(), our_rewrite(), second));
      EXPECT_EQ(second.written(), writer.written());
    }
  }
}

}  // namespace
}  // namespace demarc::sdp
