#include "sip-parser/uri.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

Result<Uri, ValueError> parse_guarded(std::string_view uri) {
  const support::GuardedBuffer buffer(uri, 0, ' ');
  return parse_uri({0, static_cast<uint16_t>(uri.size())}, buffer.view());
}

TEST(Uri, ReadsEveryPart) {
  const std::string_view uri =
      "sips:al%69ce:se,cret@Example.com:5061;user=phone;lr?subject=x&a=%00";
  const Result<Uri, ValueError> result = parse_guarded(uri);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->scheme, UriScheme::sips);
  EXPECT_EQ(text(result->whole, uri), uri);
  EXPECT_EQ(text(result->scheme_text, uri), "sips");
  EXPECT_EQ(text(result->user, uri), "al%69ce");
  EXPECT_EQ(text(result->password, uri), "se,cret");
  EXPECT_EQ(text(result->host, uri), "Example.com");
  EXPECT_EQ(result->port, 5061);
  EXPECT_EQ(text(result->params, uri), ";user=phone;lr");
  EXPECT_EQ(text(result->headers, uri), "subject=x&a=%00");
}

TEST(Uri, ReadsTheLeast) {
  const std::string_view uri = "SIP:h";
  const Result<Uri, ValueError> result = parse_guarded(uri);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->scheme, UriScheme::sip);
  EXPECT_TRUE(result->user.empty());
  EXPECT_EQ(text(result->host, uri), "h");
  EXPECT_EQ(result->port, 0);
  EXPECT_TRUE(result->params.empty());
  EXPECT_TRUE(result->headers.empty());
}

TEST(Uri, SplitsAtTheAtSign) {
  const std::string_view uri = "sip:user;par=u%40example.net/?,&=+$@example.com;p";
  const Result<Uri, ValueError> result = parse_guarded(uri);
  ASSERT_TRUE(result);
  EXPECT_EQ(text(result->user, uri), "user;par=u%40example.net/?,&=+$");
  EXPECT_EQ(text(result->host, uri), "example.com");
  EXPECT_EQ(text(result->params, uri), ";p");
}

TEST(Uri, ReadsIpv6References) {
  const std::string_view uri = "sip:a@[2001:db8::10]:5070;maddr=[::1]";
  const Result<Uri, ValueError> result = parse_guarded(uri);
  ASSERT_TRUE(result);
  EXPECT_EQ(text(result->host, uri), "[2001:db8::10]");
  EXPECT_EQ(result->port, 5070);
}

TEST(Uri, ReadsTel) {
  const std::string_view uri = "tel:+44(20)7946-0018;ext=3;phone-context=+44";
  const Result<Uri, ValueError> result = parse_guarded(uri);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->scheme, UriScheme::tel);
  EXPECT_EQ(text(result->user, uri), "+44(20)7946-0018");
  EXPECT_EQ(text(result->params, uri), ";ext=3;phone-context=+44");
  EXPECT_TRUE(parse_guarded("tel:*31#"));
  EXPECT_TRUE(parse_guarded("tel:7042;phone-context=example.com"));
}

TEST(Uri, KeepsOtherSchemesWhole) {
  for (const char* uri : {"http://x/?y=z#f", "soap.beep://192.0.2.103:3002", "urn:service:sos",
                          "isbn:2983792873", "nobodyKnowsThisScheme:totallyopaquecontent"}) {
    const Result<Uri, ValueError> result = parse_guarded(uri);
    ASSERT_TRUE(result) << uri;
    EXPECT_EQ(result->scheme, UriScheme::other);
    EXPECT_EQ(text(result->whole, uri), uri);
  }
}

TEST(Uri, AcceptsWhatTrunksSend) {
  EXPECT_TRUE(parse_guarded("sip:*31#0201@host_1.example"));
  EXPECT_TRUE(parse_guarded("sip:+1-(555).!~'@h-1.example.com.:65535"));
}

TEST(Uri, RefusesMistakes) {
  for (const char* bad : {"",
                          "sip:a@h :5060",
                          "sip:a@h: 5060",
                          "sip:a@h\r\n :5060",
                          "sip:a@h:5060 ",
                          "sip",
                          "sip:",
                          ":",
                          ":x",
                          "1sip:x",
                          "other:",
                          "s ip:x",
                          "<sip:a@b>",
                          "sip:@h",
                          "sip::p@h",
                          "sip:a@",
                          "sip:a@b@c",
                          "sip:a@b c",
                          "sip:a b@c",
                          "sip:a%4@b",
                          "sip:a%4g@b",
                          "sip:a%@b",
                          "sip:a\"@b",
                          "sip:a<@b",
                          "sip:a@b;",
                          "sip:a@b;;c",
                          "sip:a@b;c=",
                          "sip:a@b?",
                          "sip:a@b:",
                          "sip:a@b:x",
                          "sip:a@b:5060x",
                          "sip:a@b:-1",
                          "sip:2001:db8::1",
                          "sip:a@[2001:db8::1",
                          "sip:a@[]",
                          "sip:a@[1]",
                          "sip:a@[::g]",
                          "sip:a@2001:db8::10",
                          "sip:a@b/",
                          "sip:a@b,c",
                          "sip:a@b;c=\"d\"",
                          "sip:a@b;c=%zz",
                          "sip:a@b?c=%z",
                          "sip:a@b?c;d",
                          "sip:a@b\x7f",
                          "sip:\xc3\xa4@b",
                          "sip:a:b:c@d",
                          "sip:a:[@d",
                          "sip:a@\xc3\xa4",
                          "sip:;a",
                          "sip:?a",
                          "tel:",
                          "tel:+",
                          "tel:+a1",
                          "tel:+1*2",
                          "tel:12x",
                          "tel:-",
                          "tel:12;",
                          "tel:12?x"}) {
    const Result<Uri, ValueError> result = parse_guarded(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error(), ValueError::bad_syntax) << bad;
  }
}

TEST(Uri, ChecksThePortAtItsLimits) {
  EXPECT_EQ(parse_guarded("sip:h:1")->port, 1);
  EXPECT_EQ(parse_guarded("sip:h:005060")->port, 5060);
  EXPECT_EQ(parse_guarded("sip:h:65534")->port, 65534);
  EXPECT_EQ(parse_guarded("sip:h:65535")->port, 65535);
  for (const char* bad :
       {"sip:h:0", "sip:h:65536", "sip:h:4294967297", "sip:h:18446744073709551617"}) {
    const Result<Uri, ValueError> result = parse_guarded(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error(), ValueError::out_of_range) << bad;
  }
}

TEST(Uri, CountsParametersToTheirLimit) {
  std::string uri = "sip:h";
  for (unsigned i = 0; i < max_params - 1; ++i) uri += ";p";
  EXPECT_TRUE(parse_guarded(uri));
  EXPECT_TRUE(parse_guarded(uri + ";p"));
  const Result<Uri, ValueError> result = parse_guarded(uri + ";p;p");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), ValueError::too_many);
}

TEST(Uri, IsSafeOnEveryTruncation) {
  const std::string_view uri = "sip:al%69ce:secret@[2001:db8::1]:5061;user=phone;lr?subject=x%20";
  for (size_t length = 0; length <= uri.size(); ++length) {
    const Result<Uri, ValueError> result = parse_guarded(uri.substr(0, length));
    if (result) {
      ASSERT_LE(result->host.end(), length);
    }
  }
}

std::string number_of(std::string_view user, uint16_t capacity = 32) {
  char out[32];
  return {out, telephone_number(user, out, capacity)};
}

TEST(TelephoneNumber, LeavesOutSeparatorsAndParameters) {
  EXPECT_EQ(number_of("+44 (20) 7946-0018;ext=3"), "+442079460018");
  EXPECT_EQ(number_of("%2B44%2e20"), "+4420");
  EXPECT_EQ(number_of("*31#0201"), "*31#0201");
  EXPECT_EQ(number_of("%2331%23"), "#31#");
  EXPECT_EQ(number_of("(+1)"), "+1");
}

TEST(TelephoneNumber, RefusesWhatIsNoNumber) {
  for (const char* bad : {"", "+", "alice", "12a", "1+2", "++1", "12%", "12%4", "12%zz", "12%00",
                          "-.()", ";ext=1", "1,2", "1@2"}) {
    EXPECT_EQ(number_of(bad), "") << bad;
  }
}

TEST(TelephoneNumber, NeverCutsANumber) {
  EXPECT_EQ(number_of("+123", 3), "");
  EXPECT_EQ(number_of("+123", 4), "+123");
  EXPECT_EQ(number_of("+123", 5), "+123");
  EXPECT_EQ(number_of("1", 0), "");
}

}  // namespace
}  // namespace demarc::sip
