#include "sip-parser/escape.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

Result<std::string_view, DecodeError> unescape_guarded(std::string_view text, std::span<char> out) {
  const support::GuardedBuffer buffer(text, 0, ' ');
  return unescape(buffer.view(), out);
}

TEST(Unescape, DecodesOnce) {
  char out[64];
  EXPECT_EQ(*unescape_guarded("", out), "");
  EXPECT_EQ(*unescape_guarded("al%69ce", out), "alice");
  EXPECT_EQ(*unescape_guarded("%2541", out), "%41");
  EXPECT_EQ(*unescape_guarded("%3b%3B%C3%A4+", out), ";;\xc3\xa4+");
}

TEST(Unescape, RefusesBadEscapes) {
  char out[64];
  for (const char* bad : {"%", "a%", "%4", "%zz", "%4g", "%g4", "%%41", "% 41"}) {
    const auto result = unescape_guarded(bad, out);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error(), DecodeError::bad_escape) << bad;
  }
}

TEST(Unescape, LetsNoLineBreakOrNulOut) {
  char out[64];
  for (const std::string& bad :
       {std::string("a%00b"), std::string("%0d"), std::string("%0A"), std::string("a%0D%0aVia:"),
        std::string("\r"), std::string("\n"), std::string(1, '\0')}) {
    const auto result = unescape_guarded(bad, out);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error(), DecodeError::forbidden_octet) << bad;
  }
  EXPECT_EQ(*unescape_any("a%00%0d%0A", out), std::string_view("a\0\r\n", 4));
}

TEST(Unescape, NeverCutsToFit) {
  char out[3];
  EXPECT_EQ(*unescape_guarded("ab", out), "ab");
  EXPECT_EQ(*unescape_guarded("a%62c", out), "abc");
  EXPECT_EQ(unescape_guarded("abcd", out).error(), DecodeError::no_room);
  EXPECT_EQ(unescape_guarded("abc%64", out).error(), DecodeError::no_room);
  EXPECT_EQ(unescape_guarded("a", {}).error(), DecodeError::no_room);
}

TEST(EscapedName, IsDecodedOnceAndHasNoCase) {
  EXPECT_TRUE(is_escaped_name("Replaces", "replaces"));
  EXPECT_TRUE(is_escaped_name("%52eplace%73", "Replaces"));
  EXPECT_TRUE(is_escaped_name("", ""));
  for (const char* other : {"", "Replace", "Replacess", "%2552eplaces", "Replaces%", "Replace%7",
                            "Replace%zz", "Replace%00"}) {
    EXPECT_FALSE(is_escaped_name(other, "Replaces")) << other;
  }
}

TEST(Escape, LeavesWhatMayStandInEachPart) {
  char out[128];
  const std::string_view marks = "aZ09-_.!~*'()";
  for (const UriPart part : {UriPart::user, UriPart::password, UriPart::param, UriPart::header}) {
    EXPECT_EQ(*escape(marks, part, out), marks);
    EXPECT_EQ(*escape("%@\"<> #", part, out), "%25%40%22%3C%3E%20%23");
  }
  EXPECT_EQ(*escape("&=+$,;?/:[]", UriPart::user, out), "&=+$,;?/%3A%5B%5D");
  EXPECT_EQ(*escape("&=+$,;?/:[]", UriPart::password, out), "&=+$,%3B%3F%2F%3A%5B%5D");
  EXPECT_EQ(*escape("&=+$,;?/:[]", UriPart::param, out), "&%3D+$%2C%3B%3F/:[]");
  EXPECT_EQ(*escape("&=+$,;?/:[]", UriPart::header, out), "%26%3D+$%2C%3B?/:[]");
}

TEST(Escape, EscapesLineBreaksAndEveryOtherOctetBack) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  for (const UriPart part : {UriPart::user, UriPart::password, UriPart::param, UriPart::header}) {
    char escaped[3 * 256];
    const auto result = escape(all, part, escaped);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->find_first_of("\r\n"), std::string_view::npos);
    char back[256];
    EXPECT_EQ(*unescape_any(*result, back), all);
  }
}

TEST(Escape, NeverCutsToFit) {
  char out[3];
  EXPECT_EQ(*escape("@", UriPart::user, out), "%40");
  EXPECT_EQ(*escape("abc", UriPart::user, out), "abc");
  EXPECT_EQ(escape("abcd", UriPart::user, out).error(), DecodeError::no_room);
  EXPECT_EQ(escape("a@", UriPart::user, out).error(), DecodeError::no_room);
}

}  // namespace
}  // namespace demarc::sip
