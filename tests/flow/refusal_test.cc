// A request within a call that the other side refuses: what its sender hears of that, where the
// reason is one between us and that side (call/passed_status.h).
#include <string>
#include <utility>

#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

class Refusal : public Ladder {
 protected:
  Refusal() : Ladder(options()) {
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    itsp.extra_lines = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";
    play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  }
  static BoxOptions options() {
    BoxOptions options;
    options.media_timeout_ms = 0;
    options.policy[1].asks_session_timer = true;
    return options;
  }
  void reinvite(const std::string& refused, const std::string& passed) {
    const std::string lines = std::exchange(itsp.extra_lines, {});
    play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    itsp.extra_lines = lines;
    play("itsp -> " + refused + " INVITE\nitsp <- ACK\npbx <- " + passed + " INVITE\npbx -> ACK\n");
  }
  void ask(const std::string& request, const std::string& refused, const std::string& passed) {
    const std::string method = request.substr(0, request.find(' '));
    const bool has_sdp = request.ends_with("sdp");
    play("pbx -> " + request + "\nitsp <- " + method + (has_sdp ? " sdp" : "") + "\nitsp -> " +
         refused + " " + method + "\npbx <- " + passed + " " + method + "\n");
  }
  void end() {
    play("quiet\n");
    play(ended_by_caller);
    expect_clean(1);
  }
};

// Peers end a call for most of these, which is as good as ever.
TEST_F(Refusal, OfOurRequestLeavesTheSessionAsItWas) {
  for (const char* status :
       {"302", "400", "404", "405", "416", "420", "421", "485", "501", "604"}) {
    reinvite(status, "488");
    ask("UPDATE within sdp", status, "488");
  }
  end();
}

TEST_F(Refusal, OfTheSendersOwnWishCrosses) {
  for (const char* status : {"403", "415", "488", "500", "603", "606"}) {
    reinvite(status, status);
    ask("UPDATE within sdp", status, status);
  }
  end();
}

// Who gets 491 comes back by itself, and then we ask for what the other side wants.
TEST_F(Refusal, OfTheIntervalIsLearntBeforeItIsAskedAgain) {
  itsp.extra_lines = "Min-SE: 2400\r\n";
  reinvite("422", "491");
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  const Wire& again = *itsp.last_request("INVITE");
  EXPECT_EQ(again.field("Min-SE"), "2400");
  EXPECT_TRUE(again.field("Session-Expires").starts_with("2400"));
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  end();
}

// It would never end.
TEST_F(Refusal, OfAnIntervalThatNamesNoOtherIsFinal) {
  reinvite("422", "488");
  itsp.extra_lines = "Min-SE: 2400\r\n";
  reinvite("422", "491");
  itsp.extra_lines = "Min-SE: 2400\r\n";
  reinvite("422", "488");
  end();
}

TEST_F(Refusal, OfOtherMethodsEndsNothingEither) {
  for (const char* status : {"302", "404", "420", "421", "604"}) ask("INFO within", status, "500");
  for (const char* status : {"405", "415", "469", "501"}) ask("INFO within", status, status);
  end();
}

}  // namespace
}  // namespace demarc::flow
