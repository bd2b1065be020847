// What parse() refuses, with its reason, and each limit reached exactly.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

constexpr std::string_view start = "v=0\no=- 1 1 IN IP4 h\n";

SdpError after_start(std::string_view lines) {
  return error_of(std::string(start) + std::string(lines));
}

// What one number of a body is taken for: `around` with its '?' as each text of the table, but for
// `other`, which this number takes wider.
void expect_boundaries(std::string_view around, uint64_t minimum, uint64_t maximum,
                       SdpError refusal, std::string_view other = {}) {
  for (const auto& [text, is_taken] : boundaries(minimum, maximum)) {
    if (text == other) continue;
    std::string lines(around);
    lines.replace(lines.find('?'), 1, text);
    EXPECT_EQ(with_lines(lines), is_taken ? SdpError{} : refusal) << lines;
  }
}

TEST(SdpRefusal, RefusesNothing) {
  EXPECT_EQ(error_of(""), SdpError::empty);
  EXPECT_EQ(error_of("\r\n\n"), SdpError::empty);
}

TEST(SdpRefusal, RefusesBadLines) {
  for (const char* bad : {"x", "a", "=", "1=x", " a=x", "a =x", "odd line", "\r\n\r\na=x", "s=2"}) {
    EXPECT_EQ(with_lines(bad), SdpError::bad_line) << bad;
  }
  EXPECT_EQ(after_start("s=-\ns=-\n"), SdpError::bad_line);
  EXPECT_EQ(after_start("s=-\ns=\n"), SdpError::bad_line);
  EXPECT_EQ(error_of("x"), SdpError::bad_line);
  EXPECT_EQ(error_of("=v=0\n"), SdpError::bad_line);
}

TEST(SdpRefusal, RefusesOtherVersions) {
  for (const char* bad : {"o=- 1 1 IN IP4 h\nv=0\n", "v=1\n", "v=\n", "v=00\n", "v=0 \n",
                          "v=", "v=0\nv=0\no=- 1 1 IN IP4 h\n"}) {
    EXPECT_EQ(error_of(bad), SdpError::bad_version) << bad;
  }
}

TEST(SdpRefusal, NeedsAnOrigin) {
  EXPECT_EQ(error_of("v=0\n"), SdpError::missing_origin);
  EXPECT_EQ(error_of("v=0"), SdpError::missing_origin);
  EXPECT_EQ(error_of("v=0\nm=audio 1 RTP/AVP 0\no=- 1 1 IN IP4 h\n"), SdpError::missing_origin);
}

TEST(SdpRefusal, RefusesBadOrigins) {
  for (const char* bad :
       {"", "x", "- 1 1 IN IP4", "- 1 1 IN IP4 ", "- 1 IN IP4 h", " 1 1 IN IP4 h", "- x 1 IN IP4 h",
        "- 1 x IN IP4 h", "- 1 1 XX IP4 h", "- 1 1 IN IP5 h", "- 1 1 IN IP4 h x",
        "a b 1 1 IN IP4 h", "- 1 1 IN IP4 h\tx", "- 1 1IN IP4 h", "-\t1 1 IN IP4 h"}) {
    EXPECT_EQ(error_of("v=0\no=" + std::string(bad) + "\n"), SdpError::bad_origin) << bad;
  }
  EXPECT_EQ(after_start("o=- 1 1 IN IP4 h\n"), SdpError::bad_origin);
  EXPECT_EQ(with_lines("o=- 1 1 IN IP4 h\n"), SdpError::bad_origin);
  EXPECT_EQ(error_of("v=0\no=j.d@\xc3\xa9:/=x 1 1 IN IP6 2001:db8::1\n"), SdpError{});
}

// RFC 8866 section 9, extn-addr: nothing is sent there.
TEST(SdpRefusal, TheAddressOfAnOriginIsAnythingWithoutBlanks) {
  for (const char* address : {"IP6 [2001:db8::1]", "IP4 h:1", "IP4 h/1", "IP4 \xc3\xa9"}) {
    EXPECT_EQ(error_of("v=0\no=- 1 1 IN " + std::string(address) + "\n"), SdpError{}) << address;
  }
  const std::string most(max_address_octets, 'h');
  EXPECT_EQ(error_of("v=0\no=- 1 1 IN IP4 " + most + "\n"), SdpError{});
  EXPECT_EQ(error_of("v=0\no=- 1 1 IN IP4 " + most + "h\n"), SdpError::bad_origin);
}

// As `sipp -sn uac` writes it between IPv6 addresses.
TEST(SdpRefusal, ReadsTheOfferOfSippOverIpv6) {
  const Read read(
      "v=0\r\no=user1 53655765 2353687637 IN IP6 [2001:db8::1]\r\ns=-\r\n"
      "c=IN IP6 2001:db8::1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n");
  ASSERT_EQ(read.error, SdpError{});
  EXPECT_EQ(read(read.description.origin.address.address), "[2001:db8::1]");
  EXPECT_EQ(read(read.description.connection.address), "2001:db8::1");
  EXPECT_EQ(read.media().port, 6000);
}

TEST(SdpRefusal, ChecksTheNumbersOfAnOrigin) {
  for (const auto& [text, is_taken] : boundaries(0, UINT64_MAX)) {
    const SdpError expected = is_taken ? SdpError{} : SdpError::bad_origin;
    EXPECT_EQ(error_of("v=0\no=- " + text + " 1 IN IP4 h\n"), expected) << text;
    EXPECT_EQ(error_of("v=0\no=- 1 " + text + " IN IP4 h\n"), expected) << text;
  }
  EXPECT_EQ(error_of("v=0\no=- 18446744073709551615 00000000000000000000007 IN IP4 h\n"),
            SdpError{});
}

TEST(SdpRefusal, RefusesBadConnections) {
  for (const char* bad :
       {"c=", "c=IN", "c=IN IP4", "c=IN IP4 ", "c=IN IP5 h", "c=XX IP4 h", "c=IN IP4 h x",
        "c=IN IP4 1.2.3.4:5", "c=IN IP4 h/x", "c=IN IP4 h/", "c=IN IP4 h/1/2/3", "c=IN IP6 [::1]",
        "c=IN IP4 /1", "c=in ip4 h", "c=IN IP4 h\tx", "c=INIP4 h", "c=IN IP4h", "c=IN IP4 h/65536",
        "c=IN IP4 \xc3\xa9"}) {
    EXPECT_EQ(with_lines(bad), SdpError::bad_connection) << bad;
  }
}

TEST(SdpRefusal, MeasuresAddressesToTheirLimit) {
  for (const std::string begin : {"c=IN IP4 ", "a=rtcp:1 IN IP4 "}) {
    EXPECT_EQ(with_lines(begin + std::string(max_address_octets - 1, 'h')), SdpError{});
    EXPECT_EQ(with_lines(begin + std::string(max_address_octets, 'h')), SdpError{});
    EXPECT_NE(with_lines(begin + std::string(max_address_octets + 1, 'h')), SdpError{});
  }
}

TEST(SdpRefusal, TakesOneConnectionForTheSession) {
  EXPECT_EQ(after_start("c=IN IP4 h\nc=IN IP4 h\n"), SdpError::bad_connection);
}

TEST(SdpRefusal, CountsConnectionsToTheirLimit) {
  const auto many = [](unsigned count) {
    std::string lines;
    for (unsigned i = 0; i < count; ++i) lines += "c=IN IP4 224.2.1.1\n";
    return with_lines(lines);
  };
  EXPECT_EQ(many(max_connections - 1), SdpError{});
  EXPECT_EQ(many(max_connections), SdpError{});
  EXPECT_EQ(many(max_connections + 1), SdpError::bad_connection);
}

TEST(SdpRefusal, NeedsAConnectionForMediaWithAPort) {
  EXPECT_EQ(after_start("m=audio 1 RTP/AVP 0\n"), SdpError::bad_connection);
  EXPECT_EQ(after_start("m=audio 0 RTP/AVP 0\n"), SdpError{});
  EXPECT_EQ(after_start("m=audio 1 RTP/AVP 0\nc=IN IP4 h\nm=audio 1 RTP/AVP 0\n"),
            SdpError::bad_connection);
}

TEST(SdpRefusal, RefusesBadTimes) {
  for (const char* bad : {"", "0", "0 ", "x 0", "0 x", "0 0 0", "-1 0", "0 -1", "0 0x"}) {
    EXPECT_EQ(after_start("t=" + std::string(bad)), SdpError::bad_time) << bad;
  }
  for (const auto& [text, is_taken] : boundaries(0, UINT64_MAX)) {
    const SdpError expected = is_taken ? SdpError{} : SdpError::bad_time;
    EXPECT_EQ(after_start("t=" + text + " 0"), expected) << text;
    EXPECT_EQ(after_start("t=0 " + text), expected) << text;
  }
}

TEST(SdpRefusal, RefusesBadMedia) {
  for (const char* bad : {"m=",
                          "m=audio",
                          "m=audio 1",
                          "m=audio 1 RTP/AVP",
                          "m=audio 1 RTP/AVP ",
                          "m=audio x RTP/AVP 0",
                          "m=audio 1/ RTP/AVP 0",
                          "m=audio 1/0 RTP/AVP 0",
                          "m=audio 1/2/3 RTP/AVP 0",
                          "m=audio 1 RTP/AVP x",
                          "m=audio 1 RTP/AVP 0 x",
                          "m=au/dio 1 RTP/AVP 0",
                          "m=audio 1 RTP//AVP 0",
                          "m=audio 1 RTP/AVP/ 0",
                          "m=audio 1 /RTP/AVP 0",
                          "m=audio 1 / 0",
                          "m=image 1 udptl t/38",
                          "m=audio\t1 RTP/AVP 0",
                          "m=audio 1\tRTP/AVP 0",
                          "m= 1 RTP/AVP 0",
                          "m=audio 1 X/RTP/Y x"}) {
    EXPECT_EQ(with_lines(bad), SdpError::bad_media) << bad;
  }
  for (const char* good :
       {"m=audio 65535 UDP/TLS/RTP/SAVPF 0 127", "m=image 1 udptl t38", "m=x 1 y z",
        "m=message 2855 TCP/MSRP *", "m=audio 1 X/RTP/Y 5", "m=audio 1 rtp/avp 5"}) {
    EXPECT_EQ(with_lines(good), SdpError{}) << good;
  }
}

TEST(SdpRefusal, MeasuresTheKindOfMediaToItsLimit) {
  const auto sized = [](size_t size) {
    return with_lines("m=" + std::string(size, 'a') + " 1 RTP/AVP 0");
  };
  EXPECT_EQ(sized(max_media_octets - 1), SdpError{});
  EXPECT_EQ(sized(max_media_octets), SdpError{});
  EXPECT_EQ(sized(max_media_octets + 1), SdpError::bad_media);
}

TEST(SdpRefusal, ChecksTheNumbersOfAMediaLine) {
  expect_boundaries("m=audio ? RTP/AVP 0", 0, max_port, SdpError::bad_media);
  expect_boundaries("m=audio 1/? RTP/AVP 0", 1, max_port, SdpError::bad_media);
}

TEST(SdpRefusal, ChecksPayloadTypes) {
  for (const auto& [text, is_taken] : boundaries(0, max_payload_type)) {
    // A blank at the end of the line is no format, and one between two makes two.
    if (text.empty() || text == "1 1") continue;
    EXPECT_EQ(with_lines("m=audio 1 RTP/AVP 0 " + text),
              is_taken ? SdpError{} : SdpError::bad_media)
        << text;
  }
}

TEST(SdpRefusal, RefusesBadAttributes) {
  for (const char* bad : {"a=",
                          "a=:x",
                          "a=a b",
                          "a=a=b",
                          "a=rtpmap",
                          "a=rtpmap 0 PCMU/8000",
                          "a=rtpmap:",
                          "a=rtpmap:x PCMU/8000",
                          "a=rtpmap:0",
                          "a=rtpmap:0 ",
                          "a=rtpmap:0 /8000",
                          "a=rtpmap:0 PCMU/",
                          "a=rtpmap:0 PCMU/x",
                          "a=rtpmap:0 PCMU/8000/",
                          "a=rtpmap:0 PCMU/8000/x",
                          "a=rtpmap:0 PCMU/8000/1/1",
                          "a=rtpmap:0 PCMU/8000 x",
                          "a=rtpmap:0 PC=MU/8000",
                          "a=fmtp",
                          "a=fmtp:",
                          "a=fmtp:;x",
                          "a=fmtp:0;x",
                          "a=ptime",
                          "a=ptime:20.",
                          "a=ptime:.5",
                          "a=ptime:0.5",
                          "a=ptime:20.5x",
                          "a=ptime:20.5.5",
                          "a=maxptime",
                          "a=sendrecv\r\na=inactive",
                          "a=sendrecv:x",
                          "a=sendrecv x",
                          "a=rtcp",
                          "a=rtcp:1 IN",
                          "a=rtcp:1 IN IP4 [x]",
                          "a=rtcp:1 IN IP4 h x",
                          "a=rtcp-mux:x"}) {
    EXPECT_EQ(with_lines(bad), SdpError::bad_attribute) << bad;
  }
  for (const char* good :
       {"a=x", "a=x:", "a=x:y:z", "a=rtpmap:0 PCMU", "a=rtpmap:0 PCMU/8000/1", "a=fmtp:x y",
        "a=fmtp:0", "a=fmtp:1x", "a=sendrecv\r\na=sendrecv", "a=rtcp-mux", "a=#$&^{|}"}) {
    EXPECT_EQ(with_lines(good), SdpError{}) << good;
  }
}

TEST(SdpRefusal, ChecksTheNumbersOfAttributes) {
  constexpr SdpError bad = SdpError::bad_attribute;
  expect_boundaries("a=rtpmap:? PCMU/8000", 0, max_payload_type, bad);
  expect_boundaries("a=rtpmap:0 PCMU/?", 1, max_clock_rate_hz, bad);
  expect_boundaries("a=rtpmap:0 PCMU/8000/?", 1, max_channels, bad);
  expect_boundaries("a=ptime:?", 1, max_ptime_ms, bad, "1.0");
  expect_boundaries("a=maxptime:?", 1, max_maxptime_ms, bad, "1.0");
  expect_boundaries("a=rtcp:?", 1, max_port, bad);
  expect_boundaries("a=rtcp:? IN IP4 h", 1, max_port, bad);
}

// A format of fmtp need not be a number, so only numbers out of range are refused.
TEST(SdpRefusal, ChecksThePayloadTypeOfFmtp) {
  for (const auto& [text, is_taken] : boundaries(0, max_payload_type)) {
    if (text.find_first_not_of("0123456789") != std::string::npos) continue;
    EXPECT_EQ(with_lines("a=fmtp:" + text + " x"), is_taken ? SdpError{} : SdpError::bad_attribute)
        << text;
  }
}

TEST(SdpRefusal, KeepsBandwidthsToTheirLimit) {
  for (const auto& [text, is_taken] : boundaries(0, max_bandwidth)) {
    const Read read(body_with("b=AS:" + text));
    if (text == "1\t" || text == "\t1") continue;
    ASSERT_EQ(read.error, SdpError{});
    EXPECT_EQ(read.media().bandwidths.has(BandwidthType::as), is_taken) << text;
    if (is_taken) {
      EXPECT_EQ(std::to_string(read.media().bandwidths.value(BandwidthType::as)), text);
    }
  }
}

TEST(SdpRefusal, RefusesForbiddenOctets) {
  using std::string_literals::operator""s;
  for (const std::string& bad :
       {"a=fm\0tp:0 x\r\n"s, "a=fmtp:0 \0x\r\n"s, "a=x\0"s, "a=x\ry\r\n"s, "a=x\r\r\n"s, "a=x\r"s,
        "\0"s, "a=x\r\n\0=y"s, "m=audio\0 1 RTP/AVP 0"s, "c=IN IP4 h\0"s, "t=0 0\0"s, "i=\0"s,
        "b=AS\0:1"s, "\r"s, "a=ptime:2\0"s, "a=sendrecv\0"s}) {
    EXPECT_EQ(with_lines(bad), SdpError::forbidden_octet) << bad;
  }
  EXPECT_EQ(error_of("v=0\0\no=- 1 1 IN IP4 h\n"s), SdpError::forbidden_octet);
  EXPECT_EQ(error_of("v=0\no=- 1 1 IN IP4 h\0\n"s), SdpError::forbidden_octet);
}

TEST(SdpRefusal, BlamesALineForItsOwnForbiddenOctetsOnly) {
  using std::string_literals::operator""s;
  EXPECT_EQ(after_start("c=IN IP4 h\nc=IN IP4 h\na=\0"s), SdpError::bad_connection);
  EXPECT_EQ(with_lines("a=ptime:x\na=\0"s), SdpError::bad_attribute);
}

TEST(SdpRefusal, CountsMediaToItsLimit) {
  const auto many = [](unsigned count) {
    std::string body(session_lines);
    for (unsigned i = 0; i < count; ++i) body += audio_line;
    return error_of(body);
  };
  EXPECT_EQ(many(max_media - 1), SdpError{});
  EXPECT_EQ(many(max_media), SdpError{});
  EXPECT_EQ(many(max_media + 1), SdpError::too_many_media);
}

TEST(SdpRefusal, CountsFormatsToItsLimit) {
  for (const std::string begin : {"m=audio 1 RTP/AVP", "m=application 1 x"}) {
    const auto many = [&begin](unsigned count) {
      std::string line = begin;
      for (unsigned i = 0; i < count; ++i) line.append(" ").append(std::to_string(i));
      return with_lines(line);
    };
    EXPECT_EQ(many(max_formats - 1), SdpError{});
    EXPECT_EQ(many(max_formats), SdpError{});
    EXPECT_EQ(many(max_formats + 1), SdpError::too_many_formats);
  }
}

TEST(SdpRefusal, CountsAttributesToItsLimit) {
  const auto many = [](unsigned count) {
    std::string lines;
    for (unsigned i = 0; i < count; ++i) lines += "a=x\n";
    return with_lines(lines);
  };
  EXPECT_EQ(many(max_attributes - 1), SdpError{});
  EXPECT_EQ(many(max_attributes), SdpError{});
  EXPECT_EQ(many(max_attributes + 1), SdpError::too_many_attributes);
}

TEST(SdpRefusal, MeasuresTheBodyToItsLimit) {
  const auto sized = [](size_t size) {
    std::string body = std::string(session_lines) + "i=";
    body.resize(size, 'x');
    return error_of(body);
  };
  for (const size_t size : {2047u, 2048u, 2049u}) EXPECT_EQ(sized(size), SdpError{}) << size;
  EXPECT_EQ(sized(max_body_octets - 1), SdpError{});
  EXPECT_EQ(sized(max_body_octets), SdpError{});
  EXPECT_EQ(sized(max_body_octets + 1), SdpError::too_long);
}

// Every place of a line against every block of 32 and 64 octets.
}  // namespace
}  // namespace demarc::sdp
