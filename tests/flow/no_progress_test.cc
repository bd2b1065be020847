// A target without progress, behind which there is no other one: the caller is told in time, and
// the target's INVITE is ended whatever comes of it (decision D92).
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;

constexpr std::string_view invited = R"(
  pbx  -> INVITE sdp
  pbx  <- 100
  itsp <- INVITE sdp
)";
constexpr std::string_view given_up = R"(
  pbx  <- 408
  itsp <- CANCEL
  pbx  -> ACK
  itsp -> 200 CANCEL
  itsp -> 487 INVITE
  itsp <- ACK
  quiet
)";

class NoProgress : public Ladder {
 protected:
  explicit NoProgress(const BoxOptions& options = {}) : Ladder(options) {}
  void expect_no_response() {
    const contract::CallRecord record = the_record();
    EXPECT_EQ(record.end, CallEnd::no_response);
    EXPECT_EQ(record.status_code, 408);
  }
};

TEST_F(NoProgress, ASingleTargetThatOnlyTriesIsLeft) {
  play(invited);
  play("itsp -> 100\nwait 9900\nquiet\nwait 200\n");
  play(given_up);
  expect_no_response();
  expect_clean(0);
}

TEST_F(NoProgress, ASecond100IsNone) {
  play(invited);
  play("itsp -> 100\nwait 9000\nitsp -> 100\nwait 1100\n");
  play(given_up);
  expect_clean(1);
}

// It is told to the caller; no more copies of the INVITE wake a target that heard none, and timer B
// ends what is left.
TEST_F(NoProgress, OneThatSaysNothingAtAllHasUntilTimerB) {
  play(invited);
  play("wait 10100\n");
  itsp.inbox().clear();
  play("pbx <- 408\npbx -> ACK\nwait 21800\nquiet\n");
  EXPECT_EQ(box.directory().size(), 1u);
  play("wait 200\nquiet\n");
  EXPECT_TRUE(box.directory().empty());
  expect_no_response();
  expect_clean(0);
}

TEST_F(NoProgress, WhatItSaysLateIsCancelled) {
  play(invited);
  play("wait 10100\n");
  itsp.inbox().clear();
  play(R"(
    pbx  <- 408
    pbx  -> ACK
    itsp -> 180
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487 INVITE
    itsp <- ACK
    quiet
  )");
  expect_no_response();
  expect_clean(0);
}

TEST_F(NoProgress, ItsLateAnswerIsAcknowledgedAndEnded) {
  play(invited);
  play(R"(
    itsp -> 100
    wait 10100
    pbx  <- 408
    itsp <- CANCEL
    pbx  -> ACK
    itsp -> 200 sdp INVITE
    itsp <- ACK
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  expect_no_response();
  expect_clean(0);
}

TEST_F(NoProgress, RingingStopsTheTimer) {
  play(invited);
  play("itsp -> 100\nwait 9900\nitsp -> 180\npbx <- 180\nwait 170000\nquiet\n");
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  play(ended_by_caller);
  expect_clean(1);
}

// One branch that rings is progress of the call, however late another one is.
TEST_F(NoProgress, ABranchOfAForkStopsItForAll) {
  play(invited);
  itsp.tag_suffix = "a";
  play("itsp -> 100\nwait 9900\nitsp -> 183 sdp\npbx <- 183 sdp\n");
  itsp.tag_suffix = "b";
  play("wait 5000\nquiet\nitsp -> 180\npbx <- 180\nwait 20000\nquiet\n");
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  play(ended_by_caller);
  expect_clean(1);
}

// The time that a fork rings is that of the trunk from then on.
TEST_F(NoProgress, AForkThatRingsWithoutEndGets480) {
  play(invited);
  itsp.tag_suffix = "a";
  play("wait 400\nitsp -> 180\npbx <- 180\n");
  itsp.tag_suffix = "b";
  play("itsp -> 180\npbx <- 180\nwait 179900\nquiet\nwait 200\n");
  play("pbx <- 480\nitsp <- CANCEL\npbx -> ACK\nitsp -> 200 CANCEL\nitsp -> 487 INVITE\n");
  play("itsp <- ACK\nquiet\n");
  EXPECT_EQ(the_record().end, CallEnd::no_answer);
  expect_clean(0);
}

class LastOfTwo : public NoProgress {
 protected:
  explicit LastOfTwo(const BoxOptions& options = two_targets()) : NoProgress(options) {}
  static BoxOptions two_targets() {
    BoxOptions options;
    options.has_second_target = true;
    return options;
  }
};

TEST_F(LastOfTwo, HasTheSameTime) {
  play(invited);
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\nalt -> 100\nwait 9900\nquiet\n");
  play("wait 200\npbx <- 408\nalt <- CANCEL\npbx -> ACK\nalt -> 200 CANCEL\n");
  play("alt -> 487 INVITE\nalt <- ACK\nquiet\n");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::no_response);
  EXPECT_EQ(record.attempt_count, 2);
  expect_clean(0);
}

// Where a timeout is no reason to try the next target, it ends the call.
class NotAfterTimeouts : public LastOfTwo {
 protected:
  NotAfterTimeouts() : LastOfTwo(options()) {}
  static BoxOptions options() {
    BoxOptions options = two_targets();
    options.policy[1].failover_timeouts = 0;
    return options;
  }
};

TEST_F(NotAfterTimeouts, TheFirstOneIsTheLast) {
  play(invited);
  play("itsp -> 100\nwait 10100\n");
  play(given_up);
  EXPECT_TRUE(alt.inbox().empty());
  expect_no_response();
  expect_clean(0);
}

class Redirecting : public NoProgress {
 protected:
  Redirecting() : NoProgress(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.policy[1].redirects = contract::Redirects::followed;
    return options;
  }
};

TEST_F(Redirecting, TheNewTargetHasTimeOfItsOwn) {
  play(invited);
  itsp.contact = "sip:+442079460099@10.20.2.2:5060";
  play("wait 400\nitsp -> 302\nitsp <- ACK\nitsp <- INVITE sdp\nitsp -> 100\nwait 9900\nquiet\n");
  play("wait 200\n");
  play(given_up);
  expect_clean(1);
}

class AnyIsProgress : public NoProgress {
 protected:
  AnyIsProgress() : NoProgress(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.policy[1].progress = contract::Progress::any;
    return options;
  }
};

TEST_F(AnyIsProgress, A100StopsTheTimer) {
  play(invited);
  play("itsp -> 100\nwait 179900\nquiet\nwait 200\npbx <- 480\nitsp <- CANCEL\npbx -> ACK\n");
  play("itsp -> 200 CANCEL\nitsp -> 487 INVITE\nitsp <- ACK\nquiet\n");
  EXPECT_EQ(the_record().end, CallEnd::no_answer);
  expect_clean(0);
}

class WithoutTimer : public NoProgress {
 protected:
  WithoutTimer() : NoProgress(options(0)) {}
  explicit WithoutTimer(const BoxOptions& options) : NoProgress(options) {}
  static BoxOptions options(uint32_t failover_ms) {
    BoxOptions options;
    options.policy[1].failover_ms = failover_ms;
    return options;
  }
};

TEST_F(WithoutTimer, SilenceIsAnsweredByTimerB) {
  play(invited);
  play("wait 31900\n");
  EXPECT_TRUE(pbx.inbox().empty());
  play("wait 200\n");
  itsp.inbox().clear();
  play("pbx <- 408\npbx -> ACK\nquiet\n");
  expect_no_response();
  expect_clean(0);
}

TEST_F(WithoutTimer, A100HasTheTimeOfRinging) {
  play(invited);
  play("itsp -> 100\nwait 179900\nquiet\nwait 200\npbx <- 480\nitsp <- CANCEL\npbx -> ACK\n");
  play("itsp -> 200 CANCEL\nitsp -> 487 INVITE\nitsp <- ACK\nquiet\n");
  expect_clean(1);
}

class LongTimer : public WithoutTimer {
 protected:
  LongTimer() : WithoutTimer(options(400'000)) {}
};

TEST_F(LongTimer, IsNoLongerThanRinging) {
  play(invited);
  play("itsp -> 100\nwait 179900\nquiet\nwait 200\n");
  play(given_up);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
