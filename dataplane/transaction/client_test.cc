// Every arrow of RFC 3261 Figures 5 and 6 and of RFC 6026 Figure 7.2's Accepted state, in messages.
#include "dataplane/transaction/layer_harness.h"

namespace demarc::transaction {
namespace {

using Kind = Layer::Response::Kind;
using sip::Method;

class ClientInvite : public LayerTest {
 protected:
  TransactionId invite() { return start(Method::invite, {}); }
};
class ClientNonInvite : public LayerTest {
 protected:
  TransactionId options() { return start(Method::options, {.method = "OPTIONS"}); }
  static ResponseText response(int status_code) {
    return {.status_code = status_code, .cseq_method = "OPTIONS"};
  }
};

TEST_F(ClientInvite, RetransmitsAtDoublingIntervalsUntilTimerB) {
  const TransactionId id = invite();
  layer_->set_user(id, 77);
  EXPECT_TRUE(layer_->is_pending(id));
  pass(64 * t1 - 1);
  EXPECT_EQ(take_ladder(),
            "0 INVITE, 500 INVITE again, 1500 INVITE again, 3500 INVITE again, "
            "7500 INVITE again, 15500 INVITE again, 31500 INVITE again");
  EXPECT_EQ(layer_->retransmitted_count(), 6u);
  EXPECT_TRUE(expiries_.empty());
  pass(1);
  ASSERT_EQ(expiries_.size(), 1u);
  EXPECT_EQ(expiries_[0].kind, Layer::Expiry::Kind::no_response);
  EXPECT_EQ(expiries_[0].id, id);
  EXPECT_EQ(expiries_[0].user, 77u);
  EXPECT_FALSE(layer_->is_live(id));
  EXPECT_EQ(layer_->live(), 0u);
  EXPECT_EQ(timers_->live(), 0u);
}

// 500 ms are not a whole number of ticks: each timer fires late by a part of one, and the next is
// counted from when it should have.
TEST_F(ClientInvite, LatenessOfTimersDoesNotAddUp) {
  timing_ = Timing{};
  invite();
  pass(30'518);
  std::vector<int64_t> times;
  for (const Sent& sent : take_sent()) times.push_back(sent.time);
  std::vector<int64_t> expected;
  for (const int64_t ms : {0, 500, 1500, 3500, 7500, 15500, 31500}) {
    expected.push_back((ms * 1'000'000 + ticks(1).ns - 1) / ticks(1).ns);
  }
  EXPECT_EQ(times, expected);
  EXPECT_EQ(expiries_.size(), 1u);
}

TEST_F(ClientInvite, GivesUpWhenTheTrunkSaysSo) {
  timing_.no_response = ticks(3000);
  invite();
  pass(3000);
  EXPECT_EQ(take_ladder(), "0 INVITE, 500 INVITE again, 1500 INVITE again");
  EXPECT_EQ(expiries_.size(), 1u);
}

TEST_F(ClientInvite, ProvisionalResponseStopsTimersAAndB) {
  const TransactionId id = invite();
  layer_->set_user(id, 5);
  pass(600);
  const Layer::Response trying = receive_response({.status_code = 100});
  EXPECT_EQ(trying.kind, Kind::pass);
  EXPECT_EQ(trying.id, id);
  EXPECT_EQ(trying.user, 5u);
  EXPECT_EQ(timers_->live(), 0u);
  pass(100 * t1);
  EXPECT_EQ(receive_response({.status_code = 180}).kind, Kind::pass);
  EXPECT_EQ(take_ladder(), "0 INVITE, 500 INVITE again");
  EXPECT_TRUE(expiries_.empty());
  EXPECT_TRUE(layer_->is_pending(id));
  layer_->abandon(id);
}

TEST_F(ClientInvite, SuccessIsPassedAndSoIsEveryFurtherOneUntilTimerM) {
  const TransactionId id = invite();
  EXPECT_EQ(receive_response({.status_code = 200}).kind, Kind::pass);
  EXPECT_FALSE(layer_->is_pending(id));
  pass(64 * t1 - 1);
  EXPECT_EQ(receive_response({.status_code = 200}).kind, Kind::pass);
  EXPECT_EQ(receive_response({.status_code = 200, .to = "<sip:b@c>;tag=another"}).kind, Kind::pass);
  EXPECT_EQ(receive_response({.status_code = 180}).kind, Kind::absorbed);
  EXPECT_EQ(receive_response({.status_code = 486}).kind, Kind::absorbed);
  pass(1);
  EXPECT_FALSE(layer_->is_live(id));
  EXPECT_EQ(receive_response({.status_code = 200}).kind, Kind::stray);
  EXPECT_EQ(take_ladder(), "0 INVITE");
  EXPECT_TRUE(expiries_.empty());
}

TEST_F(ClientInvite, SuccessAfterRingingIsPassed) {
  const TransactionId id = invite();
  receive_response({.status_code = 180});
  EXPECT_EQ(receive_response({.status_code = 200}).kind, Kind::pass);
  EXPECT_FALSE(layer_->is_pending(id));
}

TEST_F(ClientInvite, FailureIsAcknowledgedAsSection17113Says) {
  start(Method::invite,
        {.from = "<sip:a@x>;tag=1",
         .more =
             "Route: <sip:p1;lr>,\r\n <sip:p2;lr>\r\nRoute: <sip:p3;lr>\r\nContact: <sip:m>\r\n"});
  take_sent();
  EXPECT_EQ(receive_response({.status_code = 486, .to = "Bob <sip:bob@biloxi.example>;tag=9"}).kind,
            Kind::pass);
  const std::vector<Sent> sent = take_sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_FALSE(sent[0].is_again);
  EXPECT_EQ(sent[0].text,
            "ACK sip:bob@biloxi.example SIP/2.0\r\n"
            "Via: SIP/2.0/UDP pc33.atlanta.example;branch=z9hG4bKnashds8\r\n"
            "Route: <sip:p1;lr>, <sip:p2;lr>\r\n"
            "Route: <sip:p3;lr>\r\n"
            "Max-Forwards: 70\r\n"
            "From: <sip:a@x>;tag=1\r\n"
            "To: Bob <sip:bob@biloxi.example>;tag=9\r\n"
            "Call-ID: a84b4c76e66710\r\n"
            "CSeq: 314159 ACK\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST_F(ClientInvite, EachFurtherFailureIsAcknowledgedAgainUntilTimerD) {
  timing_.no_response = ticks(700);
  const TransactionId id = invite();
  pass(10);
  EXPECT_EQ(receive_response({.status_code = 503}).kind, Kind::pass);
  pass(500);
  EXPECT_EQ(receive_response({.status_code = 503}).kind, Kind::absorbed);
  EXPECT_EQ(receive_response({.status_code = 180}).kind, Kind::absorbed);
  EXPECT_EQ(receive_response({.status_code = 200}).kind, Kind::absorbed);
  EXPECT_EQ(take_ladder(), "0 INVITE, 10 ACK, 510 ACK again");
  EXPECT_EQ(layer_->absorbed_count(), 3u);
  EXPECT_EQ(layer_->retransmitted_count(), 1u);
  pass(64 * t1 - 501);
  EXPECT_TRUE(layer_->is_live(id));
  pass(1);
  EXPECT_FALSE(layer_->is_live(id));
  EXPECT_EQ(receive_response({.status_code = 503}).kind, Kind::stray);
  EXPECT_TRUE(expiries_.empty());
}

// Its peer's may be slower than ours.
TEST_F(ClientInvite, TimerDIs32SecondsHoweverFastT1Is) {
  timing_.t1 = ticks(t1 / 5);
  const TransactionId id = invite();
  EXPECT_EQ(receive_response({.status_code = 503}).kind, Kind::pass);
  // 32 s are 30,518 ticks of the wheel, rounded up.
  pass(30517);
  EXPECT_TRUE(layer_->is_live(id));
  pass(1);
  EXPECT_FALSE(layer_->is_live(id));
}

TEST_F(ClientInvite, FailureAfterRingingIsAcknowledged) {
  invite();
  receive_response({.status_code = 183});
  EXPECT_EQ(receive_response({.status_code = 302}).kind, Kind::pass);
  EXPECT_EQ(take_ladder(), "0 INVITE, 0 ACK");
}

TEST_F(ClientInvite, ReliableTransportHasNoTimerAAndNoTimerD) {
  path_.transport = contract::Transport::tcp;
  const TransactionId id = invite();
  pass(5000);
  EXPECT_EQ(take_ladder(), "0 INVITE");
  EXPECT_EQ(receive_response({.status_code = 404}).kind, Kind::pass);
  // The user may still ask about it while it handles the response.
  EXPECT_TRUE(layer_->is_live(id));
  pass(1);
  EXPECT_FALSE(layer_->is_live(id));
  EXPECT_EQ(take_ladder(), "5000 ACK");
}

TEST_F(ClientInvite, ReliableTransportStillHasTimerBAndTimerM) {
  path_.transport = contract::Transport::tls;
  invite();
  pass(64 * t1);
  EXPECT_EQ(expiries_.size(), 1u);
  const TransactionId id = invite();
  receive_response({.status_code = 200});
  pass(64 * t1 - 1);
  EXPECT_TRUE(layer_->is_live(id));
}

TEST_F(ClientInvite, EndsWhenItsTransportFails) {
  path_.transport = contract::Transport::tcp;
  const TransactionId id = invite();
  layer_->set_user(id, 9);
  EXPECT_EQ(layer_->fail(sip::Method::bye, "z9hG4bKours").kind, Layer::Expiry::Kind::none);
  EXPECT_EQ(layer_->fail(sip::Method::invite, "z9hG4bKtheirs").kind, Layer::Expiry::Kind::none);
  const Layer::Expiry expiry = layer_->fail(sip::Method::invite, "z9hG4bKours");
  EXPECT_EQ(expiry.kind, Layer::Expiry::Kind::unreachable);
  EXPECT_EQ(expiry.user, 9u);
  EXPECT_FALSE(layer_->is_live(id));
  EXPECT_EQ(layer_->fail(sip::Method::invite, "z9hG4bKours").kind, Layer::Expiry::Kind::none);
}

TEST_F(ClientInvite, WhatWasAnsweredGoesOnWithoutItsTransport) {
  const TransactionId id = invite();
  receive_response({.status_code = 100});
  EXPECT_EQ(layer_->fail(sip::Method::invite, "z9hG4bKours").kind, Layer::Expiry::Kind::none);
  EXPECT_TRUE(layer_->is_live(id));
  layer_->abandon(id);
}

TEST_F(ClientInvite, WithoutADatagramTheAckIsSentForTheNextRetransmission) {
  build({.datagrams = 1});
  invite();
  exhaust_datagrams();
  EXPECT_EQ(receive_response({.status_code = 486}).kind, Kind::pass);
  EXPECT_EQ(receive_response({.status_code = 486}).kind, Kind::absorbed);
  EXPECT_EQ(take_ladder(), "0 INVITE");
  release_datagrams();
  EXPECT_EQ(receive_response({.status_code = 486}).kind, Kind::absorbed);
  EXPECT_EQ(receive_response({.status_code = 486}).kind, Kind::absorbed);
  EXPECT_EQ(take_ladder(), "0 ACK again, 0 ACK again");
}

TEST_F(ClientInvite, KeepsTheRequestForCancel) {
  const TransactionId id = invite();
  EXPECT_EQ(layer_->request_of(id), RequestText{}.text());
  layer_->abandon(id);
  EXPECT_EQ(layer_->request_of(id), "");
}

TEST_F(ClientInvite, ResponseOfAnotherTrunkIsStrayAndChangesNothing) {
  const TransactionId id = invite();
  EXPECT_EQ(receive_response({.status_code = 486}, contract::TrunkId{1}).kind, Kind::stray);
  EXPECT_TRUE(layer_->is_pending(id));
  EXPECT_EQ(receive_response({.status_code = 486}).kind, Kind::pass);
}

TEST_F(ClientInvite, IsStartedUntilItEnds) {
  const TransactionId id = invite();
  EXPECT_TRUE(layer_->is_started(Method::invite, "z9hG4bKours"));
  EXPECT_FALSE(layer_->is_started(Method::bye, "z9hG4bKours"));
  layer_->abandon(id);
  EXPECT_FALSE(layer_->is_started(Method::invite, "z9hG4bKours"));
}

// Accepted lasts 64*T1, and a 2xx leaves nothing to cancel or to send again.
TEST_F(ClientInvite, GivesTheRequestBackWhenAccepted) {
  for (const bool is_ringing : {false, true}) {
    const uint32_t before = datagrams_->free_count();
    const TransactionId id = invite();
    if (is_ringing) receive_response({.status_code = 180});
    EXPECT_EQ(receive_response({.status_code = 200}).kind, Kind::pass);
    EXPECT_TRUE(layer_->is_live(id));
    EXPECT_EQ(layer_->request_of(id), "");
    EXPECT_EQ(datagrams_->free_count(), before);
    layer_->abandon(id);
  }
}

TEST_F(ClientInvite, KeepsTheRequestOnWhereItIsAskedTo) {
  const uint32_t before = datagrams_->free_count();
  const TransactionId id = invite();
  layer_->keep_request(id);
  EXPECT_EQ(receive_response({.status_code = 200}).kind, Kind::pass);
  EXPECT_EQ(layer_->request_of(id), RequestText{}.text());
  pass(64 * t1);
  EXPECT_EQ(layer_->request_of(id), "");
  EXPECT_EQ(datagrams_->free_count(), before);
}

TEST_F(ClientInvite, AcknowledgesAFailureWithTheCredentialsOfTheInvite) {
  start(Method::invite, {.more = "Proxy-Authorization: Digest a=1\r\nAuthorization: Digest b=2\r\n"
                                 "Proxy-Authorization: Digest c=3\r\n"});
  take_sent();
  receive_response({.status_code = 486});
  const std::vector<Sent> sent = take_sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_NE(sent[0].text.find("CSeq: 314159 ACK\r\n"
                              "Authorization: Digest b=2\r\n"
                              "Proxy-Authorization: Digest a=1\r\n"
                              "Proxy-Authorization: Digest c=3\r\n"),
            std::string::npos)
      << sent[0].text;
}

TEST_F(ClientInvite, MatchesByBranchAndCSeqMethod) {
  const TransactionId id = invite();
  EXPECT_EQ(receive_response({.branch = ";branch=z9hG4bKother"}).kind, Kind::stray);
  EXPECT_EQ(receive_response({.branch = ""}).kind, Kind::stray);
  EXPECT_EQ(receive_response({.cseq_method = "CANCEL"}).kind, Kind::stray);
  // A token has no case (RFC 3261 section 7.3.1).
  EXPECT_EQ(receive_response({.status_code = 180, .branch = ";branch=Z9HG4BKOURS"}).id, id);
  layer_->abandon(id);
}

TEST_F(ClientInvite, CancelIsATransactionOfItsOwnOnTheSameBranch) {
  const TransactionId id = invite();
  const TransactionId cancel = start(Method::cancel, {.method = "CANCEL"});
  EXPECT_EQ(receive_response({.cseq_method = "CANCEL"}).id, cancel);
  EXPECT_EQ(receive_response({.status_code = 487}).id, id);
}

TEST_F(ClientInvite, AfterALongPauseItRetransmitsOnceAndNotForEachIntervalMissed) {
  invite();
  time_ += 20'000;  // the worker stood still
  pass(1);
  EXPECT_EQ(take_ladder(), "0 INVITE, 20001 INVITE again");
  pass(999);
  EXPECT_EQ(take_ladder(), "");
  pass(1);
  EXPECT_EQ(take_ladder(), "21001 INVITE again");
}

TEST_F(ClientNonInvite, IsTriedItsFullTimeWhateverTheTrunkSaysOfInvites) {
  timing_.no_response = ticks(3000);
  options();
  pass(64 * t1 - 1);
  EXPECT_TRUE(expiries_.empty());
  pass(1);
  EXPECT_EQ(expiries_.size(), 1u);
}

TEST_F(ClientNonInvite, RetransmitsAtDoublingIntervalsCappedByT2UntilTimerF) {
  const TransactionId id = options();
  pass(64 * t1 - 1);
  EXPECT_EQ(take_ladder(),
            "0 OPTIONS, 500 OPTIONS again, 1500 OPTIONS again, 3500 OPTIONS again, "
            "7500 OPTIONS again, 11500 OPTIONS again, 15500 OPTIONS again, 19500 OPTIONS again, "
            "23500 OPTIONS again, 27500 OPTIONS again, 31500 OPTIONS again");
  pass(1);
  ASSERT_EQ(expiries_.size(), 1u);
  EXPECT_EQ(expiries_[0].kind, Layer::Expiry::Kind::no_response);
  EXPECT_EQ(expiries_[0].id, id);
}

TEST_F(ClientNonInvite, IntervalOfZeroDoesNotFloodThePeer) {
  timing_.t2 = {};
  options();
  pass(64 * t1);
  EXPECT_EQ(take_ladder(), "0 OPTIONS, 500 OPTIONS again");
}

TEST_F(ClientNonInvite, InProceedingTimerERunsAtT2AndTimerFStillEndsIt) {
  const TransactionId id = options();
  pass(600);
  EXPECT_EQ(receive_response(response(100)).kind, Kind::pass);
  EXPECT_EQ(receive_response(response(183)).kind, Kind::pass);
  EXPECT_TRUE(layer_->is_pending(id));
  pass(12'000);
  // The one that was running when the response came fires when it was to.
  EXPECT_EQ(take_ladder(),
            "0 OPTIONS, 500 OPTIONS again, 1500 OPTIONS again, 5500 OPTIONS again, "
            "9500 OPTIONS again");
  pass(64 * t1 - 12'600);
  ASSERT_EQ(expiries_.size(), 1u);
  EXPECT_EQ(expiries_[0].kind, Layer::Expiry::Kind::no_response);
}

TEST_F(ClientNonInvite, FinalResponseIsPassedOnceAndAbsorbedUntilTimerK) {
  for (const int status_code : {200, 404}) {
    const TransactionId id = options();
    EXPECT_EQ(receive_response(response(status_code)).kind, Kind::pass);
    EXPECT_FALSE(layer_->is_pending(id));
    pass(t4 - 1);
    EXPECT_EQ(receive_response(response(200)).kind, Kind::absorbed);
    EXPECT_EQ(receive_response(response(404)).kind, Kind::absorbed);
    EXPECT_EQ(receive_response(response(100)).kind, Kind::absorbed);
    pass(1);
    EXPECT_FALSE(layer_->is_live(id));
    EXPECT_EQ(receive_response(response(200)).kind, Kind::stray);
  }
  EXPECT_EQ(take_ladder(), "0 OPTIONS, 5000 OPTIONS");
  EXPECT_TRUE(expiries_.empty());
  EXPECT_EQ(layer_->absorbed_count(), 6u);
}

TEST_F(ClientNonInvite, FinalResponseInProceedingCompletes) {
  for (const int status_code : {202, 500}) {
    const TransactionId id = options();
    receive_response(response(100));
    EXPECT_EQ(receive_response(response(status_code)).kind, Kind::pass);
    EXPECT_EQ(receive_response(response(status_code)).kind, Kind::absorbed);
    pass(t4);
    EXPECT_FALSE(layer_->is_live(id));
  }
}

TEST_F(ClientNonInvite, ReliableTransportHasNoTimerEAndNoTimerK) {
  path_.transport = contract::Transport::tcp;
  const TransactionId id = options();
  pass(10'000);
  EXPECT_EQ(take_ladder(), "0 OPTIONS");
  EXPECT_EQ(receive_response(response(200)).kind, Kind::pass);
  pass(1);
  EXPECT_FALSE(layer_->is_live(id));
}

TEST_F(ClientNonInvite, RefusesWhatThereIsNoRoomFor) {
  build({.transactions = 1});
  const TransactionId id = options();
  EXPECT_TRUE(id.is_set());
  EXPECT_FALSE(start(Method::info, {.method = "INFO"}).is_set());
  EXPECT_EQ(take_ladder(), "0 OPTIONS");
  layer_->abandon(id);
  EXPECT_TRUE(options().is_set());
}

TEST_F(ClientNonInvite, RefusesWithoutTimersOrWithoutADatagram) {
  build({.timers = 1});
  EXPECT_FALSE(options().is_set());
  build({});
  exhaust_datagrams();
  EXPECT_FALSE(options().is_set());
  EXPECT_EQ(take_ladder(), "");
}

TEST_F(ClientNonInvite, MarkOfTheUserEndsWithTheTransaction) {
  const TransactionId id = options();
  EXPECT_EQ(layer_->user_of(id), 0u);
  layer_->set_user(id, 9);
  EXPECT_EQ(layer_->user_of(id), 9u);
  EXPECT_EQ(layer_->path_of(id).transport, contract::Transport::udp);
  EXPECT_EQ(timers_->live(), Layer::timers_per_transaction);
  layer_->abandon(id);
  EXPECT_EQ(timers_->live(), 0u);
  layer_->abandon(id);
  layer_->set_user(id, 10);
  EXPECT_EQ(layer_->user_of(id), 0u);
  EXPECT_FALSE(layer_->is_pending(id));
  // The element is used again: the old name must not reach its new transaction.
  const TransactionId next = options();
  EXPECT_EQ(next.index, id.index);
  EXPECT_FALSE(layer_->is_live(id));
  EXPECT_EQ(layer_->user_of(next), 0u);
}

TEST_F(ClientNonInvite, TimerOfAnEndedTransactionIsIgnored) {
  const TransactionId id = options();
  layer_->abandon(id);
  options();
  const TimerEvent late{TimerEvent::Owner::transaction, static_cast<uint8_t>(Event::timer_f),
                        id.index, id.generation};
  EXPECT_EQ(layer_->on_timer(late, {1}).kind, Layer::Expiry::Kind::none);
  EXPECT_EQ(layer_->live(), 1u);
}

}  // namespace
}  // namespace demarc::transaction
