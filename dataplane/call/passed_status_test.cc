#include "dataplane/call/passed_status.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::call {
namespace {

// One line for each run of statuses that become the same; those that cross as they are, are left
// out.
std::string table() {
  std::string lines;
  for (unsigned k = 0; k < static_cast<unsigned>(RequestKind::count); ++k) {
    const auto kind = static_cast<RequestKind>(k);
    uint16_t first = 300;
    for (uint16_t status = 300; status < 700; ++status) {
      const uint16_t passed = passed_status(status, kind);
      const bool goes_on = status != 699 && passed != status &&
                           passed_status(static_cast<uint16_t>(status + 1), kind) == passed;
      if (goes_on) continue;
      if (passed != status) {
        lines.append(spelling(kind)).append(": ").append(std::to_string(first));
        if (first != status) lines.append("-").append(std::to_string(status));
        lines.append(" -> ").append(std::to_string(passed)).append("\n");
      }
      first = static_cast<uint16_t>(status + 1);
    }
  }
  return lines;
}

TEST(PassedStatus, IsTheReviewedTable) {
  EXPECT_EQ(table(), R"(new_call: 300-399 -> 480
new_call: 401 -> 403
new_call: 407 -> 403
new_call: 421-422 -> 480
new_call: 494 -> 480
session_change: 300-400 -> 488
session_change: 401 -> 403
session_change: 404-405 -> 488
session_change: 407 -> 403
session_change: 410 -> 488
session_change: 416 -> 488
session_change: 420-421 -> 488
session_change: 422 -> 491
session_change: 482 -> 488
session_change: 484-485 -> 488
session_change: 494 -> 488
session_change: 501 -> 488
session_change: 604 -> 488
other_within: 300-400 -> 500
other_within: 401 -> 403
other_within: 404 -> 500
other_within: 407 -> 403
other_within: 410 -> 500
other_within: 416 -> 500
other_within: 420-422 -> 500
other_within: 482 -> 500
other_within: 484-485 -> 500
other_within: 494 -> 500
other_within: 604 -> 500
)");
}

// What passes is passed once, however many of us stand in a row.
TEST(PassedStatus, IsNotPassedFurtherAsSomethingElse) {
  for (unsigned k = 0; k < static_cast<unsigned>(RequestKind::count); ++k) {
    const auto kind = static_cast<RequestKind>(k);
    for (uint16_t status = 300; status < 700; ++status) {
      const uint16_t passed = passed_status(status, kind);
      EXPECT_EQ(passed_status(passed, kind), passed) << status;
    }
  }
}

}  // namespace
}  // namespace demarc::call
