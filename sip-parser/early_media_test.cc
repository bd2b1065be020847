#include "sip-parser/early_media.h"

#include <gtest/gtest.h>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(EarlyMedia, ReadsASet) {
  const Result<EarlyMedia, ValueError> result =
      support::parse_guarded(parse_early_media, "sendrecv , Gated,x");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->params, EnumSet(EarlyMediaParam::sendrecv, EarlyMediaParam::gated));
  EXPECT_EQ(result->unknown_count, 1);
  EXPECT_TRUE(support::parse_guarded(parse_early_media, "")->params.empty());
}

TEST(EarlyMedia, SpellsEveryParameter) {
  for (unsigned i = 0; i < static_cast<unsigned>(EarlyMediaParam::other); ++i) {
    const EarlyMediaParam param = static_cast<EarlyMediaParam>(i);
    EXPECT_TRUE(support::parse_guarded(parse_early_media, spelling(param))->params.has(param));
  }
}

TEST(EarlyMedia, RefusesMistakes) {
  support::expect_refused(parse_early_media, {",", "gated,", "a b", "gated;x", "\"gated\""});
}

}  // namespace
}  // namespace demarc::sip
