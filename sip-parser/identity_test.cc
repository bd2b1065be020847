#include "sip-parser/identity.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(Identity, ReadsPartsAndParameters) {
  const std::string_view value =
      "eyJ-_0.eyJh.c2ln ;INFO = <https://cert.example.org/p;x,y.cer> ;alg=ES256;ppt=\"shaken\";z";
  const Result<Identity, ValueError> identity = support::parse_guarded(parse_identity, value);
  ASSERT_TRUE(identity);
  EXPECT_EQ(text(identity->token, value), "eyJ-_0.eyJh.c2ln");
  EXPECT_EQ(text(identity->header, value), "eyJ-_0");
  EXPECT_EQ(text(identity->payload, value), "eyJh");
  EXPECT_EQ(text(identity->signature, value), "c2ln");
  EXPECT_FALSE(identity->is_compact());
  EXPECT_EQ(text(identity->info.whole, value), "https://cert.example.org/p;x,y.cer");
  EXPECT_EQ(text(identity->alg, value), "ES256");
  EXPECT_EQ(text(identity->ppt, value), "shaken");
}

TEST(Identity, ReadsTheCompactForm) {
  const std::string_view value = "..c2ln;info=<https://a.example/c>";
  const Result<Identity, ValueError> identity = support::parse_guarded(parse_identity, value);
  ASSERT_TRUE(identity);
  EXPECT_TRUE(identity->is_compact());
  EXPECT_EQ(text(identity->signature, value), "c2ln");
  EXPECT_TRUE(identity->alg.empty());
  EXPECT_TRUE(identity->ppt.empty());
}

TEST(Identity, RefusesMistakes) {
  support::expect_refused(parse_identity, {"",
                                           "a.b.c",
                                           "a.b.c;alg=ES256",
                                           "a.b;info=<a:b>",
                                           "a.b.c.d;info=<a:b>",
                                           "a..c;info=<a:b>",
                                           ".b.c;info=<a:b>",
                                           "a.b.;info=<a:b>",
                                           "a/.b.c;info=<a:b>",
                                           "a=.b.c;info=<a:b>",
                                           "a.b.c;info=a:b",
                                           "a.b.c;info=\"a:b\"",
                                           "a.b.c;info=<a:b",
                                           "a.b.c;info=<>",
                                           "a.b.c;info",
                                           "a.b.c;info=<a:b>;info=<a:b>",
                                           "a.b.c;info=<a:b>;alg=",
                                           "a.b.c;info=<a:b>;alg",
                                           "a.b.c;info=<a:b>;alg=1;alg=1",
                                           "a.b.c;info=<a:b>;ppt=1;ppt=1",
                                           "a.b.c;info=<a:b>;",
                                           "a.b.c;info=<a:b> x",
                                           "a.b.c info=<a:b>",
                                           "a.b.c;info=<a:b>;ppt=\"x",
                                           "a.b.c;info=<a:b>,d",
                                           "a.b.c;info=<a b>",
                                           "a.b.c;info=<a:b>;x=<y>",
                                           "a .b.c;info=<a:b>"});
}

TEST(Identity, CountsParametersToTheirLimit) {
  std::string value = "a.b.c;info=<a:b>";
  for (unsigned i = 0; i < max_params - 2; ++i) value += ";x";
  support::expect_accepted(parse_identity, {value, value + ";x"});
  support::expect_refused(parse_identity, {value + ";x;x"}, ValueError::too_many);
}

}  // namespace
}  // namespace demarc::sip
