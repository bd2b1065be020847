#include "sip-parser/history_info.h"

#include <gtest/gtest.h>

#include <string>

#include "sip-parser/escape.h"
#include "sip-parser/reason.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(HistoryInfo, ReadsIndexAndTarget) {
  const std::string_view value = "\"B\" <sip:bob@192.0.2.4>;index=1.10.2;mp=1.1;x";
  const Result<HistoryEntry, ValueError> entry = support::parse_guarded(parse_history_info, value);
  ASSERT_TRUE(entry);
  EXPECT_EQ(text(entry->address.uri.user, value), "bob");
  EXPECT_EQ(text(entry->index, value), "1.10.2");
  EXPECT_EQ(entry->target, HistoryTarget::mp);
  EXPECT_EQ(text(entry->target_index, value), "1.1");
  EXPECT_TRUE(entry->escaped_reason.empty());
}

TEST(HistoryInfo, TellsTheThreeTargets) {
  EXPECT_EQ(support::parse_guarded(parse_history_info, "<sip:a@b>;index=1;rc=0")->target,
            HistoryTarget::rc);
  EXPECT_EQ(support::parse_guarded(parse_history_info, "<sip:a@b>;index=1;np=1")->target,
            HistoryTarget::np);
  EXPECT_EQ(support::parse_guarded(parse_history_info, "<sip:a@b>;index=1")->target,
            HistoryTarget::unknown);
}

TEST(HistoryInfo, FindsReasonAndPrivacyInTheUri) {
  const std::string_view value =
      "<sip:bob@b.example?reason=SIP%3Bcause%3D302%3Btext%3D%22x%22&Privacy=history>;index=1";
  const Result<HistoryEntry, ValueError> entry = support::parse_guarded(parse_history_info, value);
  ASSERT_TRUE(entry);
  EXPECT_EQ(text(entry->escaped_privacy, value), "history");
  char buffer[64];
  const auto reason_text = unescape(text(entry->escaped_reason, value), buffer);
  ASSERT_TRUE(reason_text);
  const Result<Reason, ValueError> reason =
      parse_reason(support::whole(*reason_text), *reason_text);
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->cause, 302u);
  EXPECT_EQ(text(reason->text, *reason_text), "x");
}

TEST(HistoryInfo, RefusesMistakes) {
  support::expect_refused(parse_history_info, {"",
                                               "<sip:a@b>",
                                               "sip:a@b;index=1",
                                               "<sip:a@b>;index",
                                               "<sip:a@b>;index=",
                                               "<sip:a@b>;index=01",
                                               "<sip:a@b>;index=00",
                                               "<sip:a@b>;index=1.",
                                               "<sip:a@b>;index=.1",
                                               "<sip:a@b>;index=1..1",
                                               "<sip:a@b>;index=a",
                                               "<sip:a@b>;index=1.02",
                                               "<sip:a@b>;index=-1",
                                               "<sip:a@b>;index=1;index=1",
                                               "<sip:a@b>;index=1;rc=x",
                                               "<sip:a@b>;index=1;rc",
                                               "<sip:a@b>;index=1;rc=1;mp=1",
                                               "<sip:a@b?x>;index=1",
                                               "<sip:a@b?Reason=a&Reason=b>;index=1",
                                               "<sip:a@b>;index=1, <sip:a@b>;index=2"});
  support::expect_accepted(parse_history_info, {"<sip:a@b>;index=0", "<tel:+1>;index=1.0.10"});
}

}  // namespace
}  // namespace demarc::sip
