// Requests outside of calls: what the control plane asks for, what goes out, what comes back.
#include "dataplane/contract/outside.h"

#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::OutsideEvent;
using contract::OutsideMethod;
using contract::OutsideRequest;
using contract::WorkerCounter;

struct Outside : Ladder {
  static OutsideRequest options() {
    OutsideRequest request;
    request.request_id = 7;
    request.trunk = Box::itsp;
    request.target = *contract::parse_endpoint("10.20.2.2:5060", 5060);
    request.wait_ms = 4000;
    fill(request, "From: <sip:demarc@10.20.2.1>;tag=abc\r\nTo: <sip:10.20.2.2>\r\n");
    return request;
  }
  static void fill(OutsideRequest& request, std::string_view fields) {
    request.uri_length = request.call_id_length = request.fields_length = 0;
    EXPECT_TRUE(request.put(request.uri_length, "sip:10.20.2.2"));
    EXPECT_TRUE(request.put(request.call_id_length, "one@demarc"));
    EXPECT_TRUE(request.put(request.fields_length, fields));
  }
  void ask(const OutsideRequest& request) {
    contract::OutsideRequestRing ring = box.region().outside_requests(0);
    ASSERT_TRUE(ring.push(request));
    box.engine().on_commands(box.now());
    wait_ms(1);
  }
  // The one event that waits.
  OutsideEvent event() {
    OutsideEvent found;
    contract::OutsideEventRing ring = box.region().outside_events(0);
    EXPECT_EQ(ring.size(), 1u);
    EXPECT_TRUE(ring.pop(found));
    EXPECT_EQ(found.request_id, 7u);
    return found;
  }
  void expect_none() { EXPECT_EQ(box.region().outside_events(0).size(), 0u); }
  void expect_refused(const OutsideRequest& request) {
    ask(request);
    EXPECT_EQ(event().kind, OutsideEvent::Kind::refused);
    play("quiet");
  }
};

TEST_F(Outside, OptionsGoesOutWholeAndItsAnswerComesBack) {
  ask(options());
  play("itsp <- OPTIONS");
  const Wire sent = *itsp.last_request("OPTIONS");
  EXPECT_EQ(sent.text.substr(0, sent.text.find('\r')), "OPTIONS sip:10.20.2.2 SIP/2.0");
  EXPECT_EQ(sent.field("Call-ID"), "one@demarc");
  EXPECT_EQ(sent.field("CSeq"), "1 OPTIONS");
  EXPECT_EQ(sent.field("Max-Forwards"), "70");
  EXPECT_EQ(sent.field("Via").substr(0, 34), "SIP/2.0/UDP 10.20.2.1:5060;branch=");
  play("itsp -> 200 OPTIONS");
  const OutsideEvent answer = event();
  EXPECT_EQ(answer.kind, OutsideEvent::Kind::response);
  EXPECT_EQ(answer.status_code, 200);
  EXPECT_EQ(answer.source, itsp.endpoint());
  EXPECT_EQ(answer.is_cut, 0);
  EXPECT_NE(answer.text().find("Call-ID: one@demarc\r\n"), std::string_view::npos);
  EXPECT_EQ(answer.text().find("Via:"), std::string_view::npos);
  EXPECT_TRUE(answer.text().ends_with("\r\n\r\n"));
  expect_clean(0);
}

TEST_F(Outside, RepeatedAnswersAreAbsorbed) {
  ask(options());
  play(R"(
    itsp <- OPTIONS
    itsp -> 200 OPTIONS
    itsp -> again
  )");
  EXPECT_EQ(event().status_code, 200);
  expect_none();
  expect_clean(0);
}

TEST_F(Outside, SilenceIsReportedOnceAndALateAnswerIsAStray) {
  ask(options());
  play("itsp <- OPTIONS");
  wait_ms(4100);
  EXPECT_EQ(event().kind, OutsideEvent::Kind::no_response);
  itsp.inbox().clear();
  play("itsp -> 200 OPTIONS");
  expect_none();
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_stray_response), 1u);
  expect_clean(0);
}

TEST_F(Outside, WaitsNoLongerThanItsTransaction) {
  OutsideRequest request = options();
  request.wait_ms = 64000;
  ask(request);
  wait_ms(33000);
  itsp.inbox().clear();
  EXPECT_EQ(event().kind, OutsideEvent::Kind::no_response);
  expect_clean(0);
}

TEST_F(Outside, ProvisionalResponsesAreNotReported) {
  ask(options());
  play(R"(
    itsp <- OPTIONS
    itsp -> 100 OPTIONS
  )");
  expect_none();
  play("itsp -> 404 OPTIONS");
  EXPECT_EQ(event().status_code, 404);
  expect_clean(0);
}

TEST_F(Outside, RegisterCarriesItsFields) {
  OutsideRequest request = options();
  request.method = OutsideMethod::register_;
  request.cseq = 4711;
  fill(request,
       "From: <sip:u@x>;tag=a\r\nTo: <sip:u@x>\r\nContact: <sip:u@10.20.2.1>\r\nExpires: 60\r\n");
  ask(request);
  play("itsp <- REGISTER");
  EXPECT_EQ(itsp.last_request("REGISTER")->field("CSeq"), "4711 REGISTER");
  EXPECT_EQ(itsp.last_request("REGISTER")->field("Expires"), "60");
  play("itsp -> 423 REGISTER");
  EXPECT_EQ(event().status_code, 423);
  expect_clean(0);
}

TEST_F(Outside, RefusesWhatIsNoWellFormedRequest) {
  OutsideRequest request = options();
  fill(request, "From: <sip:a@x>;tag=1\r\n");  // no To
  expect_refused(request);
  fill(request, "From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\n\r\nbody");
  expect_refused(request);
  request = options();
  request.uri_length = 5000;
  expect_refused(request);
  EXPECT_EQ(box.worker_counter(WorkerCounter::outside_refused), 3u);
  expect_clean(0);
}

TEST_F(Outside, RefusesTrunksTargetsAndTimesThatAreNone) {
  OutsideRequest request = options();
  request.trunk = contract::TrunkId{9};
  expect_refused(request);
  request = options();
  request.target.port = 0;
  expect_refused(request);
  request = options();
  request.target.address = {};
  expect_refused(request);
  request = options();
  request.wait_ms = 0;
  expect_refused(request);
  request.wait_ms = contract::max_outside_wait_ms + 1;
  expect_refused(request);
  request = options();
  request.method = static_cast<OutsideMethod>(3);
  expect_refused(request);
  expect_clean(0);
}

TEST_F(Outside, AnswersTooLongForAnEventAreCutAtAField) {
  ask(options());
  play("itsp <- OPTIONS");
  const Wire sent = *itsp.last_request("OPTIONS");
  std::string answer = "SIP/2.0 200 OK\r\nVia: " + sent.field("Via") +
                       "\r\nFrom: " + sent.field("From") + "\r\nTo: " + sent.field("To") +
                       ";tag=t\r\nCall-ID: one@demarc\r\nCSeq: 1 OPTIONS\r\n";
  for (int i = 0; i < 10; ++i) answer += "X-Long: " + std::string(500, 'x') + "\r\n";
  send(itsp, answer + "Content-Length: 0\r\n\r\n");
  const OutsideEvent found = event();
  EXPECT_EQ(found.is_cut, 1);
  EXPECT_LE(found.text().size(), contract::max_outside_octets);
  EXPECT_TRUE(found.text().ends_with("x\r\nContent-Length: 0\r\n\r\n"));
  expect_clean(0);
}

TEST_F(Outside, AFullRingOfEventsLosesTheEventAndCountsIt) {
  contract::OutsideEventRing ring = box.region().outside_events(0);
  for (uint64_t i = 0; i < contract::outside_ring_capacity; ++i) {
    ASSERT_TRUE(ring.push(OutsideEvent{}));
  }
  OutsideRequest request = options();
  request.trunk = contract::TrunkId{9};
  ask(request);
  EXPECT_EQ(box.worker_counter(WorkerCounter::event_ring_full), 1u);
  expect_clean(0);
}

TEST_F(Outside, LeavesAQuarterOfTheTableToCalls) {
  uint32_t sent = 0;
  contract::OutsideRequestRing ring = box.region().outside_requests(0);
  for (uint32_t i = 0; i < 512; ++i) {
    ASSERT_TRUE(ring.push(options()));
    box.engine().on_commands(box.now());
    box.engine().clear_outbox();
    sent = box.engine().live_transactions();
  }
  EXPECT_LE(sent, 384u);
  EXPECT_GT(box.worker_counter(WorkerCounter::outside_refused), 0u);
}

TEST_F(Outside, CallsLeaveSignsOfTheirTarget) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 503
    itsp <- ACK
    pbx  <- 503
    pbx  -> ACK
  )");
  const contract::TargetSigns& signs = box.region().target_signs(0, contract::TargetId{1});
  EXPECT_EQ(signs.unavailable.load(), 1u);
  EXPECT_EQ(signs.answered.load(), 0u);
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    pbx  -> ACK
  )");
  EXPECT_EQ(signs.answered.load(), 1u);
  EXPECT_EQ(signs.unanswered.load(), 0u);
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    wait 33000
  )");
  EXPECT_EQ(signs.unanswered.load(), 1u);
}

// The peer knows a trunk by where its messages come from, whichever worker sends them, and Via,
// Contact and Route must lead back there.
struct OneTrunkOfTwoWorkers : Ladder {
  static BoxOptions options() {
    BoxOptions options;
    options.workers = 2;
    options.preloaded_route = "<sip:edge@10.20.2.2;lr>";
    return options;
  }
  OneTrunkOfTwoWorkers() : Ladder(options()) {}
  transaction::Path way_of(unsigned worker, OutsideMethod method) {
    OutsideRequest request = Outside::options();
    request.method = method;
    EXPECT_TRUE(box.region().outside_requests(static_cast<uint8_t>(worker)).push(request));
    box.engine(worker).on_commands(box.now());
    const bool is_register = method == OutsideMethod::register_;
    const std::string name = is_register ? "REGISTER" : "OPTIONS";
    wait_ms(1);
    play("itsp <- " + name + "\nitsp -> 200 " + name + "\n");
    via_ = itsp.last_request(name)->field("Via").substr(0, 26);
    return itsp.last_path;
  }
  void expect_same(const transaction::Path& path, const transaction::Path& other) {
    EXPECT_EQ(path.local, other.local);
    EXPECT_EQ(path.remote, other.remote);
    EXPECT_EQ(path.transport, other.transport);
    EXPECT_EQ(path.realm, other.realm);
  }
  std::string via_;
};
TEST_F(OneTrunkOfTwoWorkers, RegisterOptionsAndInviteGoTheSameWay) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  const transaction::Path invite = itsp.last_path;
  const Wire& sent = *itsp.last_request("INVITE");
  const std::string via = sent.field("Via").substr(0, 26);
  EXPECT_EQ(via, "SIP/2.0/UDP 10.20.2.1:5060");
  EXPECT_EQ(sent.field("Route"), "<sip:edge@10.20.2.2;lr>");
  play("itsp -> 200 sdp\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  for (unsigned worker = 0; worker < 2; ++worker) {
    for (const OutsideMethod method : {OutsideMethod::register_, OutsideMethod::options}) {
      expect_same(way_of(worker, method), invite);
      EXPECT_EQ(via_, via);
    }
  }
  play(ended_by_caller);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
