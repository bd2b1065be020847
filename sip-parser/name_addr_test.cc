#include "sip-parser/name_addr.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

Result<NameAddr, ValueError> parse_guarded(std::string_view value) {
  const support::GuardedBuffer buffer(value, 0, ' ');
  return parse_name_addr({0, static_cast<uint16_t>(value.size())}, buffer.view());
}

TEST(NameAddr, ReadsAQuotedDisplayName) {
  const std::string_view value = "\"J, \\\"R\\\\\" <sip:a@b;lr?x=y,z>;tag=t;p=\">\"";
  const Result<NameAddr, ValueError> result = parse_guarded(value);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->has_quotes);
  EXPECT_EQ(text(result->display_name, value), "J, \\\"R\\\\");
  EXPECT_EQ(text(result->uri, value), "sip:a@b;lr?x=y,z");
  EXPECT_EQ(text(result->params, value), ";tag=t;p=\">\"");
  EXPECT_EQ(text(result->tag, value), "t");
}

TEST(NameAddr, ReadsAnUnquotedDisplayName) {
  const std::string_view value = " token1~` token2'+_\r\n token3 <sip:a@b> ; tag = x ";
  const Result<NameAddr, ValueError> result = parse_guarded(value);
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->has_quotes);
  EXPECT_EQ(text(result->display_name, value), "token1~` token2'+_\r\n token3");
  EXPECT_EQ(text(result->uri, value), "sip:a@b");
  EXPECT_EQ(text(result->tag, value), "x");
}

TEST(NameAddr, ReadsADisplayNameWithoutABlank) {
  const std::string_view value = "caller<sip:a@b>;tag=323";
  const Result<NameAddr, ValueError> result = parse_guarded(value);
  ASSERT_TRUE(result);
  EXPECT_EQ(text(result->display_name, value), "caller");
}

TEST(NameAddr, ReadsBrackets) {
  const std::string_view value = "<tel:+1>";
  const Result<NameAddr, ValueError> result = parse_guarded(value);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->display_name.empty());
  EXPECT_EQ(text(result->uri, value), "tel:+1");
  EXPECT_TRUE(result->params.empty());
  EXPECT_TRUE(result->tag.empty());
}

TEST(NameAddr, GivesParametersWithoutBracketsToTheField) {
  const std::string_view value = "sip:a@b;user=phone ;\r\n tag=1";
  const Result<NameAddr, ValueError> result = parse_guarded(value);
  ASSERT_TRUE(result);
  EXPECT_EQ(text(result->uri, value), "sip:a@b");
  EXPECT_EQ(text(result->params, value), ";user=phone ;\r\n tag=1");
  EXPECT_EQ(text(result->tag, value), "1");
}

TEST(NameAddr, RefusesMistakes) {
  for (const char* bad : {"",
                          " ",
                          "*",
                          "<",
                          "<>",
                          "< sip:a@b>",
                          "<sip:a@b >",
                          "<sip:a b@c>",
                          "<sip:a@b",
                          "\"x <sip:a@b>",
                          "\"x\" sip:a@b",
                          "\"x\"",
                          "Bell, Alexander <sip:a@b>",
                          "a@b <sip:a@b>",
                          "sip:a@b?x=y",
                          "sip:a@b,sip:c@d",
                          "<sip:a@b>, <sip:c@d>",
                          "sip:a@b c",
                          "<sip:a@b> c",
                          "<sip:a@b>;",
                          "<sip:a@b>;;tag=1",
                          "<sip:a@b>;tag",
                          "<sip:a@b>;tag=",
                          "<sip:a@b>;tag=\"x\"",
                          "<sip:a@b>;tag=1;Tag=2",
                          "alice",
                          "<alice>",
                          ":x",
                          "<:x>",
                          "sip:a@b;p=\"x",
                          "<<sip:a@b>>",
                          "\"a\" \"b\" <sip:a@b>",
                          "<sip:\xc3\xa4@b>",
                          "a\r\nb <sip:a@b>",
                          "sip:a\"b@c",
                          "\xc3\xa4 <sip:a@b>"}) {
    const Result<NameAddr, ValueError> result = parse_guarded(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error(), ValueError::bad_syntax) << bad;
  }
}

TEST(NameAddr, CountsParametersToTheirLimit) {
  std::string value = "<sip:h>";
  for (unsigned i = 0; i < max_params - 1; ++i) value += ";p";
  EXPECT_TRUE(parse_guarded(value));
  EXPECT_TRUE(parse_guarded(value + ";p"));
  const Result<NameAddr, ValueError> result = parse_guarded(value + ";p;p");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), ValueError::too_many);
}

TEST(NameAddr, IsSafeOnEveryTruncation) {
  for (const std::string_view value :
       {std::string_view("\"J \\\"R\" <sip:a@b;lr>\r\n ;tag=t;p=\"q\\\"\""),
        std::string_view("a b c<sip:a@b> ;tag=t"), std::string_view("sip:a@b ; x = y")}) {
    for (size_t length = 0; length <= value.size(); ++length) {
      const Result<NameAddr, ValueError> result = parse_guarded(value.substr(0, length));
      if (result) {
        ASSERT_LE(result->params.end(), length);
      }
    }
  }
}

struct Read {
  std::vector<std::string> users;
  bool failed = false;
};

// The users of all addresses of a list, read with their URIs.
Read read_users(std::string_view value) {
  const support::GuardedBuffer buffer(value, 0, ' ');
  const std::string_view datagram = buffer.view();
  Read result;
  NameAddr name_addr;
  Uri uri;
  NameAddrCursor cursor(span_of(datagram, datagram), datagram);
  while (cursor.next(name_addr, uri)) {
    EXPECT_EQ(name_addr.uri, uri.whole);
    result.users.emplace_back(text(uri.user, datagram));
  }
  EXPECT_FALSE(cursor.next(name_addr, uri));
  result.failed = cursor.failed();
  return result;
}

TEST(NameAddrCursor, ReadsTheUriOfEachAddress) {
  const Read read = read_users(
      "<sip:a@h>;q=1 , \"x, <\" <sips:b@[::1]:5061;lr?c=d>,tel:+12, e <urn:f:g>, sip:h@i;tag=t");
  EXPECT_FALSE(read.failed);
  EXPECT_EQ(read.users, (std::vector<std::string>{"a", "b", "+12", "", "h"}));
}

TEST(NameAddrCursor, RefusesMistakesOfTheUri) {
  for (const char* bad : {"<sip:a@h :5060>", "<sip:a@h: 5060>", "<sip:a@h\r\n :5060>", "<sip:>",
                          "<sip:a@>", "<a>", "<sip:a@h:0>", "<sip:a@h", "<sip:a@h>x", "sip:a@h?b=c",
                          "<sip:a@h>, <sip:@@>", "<tel:x>", ""}) {
    EXPECT_TRUE(read_users(bad).failed) << bad;
  }
}

}  // namespace
}  // namespace demarc::sip
