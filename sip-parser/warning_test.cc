#include "sip-parser/warning.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/number_cases.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(Warning, ReadsCodeAgentAndText) {
  const std::string_view value = "301 isi.edu:5060 \r\n \"Incompatible \\\"x\\\", 'E.164'\"";
  const Result<Warning, ValueError> warning = support::parse_guarded(parse_warning, value);
  ASSERT_TRUE(warning);
  EXPECT_EQ(warning->code, 301);
  EXPECT_EQ(text(warning->agent, value), "isi.edu:5060");
  EXPECT_EQ(text(warning->text, value), "Incompatible \\\"x\\\", 'E.164'");
  support::expect_accepted(parse_warning, {"307 [2001:db8::1] \"\"", "307 [::1]:1 \"a\"",
                                           "307 a~pseudonym \"a\"", "000 a \"\""});
}

TEST(Warning, RefusesMistakes) {
  support::expect_refused(
      parse_warning,
      {"", "301", "301 a", "301 \"b\"", "301 a b", "301 a \"b", "301 a \"b\" c", "301a \"b\"",
       "301 a\"b\"", "30 a \"b\"", "0301 a \"b\"", "3x1 a \"b\"", "301 a:b \"c\"", "301 [::1 \"c\"",
       "301 a@b \"c\"", "301 a, \"b\"", "301 a \"b\", 302 c \"d\"", "-01 a \"b\""});
}

TEST(Warning, ChecksTheRangeOfItsCode) {
  for (const std::string& number : support::huge_numbers()) {
    support::expect_refused(parse_warning, {number + " a \"b\""}, ValueError::out_of_range);
  }
  for (const uint64_t number : support::number_values({0, 999})) {
    const std::string digits = std::to_string(number);
    EXPECT_EQ(support::parse_guarded(parse_warning, digits + " a \"b\"").has_value(),
              digits.size() == 3)
        << digits;
  }
}

}  // namespace
}  // namespace demarc::sip
