// One target after the other: which failures go on, which end the call, and what the record says.
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;

class Failover : public Ladder {
 protected:
  explicit Failover(const BoxOptions& options = two_targets()) : Ladder(options) {}
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
  static constexpr std::string_view answered_by_alt = R"(
    alt  -> 200 sdp
    alt  <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
    quiet
  )";
};

TEST_F(Failover, A503GoesOnToTheNextTarget) {
  play(invited);
  play(R"(
    itsp -> 503
    itsp <- ACK
    alt  <- INVITE sdp
  )");
  EXPECT_NE(itsp.last_request("INVITE")->field("Call-ID"),
            alt.last_request("INVITE")->field("Call-ID"));
  play(answered_by_alt);
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::released_by_caller);
  ASSERT_EQ(record.attempt_count, 2);
  EXPECT_EQ(record.attempts[0].status_code, 503);
  EXPECT_EQ(record.attempts[0].target, itsp.endpoint());
  EXPECT_EQ(record.attempts[1].status_code, 200);
  EXPECT_EQ(record.attempts[1].target, alt.endpoint());
  expect_clean(0);
}

TEST_F(Failover, BusyAndDeclineEndTheCall) {
  for (const char* status : {"486", "600", "603"}) {
    Peer fresh("pbx", "10.20.1.2", "10.20.1.1");
    std::swap(pbx, fresh);
    play(invited);
    play("itsp -> " + std::string(status) + "\nitsp <- ACK\npbx <- " + status +
         "\npbx -> ACK\nquiet\n");
    const contract::CallRecord record = the_record();
    EXPECT_EQ(record.attempt_count, 1);
    EXPECT_EQ(record.attempts[0].status_code, std::stoi(status));
    wait_ms(40'000);  // the same Call-ID is used again
  }
  expect_clean(0);
}

// ISUP 34 says that the gateway has no circuit, whatever the status says.
TEST_F(Failover, ACauseInReasonOverridesTheStatus) {
  play(invited);
  itsp.extra_lines = "Reason: Q.850;cause=34;text=\"no circuit\"\r\n";
  play("itsp -> 486\nitsp <- ACK\nalt <- INVITE sdp\n");
  play(answered_by_alt);
  expect_clean(1);
}

TEST_F(Failover, AnotherCauseDoesNot) {
  play(invited);
  itsp.extra_lines = "Reason: Q.850;cause=17\r\n";
  play("itsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\nquiet\n");
  expect_clean(1);
}

TEST_F(Failover, TheLastFailureIsTheCallersWhenNoneIsLeft) {
  play(invited);
  play(R"(
    itsp -> 503
    itsp <- ACK
    alt  <- INVITE sdp
    alt  -> 503
    alt  <- ACK
    pbx  <- 503
    pbx  -> ACK
    quiet
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::failed);
  EXPECT_EQ(record.attempt_count, 2);
  expect_clean(0);
}

TEST_F(Failover, ATargetThatSaysNothingIsLeftAfterTheFailoverTime) {
  play(invited);
  play("wait 9900\n");
  EXPECT_TRUE(alt.inbox().empty());
  itsp.inbox().clear();
  play("wait 200\nalt <- INVITE sdp\n");
  itsp.inbox().clear();
  play(answered_by_alt);
  // The first one wakes up: it is cancelled as soon as it may be.
  itsp.inbox().clear();
  play(R"(
    itsp -> 100
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
    quiet
  )");
  expect_clean(1);
}

TEST_F(Failover, ItsLateAnswerIsAcknowledgedAndEnded) {
  play(invited);
  play("wait 10100\nalt <- INVITE sdp\nalt -> 180\npbx <- 180\n");
  itsp.inbox().clear();
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    itsp <- BYE
    itsp -> 200 BYE
  )");
  play(answered_by_alt);
  expect_clean(1);
}

// A 100 is no progress unless the trunk says so.
TEST_F(Failover, TryingDoesNotStopTheFailoverTimerAndRingingDoes) {
  play(invited);
  play(R"(
    itsp -> 100
    wait 10100
    itsp <- CANCEL
    alt  <- INVITE sdp
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
    alt  -> 180
    pbx  <- 180
    wait 20000
    quiet
  )");
  play(answered_by_alt);
  expect_clean(1);
}

// The caller saw an early dialog of the first target; the second one is another.
TEST_F(Failover, AnEarlyDialogOfTheFirstTargetIsNotThatOfTheSecond) {
  play(invited);
  play("itsp -> 183 sdp\npbx <- 183 sdp\n");
  const std::string first = pbx.last_response("INVITE")->field("To");
  play("itsp -> 503\nitsp <- ACK\npbx <- 100\nalt <- INVITE sdp\n");
  play("alt -> 183 sdp\npbx <- 183 sdp\n");
  EXPECT_NE(pbx.last_response("INVITE")->field("To"), first);
  play(answered_by_alt);
  expect_clean(1);
}

TEST_F(Failover, AByeInTheEarlyDialogOfTheFirstTargetEndsTheCall) {
  play(invited);
  play(R"(
    itsp -> 183 sdp
    pbx  <- 183 sdp
    itsp -> 503
    itsp <- ACK
    pbx  <- 100
    alt  <- INVITE sdp
    alt  -> 100
    pbx  -> BYE
    pbx  <- 200 BYE
    pbx  <- 487 INVITE
    alt  <- CANCEL
    pbx  -> ACK
    alt  -> 200 CANCEL
    alt  -> 487 INVITE
    alt  <- ACK
    quiet
  )");
  expect_clean(1);
}

TEST_F(Failover, CancelReachesTheTargetThatIsTried) {
  play(invited);
  play(R"(
    itsp -> 503
    itsp <- ACK
    alt  <- INVITE sdp
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
    quiet
  )");
  expect_clean(1);
}

// What one target said, asked for and was called is nothing to the next.
class EachFresh : public Failover {
 protected:
  EachFresh() : Failover(options()) {}
  static BoxOptions options() {
    BoxOptions options = two_targets();
    options.policy[1].redirects = contract::Redirects::followed;
    options.policy[1].asks_session_timer = true;
    options.policy[1].session_expires_s = 600;
    return options;
  }
};

TEST_F(EachFresh, TheNumberOfARedirectionEndsWithItsTarget) {
  play(invited);
  itsp.contact = "sip:+442079460099@10.20.2.2";
  play("itsp -> 302\nitsp <- ACK\nitsp <- INVITE sdp\n");
  EXPECT_TRUE(itsp.last_request("INVITE")->text.starts_with("INVITE sip:+442079460099@"));
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\n");
  EXPECT_TRUE(alt.last_request("INVITE")->text.starts_with("INVITE sip:+442079460018@"));
  play(answered_by_alt);
  EXPECT_EQ(the_record().called_sent.view(), "+442079460018");
  expect_clean(0);
}

TEST_F(EachFresh, TheIntervalOfA422EndsWithItsTarget) {
  play(invited);
  itsp.extra_lines = "Min-SE: 1200\r\n";
  play("itsp -> 422\nitsp <- ACK\nitsp <- INVITE sdp\n");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Session-Expires"), "1200");
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\n");
  EXPECT_EQ(alt.last_request("INVITE")->field("Session-Expires"), "600");
  EXPECT_EQ(alt.last_request("INVITE")->field("Min-SE"), "90");
  play(answered_by_alt);
  expect_clean(1);
}

TEST_F(EachFresh, EachTargetMayRedirectAsOftenAsAnother) {
  play(invited);
  itsp.contact = "sip:+1@10.20.2.2";
  for (int i = 0; i < 3; ++i) play("itsp -> 302\nitsp <- ACK\nitsp <- INVITE sdp\n");
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\n");
  alt.contact = "sip:+2@10.20.2.3";
  play("alt -> 302\nalt <- ACK\nalt <- INVITE sdp\n");
  EXPECT_TRUE(alt.last_request("INVITE")->text.starts_with("INVITE sip:+2@"));
  alt.contact.clear();
  play(answered_by_alt);
  expect_clean(1);
}

// The text of a call holds what one target needs, however many are tried.
class ManyTargets : public Failover {
 protected:
  ManyTargets() : Failover(options()) {}
  static BoxOptions options() {
    BoxOptions options = two_targets();
    options.more_targets = contract::max_targets_per_trunk - 2;
    return options;
  }
};

TEST_F(ManyTargets, AllThatFailLeaveRoomForTheLast) {
  play(invited);
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\nalt -> 503\nalt <- ACK\n");
  for (unsigned i = 0; i < contract::max_targets_per_trunk - 3; ++i) {
    // Each shows an early dialog before it fails.
    itsp.tag_suffix = std::to_string(i);
    play("itsp <- INVITE sdp\nitsp -> 180\npbx <- 180\nitsp -> 503\nitsp <- ACK\npbx <- 100\n");
  }
  play(R"(
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::released_by_caller);
  EXPECT_EQ(record.to_name.view(), "itsp");
  EXPECT_EQ(record.called_sent.view(), "+442079460018");
  expect_clean(0);
}

class PatientFailover : public Failover {
 protected:
  PatientFailover() : Failover(options()) {}
  static BoxOptions options() {
    BoxOptions options = two_targets();
    options.policy[1].failover_ms = 0;
    return options;
  }
};

TEST_F(PatientFailover, WithoutTheTimerNoResponseStillGoesOn) {
  play(invited);
  play("wait 32100\nalt <- INVITE sdp\n");
  itsp.inbox().clear();
  play(answered_by_alt);
  expect_clean(1);
}

// Which times go on is said apart from codes.
class Patient : public Failover {
 protected:
  Patient() : Failover(options()) {}
  static BoxOptions options() {
    BoxOptions options = two_targets();
    options.policy[1].failover_timeouts = 0;
    return options;
  }
};

TEST_F(Patient, A408OfTheTargetGoesOn) {
  play(invited);
  play("itsp -> 408\nitsp <- ACK\nalt <- INVITE sdp\n");
  play(answered_by_alt);
  expect_clean(1);
}

TEST_F(Patient, SilenceDoesNot) {
  play(invited);
  play("wait 10100\npbx <- 408\npbx -> ACK\n");
  itsp.inbox().clear();
  expect_clean(1);
}

class PatientWithTimerB : public Failover {
 protected:
  PatientWithTimerB() : Failover(options()) {}
  static BoxOptions options() {
    BoxOptions options = two_targets();
    options.policy[1].failover_ms = 0;
    options.policy[1].failover_timeouts =
        static_cast<uint8_t>(contract::FailoverTimeout::no_progress);
    return options;
  }
};

TEST_F(PatientWithTimerB, NoResponseIsAnotherThingThanNoProgress) {
  play(invited);
  play("wait 32100\npbx <- 408\npbx -> ACK\n");
  itsp.inbox().clear();
  expect_clean(1);
}

class NoCodes : public Failover {
 protected:
  NoCodes() : Failover(options()) {}
  static BoxOptions options() {
    BoxOptions options = two_targets();
    options.failover_codes = {404, 503, 600};
    return options;
  }
};

TEST_F(NoCodes, SilenceGoesOnWithout408InTheList) {
  play(invited);
  play("wait 10100\nalt <- INVITE sdp\n");
  itsp.inbox().clear();
  play(answered_by_alt);
  EXPECT_EQ(the_record().attempts[0].end, contract::AttemptEnd::no_progress);
  expect_clean(0);
}

TEST_F(NoCodes, EachClassGoesOnByItsCodeOnly) {
  for (const char* status : {"404", "503", "600"}) {
    Peer fresh("pbx", "10.20.1.2", "10.20.1.1");
    std::swap(pbx, fresh);
    play(invited);
    play("itsp -> " + std::string(status) + "\nitsp <- ACK\nalt <- INVITE sdp\n");
    play(answered_by_alt);
    wait_ms(40'000);  // the same Call-ID is used again
  }
  for (const char* status : {"408", "480", "504", "606"}) {
    Peer fresh("pbx", "10.20.1.2", "10.20.1.1");
    std::swap(pbx, fresh);
    play(invited);
    play("itsp -> " + std::string(status) + "\nitsp <- ACK\npbx <- " + status +
         "\npbx -> ACK\nquiet\n");
    wait_ms(40'000);
  }
  expect_clean(7);
}

TEST_F(Failover, A408OfTheLastTargetIsTheCallers) {
  play(invited);
  play("itsp -> 408\nitsp <- ACK\nalt <- INVITE sdp\nalt -> 408\nalt <- ACK\n");
  play("pbx <- 408\npbx -> ACK\nquiet\n");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.attempts[1].status_code, 408);
  EXPECT_EQ(record.end, CallEnd::failed);
  expect_clean(0);
}

// Contact is optional in it, and without one there is no early dialog. The caller has heard a tag
// and SDP all the same, and takes no other SDP under that tag (RFC 3261 section 13.2.1).
TEST_F(Failover, ATagThatTheCallerHasSeenWithoutADialogIsNotThatOfTheNextTarget) {
  play(invited);
  std::string progress = itsp.compose("183 sdp");
  const size_t contact = progress.find("Contact: ");
  progress.erase(contact, progress.find("\r\n", contact) + 2 - contact);
  send(itsp, progress);
  play("pbx <- 183 sdp\n");
  const std::string seen = pbx.last_response("INVITE")->field("To");
  play("itsp -> 503\nitsp <- ACK\npbx <- 100\nalt <- INVITE sdp\n");
  play(answered_by_alt);
  EXPECT_NE(pbx.last_response("INVITE")->field("To"), seen);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
