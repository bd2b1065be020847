#include "dataplane/dialog/session_timer.h"

#include <gtest/gtest.h>

namespace demarc::dialog {
namespace {

using sip::Refresher;

SessionTerms said(bool is_supported, uint32_t interval_s, Refresher refresher = Refresher::absent,
                  uint32_t min_se_s = 0) {
  return {is_supported, {interval_s, refresher}, min_se_s};
}

constexpr SessionWishes silent{false, 1800, 90};
constexpr SessionWishes asking{true, 1800, 90};

TEST(SessionTimer, NobodyAsksAndThereIsNone) {
  EXPECT_FALSE(answer_terms(said(true, 0), silent).is_on());
  EXPECT_FALSE(accepted_terms(said(true, 0), silent).is_on());
}

// RFC 4028 section 9 and its table 2.
TEST(SessionTimer, APeerThatAsksGetsItAndRefreshesUnlessItSaysOtherwise) {
  const SessionTimer plain = answer_terms(said(true, 600), silent);
  EXPECT_EQ(plain.interval_s, 600u);
  EXPECT_FALSE(plain.we_refresh);
  EXPECT_FALSE(answer_terms(said(true, 600, Refresher::uac), silent).we_refresh);
  EXPECT_TRUE(answer_terms(said(true, 600, Refresher::uas), silent).we_refresh);
  // Put in by a proxy on behalf of a peer that does not know timers.
  EXPECT_TRUE(answer_terms(said(false, 600), silent).we_refresh);
}

TEST(SessionTimer, AskingForItWorksWithAPeerThatDoesNotKnowIt) {
  const SessionTimer timer = answer_terms(said(false, 0), asking);
  EXPECT_EQ(timer.interval_s, 1800u);
  EXPECT_TRUE(timer.we_refresh);
  const SessionTimer accepted = accepted_terms(said(false, 0), asking);
  EXPECT_EQ(accepted.interval_s, 1800u);
  EXPECT_TRUE(accepted.we_refresh);
}

TEST(SessionTimer, TheShorterIntervalHoldsButNeverBelowMinSe) {
  EXPECT_EQ(answer_terms(said(true, 3600), asking).interval_s, 1800u);
  EXPECT_EQ(answer_terms(said(true, 600), asking).interval_s, 600u);
  EXPECT_EQ(answer_terms(said(true, 3600, Refresher::absent, 2400), asking).interval_s, 2400u);
  EXPECT_EQ(answer_terms(said(true, 3600), silent).interval_s, 3600u);
}

TEST(SessionTimer, AnIntervalBelowOursIsTooSmallForAPeerThatCanBeTold) {
  EXPECT_TRUE(is_too_small(said(true, 89), silent));
  EXPECT_FALSE(is_too_small(said(true, 90), silent));
  EXPECT_FALSE(is_too_small(said(false, 60), silent));
  EXPECT_FALSE(is_too_small(said(true, 0), silent));
  // It can not be told, and is not believed either.
  EXPECT_EQ(answer_terms(said(false, 60), silent).interval_s, 90u);
}

TEST(SessionTimer, TheAnswerToOursSaysWhoRefreshes) {
  EXPECT_TRUE(accepted_terms(said(true, 600, Refresher::uac), silent).we_refresh);
  EXPECT_FALSE(accepted_terms(said(true, 600, Refresher::uas), asking).we_refresh);
  EXPECT_TRUE(accepted_terms(said(true, 600), asking).we_refresh);
}

TEST(SessionTimer, RefreshesAtHalfAndGivesUpBeforeTheEnd) {
  const SessionTimer timer{1800, true};
  EXPECT_EQ(timer.refresh_after(), contract::Duration::seconds(900));
  EXPECT_EQ(timer.give_up_after(), contract::Duration::seconds(1768));
  EXPECT_EQ((SessionTimer{90, false}).give_up_after(), contract::Duration::seconds(60));
}

}  // namespace
}  // namespace demarc::dialog
