// Who may speak, what is said to bad messages, and what the other side gets to see.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::WorkerCounter;

using Source = Ladder;

TEST_F(Source, StrangerGetsSilence) {
  Peer stranger("stranger", "10.20.2.99", "10.20.2.1");
  for (const char* what : {"INVITE sdp", "OPTIONS", "REGISTER", "BYE", "CANCEL"}) {
    send(stranger, stranger.compose(what));
  }
  send(stranger, "garbage");
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_unknown_source), 6u);
  play("quiet\n");
  expect_clean(0);
}

TEST_F(Source, OptionsIsAnsweredWithWhatWeCan) {
  play(R"(
    itsp -> OPTIONS
    itsp <- 200
  )");
  const Wire* answer = itsp.last_response("OPTIONS");
  EXPECT_EQ(answer->field("Allow"),
            "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, MESSAGE, SUBSCRIBE, NOTIFY, PRACK");
  EXPECT_EQ(answer->field("Accept"), "application/sdp, multipart/mixed");
  EXPECT_NE(answer->field("To").find(";tag="), std::string::npos);
  EXPECT_EQ(box.trunk_counter(Box::itsp, contract::TrunkCounter::options_in), 1u);
  EXPECT_EQ(box.trunk_counter(Box::pbx, contract::TrunkCounter::options_in), 0u);
  expect_clean(0);
}

TEST_F(Source, OtherMethodsAre405) {
  play(R"(
    itsp -> REGISTER
    itsp <- 405
    pbx  -> SUBSCRIBE
    pbx  <- 405
    pbx  -> BYE
  )");
  EXPECT_EQ(itsp.last_response("REGISTER")->field("Allow"), "INVITE, ACK, CANCEL, BYE, OPTIONS");
  expect_clean(0);
}

// Routes are for calls.
TEST_F(Source, WhatIsRoutedNowhereIs405WithWhatIs) {
  for (const std::string method : {"MESSAGE", "SUBSCRIBE"}) {
    play("itsp -> " + method + "\nitsp <- 405 " + method + "\n");
    EXPECT_EQ(itsp.last_response(method)->field("Allow"), "INVITE, ACK, CANCEL, BYE, OPTIONS");
  }
  expect_clean(0);
}

TEST_F(Source, WhatIsOfADialogIs481WithoutOne) {
  for (const std::string method : {"UPDATE", "INFO", "NOTIFY"}) {
    play("itsp -> " + method + "\nitsp <- 481 " + method + "\n");
  }
  expect_clean(0);
}

class SourceOfReferrals : public Source {
 protected:
  SourceOfReferrals() : Source(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    for (contract::CallPolicy& policy : options.policy)
      policy.transfer = contract::Transfer::handled;
    return options;
  }
};

TEST_F(SourceOfReferrals, AReferOfNoCallIs405) {
  itsp.extra_lines = "Refer-To: <sip:+4930123456@10.20.2.1>\r\n";
  play("itsp -> REFER\nitsp <- 405 REFER\n");
  EXPECT_EQ(itsp.last_response("REFER")->field("Allow"), "INVITE, ACK, CANCEL, BYE, OPTIONS");
  expect_clean(0);
}

TEST_F(Source, UnknownMethodsAre501) {
  play(R"(
    itsp -> JUGGLE
    itsp <- 501
  )");
  expect_clean(0);
}

TEST_F(Source, RequiredExtensionsAre420WithAllOfThem) {
  itsp.extra_lines = "Require: foo\r\nRequire: bar, baz\r\n";
  play(R"(
    itsp -> OPTIONS
    itsp <- 420
  )");
  const Wire* answer = itsp.last_response("OPTIONS");
  EXPECT_EQ(answer->fields("Unsupported"), (std::vector<std::string>{"foo", "bar", "baz"}));
  expect_clean(0);
}

TEST_F(Source, RequiredExtensionsInADialogAre420ButNotInACancel) {
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 180\npbx <- 180\n");
  pbx.extra_lines = "Require: foo\r\n";
  play("pbx -> OPTIONS within\npbx <- 420\n");
  EXPECT_EQ(pbx.last_response("OPTIONS")->field("Unsupported"), "foo");
  pbx.extra_lines = "Require: foo\r\n";
  play(R"(
    pbx  -> CANCEL
    pbx  <- 200 CANCEL
    pbx  <- 487 INVITE
    itsp <- CANCEL
    pbx  -> ACK
    itsp -> 200 CANCEL
    itsp -> 487
    itsp <- ACK
  )");
  expect_clean(1);
}

TEST_F(Source, MergedRequestIs482) {
  const std::string invite = pbx.compose("INVITE sdp");
  send(pbx, invite);
  play("pbx <- 100\nitsp <- INVITE sdp\n");
  std::string merged = invite;
  merged.replace(merged.find("branch=z9hG4bK-") + 15, 3, "two");
  send(pbx, merged);
  play("pbx <- 482\nquiet\n");
  // Another number is another request.
  std::string next = merged;
  next.replace(next.find("branch=z9hG4bK-") + 15, 3, "new");
  next.replace(next.find("CSeq: 1 "), 8, "CSeq: 2 ");
  send(pbx, next);
  play("pbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(box.engine().live_calls(), 2u);
}

TEST_F(Source, AUserThatIsNoNumberDoesNotMatchAPrefix) {
  itsp.called = "+44alice";
  play(R"(
    itsp -> INVITE sdp
    itsp <- 100
    itsp <- 404
    itsp -> ACK
  )");
  pbx.called = "+44alice";
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  EXPECT_TRUE(itsp.last_request("INVITE")->text.starts_with("INVITE sip:+44alice@10.20.2.2 "));
  play(R"(
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    pbx  -> ACK
  )");
  expect_clean(2);
}

TEST_F(Source, KeepAliveAndGarbageAreCounted) {
  send(itsp, "\r\n\r\n");
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_keepalive), 1u);
  send(itsp, "GET / HTTP/1.0\r\n\r\n");
  send(itsp, std::string("\0\0\0\0", 4));
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_unparsable), 2u);
  play("quiet\n");
}

TEST_F(Source, MalformedRequestOfATrunkIs400AndNothingIsLostBesideIt) {
  std::string bad = itsp.compose("INVITE sdp");
  bad.replace(bad.find("CSeq: "), 8, "CSeq: x ");
  send(itsp, bad);
  play("itsp <- 400\n");
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_malformed_request), 1u);
  play(R"(
    itsp -> OPTIONS
    itsp <- 200
  )");
  expect_clean(0);
}

TEST_F(Source, MalformedAckIsNeverAnswered) {
  std::string bad =
      "ACK sip:x@10.20.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.20.2.2;branch=z9hG4bKx\r\n"
      "From: <sip:a@a>;tag=1\r\nTo: <sip:x@b>\r\nCall-ID: c\r\nCSeq: x ACK\r\n\r\n";
  send(itsp, bad);
  play("quiet\n");
}

TEST_F(Source, AnotherVersionIs505) {
  std::string other = itsp.compose("OPTIONS");
  other.replace(other.find("SIP/2.0"), 7, "SIP/7.0");
  send(itsp, other);
  play("itsp <- 505\n");
}

TEST_F(Source, StolenIdsFromTheOtherTrunkDoNotEndACall) {
  play(answered_at_once);
  // The caller's BYE, word for word, but out of the provider's mouth.
  const std::string bye = pbx.compose("BYE");
  const std::string padded = bye + std::string(64, ' ');
  transaction::Path path;
  path.local = itsp.box_endpoint();
  path.remote = itsp.endpoint();
  box.engine().on_datagram(std::string_view(padded).substr(0, bye.size()), path, box.now());
  ASSERT_EQ(box.engine().outbox().sends().size(), 1u);
  EXPECT_NE(std::string(box.engine().octets(box.engine().outbox().sends()[0].datagram)).find("481"),
            std::string::npos);
  box.engine().clear_outbox();
  EXPECT_EQ(box.engine().live_calls(), 1u);
}

TEST_F(Source, AnAnswerOutOfTheOtherTrunkIsStray) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  send(pbx, itsp.compose("486"));
  EXPECT_EQ(box.worker_counter(WorkerCounter::sip_stray_response), 1u);
  play(R"(
    quiet
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(Source, UnservedRequestsInDialogLeaveTheCallAsItWas) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
    itsp -> REFER within
    itsp <- 405
    itsp -> PUBLISH within
    itsp <- 405
    itsp -> OPTIONS within
    itsp <- 200
    quiet
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

// Calls keep what they began with: a trunk that left the configuration still gets its BYE.
TEST_F(Source, TrunkThatIsRemovedDuringACallIsStillReleased) {
  play(answered_at_once);
  box.remove_itsp();
  wait_ms(2000);
  play(R"(
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
  )");
  EXPECT_NE(itsp.last_request("BYE")->field("Via").find("10.20.2.1:5060"), std::string::npos);
  Peer second("second", "10.20.1.2", "10.20.1.1");
  std::swap(pbx, second);
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    pbx  <- 404
    pbx  -> ACK
  )");
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].to_name.view(), "itsp");
  EXPECT_EQ(records[0].end, contract::CallEnd::released_by_caller);
  expect_clean(0);
}

// A side that is not configured any more gets no new media; what it has goes on.
TEST_F(Source, ATrunkThatIsRemovedGetsNoNewMedia) {
  play(answered_at_once);
  box.remove_itsp();
  pbx.body =
      "v=0\r\no=x 1 2 IN IP4 10.20.1.2\r\ns=-\r\nc=IN IP4 10.20.1.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\nm=video 40002 RTP/AVP 96\r\n";
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 503
    pbx  -> ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
  )");
  expect_clean(1);
}

class Unwatched : public Ladder {
 protected:
  Unwatched() : Ladder({.media_timeout_ms = 0}) {}
};

// Nobody of the removed trunk can end the call, and no silence does.
TEST_F(Unwatched, CallOfARemovedTrunkEndsAfterAMinute) {
  play(answered_at_once);
  box.remove_itsp();
  wait_ms(59'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  wait_ms(3'000);
  play(R"(
    pbx  <- BYE
    itsp <- BYE
    pbx  -> 200 BYE
  )");
  EXPECT_EQ(the_record().end, contract::CallEnd::released_by_us);
  expect_clean(0);
}

class BehindNat : public Ladder {
 protected:
  BehindNat() : Ladder({.outside_advertised = "203.0.113.5"}) {}
};

TEST_F(BehindNat, ShowsTheAdvertisedAddressEverywhereOnThatSideOnly) {
  play(answered_at_once);
  const Wire* invite = itsp.last_request("INVITE");
  EXPECT_EQ(invite->text.find("10.20.2.1:"), std::string::npos) << invite->text;
  EXPECT_NE(invite->field("Via").find("203.0.113.5:5060"), std::string::npos);
  EXPECT_NE(invite->field("Contact").find("203.0.113.5:5060"), std::string::npos);
  EXPECT_NE(invite->body.find("c=IN IP4 203.0.113.5"), std::string::npos);
  EXPECT_EQ(pbx.last_response("INVITE")->text.find("203.0.113.5"), std::string::npos);
}

TEST_F(Source, SdpIsOursOnBothSides) {
  play(answered_at_once);
  const std::string offer = itsp.last_request("INVITE")->body;
  EXPECT_NE(offer.find("c=IN IP4 10.20.2.1\r\n"), std::string::npos) << offer;
  EXPECT_NE(offer.find("RTP/AVP 8 101\r\n"), std::string::npos) << offer;
  EXPECT_NE(offer.find("a=rtpmap:101 telephone-event/8000\r\n"), std::string::npos) << offer;
  const std::string answer = pbx.last_response("INVITE")->body;
  EXPECT_NE(answer.find("c=IN IP4 10.20.1.1\r\n"), std::string::npos) << answer;
}

}  // namespace
}  // namespace demarc::flow
