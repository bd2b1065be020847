#include "sip-parser/event.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/number_cases.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(Event, ReadsPackageTemplatesAndId) {
  const std::string_view value = "presence.winfo.x ;ID=a.1;y=z";
  const Result<Event, ValueError> event = support::parse_guarded(parse_event, value);
  ASSERT_TRUE(event);
  EXPECT_EQ(text(event->type, value), "presence.winfo.x");
  EXPECT_EQ(text(event->package, value), "presence");
  EXPECT_EQ(text(event->id, value), "a.1");
  EXPECT_TRUE(support::parse_guarded(parse_event, "refer")->id.empty());
}

TEST(Event, RefusesMistakes) {
  support::expect_refused(parse_event, {"", ".", ".a", "a.", "a..b", "a b", "a,b", "a;id",
                                        "a;id=", "a;id=\"1\"", "a;id=1;id=2", "a;", "a@b"});
}

TEST(EventType, HasNoParameters) {
  const std::string_view value = "dialog.x";
  EXPECT_EQ(text(*support::parse_guarded(parse_event_type, value), value), value);
  support::expect_refused(parse_event_type, {"", "a;id=1", "a.", "a b"});
}

TEST(SubscriptionState, ReadsPhaseReasonAndTimes) {
  const std::string_view value = "Terminated;reason=GIVEUP;retry-after=10;expires=0";
  const Result<SubscriptionState, ValueError> state =
      support::parse_guarded(parse_subscription_state, value);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->phase, SubscriptionPhase::terminated);
  EXPECT_EQ(state->reason, SubscriptionReason::giveup);
  EXPECT_TRUE(state->has_expires);
  EXPECT_EQ(state->expires_s, 0u);
  EXPECT_TRUE(state->has_retry_after);
  EXPECT_EQ(state->retry_after_s, 10u);
}

TEST(SubscriptionState, KeepsWordsThatItDoesNotKnow) {
  const std::string_view value = "waiting;reason=mine";
  const Result<SubscriptionState, ValueError> state =
      support::parse_guarded(parse_subscription_state, value);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->phase, SubscriptionPhase::other);
  EXPECT_EQ(text(state->phase_text, value), "waiting");
  EXPECT_EQ(state->reason, SubscriptionReason::other);
  EXPECT_EQ(text(state->reason_text, value), "mine");
  EXPECT_FALSE(state->has_expires);
  EXPECT_FALSE(state->has_retry_after);
}

TEST(SubscriptionState, SpellsItsWords) {
  for (const SubscriptionPhase phase :
       {SubscriptionPhase::active, SubscriptionPhase::pending, SubscriptionPhase::terminated}) {
    EXPECT_EQ(support::parse_guarded(parse_subscription_state, spelling(phase))->phase, phase);
  }
  for (unsigned i = 0; i < static_cast<unsigned>(SubscriptionReason::other); ++i) {
    const SubscriptionReason reason = static_cast<SubscriptionReason>(i);
    const std::string value = "active;reason=" + std::string(spelling(reason));
    EXPECT_EQ(support::parse_guarded(parse_subscription_state, value)->reason, reason);
  }
}

TEST(SubscriptionState, RefusesMistakes) {
  support::expect_refused(parse_subscription_state,
                          {"", ";expires=1", "active;expires", "active;expires=1;expires=1",
                           "active;reason=\"x\"", "active pending", "active,pending"});
}

TEST(SubscriptionState, ChecksBothTimes) {
  for (const std::string name : {"expires", "retry-after"}) {
    support::expect_number_range(
        {0, UINT32_MAX}, [&name](const std::string& number) -> Result<uint32_t, ValueError> {
          const auto state = support::parse_guarded(parse_subscription_state,
                                                    "active;" + name + "=" + number + ";x");
          if (!state) return Fail{state.error()};
          return name == "expires" ? state->expires_s : state->retry_after_s;
        });
  }
}

}  // namespace
}  // namespace demarc::sip
