#include "dataplane/dialog/offer_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::dialog {
namespace {

// Every edge, one a line.
std::string table() {
  std::string text;
  for (unsigned s = 0; s < static_cast<unsigned>(OfferState::count); ++s) {
    for (unsigned e = 0; e < static_cast<unsigned>(OfferEvent::count); ++e) {
      const auto state = static_cast<OfferState>(s);
      const auto event = static_cast<OfferEvent>(e);
      const OfferStep step = offer_step(state, event);
      text.append(spelling(state)).append(" + ").append(spelling(event)).append(" -> ");
      text.append(spelling(step.next)).append(": ").append(spelling(step.verdict)).append("\n");
    }
  }
  return text;
}

// RFC 6337 section 2.1: no second offer before the answer, in either direction.
TEST(OfferAnswer, IsTheReviewedTable) {
  EXPECT_EQ(table(), R"(idle + send_offer -> sent: ok
idle + receive_offer -> received: ok
idle + send_answer -> idle: unexpected
idle + receive_answer -> idle: unexpected
idle + withdraw -> idle: ok
sent + send_offer -> sent: unexpected
sent + receive_offer -> sent: glare
sent + send_answer -> sent: unexpected
sent + receive_answer -> idle: ok
sent + withdraw -> idle: ok
received + send_offer -> received: unexpected
received + receive_offer -> received: busy
received + send_answer -> idle: ok
received + receive_answer -> received: unexpected
received + withdraw -> idle: ok
)");
}

}  // namespace
}  // namespace demarc::dialog
