#include "sip-parser/cseq.h"

#include <gtest/gtest.h>

#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

Result<CSeq, ValueError> parse_guarded(std::string_view value) {
  const support::GuardedBuffer buffer(value, 0, ' ');
  return parse_cseq({0, static_cast<uint16_t>(value.size())}, buffer.view());
}

Result<uint32_t, ValueError> number_of(std::string_view value, uint32_t maximum) {
  const support::GuardedBuffer buffer(value, 0, '1');
  return parse_number({0, static_cast<uint16_t>(value.size())}, buffer.view(), maximum);
}

TEST(CSeq, ReadsNumberAndMethod) {
  const std::string_view value = "0009\r\n  INVITE";
  const Result<CSeq, ValueError> cseq = parse_guarded(value);
  ASSERT_TRUE(cseq);
  EXPECT_EQ(cseq->number, 9u);
  EXPECT_EQ(cseq->method, Method::invite);
  EXPECT_EQ(text(cseq->method_text, value), "INVITE");
}

TEST(CSeq, KeepsAMethodThatItDoesNotKnow) {
  const std::string_view value = " 1 \t new-Method% ";
  const Result<CSeq, ValueError> cseq = parse_guarded(value);
  ASSERT_TRUE(cseq);
  EXPECT_EQ(cseq->method, Method::other);
  EXPECT_EQ(text(cseq->method_text, value), "new-Method%");
}

TEST(CSeq, IsBelowTwoToThe31) {
  EXPECT_EQ(parse_guarded("0 ACK")->number, 0u);
  EXPECT_EQ(parse_guarded("2147483646 ACK")->number, max_cseq - 1);
  EXPECT_EQ(parse_guarded("2147483647 ACK")->number, max_cseq);
  for (const char* bad : {"2147483648 ACK", "4294967295 ACK", "4294967296 ACK", "4294967328 ACK",
                          "36893488147419103232 ACK"}) {
    const Result<CSeq, ValueError> cseq = parse_guarded(bad);
    ASSERT_FALSE(cseq) << bad;
    EXPECT_EQ(cseq.error(), ValueError::out_of_range) << bad;
  }
}

TEST(CSeq, RefusesMistakes) {
  for (const char* bad : {"", " ", "1", "1 ", "INVITE", "1INVITE", "-1 INVITE", "+1 INVITE",
                          "0x1 INVITE", "1.0 INVITE", "1 INVITE x", "1 IN@VITE", "1 2 INVITE x",
                          "1, INVITE", "1\r\nINVITE", "1 INVITE;x"}) {
    const Result<CSeq, ValueError> cseq = parse_guarded(bad);
    ASSERT_FALSE(cseq) << bad;
    EXPECT_EQ(cseq.error(), ValueError::bad_syntax) << bad;
  }
}

TEST(Number, ChecksItsMaximum) {
  EXPECT_EQ(*number_of("0", 0), 0u);
  EXPECT_EQ(*number_of("254", 255), 254u);
  EXPECT_EQ(*number_of("255", 255), 255u);
  EXPECT_EQ(number_of("256", 255).error(), ValueError::out_of_range);
  EXPECT_EQ(*number_of("4294967295", UINT32_MAX), UINT32_MAX);
  for (const char* bad : {"4294967296", "4294967328", "9223372036854775808", "18446744073709551616",
                          "9999999999999999999999999999999999999999"}) {
    EXPECT_EQ(number_of(bad, UINT32_MAX).error(), ValueError::out_of_range) << bad;
  }
}

TEST(Number, IsDigitsOnly) {
  for (const char* bad : {"", " ", "-1", "+1", " 1", "1 ", "1 2", "0x10", "1e3", "1.0", "1;x"}) {
    const Result<uint32_t, ValueError> number = number_of(bad, UINT32_MAX);
    ASSERT_FALSE(number) << bad;
    EXPECT_EQ(number.error(), ValueError::bad_syntax) << bad;
  }
}

}  // namespace
}  // namespace demarc::sip
