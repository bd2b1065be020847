#include "sip-parser/privacy.h"

#include <gtest/gtest.h>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(Privacy, ReadsASet) {
  const Result<Privacy, ValueError> privacy =
      support::parse_guarded(parse_privacy, "ID; header ;critical;x;y");
  ASSERT_TRUE(privacy);
  EXPECT_EQ(privacy->values,
            EnumSet(PrivacyValue::id, PrivacyValue::header, PrivacyValue::critical));
  EXPECT_EQ(privacy->unknown_count, 2);
  EXPECT_TRUE(privacy->is_critical());
  EXPECT_FALSE(privacy->wants_none());
  EXPECT_TRUE(support::parse_guarded(parse_privacy, "none")->wants_none());
}

TEST(Privacy, SpellsEveryValue) {
  for (unsigned i = 0; i < static_cast<unsigned>(PrivacyValue::other); ++i) {
    const PrivacyValue value = static_cast<PrivacyValue>(i);
    EXPECT_TRUE(support::parse_guarded(parse_privacy, spelling(value))->values.has(value));
  }
  EXPECT_EQ(spelling(PrivacyValue::other), "");
}

TEST(Privacy, RefusesMistakes) {
  support::expect_refused(parse_privacy, {"", ";", "id;", ";id", "id;;user", "id,user", "id user",
                                          "id=1", "\"id\"", "id\r"});
}

}  // namespace
}  // namespace demarc::sip
