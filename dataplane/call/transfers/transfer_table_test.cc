#include "dataplane/call/transfers/transfer_table.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/step_table.h"

namespace demarc::call::transfers {
namespace {

std::string table() {
  return support::step_table(&transfer_step, {"report_progress", "report_success", "report_failure",
                                              "join", "restore", "drop_target", "end_transfer"});
}

TEST(TransferTable, IsTheReviewedOne) {
  EXPECT_EQ(table(), R"(calling + progress -> calling: report_progress
calling + answer -> reporting: report_success join
calling + answer_held -> joining:
calling + target_ended -> reporting: report_failure restore
calling + call_ended -> ended: drop_target end_transfer
joining + answer -> reporting: report_success join
joining + call_is_free -> reporting: report_success join
joining + target_ended -> reporting: report_failure restore
joining + call_ended -> ended: drop_target end_transfer
reporting + call_ended -> ended: end_transfer
reporting + reported -> ended: end_transfer
)");
}

TEST(TransferTable, NothingLeavesTheEnd) {
  for (unsigned e = 0; e < static_cast<unsigned>(TransferEvent::count); ++e) {
    const TransferStep taken = transfer_step(TransferState::ended, static_cast<TransferEvent>(e));
    EXPECT_EQ(taken.next, TransferState::ended);
    EXPECT_EQ(taken.actions, no_transfer_action);
  }
}

}  // namespace
}  // namespace demarc::call::transfers
