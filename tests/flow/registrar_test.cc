// Peers that register with us: a REGISTER on its way to the control plane and its answer back, and
// what is taken from whom before, while and after a binding.
#include "dataplane/contract/outside.h"
#include "dataplane/outside/outside.h"

#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

using contract::OutsideEvent;
using contract::OutsideMethod;
using contract::OutsideRequest;
using contract::WorkerCounter;

BoxOptions with_registrar(Registrar state) {
  BoxOptions options;
  options.registrar = state;
  return options;
}

struct Registering : Ladder {
  explicit Registering(Registrar state = Registrar::waiting) : Ladder(with_registrar(state)) {}

  static std::string register_text(const std::string& more = {}, std::string_view number = "1") {
    return "REGISTER sip:10.20.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.20.2.2:5060;branch=z9hG4bKr" +
           std::string(number) +
           "\r\nMax-Forwards: 70\r\nFrom: <sip:branch@10.20.2.1>;tag=f\r\n"
           "To: <sip:branch@10.20.2.1>\r\nCall-ID: reg@branch\r\nCSeq: " +
           std::string(number) + " REGISTER\r\nContact: <sip:branch@10.20.2.2>\r\n" + more +
           "Content-Length: 0\r\n\r\n";
  }
  // The one event that waits.
  OutsideEvent event() {
    OutsideEvent found;
    contract::OutsideEventRing ring = box.region().outside_events(0);
    EXPECT_EQ(ring.size(), 1u);
    EXPECT_TRUE(ring.pop(found));
    EXPECT_EQ(found.kind, OutsideEvent::Kind::request);
    return found;
  }
  void answer(const OutsideEvent& event, uint16_t status_code, std::string_view fields = {}) {
    OutsideRequest request;
    request.method = OutsideMethod::answer;
    request.request_id = event.request_id;
    request.status_code = status_code;
    EXPECT_TRUE(request.put(request.fields_length, fields));
    answer(request);
  }
  void answer(const OutsideRequest& request) {
    EXPECT_TRUE(box.region().outside_requests(0).push(request));
    box.engine().on_commands(box.now());
    wait_ms(1);
  }
  uint64_t dropped() const { return box.worker_counter(WorkerCounter::unregistered_source); }
};

TEST_F(Registering, IsAskedOfTheControlPlaneAndAnsweredWithItsFields) {
  send(itsp, register_text());
  const OutsideEvent asked = event();
  EXPECT_EQ(asked.trunk, Box::itsp);
  EXPECT_EQ(asked.source, itsp.endpoint());
  EXPECT_TRUE(asked.text().starts_with("REGISTER sip:10.20.2.1 SIP/2.0\r\nMax-Forwards"));
  EXPECT_NE(asked.text().find("Contact: <sip:branch@10.20.2.2>\r\n"), std::string_view::npos);
  EXPECT_EQ(asked.text().find("Via"), std::string_view::npos);
  play("quiet");
  answer(asked, 200, "Contact: <sip:branch@10.20.2.2>;expires=60\r\n");
  ASSERT_EQ(itsp.inbox().size(), 1u);
  const Wire response = itsp.inbox().front();
  EXPECT_TRUE(response.text.starts_with("SIP/2.0 200 OK\r\n"));
  EXPECT_EQ(response.field("Contact"), "<sip:branch@10.20.2.2>;expires=60");
  EXPECT_EQ(response.field("CSeq"), "1 REGISTER");
  EXPECT_NE(response.field("To").find(";tag="), std::string::npos);
  EXPECT_EQ(box.worker_counter(WorkerCounter::registers_in), 1u);
  itsp.inbox().clear();
  expect_clean(0);
}

TEST_F(Registering, RepetitionsAreAbsorbedAndGetTheSameAnswer) {
  send(itsp, register_text());
  send(itsp, register_text());
  const OutsideEvent asked = event();
  answer(asked, 401, "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n");
  const std::string first = itsp.inbox().front().text;
  send(itsp, register_text());
  ASSERT_EQ(itsp.inbox().size(), 2u);
  EXPECT_EQ(itsp.inbox().back().text, first);
  EXPECT_EQ(box.region().outside_events(0).size(), 0u);
  itsp.inbox().clear();
  expect_clean(0);
}

TEST_F(Registering, GetsA503WhenTheControlPlaneSaysNothing) {
  send(itsp, register_text());
  const OutsideEvent asked = event();
  wait_ms(8100);
  ASSERT_EQ(itsp.inbox().size(), 1u);
  EXPECT_TRUE(itsp.inbox().front().text.starts_with("SIP/2.0 503 "));
  EXPECT_EQ(itsp.inbox().front().field("Retry-After"), "10");
  itsp.inbox().clear();
  answer(asked, 200);  // too late
  play("quiet");
  EXPECT_EQ(box.worker_counter(WorkerCounter::registers_unanswered), 1u);
  expect_clean(0);
}

TEST_F(Registering, GetsA503AtOnceWhenTheRingIsFull) {
  contract::OutsideEventRing ring = box.region().outside_events(0);
  for (uint64_t i = 0; i < contract::outside_ring_capacity; ++i) {
    ASSERT_TRUE(ring.push(OutsideEvent{}));
  }
  send(itsp, register_text());
  ASSERT_EQ(itsp.inbox().size(), 1u);
  EXPECT_TRUE(itsp.inbox().front().text.starts_with("SIP/2.0 503 "));
  EXPECT_EQ(box.worker_counter(WorkerCounter::event_ring_full), 1u);
  itsp.inbox().clear();
  expect_clean(0);
}

TEST_F(Registering, GetsA513WhenItsHeaderIsTooLongToBeJudged) {
  std::string more;
  for (int i = 0; i < 10; ++i) more += "X-Long: " + std::string(500, 'x') + "\r\n";
  send(itsp, register_text(more));
  ASSERT_EQ(itsp.inbox().size(), 1u);
  EXPECT_TRUE(itsp.inbox().front().text.starts_with("SIP/2.0 513 "));
  itsp.inbox().clear();
  expect_clean(0);
}

TEST_F(Registering, SilenceLeavesNothingBehindAndARepetitionIsNew) {
  send(itsp, register_text());
  answer(event(), 0);
  play("quiet");
  EXPECT_EQ(box.engine().live_transactions(), 0u);
  send(itsp, register_text());
  answer(event(), 0);
  expect_clean(0);
}

TEST_F(Registering, AnAnswerThatMakesNoSenseIsA500) {
  send(itsp, register_text());
  OutsideRequest request;
  request.method = OutsideMethod::answer;
  request.request_id = event().request_id;
  request.status_code = 100;
  answer(request);
  ASSERT_EQ(itsp.inbox().size(), 1u);
  EXPECT_TRUE(itsp.inbox().front().text.starts_with("SIP/2.0 500 "));
  itsp.inbox().clear();
  expect_clean(0);
}

TEST_F(Registering, AnAnswerToNobodyIsDropped) {
  OutsideRequest request;
  request.method = OutsideMethod::answer;
  request.request_id = 0x1234567800000009;
  request.status_code = 200;
  answer(request);
  play("quiet");
  expect_clean(0);
}

TEST_F(Registering, WhoHasNotRegisteredGetsNoAnswerToAnythingElse) {
  play("itsp -> INVITE sdp");
  send(itsp, "garbage\r\n\r\n");
  std::string malformed = register_text();
  malformed.replace(malformed.find("Call-ID"), 7, "X-Other");
  send(itsp, malformed);
  play("quiet");
  EXPECT_EQ(dropped(), 2u);
  EXPECT_EQ(box.region().outside_events(0).size(), 0u);
  expect_clean(0);
}

struct Registered : Registering {
  Registered() : Registering(Registrar::bound) {}
};

TEST_F(Registered, IsCalledAtItsContactByWayOfItsTarget) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  const Wire invite = *itsp.last_request("INVITE");
  EXPECT_NE(invite.text.substr(0, invite.text.find('\r')).find("@192.0.2.77:5070 SIP/2.0"),
            std::string::npos)
      << invite.text;
  EXPECT_EQ(invite.field("Route"), "");
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

TEST_F(Registered, CallsAndMayGoOnWhenItsBindingIsOverButNotBegin) {
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    pbx  <- INVITE sdp
    pbx  -> 200 sdp
    pbx  <- ACK
    itsp <- 200 sdp
    itsp -> ACK
  )");
  box.set_registrar(Registrar::over);
  play(R"(
    itsp -> BYE
    itsp <- 200 BYE
    pbx  <- BYE
    pbx  -> 200 BYE
  )");
  play("itsp -> INVITE sdp");
  play("quiet");
  EXPECT_EQ(dropped(), 1u);
  expect_clean(1);
}

struct RegisteredByPath : Ladder {
  static BoxOptions path_options() {
    BoxOptions options = with_registrar(Registrar::bound);
    options.binding_route = "<sip:edge.example;lr>";
    return options;
  }
  RegisteredByPath() : Ladder(path_options()) {}
};

TEST_F(RegisteredByPath, IsCalledWithItsPathAsRoute) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  EXPECT_EQ(itsp.last_request("INVITE")->field("Route"), "<sip:edge.example;lr>");
}

}  // namespace
}  // namespace demarc::flow
