#include "sip-parser/tel.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

Result<Telephone, ValueError> of_uri(Span span, std::string_view datagram) {
  const Result<Uri, ValueError> uri = parse_uri(span, datagram);
  if (!uri) return Fail{uri.error()};
  return telephone_of(*uri, datagram);
}

TEST(Telephone, ReadsATelUri) {
  const std::string_view value = "tel:+1-(201).555-0123;ext=3-4;isub=12%2034;x=y";
  const Result<Telephone, ValueError> tel = support::parse_guarded(of_uri, value);
  ASSERT_TRUE(tel);
  EXPECT_TRUE(tel->is_global);
  EXPECT_EQ(text(tel->number, value), "+1-(201).555-0123");
  EXPECT_EQ(text(tel->ext, value), "3-4");
  EXPECT_EQ(text(tel->isub, value), "12%2034");
  EXPECT_TRUE(tel->phone_context.empty());
  EXPECT_EQ(text(tel->params, value), ";ext=3-4;isub=12%2034;x=y");
}

TEST(Telephone, ReadsALocalNumber) {
  const std::string_view value = "tel:*7a-B#;phone-context=example.com";
  const Result<Telephone, ValueError> tel = support::parse_guarded(of_uri, value);
  ASSERT_TRUE(tel);
  EXPECT_FALSE(tel->is_global);
  EXPECT_EQ(text(tel->phone_context, value), "example.com");
  EXPECT_TRUE(support::parse_guarded(of_uri, "tel:7042;phone-context=+1-201"));
  EXPECT_TRUE(support::parse_guarded(of_uri, "tel:7042"));
}

TEST(Telephone, ReadsTheUserPartOfASipUri) {
  const std::string_view value =
      "sip:+1-201-555-0123;ext=3;phone-context=+1-201@gw.example.com;USER=Phone";
  const Result<Telephone, ValueError> tel = support::parse_guarded(of_uri, value);
  ASSERT_TRUE(tel);
  EXPECT_EQ(text(tel->number, value), "+1-201-555-0123");
  EXPECT_EQ(text(tel->ext, value), "3");
  EXPECT_EQ(text(tel->phone_context, value), "+1-201");
  EXPECT_FALSE(support::parse_guarded(of_uri, "sips:%2B1%23@h;user=phone"));
  EXPECT_TRUE(support::parse_guarded(of_uri, "sips:1%23@h;user=phone"));
}

TEST(Telephone, IsNotInOtherUris) {
  support::expect_refused(of_uri, {"sip:+1@h", "sip:+1@h;user=ip", "sip:h;user=phone", "urn:a:1",
                                   "sip:alice@h;user=phone", "sip:+1;ext=x@h;user=phone"});
}

TEST(Telephone, RefusesMistakes) {
  support::expect_refused(parse_telephone, {"",
                                            "+",
                                            "-",
                                            "+1a",
                                            "+1*",
                                            "1+",
                                            "++1",
                                            "1g",
                                            "1;",
                                            "1;ext",
                                            "1;ext=",
                                            "1;ext=a",
                                            "1;ext=-",
                                            "1;ext=+1",
                                            "1;ext=*",
                                            "1;ext=1;ext=1",
                                            "1;isub",
                                            "1;phone-context=",
                                            "1;phone-context=+",
                                            "1;phone-context=+a",
                                            "1;phone-context=-a",
                                            "1;phone-context=a_b",
                                            "1;phone-context=a%41",
                                            ";ext=1",
                                            "1 2",
                                            "1%",
                                            "1%4",
                                            "1%zz",
                                            "1%00",
                                            "1%0d"});
}

TEST(Telephone, CountsParametersToTheirLimit) {
  std::string value = "1";
  for (unsigned i = 0; i < max_params; ++i) value += ";x";
  support::expect_accepted(parse_telephone, {value});
  support::expect_refused(parse_telephone, {value + ";x"}, ValueError::too_many);
}

TEST(SameNumber, IgnoresSeparatorsEscapesAndCase) {
  EXPECT_TRUE(is_same_number({"+1-201-555-0123", "+1(201)555.0123"}));
  EXPECT_TRUE(is_same_number({"%2B1", "+1"}));
  EXPECT_TRUE(is_same_number({"*7A", "*7a"}));
  EXPECT_TRUE(is_same_number({"12-", "-12"}));
  EXPECT_FALSE(is_same_number({"+1201", "1201"}));
  EXPECT_FALSE(is_same_number({"12", "123"}));
  EXPECT_FALSE(is_same_number({"123", "12"}));
  EXPECT_FALSE(is_same_number({"1x", "1x"}));
  EXPECT_FALSE(is_same_number({"1%", "1%"}));
}

}  // namespace
}  // namespace demarc::sip
