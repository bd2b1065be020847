#include "sip-parser/call_info.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(BracketedUri, KeepsAnyScheme) {
  const std::string_view value = "<http://www.example.com/a,b;c?d=e#f> ; x=\"y\"";
  const Result<BracketedUri, ValueError> result =
      support::parse_guarded(parse_bracketed_uri, value);
  ASSERT_TRUE(result);
  EXPECT_EQ(text(result->uri.whole, value), "http://www.example.com/a,b;c?d=e#f");
  EXPECT_EQ(text(result->uri.scheme_text, value), "http");
  EXPECT_EQ(text(find_param(result->params, "x", value).value, value), "y");
}

TEST(BracketedUri, RefusesMistakes) {
  support::expect_refused(parse_bracketed_uri,
                          {"", "<", "<>", "a:b", "<a:b", "<a:b>x", "<a:b>;", "<a:b>, <c:d>",
                           "\"n\" <a:b>", "< a:b>", "<a:b >", "<:b>", "<a:>", "<sip:>"});
}

TEST(CallInfo, KnowsItsPurposes) {
  for (const CallInfoPurpose purpose :
       {CallInfoPurpose::icon, CallInfoPurpose::info, CallInfoPurpose::card}) {
    const std::string value = "<a:b>;PURPOSE=" + std::string(spelling(purpose));
    EXPECT_EQ(support::parse_guarded(parse_call_info, value)->purpose, purpose);
  }
  const std::string_view value = "<a:b>;purpose=jwk";
  const Result<CallInfo, ValueError> info = support::parse_guarded(parse_call_info, value);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->purpose, CallInfoPurpose::other);
  EXPECT_EQ(text(info->purpose_text, value), "jwk");
  EXPECT_TRUE(support::parse_guarded(parse_call_info, "<a:b>")->purpose_text.empty());
}

TEST(CallInfo, RefusesMistakes) {
  support::expect_refused(parse_call_info,
                          {"", "a:b", "<a:b>;purpose", "<a:b>;purpose=\"icon\"",
                           "<a:b>;purpose=icon;purpose=info", "<a:b>;purpose=i@c"});
}

}  // namespace
}  // namespace demarc::sip
