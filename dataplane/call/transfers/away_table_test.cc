#include "dataplane/call/transfers/away_table.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/step_table.h"

namespace demarc::call::transfers {
namespace {

std::string table() {
  return support::step_table(
      &away_step, {"hand_over", "tell_gone", "report_refusal", "start_time", "give_back"});
}

TEST(AwayTable, IsTheReviewedOne) {
  EXPECT_EQ(table(), R"(asked + joined -> away: hand_over
asked + joined_late -> gone: tell_gone
asked + refused -> free: report_refusal give_back
away + forgotten -> leaving: start_time
gone + forgotten -> leaving: start_time
leaving + time_over -> free: give_back
)");
}

}  // namespace
}  // namespace demarc::call::transfers
