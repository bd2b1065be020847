#include "dataplane/call/bridge_table.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/step_table.h"

namespace demarc::call {
namespace {

std::string table() {
  return support::step_table(
      &step, {"start_ring_timer", "pass_progress", "pass_answer", "pass_failure", "refuse_in",
              "cancel_out", "ack_out", "got_ack", "bye_in_leg", "bye_out_leg", "finish", "try_next",
              "hold_answer"});
}

TEST(BridgeTable, IsTheReviewedOne) {
  EXPECT_EQ(table(), R"(trying + trying_100 -> proceeding: start_ring_timer
trying + progress -> proceeding: start_ring_timer pass_progress
trying + answer -> answered: pass_answer ack_out
trying + answer_held -> held: ack_out hold_answer
trying + failure -> ended: pass_failure finish
trying + next_target -> trying: try_next
trying + no_response -> ended: refuse_in finish
trying + ring_timeout -> cancel_waiting: refuse_in
trying + cancel -> cancel_waiting: refuse_in
trying + prack_timeout -> cancel_waiting: refuse_in
trying + hang_up -> cancel_waiting: refuse_in
trying + picked_up -> answered: pass_answer
proceeding + trying_100 -> proceeding: start_ring_timer
proceeding + progress -> proceeding: start_ring_timer pass_progress
proceeding + answer -> answered: pass_answer ack_out
proceeding + answer_held -> held: ack_out hold_answer
proceeding + failure -> ended: pass_failure finish
proceeding + next_target -> trying: try_next
proceeding + no_response -> ended: refuse_in finish
proceeding + ring_timeout -> cancelling: refuse_in cancel_out
proceeding + cancel -> cancelling: refuse_in cancel_out
proceeding + prack_timeout -> cancelling: refuse_in cancel_out
proceeding + hang_up -> cancelling: refuse_in cancel_out
proceeding + picked_up -> answered: pass_answer
held + cancel -> ended: refuse_in bye_out_leg finish
held + prack -> answered: pass_answer
held + prack_timeout -> ended: refuse_in bye_out_leg finish
held + bye_out -> ended: refuse_in finish
held + hang_up -> ended: refuse_in bye_out_leg finish
cancel_waiting + trying_100 -> cancelling: cancel_out
cancel_waiting + progress -> cancelling: cancel_out
cancel_waiting + answer -> ended: ack_out bye_out_leg finish
cancel_waiting + answer_held -> ended: ack_out bye_out_leg finish
cancel_waiting + failure -> ended: finish
cancel_waiting + no_response -> ended: finish
cancelling + answer -> ended: ack_out bye_out_leg finish
cancelling + answer_held -> ended: ack_out bye_out_leg finish
cancelling + failure -> ended: finish
cancelling + no_response -> ended: finish
cancelling + cancel_timeout -> ended: finish
answered + ack -> confirmed: got_ack
answered + ack_timeout -> ended: bye_in_leg bye_out_leg finish
answered + bye_in -> ended: bye_out_leg finish
answered + bye_out -> releasing:
answered + hang_up -> releasing: bye_out_leg
answered + media_silent -> releasing: bye_out_leg
answered + session_expired -> releasing: bye_out_leg
releasing + ack -> ended: bye_in_leg finish
releasing + ack_timeout -> ended: bye_in_leg finish
releasing + bye_in -> ended: finish
confirmed + bye_in -> ended: bye_out_leg finish
confirmed + bye_out -> ended: bye_in_leg finish
confirmed + hang_up -> ended: bye_in_leg bye_out_leg finish
confirmed + media_silent -> ended: bye_in_leg bye_out_leg finish
confirmed + session_expired -> ended: bye_in_leg bye_out_leg finish
confirmed + transferor_left -> waiting:
confirmed + joined -> parted:
waiting + bye_in -> ended: bye_out_leg finish
waiting + bye_out -> ended: bye_in_leg finish
waiting + hang_up -> ended: bye_in_leg bye_out_leg finish
waiting + session_expired -> ended: bye_in_leg bye_out_leg finish
waiting + transfer_failed -> ended: bye_in_leg bye_out_leg finish
waiting + joined -> parted:
parted + bye_in -> ended: bye_out_leg finish
parted + bye_out -> ended: bye_in_leg finish
parted + hang_up -> ended: bye_in_leg bye_out_leg finish
parted + farewell -> ended: bye_in_leg bye_out_leg finish
)");
}

TEST(BridgeTable, EveryStateThatIsNotTheEndHasAWayOut) {
  for (unsigned s = 0; s < static_cast<unsigned>(State::ended); ++s) {
    bool has_way_out = false;
    for (unsigned e = 0; e < static_cast<unsigned>(Event::count); ++e) {
      has_way_out |= step(static_cast<State>(s), static_cast<Event>(e)).next == State::ended;
    }
    // A caller that gives up leads to `cancel_waiting` or `cancelling`, which end by themselves.
    EXPECT_TRUE(has_way_out) << spelling(static_cast<State>(s));
  }
}

TEST(BridgeTable, NothingLeavesTheEnd) {
  for (unsigned e = 0; e < static_cast<unsigned>(Event::count); ++e) {
    const Step taken = step(State::ended, static_cast<Event>(e));
    EXPECT_EQ(taken.next, State::ended);
    EXPECT_EQ(taken.actions, no_action);
  }
}

}  // namespace
}  // namespace demarc::call
