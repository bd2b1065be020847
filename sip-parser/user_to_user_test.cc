#include "sip-parser/user_to_user.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(UserToUser, ReadsDataAndParameters) {
  const std::string_view value = "56A390f3;Encoding=HEX;purpose=isdn-uui;content=isdn-uui;x";
  const Result<UserToUser, ValueError> uui = support::parse_guarded(parse_user_to_user, value);
  ASSERT_TRUE(uui);
  EXPECT_EQ(text(uui->data, value), "56A390f3");
  EXPECT_EQ(uui->encoding, UuiEncoding::hex);
  EXPECT_EQ(text(uui->purpose, value), "isdn-uui");
  EXPECT_EQ(text(uui->content, value), "isdn-uui");
}

TEST(UserToUser, TakesQuotedData) {
  const std::string_view value = "\"a; b\" ;encoding=mine";
  const Result<UserToUser, ValueError> uui = support::parse_guarded(parse_user_to_user, value);
  ASSERT_TRUE(uui);
  EXPECT_TRUE(uui->has_quotes);
  EXPECT_EQ(text(uui->data, value), "a; b");
  EXPECT_EQ(uui->encoding, UuiEncoding::other);
  EXPECT_EQ(support::parse_guarded(parse_user_to_user, "a")->encoding, UuiEncoding::absent);
  EXPECT_TRUE(support::parse_guarded(parse_user_to_user, "\"\"")->data.empty());
}

TEST(UserToUser, RefusesMistakes) {
  support::expect_refused(
      parse_user_to_user,
      {"", ";encoding=hex", "a b", "a,b", "\"a", "a;", "a;encoding", "a;encoding=\"hex\"",
       "a;purpose=1;purpose=1", "abc;encoding=hex", "0g;encoding=hex", "\"0 \";encoding=hex"});
}

TEST(DecodeHex, GivesOctets) {
  uint8_t out[4];
  ASSERT_TRUE(decode_hex("", out));
  EXPECT_EQ(*decode_hex("00fFA9", out), 3);
  EXPECT_EQ(out[0], 0x00);
  EXPECT_EQ(out[1], 0xff);
  EXPECT_EQ(out[2], 0xa9);
}

TEST(DecodeHex, NeverCutsToFit) {
  uint8_t out[4];
  EXPECT_EQ(*decode_hex("000102", out), 3);
  EXPECT_EQ(*decode_hex("00010203", out), 4);
  EXPECT_EQ(decode_hex("0001020304", out).error(), DecodeError::no_room);
}

TEST(DecodeHex, RefusesWhatIsNoPair) {
  uint8_t out[4];
  for (const char* bad : {"0", "0g", "g0", "0x", " 0", "00 "}) {
    const auto result = decode_hex(bad, out);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error(), DecodeError::bad_escape) << bad;
  }
}

}  // namespace
}  // namespace demarc::sip
