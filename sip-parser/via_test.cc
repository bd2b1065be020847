#include "sip-parser/via.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

Result<Via, ValueError> parse_guarded(std::string_view value) {
  const support::GuardedBuffer buffer(value, 0, ' ');
  return parse_via({0, static_cast<uint16_t>(value.size())}, buffer.view());
}

TEST(Via, ReadsEveryPart) {
  const std::string_view value =
      "SIP/2.0/UDP [2001:db8::9]:5070;branch=z9hG4bKa;received=192.0.2.4;rport=1024;ttl=1";
  const Result<Via, ValueError> via = parse_guarded(value);
  ASSERT_TRUE(via);
  EXPECT_EQ(via->transport, Transport::udp);
  EXPECT_EQ(text(via->transport_text, value), "UDP");
  EXPECT_EQ(text(via->host, value), "[2001:db8::9]");
  EXPECT_EQ(via->port, 5070);
  EXPECT_EQ(text(via->sent_by, value), "[2001:db8::9]:5070");
  EXPECT_EQ(text(via->branch, value), "z9hG4bKa");
  EXPECT_EQ(text(via->received, value), "192.0.2.4");
  EXPECT_TRUE(via->has_rport);
  EXPECT_EQ(via->rport, 1024);
  EXPECT_EQ(text(via->whole, value), value);
}

TEST(Via, ReadsTheLeast) {
  const std::string_view value = "SIP/2.0/TCP host";
  const Result<Via, ValueError> via = parse_guarded(value);
  ASSERT_TRUE(via);
  EXPECT_EQ(via->port, 0);
  EXPECT_TRUE(via->branch.empty());
  EXPECT_TRUE(via->params.empty());
  EXPECT_FALSE(via->has_rport);
}

TEST(Via, SkipsWhiteSpaceAndFolds) {
  const std::string_view value =
      " sip  /   2.0\r\n /uDp\r\n    192.0.2.2 : 5060 ;\r\n branch =\r\n z9hG4bK1 ; rport ";
  const Result<Via, ValueError> via = parse_guarded(value);
  ASSERT_TRUE(via);
  EXPECT_EQ(via->transport, Transport::udp);
  EXPECT_EQ(text(via->host, value), "192.0.2.2");
  EXPECT_EQ(via->port, 5060);
  EXPECT_EQ(text(via->branch, value), "z9hG4bK1");
  EXPECT_TRUE(via->has_rport);
  EXPECT_EQ(via->rport, 0);
}

TEST(Via, KnowsItsTransports) {
  for (const Transport transport : {Transport::udp, Transport::tcp, Transport::tls, Transport::sctp,
                                    Transport::ws, Transport::wss}) {
    const std::string value = "SIP/2.0/" + std::string(spelling(transport)) + " h";
    EXPECT_EQ(parse_guarded(value)->transport, transport) << value;
  }
  EXPECT_EQ(parse_guarded("SIP/2.0/UNKNOWN h")->transport, Transport::other);
  EXPECT_EQ(spelling(Transport::other), "");
}

TEST(Via, RefusesMistakes) {
  for (const char* bad : {"",
                          " ",
                          "SIP",
                          "SIP/2.0",
                          "SIP/2.0/UDP",
                          "SIP/2.0/UDP ",
                          "SIP/2.0 UDP h",
                          "SIP/2.0/ h",
                          "SIP/2.1/UDP h",
                          "HTTP/2.0/UDP h",
                          "/2.0/UDP h",
                          "SIP/2.0/UDPh;x",
                          "SIP/2.0/UDP h:",
                          "SIP/2.0/UDP h:x",
                          "SIP/2.0/UDP h x",
                          "SIP/2.0/UDP h;;",
                          "SIP/2.0/UDP h;",
                          "SIP/2.0/UDP ;a",
                          "SIP/2.0/UDP h;branch",
                          "SIP/2.0/UDP h;branch=",
                          "SIP/2.0/UDP h;branch=\"x\"",
                          "SIP/2.0/UDP h;branch=a;Branch=b",
                          "SIP/2.0/UDP h;received",
                          "SIP/2.0/UDP [::1",
                          "SIP/2.0/UDP h;received=1.2.3.4;received=1.2.3.5",
                          "SIP/2.0/UDP h;rport;rport=5",
                          "SIP/2.0/UDP h;rport=",
                          "SIP/2.0/UDP h;rport=\"5\"",
                          "SIP/2.0/UDP h, SIP/2.0/UDP i",
                          "SIP/2.0/UDP\r\nh",
                          "SIP/2.0/UDP 2001:db8::9"}) {
    const Result<Via, ValueError> via = parse_guarded(bad);
    ASSERT_FALSE(via) << bad;
    EXPECT_EQ(via.error(), ValueError::bad_syntax) << bad;
  }
}

TEST(Via, ChecksPortsAtTheirLimits) {
  EXPECT_EQ(parse_guarded("SIP/2.0/UDP h:1;rport=1")->rport, 1);
  EXPECT_EQ(parse_guarded("SIP/2.0/UDP h:65535;rport=65535")->rport, 65535);
  EXPECT_EQ(parse_guarded("SIP/2.0/UDP h:65535")->port, 65535);
  for (const char* bad :
       {"SIP/2.0/UDP h:0", "SIP/2.0/UDP h:65536", "SIP/2.0/UDP h:4294967296",
        "SIP/2.0/UDP h;rport=0", "SIP/2.0/UDP h;rport=65536", "SIP/2.0/UDP h;rport=-1"}) {
    const Result<Via, ValueError> via = parse_guarded(bad);
    ASSERT_FALSE(via) << bad;
    EXPECT_EQ(via.error(), ValueError::out_of_range) << bad;
  }
}

TEST(Via, CountsParametersToTheirLimit) {
  std::string value = "SIP/2.0/UDP h";
  for (unsigned i = 0; i < max_params - 1; ++i) value += ";p";
  EXPECT_TRUE(parse_guarded(value));
  EXPECT_TRUE(parse_guarded(value + ";p"));
  const Result<Via, ValueError> via = parse_guarded(value + ";p;p");
  ASSERT_FALSE(via);
  EXPECT_EQ(via.error(), ValueError::too_many);
}

TEST(Via, TakesTheTopmostOfAList) {
  const std::string_view value = "SIP/2.0/UDP a;x=\"1,2\";branch=top , nonsense";
  const Result<Via, ValueError> via = parse_top_via(span_of(value, value), value);
  ASSERT_TRUE(via);
  EXPECT_EQ(text(via->branch, value), "top");
  EXPECT_EQ(text(via->whole, value), "SIP/2.0/UDP a;x=\"1,2\";branch=top");
  EXPECT_FALSE(parse_top_via(Span{}, value));
  const std::string_view separators = "SIP/2.0/UDP 192.0.2.15;;,;,,";
  EXPECT_FALSE(parse_top_via(span_of(separators, separators), separators));
}

TEST(Via, IsSafeOnEveryTruncation) {
  const std::string_view value =
      "SIP / 2.0 /\r\n UDP [::1] : 5070 ;branch=\r\n z9;rport=5;q=\"\\\"\"";
  for (size_t length = 0; length <= value.size(); ++length) {
    const Result<Via, ValueError> via = parse_guarded(value.substr(0, length));
    if (via) {
      ASSERT_LE(via->whole.end(), length);
    }
  }
}

TEST(MagicCookie, NeedsSomethingBehindIt) {
  EXPECT_TRUE(has_magic_cookie("z9hG4bK1"));
  EXPECT_FALSE(has_magic_cookie("z9hG4bK"));
  EXPECT_FALSE(has_magic_cookie("Z9HG4BK1"));
  EXPECT_FALSE(has_magic_cookie("390skdjuw"));
  EXPECT_FALSE(has_magic_cookie(""));
}

}  // namespace
}  // namespace demarc::sip
