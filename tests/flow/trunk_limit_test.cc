// Limits of a trunk: of its calls at once and in a second, by direction and together.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::WorkerCounter;

// Limits of the caller's trunk say themselves what a call beyond them gets.
struct TrunkLimited : Ladder {
  explicit TrunkLimited(const BoxOptions& options) : Ladder(options) {}
  static BoxOptions limited(unsigned trunk, const contract::TrunkLimits& limits) {
    BoxOptions options;
    options.limits[trunk] = limits;
    return options;
  }
  void hang_up() { play("pbx -> BYE\npbx <- 200\nitsp <- BYE\nitsp -> 200 BYE\n"); }
  // Of another phone of the same trunk, while the first call goes on.
  std::string refused(const std::string& status) {
    play("desk -> INVITE sdp\ndesk <- 100\ndesk <- " + status + "\ndesk -> ACK\nquiet\n");
    return desk.last_response("INVITE")->field("Retry-After");
  }
  uint32_t limits_met() {
    for (const contract::CallRecord& record : box.take_records()) {
      if (record.limits_met != 0) return record.limits_met;
    }
    return 0;
  }
};

struct CallsIn : TrunkLimited {
  CallsIn() : TrunkLimited(limited(0, {.calls_in = 1, .status_code = 486, .retry_after_s = 7})) {}
};
TEST_F(CallsIn, BeyondTheLimitAreRefusedAsTheTrunkSays) {
  play(answered_at_once);
  EXPECT_EQ(refused("486"), "7");
  EXPECT_EQ(limits_met(), static_cast<uint32_t>(contract::LimitMet::calls_in));
  hang_up();
  expect_clean(1);
}

// No other trunk of the route is asked for what the caller's own one does not let through.
struct CallsInWithAnotherTrunk : TrunkLimited {
  static BoxOptions options() {
    BoxOptions options = limited(0, {.calls_in = 1, .retry_after_s = 7});
    options.has_third_trunk = true;
    options.next_trunk = 2;
    return options;
  }
  explicit CallsInWithAnotherTrunk(const BoxOptions& options = CallsInWithAnotherTrunk::options())
      : TrunkLimited(options) {}
  void expect_refused_once(contract::LimitMet limit) {
    const auto records = box.take_records();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].limits_met, static_cast<uint32_t>(limit));
    EXPECT_EQ(records[0].attempt_count, 0) << "nobody was asked";
    EXPECT_EQ(box.worker_counter(WorkerCounter::trunk_full), 1u);
  }
};
TEST_F(CallsInWithAnotherTrunk, EndTheCallAtOnce) {
  play(answered_at_once);
  EXPECT_EQ(refused("503"), "7");
  expect_refused_once(contract::LimitMet::calls_in);
  hang_up();
  expect_clean(1);
}

struct CallsOfTheCallersTrunk : CallsInWithAnotherTrunk {
  static BoxOptions options() {
    BoxOptions options = CallsInWithAnotherTrunk::options();
    options.limits[0] = {.status_code = 486, .retry_after_s = 9};
    options.caller_max_calls = 1;
    return options;
  }
  CallsOfTheCallersTrunk() : CallsInWithAnotherTrunk(options()) {}
};
TEST_F(CallsOfTheCallersTrunk, AreRefusedAsItSays) {
  play(answered_at_once);
  EXPECT_EQ(refused("486"), "9");
  expect_refused_once(contract::LimitMet::trunk_calls_in);
  hang_up();
  expect_clean(1);
}

// A full trunk's own code does not keep the call from the next one.
struct CallsOfTheCalledTrunk : TrunkLimited {
  static BoxOptions options() {
    BoxOptions options = limited(1, {.status_code = 480, .retry_after_s = 5});
    options.max_calls = 1;
    return options;
  }
  explicit CallsOfTheCalledTrunk(const BoxOptions& options = CallsOfTheCalledTrunk::options())
      : TrunkLimited(options) {}
};
TEST_F(CallsOfTheCalledTrunk, AreRefusedAsItSays) {
  play(answered_at_once);
  EXPECT_EQ(refused("480"), "5");
  EXPECT_EQ(limits_met(), static_cast<uint32_t>(contract::LimitMet::trunk_calls_out));
  hang_up();
  expect_clean(1);
}

struct CallsOfTheFirstTrunk : CallsOfTheCalledTrunk {
  static BoxOptions options() {
    BoxOptions options = CallsOfTheCalledTrunk::options();
    options.limits[1].status_code = 600;
    options.has_third_trunk = true;
    options.next_trunk = 2;
    return options;
  }
  CallsOfTheFirstTrunk() : CallsOfTheCalledTrunk(options()) {}
};
TEST_F(CallsOfTheFirstTrunk, GoToTheNextOne) {
  play(answered_at_once);
  play("desk -> INVITE sdp\ndesk <- 100\nalt <- INVITE sdp\nalt -> 486\nalt <- ACK\n");
  play("desk <- 486\ndesk -> ACK\n");
  EXPECT_EQ(desk.last_response("INVITE")->field("Retry-After"), "");
  hang_up();
  expect_clean(2);
}

struct CallsOut : TrunkLimited {
  CallsOut() : TrunkLimited(limited(1, {.calls_out = 1, .status_code = 486, .retry_after_s = 3})) {}
};
TEST_F(CallsOut, BeyondTheLimitAreRefusedAsTheFullTrunkSays) {
  play(answered_at_once);
  EXPECT_EQ(refused("486"), "3");
  EXPECT_EQ(limits_met(), static_cast<uint32_t>(contract::LimitMet::calls_out));
  hang_up();
  expect_clean(1);
}

struct RateIn : TrunkLimited {
  RateIn() : TrunkLimited(limited(0, {.rate_in = 1, .retry_after_s = 1})) {}
};
TEST_F(RateIn, IsGivenBackByTime) {
  play(answered_at_once);
  EXPECT_EQ(refused("503"), "1");
  EXPECT_EQ(limits_met(), static_cast<uint32_t>(contract::LimitMet::rate_in));
  hang_up();
  wait_ms(1000);
  Peer second("second", "10.20.1.2", "10.20.1.1");
  std::swap(pbx, second);
  play(answered_at_once);
  hang_up();
  expect_clean(2);
}

struct RateOut : TrunkLimited {
  RateOut() : TrunkLimited(limited(1, {.rate_out = 1})) {}
};
TEST_F(RateOut, BeyondItFindsTheTrunkFull) {
  play(answered_at_once);
  refused("503");
  EXPECT_EQ(limits_met(), static_cast<uint32_t>(contract::LimitMet::rate_out));
  hang_up();
  expect_clean(1);
}

struct RateOfTwoTargets : TrunkLimited {
  static BoxOptions options() {
    BoxOptions options = limited(1, {.rate_out = 1});
    options.has_second_target = true;
    return options;
  }
  RateOfTwoTargets() : TrunkLimited(options()) {}
};
TEST_F(RateOfTwoTargets, IsTakenOnceForACallThatGoesOn) {
  play(
      "pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 503\nitsp <- ACK\n"
      "alt <- INVITE sdp\nalt -> 200 sdp\nalt <- ACK\npbx <- 200 sdp\npbx -> ACK\n"
      "pbx -> BYE\npbx <- 200\nalt <- BYE\nalt -> 200 BYE\n");
  expect_clean(1);
}

struct EmergencyCalls : TrunkLimited {
  static BoxOptions options() {
    BoxOptions options = limited(0, {.calls_in = 1, .rate_in = 1});
    options.limits[1] = {.calls_out = 1, .rate_out = 1};
    options.is_emergency = true;
    return options;
  }
  EmergencyCalls() : TrunkLimited(options()) {}
};
TEST_F(EmergencyCalls, AreNotRefusedByLimits) {
  play(answered_at_once);
  play(
      "desk -> INVITE sdp\ndesk <- 100\nitsp <- INVITE sdp\nitsp -> 486\nitsp <- ACK\n"
      "desk <- 486\ndesk -> ACK\n");
  hang_up();
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
