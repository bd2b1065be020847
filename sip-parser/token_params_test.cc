#include "sip-parser/token_params.h"

#include <gtest/gtest.h>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(TokenParams, ReadsBoth) {
  const std::string_view value = " session ; handling=optional;x=\"y,z\" ";
  const Result<TokenParams, ValueError> parts = support::parse_guarded(parse_token_params, value);
  ASSERT_TRUE(parts);
  EXPECT_EQ(text(parts->token, value), "session");
  EXPECT_EQ(text(find_param(parts->params, "handling", value).value, value), "optional");
  EXPECT_TRUE(support::parse_guarded(parse_token_params, "*")->params.empty());
}

TEST(TokenParams, RefusesMistakes) {
  support::expect_refused(parse_token_params, {"", " ", ";a", "a b", "a,b", "a;", "a;b=", "a;;b",
                                               "a/b", "\"a\"", "a\r"});
}

}  // namespace
}  // namespace demarc::sip
