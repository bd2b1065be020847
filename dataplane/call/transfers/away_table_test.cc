#include "dataplane/call/transfers/away_table.h"

#include <gtest/gtest.h>

#include <iterator>
#include <string>

namespace demarc::call::transfers {
namespace {

std::string actions_text(uint8_t actions) {
  constexpr std::string_view names[] = {"hand_over", "tell_gone", "report_refusal", "start_time",
                                        "give_back"};
  std::string text;
  for (unsigned i = 0; i < std::size(names); ++i) {
    if ((actions & (1u << i)) != 0) text.append(" ").append(names[i]);
  }
  return text;
}

// Every edge that changes the state or does something, one a line.
std::string table() {
  std::string text;
  for (unsigned s = 0; s < static_cast<unsigned>(AwayState::count); ++s) {
    for (unsigned e = 0; e < static_cast<unsigned>(AwayEvent::count); ++e) {
      const auto state = static_cast<AwayState>(s);
      const auto event = static_cast<AwayEvent>(e);
      const AwayStep taken = away_step(state, event);
      if (taken.next == state && taken.actions == no_away_action) continue;
      text.append(spelling(state)).append(" + ").append(spelling(event)).append(" -> ");
      text.append(spelling(taken.next)).append(":").append(actions_text(taken.actions));
      text.append("\n");
    }
  }
  return text;
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
