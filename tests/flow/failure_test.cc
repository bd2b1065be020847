// Calls that are not answered: refused, cancelled, timed out (RFC 3665 sections 3.7 to 3.11).
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::WorkerCounter;

class Failure : public Ladder {
 protected:
  explicit Failure(const BoxOptions& options = {}) : Ladder(options) {}
  void refused(const std::string& by_peer, const std::string& to_caller) {
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> " + by_peer +
         "\nitsp <- ACK\npbx <- " + to_caller + "\npbx -> ACK\nquiet\n");
    const contract::CallRecord record = the_record();
    EXPECT_EQ(record.end, CallEnd::failed);
    EXPECT_EQ(record.status_code, std::stoi(to_caller));
    expect_clean(0);
  }
};

TEST_F(Failure, PassesBusy) {
  refused("486", "486");
}
TEST_F(Failure, PassesUnavailable) {
  refused("503", "503");
}
TEST_F(Failure, PassesDecline) {
  refused("603", "603");
}
// What only makes sense between us and the called side does not cross.
// As the rules of the called trunk translate it, with no other target to go to.
TEST_F(Failure, ACauseMakesAnotherStatusForTheCaller) {
  itsp.extra_lines = "Reason: Q.850;cause=34\r\n";
  refused("486", "503");
}

struct Translated404 : Failure {
  Translated404() : Failure(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.cause_rules = {{404, 0, 480, 0}};
    return options;
  }
};

TEST_F(Translated404, ARuleMakesAnotherStatusForTheCaller) {
  refused("404", "480");
  EXPECT_EQ(pbx.last_response("INVITE")->text.find("404"), std::string::npos);
}

TEST_F(Translated404, AnotherStatusStays) {
  refused("486", "486");
}

TEST_F(Failure, KeepsAChallengeToItself) {
  refused("407", "403");
}
TEST_F(Failure, KeepsARedirectionToItself) {
  refused("302", "480");
}

TEST_F(Failure, CancelWhileRinging) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    itsp <- CANCEL
    pbx  -> ACK
    itsp -> 200 CANCEL
    itsp -> 487
    itsp <- ACK
    quiet
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::cancelled);
  EXPECT_EQ(record.status_code, 487);
  EXPECT_EQ(record.answered_unix_ns, 0u);
  expect_clean(0);
}

TEST_F(Failure, TheCancelIsTheEndOfTheRecordWheneverTheCalledSideHearsOfIt) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    pbx  -> ACK
    wait 33000
  )");
  itsp.inbox().clear();
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::cancelled);
  EXPECT_LT(record.ended_unix_ns - record.started_unix_ns, 1'000'000'000u);
  expect_clean(0);
}

// RFC 3261 section 9.1: no CANCEL before a provisional response.
TEST_F(Failure, CancelBeforeAnyResponseWaitsForOne) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    pbx  -> ACK
    quiet
    itsp -> 100
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487
    itsp <- ACK
    quiet
  )");
  expect_clean(1);
}

TEST_F(Failure, CancelCrossingTheAnswerIsAcknowledgedAndEnded) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    itsp <- CANCEL
    pbx  -> ACK
    itsp -> 200 sdp
    itsp <- ACK
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::cancelled);
  expect_clean(0);
}

TEST_F(Failure, CancelAfterTheAnswerChangesNothing) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::released_by_caller);
  expect_clean(0);
}

TEST_F(Failure, CancelThatTheCalledSideIgnoresEndsByTime) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    pbx  -> ACK
    itsp <- CANCEL
    itsp -> 200 CANCEL
    wait 33000
  )");
  EXPECT_EQ(the_record().end, CallEnd::cancelled);
  expect_clean(0);
}

TEST_F(Failure, StrayCancelGets481) {
  play(R"(
    pbx  -> CANCEL
    pbx  <- 481
  )");
  expect_clean(0);
}

TEST_F(Failure, ByeInTheEarlyDialogCancels) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    pbx  -> BYE
    pbx  <- 200 BYE
    pbx  <- 487 INVITE
    itsp <- CANCEL
    itsp -> 200 CANCEL
    itsp -> 487
    itsp <- ACK
  )");
  EXPECT_EQ(the_record().end, CallEnd::cancelled);
  expect_clean(0);
}

TEST_F(Failure, SilentCalledSideIsTriedForTheFailoverTime) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    wait 499
    quiet
    wait 30
    itsp <- INVITE sdp
    wait 9400
  )");
  itsp.inbox().clear();
  play(R"(
    quiet
    wait 100
    pbx  <- 408
    pbx  -> ACK
    wait 23000
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::no_response);
  expect_clean(0);
}

TEST_F(Failure, RingsForTheTrunksTimeOnly) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
    wait 179900
    quiet
    wait 200
    pbx  <- 480
    itsp <- CANCEL
    pbx  -> ACK
    itsp -> 200 CANCEL
    itsp -> 487
    itsp <- ACK
  )");
  EXPECT_EQ(the_record().end, CallEnd::no_answer);
  expect_clean(0);
}

TEST_F(Failure, NoRouteIs404WithARecord) {
  itsp.called = "+15551234";
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    itsp <- 404
    itsp -> ACK
    quiet
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::refused);
  EXPECT_EQ(record.status_code, 404);
  EXPECT_EQ(record.called.view(), "+15551234");
  expect_clean(0);
}

TEST_F(Failure, AnotherBodyIs415AndSaysWhatIsTaken) {
  pbx.content_type = "application/isup";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    pbx  <- 415
    pbx  -> ACK
  )");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Accept"), "application/sdp, multipart/mixed");
  expect_clean(1);
}

TEST_F(Failure, UnreadableSdpIs400) {
  pbx.body = "this is no SDP\r\n";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    pbx  <- 400
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(Failure, SdpWithoutAnythingToRelayIs488) {
  pbx.body =
      "v=0\r\no=- 1 1 IN IP4 10.20.1.2\r\ns=-\r\nc=IN IP4 10.20.1.2\r\nt=0 0\r\n"
      "m=audio 4000 RTP/SAVP 0\r\n";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    pbx  <- 488
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(Failure, RequiredExtensionsAre420) {
  pbx.extra_lines = "Require: 100rel, foo\r\n";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    pbx  <- 420
    pbx  -> ACK
  )");
  EXPECT_EQ(pbx.last_response("INVITE")->field("Unsupported"), "foo");
  expect_clean(1);
}

TEST_F(Failure, UnusableContactIs400) {
  pbx.contact = "mailto:a@b";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 400
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(Failure, MoreRoutesThanACallRemembersIs513) {
  pbx.record_route = "<sip:10.20.1.2;lr;x=" + std::string(2600, 'y') + ">";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 513
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(Failure, DrainingRefusesNewCallsAndKeepsLiveOnes) {
  play(answered_at_once);
  contract::CommandRing commands = box.region().commands(0);
  ASSERT_TRUE(commands.push({contract::Command::Kind::drain}));
  box.engine().on_commands(box.now());
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    itsp <- 503
    itsp -> ACK
    itsp -> OPTIONS
    itsp <- 503 OPTIONS
    pbx  -> OPTIONS within
    pbx  <- 200 OPTIONS
    pbx  -> BYE
    pbx  <- 200
  )");
  EXPECT_EQ(itsp.last_response("INVITE")->field("Retry-After"), "60");
  EXPECT_EQ(itsp.last_response("OPTIONS")->field("Retry-After"), "60");
  EXPECT_EQ(box.worker_counter(WorkerCounter::refused_draining), 1u);
  play(R"(
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(2);
}

TEST_F(Failure, HangUpByCommandEndsBothLegs) {
  play(answered_at_once);
  contract::CommandRing commands = box.region().commands(0);
  const uint64_t serial = box.directory().at(0).serial;
  ASSERT_TRUE(
      commands.push({contract::Command::Kind::hang_up, contract::CallSlot{0}, serial + 1, 8}));
  ASSERT_TRUE(commands.push({contract::Command::Kind::hang_up, contract::CallSlot{0}, serial, 9}));
  box.engine().on_commands(box.now());
  contract::EventRing events = box.region().events(0);
  contract::Event event;
  ASSERT_TRUE(events.pop(event));
  EXPECT_EQ(event.kind, contract::Event::Kind::command_refused);
  ASSERT_TRUE(events.pop(event));
  EXPECT_EQ(event.kind, contract::Event::Kind::command_done);
  EXPECT_EQ(event.request_id, 9u);
  wait_ms(1);
  play(R"(
    pbx  <- BYE
    itsp <- BYE
    pbx  -> 200 BYE
    itsp -> 200 BYE
  )");
  EXPECT_EQ(itsp.last_request("BYE")->field("Reason"),
            "Q.850;cause=31;text=\"Released by the operator\"");
  EXPECT_EQ(the_record().end, CallEnd::released_by_us);
  expect_clean(0);
}

TEST_F(Failure, ADroppedCallLeavesARecordAtOnce) {
  play(answered_at_once);
  contract::CommandRing commands = box.region().commands(0);
  const uint64_t serial = box.directory().at(0).serial;
  using Kind = contract::Command::Kind;
  ASSERT_TRUE(commands.push({Kind::drop_call, contract::CallSlot{0}, serial + 1, 8}));
  ASSERT_TRUE(commands.push({Kind::drop_call, contract::CallSlot{0}, serial, 9}));
  box.engine().on_commands(box.now());
  contract::EventRing events = box.region().events(0);
  contract::Event event;
  ASSERT_TRUE(events.pop(event));
  EXPECT_EQ(event.kind, contract::Event::Kind::command_refused);
  ASSERT_TRUE(events.pop(event));
  EXPECT_EQ(event.kind, contract::Event::Kind::command_done);
  EXPECT_EQ(the_record().end, CallEnd::released_by_us);
  expect_clean(0);
}

}  // namespace
}  // namespace demarc::flow
