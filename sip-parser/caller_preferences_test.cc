#include "sip-parser/caller_preferences.h"

#include <gtest/gtest.h>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(RequestDisposition, ReadsASet) {
  const Result<RequestDisposition, ValueError> result =
      support::parse_guarded(parse_request_disposition, "Proxy, no-fork , queue,proxy");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->directives,
            EnumSet(RequestDirective::proxy, RequestDirective::no_fork, RequestDirective::queue));
}

TEST(RequestDisposition, SpellsEveryDirective) {
  for (unsigned i = 0; i < static_cast<unsigned>(RequestDirective::other); ++i) {
    const RequestDirective disposition = static_cast<RequestDirective>(i);
    EXPECT_TRUE(support::parse_guarded(parse_request_disposition, spelling(disposition))
                    ->directives.has(disposition));
  }
}

TEST(RequestDisposition, RefusesOppositesAndStrangers) {
  support::expect_refused(parse_request_disposition,
                          {"", " ", "proxy,redirect", "no-cancel,cancel", "parallel, sequential",
                           "queue,no-queue", "x", "proxy,", ",proxy", "proxy;x", "proxy fork"});
}

TEST(FeatureSet, ReadsFeatureParameters) {
  const std::string_view value = "*;audio;methods=\"INVITE,BYE\";+sip.x=\"<a>\";Require;explicit";
  const Result<FeatureSet, ValueError> result = support::parse_guarded(parse_feature_set, value);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->is_required);
  EXPECT_TRUE(result->is_explicit);
  EXPECT_EQ(text(find_param(result->params, "+sip.x", value).value, value), "<a>");
  EXPECT_FALSE(support::parse_guarded(parse_feature_set, "*")->is_required);
}

TEST(FeatureSet, RefusesMistakes) {
  support::expect_refused(parse_feature_set, {"", "a", "**", "*a", "*;", "*;require=1",
                                              "*;require;require", "sip:a@b", "*,*"});
}

}  // namespace
}  // namespace demarc::sip
