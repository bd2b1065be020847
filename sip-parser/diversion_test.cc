#include "sip-parser/diversion.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/number_cases.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(Diversion, ReadsAllParameters) {
  const std::string_view value =
      "\"B\" <tel:+15551002> "
      ";reason=\"Do-Not-Disturb\";counter=2;limit=5;privacy=full;screen=yes;x";
  const Result<Diversion, ValueError> diversion = support::parse_guarded(parse_diversion, value);
  ASSERT_TRUE(diversion);
  EXPECT_EQ(text(diversion->address.uri.user, value), "+15551002");
  EXPECT_EQ(diversion->reason, DiversionReason::do_not_disturb);
  EXPECT_TRUE(diversion->has_counter);
  EXPECT_EQ(diversion->counter, 2);
  EXPECT_TRUE(diversion->has_limit);
  EXPECT_EQ(diversion->limit, 5);
  EXPECT_EQ(diversion->privacy, DiversionPrivacy::full);
  EXPECT_EQ(text(diversion->screen_text, value), "yes");
}

TEST(Diversion, CountsAsOneWithoutACounter) {
  const Result<Diversion, ValueError> diversion =
      support::parse_guarded(parse_diversion, "<sip:a@b>");
  ASSERT_TRUE(diversion);
  EXPECT_FALSE(diversion->has_counter);
  EXPECT_EQ(diversion->counter, 1);
  EXPECT_EQ(diversion->reason, DiversionReason::other);
  EXPECT_TRUE(diversion->reason_text.empty());
  EXPECT_TRUE(diversion->privacy_text.empty());
}

TEST(Diversion, KnowsItsWords) {
  for (unsigned i = 0; i < static_cast<unsigned>(DiversionReason::other); ++i) {
    const DiversionReason reason = static_cast<DiversionReason>(i);
    const std::string value = "<sip:a@b>;reason=" + std::string(spelling(reason));
    EXPECT_EQ(support::parse_guarded(parse_diversion, value)->reason, reason);
  }
  for (const DiversionPrivacy privacy : {DiversionPrivacy::full, DiversionPrivacy::name,
                                         DiversionPrivacy::uri, DiversionPrivacy::off}) {
    const std::string value = "<sip:a@b>;privacy=" + std::string(spelling(privacy));
    EXPECT_EQ(support::parse_guarded(parse_diversion, value)->privacy, privacy);
  }
}

TEST(Diversion, RefusesMistakes) {
  support::expect_refused(
      parse_diversion,
      {"", "sip:a@b", "<sip:a@b>;reason", "<sip:a@b>;reason=", "<sip:a@b>;counter=1;counter=1",
       "<sip:a@b>;counter=\"1\"", "<sip:a@b>;screen", "<sip:a@b>, <sip:c@d>", "<sip:a@b>;"});
}

TEST(Diversion, ChecksBothCounts) {
  for (const std::string name : {"counter", "limit"}) {
    support::expect_number_range({0, max_diversion_count},
                                 [&name](const std::string& number) -> Result<uint8_t, ValueError> {
                                   const auto diversion = support::parse_guarded(
                                       parse_diversion, "<sip:a@b>;" + name + "=" + number);
                                   if (!diversion) return Fail{diversion.error()};
                                   return name == "limit" ? diversion->limit : diversion->counter;
                                 });
  }
}

}  // namespace
}  // namespace demarc::sip
