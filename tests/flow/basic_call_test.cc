// The calls that everything else is a variation of (RFC 3665 sections 3.1 to 3.4).
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::TrunkCounter;

using BasicCall = Ladder;

constexpr std::string_view answered = R"(
  pbx  -> INVITE sdp
  pbx  <- 100
  itsp <- INVITE sdp
  itsp -> 100
  itsp -> 180
  pbx  <- 180
  itsp -> 200 sdp
  itsp <- ACK
  pbx  <- 200 sdp
  pbx  -> ACK
)";

TEST_F(BasicCall, CallerHangsUp) {
  play(answered);
  play(R"(
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::released_by_caller);
  EXPECT_EQ(record.status_code, 200);
  EXPECT_EQ(record.from_name.view(), "pbx");
  EXPECT_EQ(record.to_name.view(), "itsp");
  EXPECT_EQ(record.called.view(), "+442079460018");
  EXPECT_EQ(record.calling.view(), "+4915112345");
  EXPECT_LE(record.started_unix_ns, record.ringing_unix_ns);
  EXPECT_LE(record.ringing_unix_ns, record.answered_unix_ns);
  EXPECT_LE(record.answered_unix_ns, record.ended_unix_ns);
  EXPECT_EQ(box.trunk_counter(Box::pbx, TrunkCounter::answered_in), 1u);
  EXPECT_EQ(box.trunk_counter(Box::itsp, TrunkCounter::answered_out), 1u);
  expect_clean(0);
}

TEST_F(BasicCall, CalledSideHangsUp) {
  play(answered);
  play(R"(
    itsp -> BYE
    itsp <- 200
    pbx  <- BYE
    pbx  -> 200 BYE
    quiet
  )");
  EXPECT_EQ(the_record().end, CallEnd::released_by_called);
  expect_clean(0);
}

TEST_F(BasicCall, ComesFromTheProvider) {
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 180
    itsp <- 180
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  EXPECT_EQ(the_record().end, CallEnd::released_by_called);
  expect_clean(0);
}

TEST_F(BasicCall, PassesEarlyMedia) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 183 sdp
    pbx  <- 183 sdp
    itsp -> 180
    pbx  <- 180
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

// o= says a version; the same answer is the same one, a changed one is the next.
TEST_F(BasicCall, VersionOfTheSessionChangesOnlyWithIt) {
  const auto origin = [&] {
    const std::string& body = pbx.last_response("INVITE")->body;
    return body.substr(body.find("o="), body.find("s=") - body.find("o="));
  };
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 183 sdp\npbx <- 183 sdp\n");
  const std::string first = origin();
  play("itsp -> 183 sdp\npbx <- 183 sdp\n");
  EXPECT_EQ(origin(), first);
  itsp.body =
      "v=0\r\no=- 1 2 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\n";
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\n");
  EXPECT_NE(origin(), first);
  play("pbx -> ACK\npbx -> BYE\npbx <- 200\nitsp <- BYE\nitsp -> 200 BYE\n");
  expect_clean(1);
}

TEST_F(BasicCall, TakesTheEarlyAnswerWhenTheFinalOneHasNone) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 183 sdp
    pbx  <- 183 sdp
    itsp -> 200
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(BasicCall, EndsWhenTheAnswerHasNoSdpAtAll) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200
    itsp <- ACK
    pbx  <- 502
    itsp <- BYE
    pbx  -> ACK
    itsp -> 200 BYE
  )");
  EXPECT_EQ(the_record().end, CallEnd::failed);
  expect_clean(0);
}

TEST_F(BasicCall, AnAnswerWithoutContactMakesNoDialogAndIsToldToTheCaller) {
  itsp.contact = "mailto:nobody@example.net";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    pbx  <- 502
    pbx  -> ACK
    quiet
  )");
  EXPECT_EQ(the_record().status_code, 502);
  expect_clean(0);
}

// More than a call can remember of its peers; the 2xx itself has all that its BYE needs.
TEST_F(BasicCall, AnAnswerWithTooLongARouteIsAcknowledgedAndEnded) {
  itsp.record_route = "<sip:10.20.2.2:5060;lr;x=" + std::string(2600, 'y') + ">";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    itsp <- BYE
    pbx  <- 502
    pbx  -> ACK
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(the_record().status_code, 502);
  expect_clean(0);
}

TEST_F(BasicCall, FollowsRecordRouteInDialog) {
  itsp.record_route = "<sip:10.20.2.2:5060;lr>, <sip:edge.example.net;lr>";
  play(answered);
  EXPECT_EQ(itsp.last_request("ACK")->field("Route"),
            "<sip:edge.example.net;lr>, <sip:10.20.2.2:5060;lr>");
  play(R"(
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  EXPECT_EQ(itsp.last_request("BYE")->field("Route"),
            "<sip:edge.example.net;lr>, <sip:10.20.2.2:5060;lr>");
  expect_clean(1);
}

TEST_F(BasicCall, ShowsInTheDirectoryWhileItLives) {
  play(answered);
  const auto rows = box.directory();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].phase, contract::CallPhase::answered);
  EXPECT_EQ(rows[0].text(contract::RowText::called), "+442079460018");
  EXPECT_EQ(rows[0].from, Box::pbx);
  EXPECT_EQ(rows[0].to, Box::itsp);
  EXPECT_EQ(rows[0].media[0].remote.port, Peer::media_port);
  EXPECT_EQ(rows[0].media[1].remote.port, Peer::media_port);
  play(R"(
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(BasicCall, HoldsManyAtOnce) {
  // Each peer object is one call's state; the box sees 64 calls of the same two trunks.
  std::vector<Peer> callers, called;
  for (uint32_t i = 0; i < box.options().calls; ++i) {
    callers.emplace_back("pbx" + std::to_string(i), "10.20.1.2", "10.20.1.1");
    called.emplace_back("itsp", "10.20.2.2", "10.20.2.1");
    std::swap(pbx, callers.back());
    play(answered);
    std::swap(pbx, callers.back());
    std::swap(itsp, called.back());
    itsp = Peer("itsp" + std::to_string(i), "10.20.2.2", "10.20.2.1");
  }
  EXPECT_EQ(box.engine().live_calls(), box.options().calls);
  for (Peer& caller : callers) {
    std::swap(pbx, caller);
    play(R"(
      pbx  -> BYE
      pbx  <- 200
      itsp <- BYE
      itsp -> 200 BYE
    )");
  }
  expect_clean(box.options().calls);
}

}  // namespace
}  // namespace demarc::flow
