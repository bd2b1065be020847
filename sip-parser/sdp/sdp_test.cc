#include "sip-parser/sdp/sdp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "tests/support/guarded_buffer.h"
#include "tests/support/sip_messages.h"

namespace demarc::sdp {
namespace {

constexpr std::string_view session =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
constexpr std::string_view audio = "m=audio 4000 RTP/AVP 0 101\r\n";

// SDP needs no padding: the body ends at the guard page.
SdpError error_of(std::string_view body, Description& description) {
  const support::GuardedBuffer buffer(body, 0, ' ');
  const Result<Parsed, SdpError> result = parse(buffer.view(), description);
  return result ? SdpError{} : result.error();
}
SdpError error_of(std::string_view body) {
  Description description;
  return error_of(body, description);
}
SdpError with_lines(std::string_view lines) {
  return error_of(std::string(session) + std::string(audio) + std::string(lines));
}

Rewrite ours() {
  Rewrite rewrite;
  rewrite.session_id = 7;
  rewrite.session_version = 8;
  rewrite.address = "203.0.113.5";
  for (Rewrite::Port& port : rewrite.ports) port = {20000, 20001, true};
  return rewrite;
}

std::string print_again(std::string_view body, const Rewrite& rewrite) {
  Description description;
  if (error_of(body, description) != SdpError{}) return "unreadable";
  std::array<char, 65536> buffer;
  sip::Writer writer(buffer);
  return print(description, body, rewrite, writer) ? std::string(writer.written()) : "failed";
}

TEST(SdpParse, ReadsAnOffer) {
  const std::string_view body = support::sdp_offer;
  Description description;
  ASSERT_EQ(error_of(body, description), SdpError{});
  EXPECT_EQ(text(description.origin, body), "- 3724394400 3724394405 IN IP4 192.0.2.10");
  EXPECT_EQ(text(description.session_name, body), "call");
  EXPECT_EQ(description.connection.type, AddressType::ip4);
  EXPECT_EQ(text(description.connection.address, body), "192.0.2.10");
  ASSERT_EQ(description.media_count, 1u);
  const Media& media = description.media[0];
  EXPECT_EQ(text(media.media, body), "audio");
  EXPECT_EQ(media.port, 49170);
  EXPECT_EQ(text(media.protocol, body), "RTP/AVP");
  ASSERT_EQ(media.format_count, 3u);
  EXPECT_EQ(text(media.formats[2], body), "101");
  EXPECT_EQ(media.ptime_ms, 20);
  EXPECT_TRUE(media.has_direction);
  EXPECT_EQ(media.direction, Direction::sendrecv);
  EXPECT_EQ(&description.connection_of(media), &description.connection);
  ASSERT_EQ(media.attribute_count, 6);
  EXPECT_EQ(description.attributes[0].kind, AttributeKind::rtpmap);
  EXPECT_EQ(description.attributes[0].payload_type, 8);
  EXPECT_EQ(text(description.attributes[0].value, body), "8 PCMA/8000");
  EXPECT_EQ(description.attributes[3].kind, AttributeKind::fmtp);
  EXPECT_EQ(description.attributes[3].payload_type, 101);
}

TEST(SdpParse, ReadsMediaOfItsOwnConnectionDirectionAndRtcp) {
  const std::string body =
      "v=0\r\no=x\r\ns= \r\na=sendonly\r\na=group:BUNDLE 1\r\nt=0 0\r\n"
      "m=audio 4000 RTP/SAVPF 96\r\nc=IN IP6 2001:db8::1\r\nb=TIAS:64000\r\nb=AS:64\r\n"
      "a=inactive\r\na=rtcp:4005 IN IP4 192.0.2.7\r\na=rtcp-mux\r\na=mid:1\r\n"
      "m=image 0 udptl t38\r\na=T38FaxVersion:0\r\n"
      "m=video 5000/1 RTP/AVP 97\r\nc=IN IP4 224.2.1.1/127/3\r\na=rtcp:5005\r\n";
  Description description;
  ASSERT_EQ(error_of(body, description), SdpError{});
  EXPECT_EQ(description.session_attribute_count, 2);
  ASSERT_EQ(description.media_count, 3u);
  const Media& first = description.media[0];
  EXPECT_EQ(first.connection.type, AddressType::ip6);
  EXPECT_EQ(text(first.connection.address, body), "2001:db8::1");
  EXPECT_EQ(text(first.bandwidth, body), "TIAS:64000");
  EXPECT_EQ(description.direction_of(first), Direction::inactive);
  EXPECT_EQ(first.rtcp_port, 4005);
  EXPECT_EQ(text(first.rtcp_connection.address, body), "192.0.2.7");
  EXPECT_TRUE(first.has_rtcp_mux);
  EXPECT_EQ(first.first_attribute, 2);
  EXPECT_EQ(first.attribute_count, 4);
  const Media& second = description.media[1];
  EXPECT_EQ(second.port, 0);
  EXPECT_EQ(text(second.formats[0], body), "t38");
  EXPECT_EQ(description.direction_of(second), Direction::sendonly);
  EXPECT_EQ(description.attributes[second.first_attribute].kind, AttributeKind::t38);
  const Media& third = description.media[2];
  EXPECT_EQ(text(third.connection.address, body), "224.2.1.1");
  EXPECT_EQ(third.rtcp_port, 5005);
  EXPECT_EQ(third.rtcp_connection.type, AddressType::none);
}

TEST(SdpParse, AcceptsAnyLineEnd) {
  std::string lf(support::sdp_offer);
  lf.erase(std::remove(lf.begin(), lf.end(), '\r'), lf.end());
  const std::string printed = print_again(support::sdp_offer, ours());
  EXPECT_EQ(print_again(lf, ours()), printed);
  EXPECT_EQ(print_again(lf.substr(0, lf.size() - 1), ours()), printed);
  EXPECT_EQ(print_again(support::sdp_offer.substr(0, support::sdp_offer.size() - 2), ours()),
            printed);
  EXPECT_EQ(print_again(std::string(support::sdp_offer) + "\r\n\r\n", ours()), printed);
}

TEST(SdpParse, SkipsLinesThatItDoesNotNeed) {
  EXPECT_EQ(error_of("v=0\no=x\ns=-\ni=info\nu=x\ne=x\np=x\nc=IN IP4 h\nb=nonsense\nt=0 0\nr=1\n"
                     "z=0\nk=clear:x\nX=unknown\nm=audio 1 RTP/AVP 0\ni=x\nk=x\nb=AS:x\n"),
            SdpError{});
}

TEST(SdpParse, RefusesNothing) {
  EXPECT_EQ(error_of(""), SdpError::empty);
  EXPECT_EQ(error_of("\r\n\n"), SdpError::empty);
}

TEST(SdpParse, RefusesBadLines) {
  for (const char* bad :
       {"x", "a", "=", "1=x", " a=x", "a =x", "odd line", "\r\n\r\na=x", "o=2", "s=2"}) {
    EXPECT_EQ(with_lines(bad), SdpError::bad_line) << bad;
  }
  EXPECT_EQ(error_of("v=0\no=x\no=x\n"), SdpError::bad_line);
  EXPECT_EQ(error_of("v=0\no=\n"), SdpError::bad_line);
  EXPECT_EQ(error_of("v=0\no=x\ns=-\ns=-\n"), SdpError::bad_line);
}

TEST(SdpParse, RefusesOtherVersions) {
  for (const char* bad :
       {"o=x\nv=0\n", "v=1\no=x\n", "v=\no=x\n", "v=00\no=x\n", "v=0 \no=x\n", "v=0\nv=0\no=x\n"}) {
    EXPECT_EQ(error_of(bad), SdpError::bad_version) << bad;
  }
}

TEST(SdpParse, NeedsAnOrigin) {
  EXPECT_EQ(error_of("v=0\n"), SdpError::missing_origin);
  EXPECT_EQ(error_of("v=0\nm=audio 1 RTP/AVP 0\no=x\n"), SdpError::missing_origin);
}

TEST(SdpParse, RefusesBadConnections) {
  for (const char* bad : {"c=", "c=IN", "c=IN IP4", "c=IN IP5 h", "c=XX IP4 h", "c=IN IP4 h x",
                          "c=IN IP4 1.2.3.4:5", "c=IN IP4 h/x", "c=IN IP6 [::1]", "c=IN IP4 /1",
                          "c=in ip4 h", "c=IN IP4 h\tx", "c=IN IP4 h\r\nc=IN IP4 h"}) {
    EXPECT_EQ(with_lines(bad), SdpError::bad_connection) << bad;
  }
  EXPECT_EQ(with_lines("c=IN IP4 " + std::string(255, 'h')), SdpError{});
  EXPECT_EQ(with_lines("c=IN IP4 " + std::string(256, 'h')), SdpError::bad_connection);
}

TEST(SdpParse, NeedsAConnectionForMediaWithAPort) {
  EXPECT_EQ(error_of("v=0\no=x\nm=audio 1 RTP/AVP 0\n"), SdpError::bad_connection);
  EXPECT_EQ(error_of("v=0\no=x\nm=audio 0 RTP/AVP 0\n"), SdpError{});
  EXPECT_EQ(error_of("v=0\no=x\nm=audio 1 RTP/AVP 0\nc=IN IP4 h\nm=audio 1 RTP/AVP 0\n"),
            SdpError::bad_connection);
}

TEST(SdpParse, RefusesBadMedia) {
  for (const char* bad : {"m=",
                          "m=audio",
                          "m=audio 1",
                          "m=audio 1 RTP/AVP",
                          "m=audio 65536 RTP/AVP 0",
                          "m=audio -1 RTP/AVP 0",
                          "m=audio x RTP/AVP 0",
                          "m=audio 4294967297 RTP/AVP 0",
                          "m=audio 1/2 RTP/AVP 0",
                          "m=audio 1/ RTP/AVP 0",
                          "m=audio 1 RTP/AVP 128",
                          "m=audio 1 RTP/AVP 4294967296",
                          "m=audio 1 RTP/AVP x",
                          "m=audio 1 RTP/AVP 0 -1",
                          "m=au/dio 1 RTP/AVP 0",
                          "m=audio 1 RTP//AVP 0",
                          "m=audio 1 RTP/AVP/ 0",
                          "m=audio 1 / 0",
                          "m=image 1 udptl t/38",
                          "m=audio\t1 RTP/AVP 0"}) {
    EXPECT_EQ(with_lines(bad), SdpError::bad_media) << bad;
  }
  for (const char* good : {"m=audio 0 RTP/AVP 0", "m=audio 65535 UDP/TLS/RTP/SAVPF 0 127",
                           "m=image 1 udptl t38", "m=audio  1  RTP/AVP  0 "}) {
    EXPECT_EQ(with_lines(good), SdpError{}) << good;
  }
}

TEST(SdpParse, RefusesBadAttributes) {
  for (const char* bad : {"a=",
                          "a=:x",
                          "a=a b",
                          "a=rtpmap",
                          "a=rtpmap:",
                          "a=rtpmap:x PCMU/8000",
                          "a=rtpmap:128 PCMU/8000",
                          "a=rtpmap:4294967296 PCMU/8000",
                          "a=rtpmap:0",

                          "a=rtpmap:0 /8000",
                          "a=rtpmap:0 PCMU/",
                          "a=rtpmap:0 PCMU/0",
                          "a=rtpmap:0 PCMU/x",
                          "a=rtpmap:0 PCMU/8000/",
                          "a=rtpmap:0 PCMU/8000 x",
                          "a=rtpmap:-1 PCMU/8000",
                          "a=fmtp",
                          "a=fmtp:128 x",
                          "a=fmtp:4294967296 x",
                          "a=fmtp:;x",
                          "a=ptime",
                          "a=ptime:",
                          "a=ptime:0",
                          "a=ptime:201",
                          "a=ptime:-20",
                          "a=ptime:20.5",
                          "a=ptime: 20",
                          "a=ptime:4294967316",
                          "a=maxptime:0",
                          "a=maxptime:1001",
                          "a=maxptime:x",
                          "a=sendrecv\r\na=inactive",
                          "a=rtcp",
                          "a=rtcp:0",
                          "a=rtcp:65536",
                          "a=rtcp:x",
                          "a=rtcp:1 IN",
                          "a=rtcp:1 IN IP4 [x]"}) {
    EXPECT_EQ(with_lines(bad), SdpError::bad_attribute) << bad;
  }
  for (const char* good :
       {"a=x", "a=x:", "a=x:y:z", "a=rtpmap:0 PCMU/8000/1", "a=rtpmap:127 L16/4294967295/2",
        "a=fmtp:x y", "a=fmtp:0", "a=ptime:1", "a=ptime:200", "a=maxptime:1", "a=maxptime:1000",
        "a=sendrecv\r\na=sendrecv", "a=rtcp:1", "a=rtcp:65535", "a=rtcp-mux"}) {
    EXPECT_EQ(with_lines(good), SdpError{}) << good;
  }
}

TEST(SdpParse, RefusesForbiddenOctets) {
  using std::string_literals::operator""s;
  for (const std::string& bad :
       {"a=fm\0tp:0 x\r\n"s, "a=x\0"s, "a=x\ry\r\n"s, "a=x\r\r\n"s, "\0"s, "a=x\r\n\0=y"s}) {
    EXPECT_EQ(with_lines(bad), SdpError::forbidden_octet);
  }
}

TEST(SdpParse, CountsMediaToItsLimit) {
  const auto many = [](unsigned count) {
    std::string body(session);
    for (unsigned i = 0; i < count; ++i) body += audio;
    return body;
  };
  EXPECT_EQ(error_of(many(max_media - 1)), SdpError{});
  EXPECT_EQ(error_of(many(max_media)), SdpError{});
  EXPECT_EQ(error_of(many(max_media + 1)), SdpError::too_many_media);
}

TEST(SdpParse, CountsFormatsToItsLimit) {
  const auto many = [](unsigned count) {
    std::string line = "m=audio 1 RTP/AVP";
    for (unsigned i = 0; i < count; ++i) line.append(" ").append(std::to_string(i));
    return with_lines(line);
  };
  EXPECT_EQ(many(max_formats - 1), SdpError{});
  EXPECT_EQ(many(max_formats), SdpError{});
  EXPECT_EQ(many(max_formats + 1), SdpError::too_many_formats);
}

TEST(SdpParse, CountsAttributesToItsLimit) {
  const auto many = [](unsigned count) {
    std::string lines;
    for (unsigned i = 0; i < count; ++i) lines += "a=x\n";
    return with_lines(lines);
  };
  EXPECT_EQ(many(max_attributes - 1), SdpError{});
  EXPECT_EQ(many(max_attributes), SdpError{});
  EXPECT_EQ(many(max_attributes + 1), SdpError::too_many_attributes);
}

TEST(SdpParse, MeasuresTheBodyToItsLimit) {
  const auto sized = [](size_t size) {
    std::string body = std::string(session) + "i=";
    body.resize(size, 'x');
    return body;
  };
  EXPECT_EQ(error_of(sized(max_body_octets - 1)), SdpError{});
  EXPECT_EQ(error_of(sized(max_body_octets)), SdpError{});
  EXPECT_EQ(error_of(sized(max_body_octets + 1)), SdpError::too_long);
}

TEST(SdpParse, IsSafeOnEveryTruncation) {
  const std::string body = std::string(support::sdp_offer) +
                           "m=video 5000 RTP/AVP 97\r\nc=IN IP6 ::1\r\na=rtcp:5005 IN IP4 h\r\n"
                           "b=AS:5\r\na=rtcp-mux";
  for (size_t length = 0; length <= body.size(); ++length) {
    const std::string_view cut = std::string_view(body).substr(0, length);
    const std::string printed = print_again(cut, ours());
    if (printed != "unreadable") {
      EXPECT_EQ(print_again(printed, ours()), printed) << cut;
    }
  }
}

TEST(SdpParse, NamesItsErrors) {
  for (unsigned i = 1; i < static_cast<unsigned>(SdpError::count); ++i) {
    EXPECT_FALSE(spelling(static_cast<SdpError>(i)).empty()) << i;
  }
  EXPECT_EQ(spelling(SdpError::bad_media), "bad_media");
  EXPECT_EQ(spelling(SdpError::count), "");
}

TEST(SdpPrint, PutsOurValuesInPlaceOfThePeers) {
  EXPECT_EQ(print_again(support::sdp_offer, ours()),
            "v=0\r\no=- 7 8 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\n"
            "m=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n");
}

TEST(SdpPrint, LeavesOutWhatIsNotOnTheAllowList) {
  const std::string body = std::string(session) +
                           "a=group:BUNDLE a\r\na=ice-lite\r\na=sendonly\r\n" + std::string(audio) +
                           "i=secret\r\nc=IN IP4 192.0.2.99\r\nb=AS:64\r\nk=clear:secret\r\n"
                           "a=rtpmap:0 PCMU/8000\r\na=rtpmap:9 G722/8000\r\na=fmtp:9 x\r\n"
                           "a=fmtp:red 0\r\na=maxptime:40\r\na=silenceSupp:off - - - -\r\n"
                           "a=candidate:1 1 UDP 1 10.0.0.1 1 typ host\r\na=ice-ufrag:x\r\n"
                           "a=ice-pwd:x\r\na=fingerprint:sha-1 x\r\na=setup:active\r\n"
                           "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\na=ssrc:1 cname:x\r\n"
                           "a=mid:a\r\na=rtcp:4009 IN IP4 10.0.0.1\r\na=x-own:10.0.0.1\r\n"
                           "a=remote-candidates:1 10.0.0.1 1\r\na=T38FaxVersion:0\r\n";
  EXPECT_EQ(print_again(body, ours()),
            "v=0\r\no=- 7 8 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\n"
            "m=audio 20000 RTP/AVP 0 101\r\nb=AS:64\r\na=rtpmap:0 PCMU/8000\r\na=maxptime:40\r\n"
            "a=silenceSupp:off - - - -\r\na=T38FaxVersion:0\r\na=sendonly\r\n");
}

TEST(SdpPrint, LeavesOutAnRtpmapWithoutAClockRate) {
  const std::string body = std::string(session) + std::string(audio) + "a=rtpmap:0 PCMU\r\n";
  EXPECT_EQ(print_again(body, ours()).find("rtpmap"), std::string::npos);
  EXPECT_NE(print_again(body, ours()), "unreadable");
}

TEST(SdpPrint, PrintsRefusedMediaAsItsLineOnly) {
  const std::string body =
      std::string(session) + std::string(audio) + "b=AS:1\r\na=ptime:20\r\n" + std::string(audio);
  Rewrite rewrite = ours();
  rewrite.ports[0] = {};
  const std::string printed = print_again(body, rewrite);
  EXPECT_NE(printed.find("t=0 0\r\nm=audio 0 RTP/AVP 0 101\r\nm=audio 20000 RTP/AVP 0 101\r\n"),
            std::string::npos);
}

TEST(SdpPrint, PrintsRtcpWhereItIsNotTheNextPort) {
  const std::string body = std::string(session) + std::string(audio) + "a=rtcp-mux\r\n";
  Rewrite rewrite = ours();
  EXPECT_EQ(print_again(body, rewrite).find("a=rtcp:"), std::string::npos);
  EXPECT_NE(print_again(body, rewrite).find("a=rtcp-mux\r\n"), std::string::npos);
  rewrite.ports[0] = {20000, 20003, false};
  EXPECT_NE(print_again(body, rewrite).find("a=rtcp:20003\r\n"), std::string::npos);
  EXPECT_EQ(print_again(body, rewrite).find("rtcp-mux"), std::string::npos);
  rewrite.ports[0] = {20000, 0, true};
  EXPECT_EQ(print_again(body, rewrite).find("a=rtcp:"), std::string::npos);
  // Not kept where the peer had none.
  EXPECT_EQ(print_again(std::string(session) + std::string(audio), rewrite).find("rtcp-mux"),
            std::string::npos);
}

TEST(SdpPrint, PrintsIp6) {
  Rewrite rewrite = ours();
  rewrite.type = AddressType::ip6;
  rewrite.address = "2001:db8::5";
  const std::string printed = print_again(support::sdp_offer, rewrite);
  EXPECT_NE(printed.find("o=- 7 8 IN IP6 2001:db8::5\r\ns=-\r\nc=IN IP6 2001:db8::5\r\n"),
            std::string::npos);
}

TEST(SdpPrint, PrintsTheAddressOfAMediaDescriptionOnlyWhereItDiffers) {
  Rewrite rewrite = ours();
  rewrite.ports[0].address = rewrite.address;
  EXPECT_EQ(print_again(support::sdp_offer, rewrite), print_again(support::sdp_offer, ours()));
  rewrite.ports[0].address = "2001:db8::7";
  rewrite.ports[0].type = AddressType::ip6;
  const std::string printed = print_again(support::sdp_offer, rewrite);
  EXPECT_NE(printed.find(" RTP/AVP 8 0 101\r\nc=IN IP6 2001:db8::7\r\n"), std::string::npos)
      << printed;
}

TEST(SdpPrint, IsAFixedPoint) {
  const std::string once = print_again(support::sdp_offer, ours());
  EXPECT_EQ(print_again(once, ours()), once);
}

TEST(SdpPrint, RefusesAnIncompleteRewrite) {
  Rewrite rewrite = ours();
  rewrite.address = "";
  EXPECT_EQ(print_again(support::sdp_offer, rewrite), "failed");
  rewrite = ours();
  rewrite.type = AddressType::none;
  EXPECT_EQ(print_again(support::sdp_offer, rewrite), "failed");
  rewrite = ours();
  rewrite.user_name = "";
  EXPECT_EQ(print_again(support::sdp_offer, rewrite), "failed");
  rewrite = ours();
  rewrite.user_name = "a\r\nb";
  EXPECT_EQ(print_again(support::sdp_offer, rewrite), "failed");
}

TEST(SdpPrint, FailsWithoutRoom) {
  Description description;
  ASSERT_EQ(error_of(support::sdp_offer, description), SdpError{});
  std::array<char, 100> buffer;
  sip::Writer writer(buffer);
  EXPECT_FALSE(print(description, support::sdp_offer, ours(), writer));
}

}  // namespace
}  // namespace demarc::sdp
