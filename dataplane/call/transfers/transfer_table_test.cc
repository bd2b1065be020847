#include "dataplane/call/transfers/transfer_table.h"

#include <gtest/gtest.h>

#include <iterator>
#include <string>

namespace demarc::call::transfers {
namespace {

std::string actions_text(uint8_t actions) {
  constexpr std::string_view names[] = {
      "report_progress", "report_success", "report_failure", "join",
      "restore",         "drop_target",    "end_transfer"};
  std::string text;
  for (unsigned i = 0; i < std::size(names); ++i) {
    if ((actions & (1u << i)) != 0) text.append(" ").append(names[i]);
  }
  return text;
}

// Every edge that changes the state or does something, one a line.
std::string table() {
  std::string text;
  for (unsigned s = 0; s < static_cast<unsigned>(TransferState::count); ++s) {
    for (unsigned e = 0; e < static_cast<unsigned>(TransferEvent::count); ++e) {
      const auto state = static_cast<TransferState>(s);
      const auto event = static_cast<TransferEvent>(e);
      const TransferStep taken = transfer_step(state, event);
      if (taken.next == state && taken.actions == no_transfer_action) continue;
      text.append(spelling(state)).append(" + ").append(spelling(event)).append(" -> ");
      text.append(spelling(taken.next)).append(":").append(actions_text(taken.actions));
      text.append("\n");
    }
  }
  return text;
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
