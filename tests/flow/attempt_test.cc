// What the record of a call says of each target that was tried, and why it was left (decision D99).
#include <gtest/gtest.h>

#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

using contract::AttemptEnd;

class Attempts : public Ladder {
 protected:
  explicit Attempts(const BoxOptions& options = two_targets()) : Ladder(options) {}
  static BoxOptions two_targets() {
    BoxOptions options;
    options.has_second_target = true;
    return options;
  }
  static constexpr std::string_view invited = R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )";
  // Of a call that was tried at so many targets.
  contract::CallRecord record_of(unsigned count) {
    const auto records = box.take_records();
    EXPECT_EQ(records.size(), 1u);
    if (records.size() != 1) return {};
    EXPECT_EQ(records[0].attempt_count, count);
    return records[0];
  }
  static void expect(const contract::Attempt& attempt, AttemptEnd end, uint16_t status) {
    EXPECT_EQ(attempt.end, end);
    EXPECT_EQ(attempt.status_code, status);
  }
};

TEST_F(Attempts, ARefusalAndAnAnswer) {
  play(invited);
  play(R"(
    itsp -> 503
    itsp <- ACK
    alt  <- INVITE sdp
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
  )");
  const contract::CallRecord record = record_of(2);
  expect(record.attempts[0], AttemptEnd::refused, 503);
  expect(record.attempts[1], AttemptEnd::answered, 200);
  expect_clean(0);
}

TEST_F(Attempts, NoProgressAndACallerThatGivesUp) {
  play(invited);
  play("itsp -> 100\nwait 10100\nitsp <- CANCEL\nalt <- INVITE sdp\n");
  play(R"(
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
    wait 400
    alt  -> 180
    pbx  <- 180
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    alt  <- CANCEL
    pbx  -> ACK
    alt  -> 200 CANCEL
    alt  -> 487 INVITE
    alt  <- ACK
  )");
  const contract::CallRecord record = record_of(2);
  expect(record.attempts[0], AttemptEnd::no_progress, 0);
  expect(record.attempts[1], AttemptEnd::cancelled, 0);
  // The target's time is its own; the caller's has the other target's in it.
  EXPECT_EQ(record.attempts[0].ringing_ms, 0);
  EXPECT_GE(record.attempts[1].ringing_ms, 400);
  EXPECT_LT(record.attempts[1].ringing_ms, 600);
  EXPECT_GT(record.ringing_unix_ns - record.started_unix_ns, 10'400'000'000u);
  expect_clean(0);
}

TEST_F(Attempts, ATargetThatRingsTooLong) {
  play(invited);
  play("itsp -> 180\npbx <- 180\nwait 180100\npbx <- 480\nitsp <- CANCEL\npbx -> ACK\n");
  play("itsp -> 200 CANCEL\nitsp -> 487 INVITE\nitsp <- ACK\n");
  expect(record_of(1).attempts[0], AttemptEnd::no_answer, 0);
  expect_clean(0);
}

class PatientAttempts : public Attempts {
 protected:
  PatientAttempts() : Attempts(options()) {}
  static BoxOptions options() {
    BoxOptions options = two_targets();
    options.policy[1].failover_ms = 0;
    return options;
  }
};

TEST_F(PatientAttempts, ATargetThatSaysNothing) {
  play(invited);
  play("wait 32100\nalt <- INVITE sdp\nalt -> 486\nalt <- ACK\npbx <- 486\npbx -> ACK\n");
  itsp.inbox().clear();
  const contract::CallRecord record = record_of(2);
  expect(record.attempts[0], AttemptEnd::no_response, 0);
  expect(record.attempts[1], AttemptEnd::refused, 486);
  expect_clean(0);
}

class TcpAttempts : public Attempts {
 protected:
  TcpAttempts() : Attempts(options()) { itsp.transport = alt.transport = contract::Transport::tcp; }
  static BoxOptions options() {
    BoxOptions options;
    options.transport[1] = contract::Transport::tcp;
    return options;
  }
};

TEST_F(TcpAttempts, ATargetThatCanNotBeReached) {
  play(invited);
  const std::string via = itsp.last_request("INVITE")->field("Via");
  const size_t branch = via.find("branch=") + 7;
  box.engine().on_undelivered(sip::Method::invite,
                              via.substr(branch, via.find(';', branch) - branch), box.now());
  wait_ms(10);
  play("pbx <- 503\npbx -> ACK\n");
  expect(record_of(1).attempts[0], AttemptEnd::unreachable, 0);
  expect_clean(0);
}

// The trunk of the first target has no place; the next one in the route takes the call.
class LimitedAttempts : public Attempts {
 protected:
  LimitedAttempts() : Attempts(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.next_trunk = 2;
    options.limits[1].calls_out = 1;
    return options;
  }
};

TEST_F(LimitedAttempts, ATargetThatIsNotAskedHasItsPlace) {
  play(invited);
  play("desk -> INVITE sdp\ndesk <- 100\nalt <- INVITE sdp\nalt -> 486\nalt <- ACK\n");
  play("desk <- 486\ndesk -> ACK\n");
  const contract::CallRecord record = record_of(2);
  expect(record.attempts[0], AttemptEnd::limited, 0);
  EXPECT_EQ(record.attempts[0].target, itsp.endpoint());
  expect(record.attempts[1], AttemptEnd::refused, 486);
  play("itsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\n");
  expect_clean(1);
}

class ManyAttempts : public Attempts {
 protected:
  ManyAttempts() : Attempts(options()) {}
  static BoxOptions options() {
    BoxOptions options = two_targets();
    options.more_targets = contract::max_attempts;
    return options;
  }
};

TEST_F(ManyAttempts, TheFirstOnesAndTheLastAreKept) {
  play(invited);
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\nalt -> 503\nalt <- ACK\n");
  for (unsigned i = 1; i < contract::max_attempts; ++i) {
    play("itsp <- INVITE sdp\nitsp -> 503\nitsp <- ACK\n");
  }
  play("itsp <- INVITE sdp\nitsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\n");
  const contract::CallRecord record = record_of(contract::max_attempts + 2);
  EXPECT_EQ(record.attempts[1].target, alt.endpoint());
  for (unsigned i = 0; i + 1 < contract::max_attempts; ++i) {
    expect(record.attempts[i], AttemptEnd::refused, 503);
  }
  expect(record.attempts[contract::max_attempts - 1], AttemptEnd::refused, 486);
  expect_clean(0);
}

}  // namespace
}  // namespace demarc::flow
