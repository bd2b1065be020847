#include "sip-parser/dialog_id.h"

#include <gtest/gtest.h>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

using support::expect_refused;
using support::parse_guarded;

TEST(Replaces, ReadsCallIdTagsAndEarlyOnly) {
  const std::string_view value = "98732@sip.example.com ;from-tag=r33th4x0r;TO-TAG=ff87ff";
  const Result<DialogId, ValueError> id = parse_guarded(parse_replaces, value);
  ASSERT_TRUE(id);
  EXPECT_EQ(text(id->call_id, value), "98732@sip.example.com");
  EXPECT_EQ(text(id->to_tag, value), "ff87ff");
  EXPECT_EQ(text(id->from_tag, value), "r33th4x0r");
  EXPECT_FALSE(id->is_early_only);
  EXPECT_TRUE(parse_guarded(parse_replaces, "a;to-tag=0;early-only;from-tag=1;x=y")->is_early_only);
}

TEST(Replaces, NeedsBothTagsOnce) {
  expect_refused(parse_replaces,
                 {"", "a", "a;to-tag=1", "a;from-tag=1", "a;to-tag=1;from-tag",
                  "@a;to-tag=1;from-tag=2", "a;to-tag=1;from-tag=2;to-tag=3",
                  "a;to-tag=\"1\";from-tag=2", "a;to-tag=1;from-tag=2;early-only=yes",
                  "a;to-tag=1;from-tag=2;early-only;early-only", "a;to-tag=1;from-tag=2,b",
                  "a;to-tag=1;from-tag=2;", "a b;to-tag=1;from-tag=2", ";to-tag=1;from-tag=2"});
}

TEST(Replaces, TakesTheTagsThatFromAndToHave) {
  const std::string_view value = "a;to-tag=as7d==@{1};from-tag=1/2";
  const Result<DialogId, ValueError> id = parse_guarded(parse_replaces, value);
  ASSERT_TRUE(id);
  EXPECT_EQ(text(id->to_tag, value), "as7d==@{1}");
  EXPECT_EQ(text(id->from_tag, value), "1/2");
}

TEST(Replaces, IsSafeOnEveryTruncation) {
  support::parse_truncations(parse_replaces, "98732@sip;from-tag=r33;to-tag=\"f\\\"\";early-only");
}

TEST(Join, HasNoEarlyOnly) {
  const std::string_view value = "12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only=x";
  const Result<DialogId, ValueError> id = parse_guarded(parse_join, value);
  ASSERT_TRUE(id);
  EXPECT_EQ(text(id->to_tag, value), "12345");
  EXPECT_EQ(text(id->from_tag, value), "54321");
  EXPECT_FALSE(id->is_early_only);
  expect_refused(parse_join, {"", "a", "a;to-tag=1", "a;from-tag=2;from-tag=3;to-tag=1", "a,b"});
}

TEST(TargetDialog, ReadsLocalAndRemoteTags) {
  const std::string_view value =
      "fa77as7dad8-sd98ajzz@host.example.com;local-tag=kkaz-;remote-tag=6544";
  const Result<TargetDialog, ValueError> id = parse_guarded(parse_target_dialog, value);
  ASSERT_TRUE(id);
  EXPECT_EQ(text(id->call_id, value), "fa77as7dad8-sd98ajzz@host.example.com");
  EXPECT_EQ(text(id->local_tag, value), "kkaz-");
  EXPECT_EQ(text(id->remote_tag, value), "6544");
  expect_refused(parse_target_dialog, {"", "a", "a;local-tag=1", "a;remote-tag=1",
                                       "a;local-tag=1;remote-tag=2;remote-tag=2"});
}

}  // namespace
}  // namespace demarc::sip
