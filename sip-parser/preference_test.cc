#include "sip-parser/preference.h"

#include <gtest/gtest.h>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(Q, IsReadInThousandths) {
  EXPECT_EQ(*support::parse_guarded(parse_q, "0"), 0);
  EXPECT_EQ(*support::parse_guarded(parse_q, "0."), 0);
  EXPECT_EQ(*support::parse_guarded(parse_q, "0.001"), 1);
  EXPECT_EQ(*support::parse_guarded(parse_q, "0.5"), 500);
  EXPECT_EQ(*support::parse_guarded(parse_q, "0.999"), 999);
  EXPECT_EQ(*support::parse_guarded(parse_q, "1"), 1000);
  EXPECT_EQ(*support::parse_guarded(parse_q, "1."), 1000);
  EXPECT_EQ(*support::parse_guarded(parse_q, "1.000"), 1000);
}

TEST(Q, RefusesMistakes) {
  support::expect_refused(parse_q, {"", ".", ".5", "-1", "+1", "a", "0.a", "0.0000", "1.0000",
                                    "0.5.5", "0 5", "1e0", "0x1", "0,5"});
  support::expect_refused(
      parse_q,
      {"2", "1.001", "1.1", "10", "32768", "65536", "65537", "2147483648", "4294967296",
       "4294967297", "18446744073709551617", "1234567890123456789012345678901234567890"},
      ValueError::out_of_range);
}

TEST(AcceptEncoding, ReadsNameAndQ) {
  const std::string_view value = "gzip ; q=0.25;x=y";
  const Result<Preference, ValueError> preference =
      support::parse_guarded(parse_accept_encoding, value);
  ASSERT_TRUE(preference);
  EXPECT_EQ(text(preference->name, value), "gzip");
  EXPECT_EQ(preference->q, 250);
  EXPECT_EQ(support::parse_guarded(parse_accept_encoding, "*")->q, max_q);
  support::expect_refused(parse_accept_encoding,
                          {"", ";q=1", "gzip;q", "gzip;q=\"1\"", "gzip;q=1;q=1", "a b", "a,b"});
}

TEST(AcceptLanguage, ReadsARange) {
  EXPECT_EQ(support::parse_guarded(parse_accept_language, "en-gb;q=0.8")->q, 800);
  support::expect_accepted(parse_accept_language, {"*", "da", "abcdefgh-abcdefgh-a", "es-419"});
  support::expect_refused(parse_accept_language, {"", "**", "*-en", "abcdefghi", "en-abcdefghi",
                                                  "-en", "en-", "en--gb", "en_gb", "en gb"});
}

TEST(ContentLanguage, IsATag) {
  support::expect_accepted(parse_content_language, {"fr", "zh-Hant-TW"});
  support::expect_refused(parse_content_language, {"", "*", "fr;q=1", "fr,de", "-", "f r"});
}

}  // namespace
}  // namespace demarc::sip
