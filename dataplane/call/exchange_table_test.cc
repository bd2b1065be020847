#include "dataplane/call/exchange_table.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/step_table.h"

namespace demarc::call {
namespace {

std::string table() {
  return support::step_table(
      &exchange_step,
      {"pass_provisional", "pass_success", "pass_rejection", "give_up", "send_cancel", "pass_ack",
       "repeat_ack", "refuse_from", "settle", "lose_call", "end_exchange"});
}

TEST(ExchangeTable, IsTheReviewedOne) {
  EXPECT_EQ(table(), R"(waiting + provisional -> proceeding: pass_provisional
waiting + success -> answered: pass_success
waiting + failure -> ended: pass_rejection end_exchange
waiting + no_response -> ended: give_up end_exchange
waiting + cancel -> cancel_waiting:
waiting + patience -> cancel_waiting:
waiting + call_ended -> orphaned: refuse_from
proceeding + provisional -> proceeding: pass_provisional
proceeding + success -> answered: pass_success
proceeding + failure -> ended: pass_rejection end_exchange
proceeding + no_response -> ended: give_up end_exchange
proceeding + cancel -> cancelling: send_cancel
proceeding + patience -> cancelling: send_cancel
proceeding + call_ended -> orphaned: refuse_from
cancel_waiting + provisional -> cancelling: send_cancel
cancel_waiting + success -> answered: pass_success
cancel_waiting + failure -> ended: pass_rejection end_exchange
cancel_waiting + no_response -> ended: give_up end_exchange
cancel_waiting + call_ended -> orphaned: refuse_from
cancelling + success -> answered: pass_success
cancelling + failure -> ended: pass_rejection end_exchange
cancelling + no_response -> ended: give_up end_exchange
cancelling + patience -> ended: give_up end_exchange
cancelling + call_ended -> orphaned: refuse_from
answered + success -> answered: repeat_ack
answered + ack -> settled: pass_ack
answered + patience -> ended: lose_call end_exchange
answered + call_ended -> ended: end_exchange
settled + success -> settled: repeat_ack
settled + patience -> ended: end_exchange
settled + call_ended -> ended: end_exchange
orphaned + success -> ended: settle end_exchange
orphaned + failure -> ended: end_exchange
orphaned + no_response -> ended: end_exchange
orphaned + patience -> ended: end_exchange
)");
}

}  // namespace
}  // namespace demarc::call
