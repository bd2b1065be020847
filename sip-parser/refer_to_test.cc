#include "sip-parser/refer_to.h"

#include <gtest/gtest.h>

#include <string>

#include "sip-parser/uri_headers.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(ReferTo, ReadsAddressAndMethod) {
  const std::string_view value = "\"D\" <sips:dave@denver.example;METHOD=BYE>;x=y";
  const Result<ReferTo, ValueError> refer_to = support::parse_guarded(parse_refer_to, value);
  ASSERT_TRUE(refer_to);
  EXPECT_EQ(text(refer_to->address.uri.user, value), "dave");
  EXPECT_EQ(refer_to->method, Method::bye);
  EXPECT_EQ(text(refer_to->method_text, value), "BYE");
  EXPECT_TRUE(refer_to->escaped_replaces.empty());
}

TEST(ReferTo, IsAnInviteWithoutAMethod) {
  EXPECT_EQ(support::parse_guarded(parse_refer_to, "sip:a@b;method=INVITE")->method,
            Method::invite);
  EXPECT_EQ(support::parse_guarded(parse_refer_to, "tel:+1")->method, Method::invite);
  EXPECT_EQ(support::parse_guarded(parse_refer_to, "<sip:a@b;method=X>")->method, Method::other);
  support::expect_accepted(parse_refer_to,
                           {"http://www.ietf.org", "<http://x/?Replaces&Replaces>"});
}

TEST(ReferTo, UnescapesItsReplacesOnce) {
  const std::string_view value =
      "<sip:dave@denver.example?Replaces=12345%40192.168.118.3%3Bto-tag%3D12345%3B"
      "from-tag%3D5FFE-3994%3Bearly-only%3Bx%3D%2541&Accept=a>";
  const Result<ReferTo, ValueError> refer_to = support::parse_guarded(parse_refer_to, value);
  ASSERT_TRUE(refer_to);
  char buffer[128];
  const Result<EmbeddedReplaces, ValueError> replaces = embedded_replaces(*refer_to, value, buffer);
  ASSERT_TRUE(replaces);
  EXPECT_EQ(replaces->text, "12345@192.168.118.3;to-tag=12345;from-tag=5FFE-3994;early-only;x=%41");
  EXPECT_EQ(text(replaces->id.call_id, replaces->text), "12345@192.168.118.3");
  EXPECT_EQ(text(replaces->id.to_tag, replaces->text), "12345");
  EXPECT_EQ(text(replaces->id.from_tag, replaces->text), "5FFE-3994");
  EXPECT_TRUE(replaces->id.is_early_only);
}

Result<EmbeddedReplaces, ValueError> embedded(std::string_view escaped, std::span<char> buffer) {
  const std::string value = "<sip:a@b?Replaces=" + std::string(escaped) + ">";
  const Result<ReferTo, ValueError> refer_to = support::parse_guarded(parse_refer_to, value);
  if (!refer_to) return Fail{refer_to.error()};
  return embedded_replaces(*refer_to, value, buffer);
}

TEST(ReferTo, LetsNoLineBreakOutOfItsReplaces) {
  char buffer[128];
  for (const char* bad :
       {"a%3Bto-tag%3D1%3Bfrom-tag%3D2%0D%0AVia:x", "a%3Bto-tag%3D1%3Bfrom-tag%3D2%00",
        "a%0a%20%3Bto-tag%3D1%3Bfrom-tag%3D2"}) {
    const auto result = embedded(bad, buffer);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error(), ValueError::bad_syntax) << bad;
  }
}

TEST(ReferTo, RefusesAReplacesThatIsNone) {
  char buffer[128];
  for (const char* bad : {"a", "a%3Bto-tag%3D1", "%253Bto-tag", "a%253Bto-tag%253D1"}) {
    EXPECT_FALSE(embedded(bad, buffer)) << bad;
  }
}

TEST(ReferTo, TakesATargetOfFourHundredCharacters) {
  std::string value = "<sip:+12025550123@transfer.example.com;user=phone?Replaces=";
  const std::string tail = "%3Bto-tag%3D1%3Bfrom-tag%3D2>";
  value += std::string(400 - value.size() - tail.size(), 'c') + tail;
  ASSERT_EQ(value.size(), 400u);
  const Result<ReferTo, ValueError> refer_to = support::parse_guarded(parse_refer_to, value);
  ASSERT_TRUE(refer_to);
  char buffer[400];
  const Result<EmbeddedReplaces, ValueError> replaces = embedded_replaces(*refer_to, value, buffer);
  ASSERT_TRUE(replaces);
  // One octet less than the text needs, and exactly as many.
  const size_t size = replaces->text.size();
  EXPECT_TRUE(embedded_replaces(*refer_to, value, std::span(buffer).first(size)));
  EXPECT_EQ(embedded_replaces(*refer_to, value, std::span(buffer).first(size - 1)).error(),
            ValueError::too_many);
}

TEST(ReferTo, RefusesMistakes) {
  support::expect_refused(parse_refer_to,
                          {"", "<>", "<sip:a@b", "<sip:a@b>, <sip:c@d>", "sip:a@b?Replaces=x",
                           "<sip:a@b?Replaces>", "<sip:a@b?Replaces=a&Replaces=b>", "<sip:a@b?=x>",
                           "<sip:a@b?a=b&>", "<sip:a@b>;", "<sip:a@b%>"});
}

TEST(ReferTo, CountsUriHeadersToTheirLimit) {
  std::string value = "<sip:a@b?a=";
  for (unsigned i = 0; i < max_uri_headers - 2; ++i) value += "&a=";
  support::expect_accepted(parse_refer_to, {value + ">", value + "&a=>"});
  support::expect_refused(parse_refer_to, {value + "&a=&a=>"}, ValueError::too_many);
}

TEST(ReferredBy, ReadsAddressAndCid) {
  const std::string_view value = "<sip:referror@ref.example>;CID=\"2UWQ@ref.example\"";
  const Result<ReferredBy, ValueError> referred_by =
      support::parse_guarded(parse_referred_by, value);
  ASSERT_TRUE(referred_by);
  EXPECT_EQ(text(referred_by->cid, value), "2UWQ@ref.example");
  EXPECT_TRUE(support::parse_guarded(parse_referred_by, "sip:a@b")->cid.empty());
  support::expect_refused(parse_referred_by, {"", "<sip:a@b>;cid", "<sip:a@b>;cid=x",
                                              "<sip:a@b>;cid=\"x\";cid=\"y\"", "<sip:a@b>,<c:d>"});
}

TEST(ReferSub, IsTrueOrFalse) {
  EXPECT_TRUE(support::parse_guarded(parse_refer_sub, "True")->wants_subscription);
  EXPECT_FALSE(support::parse_guarded(parse_refer_sub, "false;x=y")->wants_subscription);
  support::expect_refused(parse_refer_sub, {"", "0", "yes", "true false", "true,true", "true;"});
}

}  // namespace
}  // namespace demarc::sip
