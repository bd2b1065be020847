// Trunks that are draining or disabled: no new call comes from their peers or goes there, and those
// that there are go on.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::TrunkState;
using contract::WorkerCounter;

struct TrunkStates : Ladder {
  explicit TrunkStates(const BoxOptions& options = {}) : Ladder(options) {}

  static constexpr std::string_view refused = R"(
    itsp -> INVITE sdp
    itsp <- 100
    itsp <- 503
    itsp -> ACK
    quiet
  )";
};

TEST_F(TrunkStates, ThePeerOfOneThatIsNotEnabledIsRefused) {
  for (const TrunkState state : {TrunkState::draining, TrunkState::disabled}) {
    box.set_state(Box::itsp, state);
    play(refused);
    EXPECT_EQ(itsp.last_response("INVITE")->field("Retry-After"), "60");
    play("itsp -> OPTIONS\nitsp <- 503\nquiet\n");
  }
  EXPECT_EQ(box.worker_counter(WorkerCounter::refused_draining), 2u);
  expect_clean(2);
}

TEST_F(TrunkStates, NoCallGoesToOneThatIsNotEnabled) {
  for (const TrunkState state : {TrunkState::draining, TrunkState::disabled}) {
    box.set_state(Box::itsp, state);
    play("pbx -> INVITE sdp\npbx <- 100\npbx <- 503\npbx -> ACK\nquiet\n");
  }
  expect_clean(2);
}

TEST_F(TrunkStates, CallsGoOn) {
  play(answered_call);
  box.set_state(Box::itsp, TrunkState::disabled);
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
    pbx  -> INFO within
    itsp <- INFO
    itsp -> 200 INFO
    pbx  <- 200 INFO
  )");
  play(ended_by_called);
  play(refused);
  expect_clean(2);
}

TEST_F(TrunkStates, ACallThatRingsGoesOn) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 180\npbx <- 180\n");
  box.set_state(Box::itsp, TrunkState::draining);
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(TrunkStates, OneThatIsEnabledAgainHasCallsAgain) {
  box.set_state(Box::itsp, TrunkState::disabled);
  play(refused);
  box.set_state(Box::itsp, TrunkState::enabled);
  play(answered_call);
  play(ended_by_caller);
  expect_clean(2);
}

struct StatesOfTwoTrunks : TrunkStates {
  StatesOfTwoTrunks() : TrunkStates(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.next_trunk = 2;
    return options;
  }
};

TEST_F(StatesOfTwoTrunks, TheNextTrunkOfTheRouteIsTried) {
  box.set_state(Box::itsp, TrunkState::draining);
  play("pbx -> INVITE sdp\npbx <- 100\nalt <- INVITE sdp\n");
  play("alt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

TEST_F(StatesOfTwoTrunks, OneThatIsDisabledMeanwhileIsNotTried) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  box.set_state(Box::alt, TrunkState::disabled);
  play("itsp -> 503\nitsp <- ACK\npbx <- 503\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
