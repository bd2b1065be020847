// INVITE with Replaces (RFC 3891): another phone of the same trunk takes a call over.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::TransferPart;

// pbx has called itsp; desk is another phone of the pbx.
class ReplacesFlow : public Ladder {
 protected:
  explicit ReplacesFlow(const BoxOptions& options = replaceable())
      : ReplacesFlow(options, NoCall{}) {
    play(answered_at_once);
  }
  // For a caller that says something else than usual.
  struct NoCall {};
  ReplacesFlow(const BoxOptions& options, NoCall) : Ladder(options) {}
  static BoxOptions replaceable() {
    BoxOptions options;
    options.media_timeout_ms = 0;
    options.policy[0].takes_replaces = true;
    options.count_everything();
    return options;
  }
  static int audio_port(const std::string& sdp) {
    return std::stoi(sdp.substr(sdp.find("m=audio ") + 8));
  }
  static std::string tag_of(const Wire& message, const char* field) {
    const std::string value = message.field(field);
    return value.substr(value.find(";tag=") + 5);
  }
  // What names the dialog of the pbx.
  std::string dialog() const {
    const Wire& answer = *pbx.last_response("INVITE");
    return answer.field("Call-ID") + ";to-tag=" + tag_of(answer, "To") +
           ";from-tag=" + tag_of(answer, "From");
  }
  void replace(const std::string& value, const std::string& more = "") {
    desk.extra_lines = "Replaces: " + value + "\r\n" + more;
    play("desk -> INVITE sdp\ndesk <- 100\n");
  }
  static constexpr std::string_view taken_over_call_ends = R"(
    desk -> BYE
    desk <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )";
};

TEST_F(ReplacesFlow, TheNewCallerTakesThePlaceOfTheOld) {
  EXPECT_NE(pbx.last_response("INVITE")->field("Supported").find("replaces"), std::string::npos);
  replace(dialog(), "Require: replaces\r\n");
  play(R"(
    itsp <- INVITE sdp
    itsp -> 100
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- BYE
    desk <- 200 sdp
    pbx  -> 200 BYE
    desk -> ACK
    itsp -> 200 sdp
    itsp <- ACK
    quiet
  )");
  const auto rows = box.directory();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(box.region().trunk_live(Box::pbx).load(), 1u);
  EXPECT_EQ(box.region().trunk_live(Box::itsp).load(), 1u);
  play(R"(
    itsp -> INVITE within sdp
    itsp <- 100
    desk <- INVITE sdp
    desk -> 200 sdp
    desk <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  play(taken_over_call_ends);
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].end, CallEnd::transferred);
  EXPECT_EQ(records[0].transfer, TransferPart::replaced);
  EXPECT_EQ(records[1].transfer, TransferPart::replacing);
  EXPECT_EQ(records[1].transfer_status, 200);
  EXPECT_EQ(records[1].call_id_out.view(), records[0].call_id_out.view());
  expect_clean(0);
}

TEST_F(ReplacesFlow, OneThatTheOtherSideRefusesLeavesTheCallAsItWas) {
  replace(dialog());
  play(R"(
    itsp <- INVITE sdp
    itsp -> 488
    itsp <- ACK
    desk <- 488
    desk -> ACK
    itsp -> INVITE within sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp INVITE
    itsp -> ACK
  )");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(ReplacesFlow, ACancelledOneLeavesTheCallAsItWas) {
  replace(dialog());
  play(R"(
    itsp <- INVITE sdp
    itsp -> 100
    desk -> CANCEL
    desk <- 200 CANCEL
    desk <- 487
    itsp <- CANCEL
    desk -> ACK
    itsp -> 200 CANCEL
    itsp -> 487
    itsp <- ACK
    quiet
  )");
  play(ended_by_caller);
  expect_clean(2);
}

// The answer crosses the CANCEL: the other side is told the session that it had.
TEST_F(ReplacesFlow, AnAnswerToACancelledOneIsTakenBack) {
  const int port = audio_port(itsp.last_request("INVITE")->body);
  replace(dialog());
  play(R"(
    itsp <- INVITE sdp
    itsp -> 100
    desk -> CANCEL
    desk <- 200 CANCEL
    desk <- 487
    itsp <- CANCEL
    desk -> ACK
    itsp -> 200 sdp
    itsp <- ACK
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    quiet
  )");
  EXPECT_EQ(audio_port(itsp.last_request("INVITE")->body), port);
  play(ended_by_caller);
  expect_clean(2);
}

class ReplacedWhenRefreshed : public ReplacesFlow {
 protected:
  ReplacedWhenRefreshed() : ReplacesFlow(replaceable(), NoCall{}) {
    pbx.extra_lines = "Supported: timer\r\nSession-Expires: 600;refresher=uas\r\n";
    play(answered_at_once);
    pbx.extra_lines.clear();
  }
};

// The other side has refused the hold for now, and what it is told in its stead as well.
TEST_F(ReplacedWhenRefreshed, AHoldThatARefreshBroughtIsToldAfterTheSessionIsTakenBack) {
  const std::string replaced = dialog();
  play("wait 300100\npbx <- INVITE sdp\n");
  pbx.body =
      "v=0\r\no=x 1 7 IN IP4 10.20.1.2\r\ns=-\r\nc=IN IP4 10.20.1.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
      "a=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n";
  play("pbx -> 200 sdp INVITE\npbx <- ACK\nitsp <- INVITE sdp\nitsp -> 491\nitsp <- ACK\n");
  replace(replaced);
  play(R"(
    itsp <- INVITE sdp
    itsp -> 100
    desk -> CANCEL
    desk <- 200 CANCEL
    desk <- 487
    itsp <- CANCEL
    desk -> ACK
    itsp -> 200 CANCEL
    itsp -> 200 sdp INVITE
    itsp <- ACK
    itsp <- INVITE sdp
    itsp -> 491
    itsp <- ACK
  )");
  EXPECT_LT(wait_for(itsp, 4100), 4100);
  play(R"(
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    itsp <- INVITE sdp
  )");
  EXPECT_NE(itsp.last_request("INVITE")->body.find("a=sendonly"), std::string::npos);
  play("itsp -> 200 sdp\nitsp <- ACK\nquiet\n");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(ReplacesFlow, AnUnknownDialogIs481) {
  replace("nothing@here;to-tag=1;from-tag=2");
  play("desk <- 481\ndesk -> ACK\n");
  // Tags the wrong way round.
  const Wire& answer = *pbx.last_response("INVITE");
  replace(answer.field("Call-ID") + ";to-tag=" + tag_of(answer, "From") +
          ";from-tag=" + tag_of(answer, "To"));
  play("desk <- 481\ndesk -> ACK\nquiet\n");
  play(ended_by_caller);
  expect_clean(3);
}

TEST_F(ReplacesFlow, EarlyOnlyIs486OnACallThatIsUp) {
  replace(dialog() + ";early-only");
  play("desk <- 486\ndesk -> ACK\nquiet\n");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(ReplacesFlow, SeveralOrWithJoinAre400) {
  desk.extra_lines = "Replaces: " + dialog() + "\r\nReplaces: " + dialog() + "\r\n";
  play("desk -> INVITE sdp\ndesk <- 400\ndesk -> ACK\n");
  replace(dialog().substr(0, dialog().find(';')));
  play("desk <- 400\ndesk -> ACK\n");
  replace(dialog(), "Join: " + dialog() + "\r\n");
  play("desk <- 400\ndesk -> ACK\nquiet\n");
  play(ended_by_caller);
  expect_clean(3);
}

TEST_F(ReplacesFlow, WhileTheSessionChangesIs491) {
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  replace(dialog());
  play(R"(
    desk <- 491
    desk -> ACK
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(ReplacesFlow, MeanwhileTheSessionDoesNotChange) {
  replace(dialog());
  play(R"(
    itsp <- INVITE sdp
    pbx  -> INVITE within sdp
    pbx  <- 491
    pbx  -> ACK
    itsp -> UPDATE within sdp
    itsp <- 491 UPDATE
    itsp -> 603
    itsp <- ACK
    desk <- 603
    desk -> ACK
  )");
  play(ended_by_caller);
  expect_clean(2);
}

TEST_F(ReplacesFlow, TheOldCallerMayLeaveMeanwhile) {
  replace(dialog());
  play(R"(
    itsp <- INVITE sdp
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
    itsp -> 200 sdp
    itsp <- ACK
    desk <- 200 sdp
    desk -> ACK
    quiet
  )");
  play(taken_over_call_ends);
  expect_clean(2);
}

TEST_F(ReplacesFlow, WithoutTheOldCallerARefusalEndsTheCall) {
  replace(dialog());
  play(R"(
    itsp <- INVITE sdp
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp -> 488
    itsp <- ACK
    desk <- 488
    itsp <- BYE
    desk -> ACK
    itsp -> 200 BYE
    quiet
  )");
  expect_clean(2);
}

TEST_F(ReplacesFlow, TheOtherSideMayHangUpMeanwhile) {
  replace(dialog());
  play(R"(
    itsp <- INVITE sdp
    itsp -> 100
    itsp -> BYE
    itsp <- 200 BYE
    desk <- 480
    itsp <- CANCEL
    pbx  <- BYE
    desk -> ACK
    pbx  -> 200 BYE
    itsp -> 200 CANCEL
    itsp -> 487
    itsp <- ACK
    quiet
  )");
  expect_clean(2);
}

TEST_F(ReplacesFlow, WithoutAnOfferTheOtherSideMakesIt) {
  desk.extra_lines = "Replaces: " + dialog() + "\r\n";
  play(R"(
    desk -> INVITE
    desk <- 100
    itsp <- INVITE
    itsp -> 200 sdp
    pbx  <- BYE
    desk <- 200 sdp
    pbx  -> 200 BYE
    desk -> ACK sdp
    itsp <- ACK sdp
    quiet
  )");
  play(taken_over_call_ends);
  expect_clean(2);
}

TEST_F(ReplacesFlow, AnEarlyDialogOfTheCallersIsNotReplaced) {
  play(ended_by_caller);
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
  )");
  replace(dialog());
  play(R"(
    desk <- 481
    desk -> ACK
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487
    itsp <- CANCEL
    pbx  -> ACK
    itsp -> 200 CANCEL
    itsp -> 487
    itsp <- ACK
    quiet
  )");
  expect_clean(3);
}

class NotReplaceable : public ReplacesFlow {
 protected:
  NotReplaceable() : ReplacesFlow(options()) {}
  static BoxOptions options() {
    BoxOptions options = replaceable();
    options.policy[0].takes_replaces = false;
    options.policy[1].takes_replaces = true;
    return options;
  }
};

// A field that we do not take part in is a field that is not there; who needs it is told.
TEST_F(NotReplaceable, WithoutThePolicyItIsANewCall) {
  EXPECT_EQ(pbx.last_response("INVITE")->field("Supported").find("replaces"), std::string::npos);
  replace(dialog(), "Require: replaces\r\n");
  play("desk <- 420\ndesk -> ACK\n");
  replace(dialog());
  play(R"(
    itsp <- INVITE sdp
    itsp -> 486
    itsp <- ACK
    desk <- 486
    desk -> ACK
    quiet
  )");
  play(ended_by_caller);
  expect_clean(3);
}

TEST_F(NotReplaceable, AnotherTrunkCanNotNameIt) {
  itsp.extra_lines = "Replaces: " + dialog() + "\r\n";
  play("itsp -> INVITE sdp\nitsp <- 100\nitsp <- 481\nitsp -> ACK\nquiet\n");
  play("pbx -> BYE\npbx <- 200 BYE\n");
  itsp.inbox().clear();
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
