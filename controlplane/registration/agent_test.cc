#include "controlplane/registration/agent_harness.h"

namespace demarc::registration {
namespace {

// Printed from the table and compared with what was read and agreed on.
TEST(Table, IsAsReviewed) {
  std::string printed;
  for (const Edge& edge : edges) {
    printed += std::string(spelling(edge.from)) + " + " + std::string(spelling(edge.event)) +
               " -> " + std::string(spelling(edge.to));
    const std::pair<Actions, std::string_view> names[] = {
        {action::begin_round, "begin_round"},
        {action::send, "send"},
        {action::send_removal, "send_removal"},
        {action::start_delay, "start_delay"},
        {action::start_patience, "start_patience"},
        {action::start_refresh, "start_refresh"},
        {action::start_back_off, "start_back_off"},
        {action::start_long_back_off, "start_long_back_off"}};
    for (const auto& [bit, name] : names) {
      if ((edge.actions & bit) != 0) printed += " " + std::string(name);
    }
    printed += "\n";
  }
  EXPECT_EQ(printed, R"(off + begin -> waiting start_delay
waiting + timer -> registering begin_round send start_patience
waiting + refresh -> registering begin_round send start_patience
waiting + withdraw -> off
registering + accepted -> registered start_refresh
registering + again -> registering send start_patience
registering + failed -> backing_off start_back_off
registering + refused -> backing_off start_long_back_off
registering + timer -> backing_off start_back_off
registering + withdraw -> unregistering begin_round send_removal start_patience
registered + timer -> refreshing begin_round send start_patience
registered + refresh -> refreshing begin_round send start_patience
registered + withdraw -> unregistering begin_round send_removal start_patience
refreshing + accepted -> registered start_refresh
refreshing + again -> refreshing send start_patience
refreshing + failed -> backing_off start_back_off
refreshing + refused -> backing_off start_long_back_off
refreshing + timer -> backing_off start_back_off
refreshing + withdraw -> unregistering begin_round send_removal start_patience
backing_off + timer -> registering begin_round send start_patience
backing_off + refresh -> registering begin_round send start_patience
backing_off + withdraw -> unregistering begin_round send_removal start_patience
unregistering + accepted -> off
unregistering + again -> unregistering send_removal start_patience
unregistering + failed -> off
unregistering + refused -> off
unregistering + timer -> off
)");
}

TEST(Table, HasNoStateWithoutATimer) {
  EXPECT_TRUE(has_no_state_without_a_timer());
}

TEST_F(AgentTest, RegistersAndRefreshesBeforeTheBindingEnds) {
  make();
  EXPECT_EQ(agent->state(), State::waiting);
  EXPECT_FALSE(agent->take_request());
  wait();
  const Ask first = asked();
  EXPECT_EQ(first.uri, "sip:provider.example");
  EXPECT_EQ(first.target, target(1));
  EXPECT_TRUE(has(first, "To: <sip:u1@provider.example>\r\n"));
  EXPECT_TRUE(has(first, "Contact: <sip:u1@198.51.100.10:5060>\r\n"));
  EXPECT_TRUE(has(first, "Expires: 600\r\n"));
  EXPECT_FALSE(has(first, "Authorization"));
  accept();
  EXPECT_EQ(agent->state(), State::registered);
  EXPECT_TRUE(agent->view(now).is_registered);
  EXPECT_GE(to_timer(), 480'000u);
  EXPECT_LE(to_timer(), 540'000u);
  wait();
  EXPECT_EQ(agent->state(), State::refreshing);
  const Ask second = asked();
  EXPECT_EQ(second.call_id, first.call_id);
  EXPECT_EQ(second.cseq, first.cseq + 1);
  accept();
  EXPECT_EQ(agent->state(), State::registered);
}

TEST_F(AgentTest, ContinuesWhatItsIdentityWas) {
  make(1, {"old-id", 77, "old-tag"});
  wait();
  const Ask ask = asked();
  EXPECT_EQ(ask.call_id, "old-id");
  EXPECT_EQ(ask.cseq, 78u);
  EXPECT_TRUE(has(ask, ";tag=old-tag\r\n"));
}

TEST_F(AgentTest, A403BacksOffForLongAndLonger) {
  make(2);
  uint64_t before = 0;
  for (int i = 0; i < 4; ++i) {
    wait();
    asked();
    answer("403 Forbidden");
    EXPECT_EQ(agent->state(), State::backing_off);
    EXPECT_GE(to_timer(), before / 2);
    before = to_timer();
  }
  EXPECT_LE(before, max_long_back_off_ms);
  EXPECT_GE(before, max_long_back_off_ms / 2);
}

TEST_F(AgentTest, TriesEachTargetThenBacksOff) {
  make(3);
  wait();
  EXPECT_EQ(asked().target, target(1));
  agent->on_silence(now);
  EXPECT_EQ(asked().target, target(2));
  answer("500 Broken");
  EXPECT_EQ(asked().target, target(3));
  answer("503 Full", "Retry-After: 90");
  EXPECT_EQ(agent->state(), State::backing_off);
  EXPECT_GE(to_timer(), 90'000u);
  wait();
  EXPECT_EQ(asked().target, target(1));
}

TEST_F(AgentTest, StaysWithTheTargetThatAnswered) {
  make(3);
  wait();
  asked();
  agent->on_silence(now);
  EXPECT_EQ(asked().target, target(2));
  accept();
  wait();
  EXPECT_EQ(asked().target, target(2));
  accept();
  // The order changed, it is still there.
  agent->set_targets({target(3), target(2), target(1)});
  wait();
  EXPECT_EQ(asked().target, target(2));
}

TEST_F(AgentTest, MovesAtOnceWhenItsTargetIsNoneAnyMore) {
  make(2);
  wait();
  asked();
  accept();
  agent->set_targets({target(7)});
  agent->tick(now);
  EXPECT_EQ(asked().target, target(7));
}

TEST_F(AgentTest, MovesOnWhenItsTargetIsDown) {
  make(2);
  wait();
  EXPECT_EQ(asked().target, target(1));
  accept();
  agent->set_targets({target(2), target(1)});
  agent->move_on(now);
  EXPECT_EQ(agent->state(), State::refreshing);
  EXPECT_EQ(asked().target, target(2));
}

TEST_F(AgentTest, BackOffDoublesWithinItsBounds) {
  make();
  uint64_t longest = 0;
  for (int i = 0; i < 12; ++i) {
    wait();
    asked();
    agent->on_silence(now);
    EXPECT_EQ(agent->state(), State::backing_off);
    EXPECT_GE(to_timer(), base_back_off_ms / 2);
    EXPECT_LE(to_timer(), max_back_off_ms);
    longest = std::max(longest, to_timer());
  }
  EXPECT_GE(longest, max_back_off_ms / 2);
  wait();
  asked();
  accept();
  wait();
  asked();
  agent->on_silence(now);
  EXPECT_LE(to_timer(), base_back_off_ms);
}

TEST_F(AgentTest, TakesALongerIntervalOnce) {
  make();
  wait();
  asked();
  answer("423 Interval Too Brief", "Min-Expires: 1800");
  EXPECT_TRUE(has(asked(), "Expires: 1800\r\n"));
  answer("423 Interval Too Brief", "Min-Expires: 1800");
  EXPECT_EQ(agent->state(), State::backing_off);
}

TEST_F(AgentTest, RefusesIntervalsThatAreNone) {
  for (const char* value : {"0", "600", "86401", "4294967295", "x", ""}) {
    make();
    wait();
    asked();
    answer("423 Interval Too Brief", "Min-Expires: " + std::string(value));
    EXPECT_EQ(agent->state(), State::backing_off) << value;
  }
}

TEST_F(AgentTest, ExpiryIsTheContactsThenExpiresThenWhatWasAsked) {
  const auto granted = [&](const std::string& lines) {
    make();
    wait();
    asked();
    answer("200 OK", lines);
    return (agent->view(now).expires_ms - now) / 1000;
  };
  const std::string ours(contact);
  EXPECT_EQ(granted(ours + ";expires=120\r\nExpires: 300"), 120u);
  EXPECT_EQ(granted(ours + "\r\nExpires: 300"), 300u);
  EXPECT_EQ(granted(ours), 600u);
  EXPECT_EQ(
      granted("Contact: <sip:u1@198.51.100.99>;expires=50, <sip:u1@198.51.100.10>;expires=70"),
      70u);
  EXPECT_EQ(granted(ours + ";expires=4000000000"), max_expires_s);
}

TEST_F(AgentTest, ShortBindingsAreRefreshedAtHalf) {
  make();
  wait();
  asked();
  accept(";expires=20");
  EXPECT_EQ(to_timer(), 10'000u);
}

TEST_F(AgentTest, GarbageCountsAsAFailedTarget) {
  make(2);
  wait();
  asked();
  agent->on_response("\x01\x02 not SIP", false, now);
  EXPECT_EQ(asked().target, target(2));
  answer("200 OK");
  EXPECT_EQ(agent->state(), State::backing_off);
  EXPECT_EQ(agent->view(now).last_answer, "200 OK (without our Contact)");
}

TEST_F(AgentTest, AnAcceptanceForNoTimeIsNone) {
  make();
  wait();
  asked();
  accept(";expires=0");
  EXPECT_EQ(agent->state(), State::backing_off);
  EXPECT_FALSE(agent->view(now).is_registered);
}

TEST_F(AgentTest, FollowsARedirectionToATargetOfItsOwnOnly) {
  make(3);
  wait();
  asked();
  answer("302 Moved", "Contact: <sip:203.0.113.1>, <sip:192.0.2.3>");
  EXPECT_EQ(asked().target, target(3));
  answer("302 Moved", "Contact: <sip:203.0.113.1>");
  EXPECT_EQ(asked().target, target(1));
  // Round about for ever it does not go.
  for (int i = 0; i < 10 && agent->state() == State::registering; ++i) {
    answer("302 Moved", "Contact: <sip:192.0.2.2>");
    static_cast<void>(agent->take_request());
  }
  EXPECT_EQ(agent->state(), State::backing_off);
}

TEST_F(AgentTest, ASilentWorkerIsWaitedForNoLongerThanItsPatience) {
  make();
  wait();
  asked();
  EXPECT_EQ(to_timer(), patience_ms);
  wait();
  EXPECT_EQ(agent->state(), State::backing_off);
  // What comes after that is too late.
  accept();
  EXPECT_EQ(agent->state(), State::backing_off);
}

TEST_F(AgentTest, WhatCouldNotBeSentIsTriedInAMoment) {
  make();
  wait();
  asked();
  agent->on_unsent(now);
  EXPECT_EQ(to_timer(), 1000u);
  wait();
  asked();
  accept();
  EXPECT_EQ(agent->state(), State::registered);
}

TEST_F(AgentTest, WithoutATargetItWaits) {
  make(0);
  wait();
  EXPECT_FALSE(agent->take_request());
  agent->set_targets({target(1)});
  EXPECT_EQ(asked().target, target(1));
}

TEST_F(AgentTest, TakesItsBindingAway) {
  make();
  wait();
  asked();
  accept();
  agent->withdraw(now);
  EXPECT_EQ(agent->state(), State::unregistering);
  EXPECT_TRUE(has(asked(), "Expires: 0\r\n"));
  challenge("n1");
  EXPECT_TRUE(has(asked(), "Expires: 0\r\n"));
  answer("200 OK");
  EXPECT_TRUE(agent->is_over());
  EXPECT_EQ(agent->view(now).next_ms, 0u);
}

TEST_F(AgentTest, WithdrawingEndsWhateverTheRegistrarSays) {
  make();
  wait();
  agent->withdraw(now);
  asked();
  agent->on_silence(now);
  EXPECT_TRUE(agent->is_over());
}

TEST_F(AgentTest, RefreshesWhenAsked) {
  make();
  wait();
  asked();
  answer("403 Forbidden");
  agent->refresh(now);
  asked();
  accept();
  agent->refresh(now);
  EXPECT_EQ(agent->state(), State::refreshing);
  asked();
}

TEST_F(AgentTest, KeepsServiceRouteAndPath) {
  make();
  wait();
  asked();
  answer("200 OK", std::string(contact) +
                       "\r\nService-Route: <sip:a.example;lr>, <sip:b.example;lr>\r\n"
                       "Path: <sip:p.example;lr>");
  const View view = agent->view(now);
  EXPECT_EQ(view.service_route,
            (std::vector<std::string>{"<sip:a.example;lr>", "<sip:b.example;lr>"}));
  EXPECT_EQ(view.path, std::vector<std::string>{"<sip:p.example;lr>"});
}

// Whatever a registrar sends, there is a timer, and requests do not come without end.
TEST_F(AgentTest, IsNeverStuckAndNeverHammers) {
  const std::vector<std::pair<std::string, std::string>> answers = {
      {"200 OK", std::string(contact)},
      {"200 OK", ""},
      {"100 Trying", ""},
      {"302 Moved", "Contact: <sip:192.0.2.2>"},
      {"401 Unauthorized", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", stale=true"},
      {"401 Unauthorized", "WWW-Authenticate: Digest realm=\"r"},
      {"407 Proxy", "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\""},
      {"423 Brief", "Min-Expires: 7200"},
      {"500 Broken", "Retry-After: 5"},
      {"603 Decline", ""},
      {"999 Odd", ""}};
  make(2);
  uint64_t seed = 12345;
  uint64_t sent = 0;
  const uint64_t begin = now;
  for (int i = 0; i < 20'000; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    if (agent->take_request()) {
      ++sent;
      const auto& [status, lines] = answers[(seed >> 33) % answers.size()];
      if (seed >> 60 == 0) agent->on_silence(now);
      answer(status, lines);
      now += 10;
    } else {
      wait();
    }
    ASSERT_NE(agent->view(now).next_ms, 0u);
  }
  // On the average no more than one in some seconds.
  EXPECT_LT(sent, (now - begin) / 3000);
}

}  // namespace
}  // namespace demarc::registration
