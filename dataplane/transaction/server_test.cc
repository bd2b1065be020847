// Every arrow of RFC 3261 Figures 7 and 8 and of the Accepted state of RFC 6026, in messages.
#include "dataplane/transaction/layer_harness.h"

namespace demarc::transaction {
namespace {

using Kind = Layer::Request::Kind;

class ServerInvite : public LayerTest {};
class ServerNonInvite : public LayerTest {
 protected:
  const RequestText options_{.method = "OPTIONS"};
};

TEST_F(ServerInvite, RetransmissionIsAbsorbedAndGetsTheLastProvisionalResponse) {
  const Layer::Request request = receive_request({});
  EXPECT_EQ(request.kind, Kind::fresh);
  EXPECT_TRUE(layer_->is_pending(request.id));
  const Layer::Request again = receive_request({});
  EXPECT_EQ(again.kind, Kind::absorbed);
  EXPECT_EQ(again.id, request.id);
  EXPECT_EQ(take_ladder(), "");
  respond(request.id, {.status_code = 100});
  receive_request({});
  respond(request.id, {.status_code = 180});
  pass(10);
  receive_request({});
  EXPECT_EQ(take_ladder(), "0 100, 0 100 again, 0 180, 10 180 again");
  EXPECT_EQ(layer_->absorbed_count(), 3u);
  EXPECT_EQ(layer_->retransmitted_count(), 2u);
  // It waits for its user as long as that takes.
  pass(200 * t1);
  EXPECT_TRUE(layer_->is_pending(request.id));
  layer_->abandon(request.id);
}

TEST_F(ServerInvite, FailureIsRetransmittedCappedByT2UntilTimerH) {
  const TransactionId id = receive_request({}).id;
  layer_->set_user(id, 42);
  respond(id, {.status_code = 486});
  EXPECT_FALSE(layer_->is_pending(id));
  pass(64 * t1 - 1);
  EXPECT_EQ(take_ladder(),
            "0 486, 500 486 again, 1500 486 again, 3500 486 again, 7500 486 again, "
            "11500 486 again, 15500 486 again, 19500 486 again, 23500 486 again, "
            "27500 486 again, 31500 486 again");
  EXPECT_TRUE(expiries_.empty());
  pass(1);
  ASSERT_EQ(expiries_.size(), 1u);
  EXPECT_EQ(expiries_[0].kind, Layer::Expiry::Kind::no_ack);
  EXPECT_EQ(expiries_[0].id, id);
  EXPECT_EQ(expiries_[0].user, 42u);
  EXPECT_FALSE(layer_->is_live(id));
}

TEST_F(ServerInvite, AckStopsTheRetransmissionsAndTimerIEndsIt) {
  const TransactionId id = receive_request({}).id;
  respond(id, {.status_code = 100});
  respond(id, {.status_code = 404});
  pass(100);
  EXPECT_EQ(receive_request({}).kind, Kind::absorbed);
  pass(400);
  EXPECT_EQ(receive_request(ack_of({}, "a6c85cf")).kind, Kind::absorbed);
  EXPECT_EQ(take_ladder(), "0 100, 0 404, 100 404 again, 500 404 again");
  pass(t4 - 1);
  EXPECT_EQ(receive_request(ack_of({}, "a6c85cf")).kind, Kind::absorbed);
  EXPECT_EQ(receive_request({}).kind, Kind::absorbed);
  EXPECT_TRUE(layer_->is_live(id));
  pass(1);
  EXPECT_FALSE(layer_->is_live(id));
  EXPECT_EQ(take_ladder(), "");
  EXPECT_TRUE(expiries_.empty());
}

TEST_F(ServerInvite, InAcceptedItAbsorbsTheInviteAndPassesTheAck) {
  const TransactionId id = receive_request({}).id;
  respond(id, {.status_code = 180});
  respond(id, {.status_code = 200});
  EXPECT_EQ(datagrams_->free_count(), 16u);  // the user keeps its 2xx
  pass(500);
  EXPECT_EQ(receive_request({}).kind, Kind::absorbed);
  respond(id, {.status_code = 200});
  EXPECT_EQ(take_ladder(), "0 180, 0 200, 500 200 again");
  const Layer::Request ack = receive_request(ack_of({}, "a6c85cf"));
  EXPECT_EQ(ack.kind, Kind::ack);
  EXPECT_EQ(ack.id, id);
  pass(64 * t1 - 501);
  EXPECT_TRUE(layer_->is_live(id));
  pass(1);
  EXPECT_FALSE(layer_->is_live(id));
  EXPECT_TRUE(expiries_.empty());
}

TEST_F(ServerInvite, ProvisionalResponseAfterTheFinalOneIsNotSent) {
  const TransactionId id = receive_request({}).id;
  respond(id, {.status_code = 200});
  respond(id, {.status_code = 180});
  pass(64 * t1);
  respond(id, {.status_code = 180});
  EXPECT_EQ(take_ladder(), "0 200");
}

TEST_F(ServerInvite, AckOfNoTransactionIsPassed) {
  const Layer::Request ack = receive_request(ack_of({.branch = ";branch=z9hG4bKack"}, "x"));
  EXPECT_EQ(ack.kind, Kind::ack);
  EXPECT_FALSE(ack.id.is_set());
  EXPECT_EQ(layer_->live(), 0u);
}

TEST_F(ServerInvite, AckBeforeAFinalResponseIsAbsorbed) {
  const TransactionId id = receive_request({}).id;
  EXPECT_EQ(receive_request(ack_of({}, "x")).kind, Kind::absorbed);
  EXPECT_TRUE(layer_->is_pending(id));
  layer_->abandon(id);
}

TEST_F(ServerInvite, ReliableTransportHasNoTimerGAndNoTimerI) {
  path_.transport = contract::Transport::tcp;
  const TransactionId id = receive_request({}).id;
  respond(id, {.status_code = 500});
  pass(10'000);
  EXPECT_EQ(take_ladder(), "0 500");
  receive_request(ack_of({}, "a6c85cf"));
  pass(1);
  EXPECT_FALSE(layer_->is_live(id));
}

TEST_F(ServerInvite, ReliableTransportStillHasTimerH) {
  path_.transport = contract::Transport::tcp;
  respond(receive_request({}).id, {.status_code = 500});
  pass(64 * t1);
  ASSERT_EQ(expiries_.size(), 1u);
  EXPECT_EQ(expiries_[0].kind, Layer::Expiry::Kind::no_ack);
}

TEST_F(ServerInvite, RefusesWhatThereIsNoRoomFor) {
  build({.transactions = 1});
  const TransactionId id = receive_request({}).id;
  const Layer::Request refused = receive_request({.branch = ";branch=z9hG4bKsecond"});
  EXPECT_EQ(refused.kind, Kind::refused);
  EXPECT_FALSE(refused.id.is_set());
  // What it knows already needs no room.
  EXPECT_EQ(receive_request({}).kind, Kind::absorbed);
  layer_->abandon(id);
  build({.timers = 1});
  EXPECT_EQ(receive_request({}).kind, Kind::refused);
}

TEST_F(ServerInvite, WithoutADatagramTheTransactionGoesOn) {
  const TransactionId id = receive_request({}).id;
  exhaust_datagrams();
  respond(id, {.status_code = 180});
  respond(id, {.status_code = 503});
  EXPECT_EQ(receive_request({}).kind, Kind::absorbed);
  pass(t1);
  EXPECT_EQ(receive_request(ack_of({}, "any")).kind, Kind::absorbed);
  EXPECT_EQ(take_ladder(), "");
  EXPECT_TRUE(expiries_.empty());
}

TEST_F(ServerInvite, WithoutATimerAtTheEndItTerminatesAtOnce) {
  build({.timers = 2});
  const TransactionId id = receive_request({}).id;
  TimerId first = timers_->start({1}, {TimerEvent::Owner::call, 0, 0, 0});
  TimerId second = timers_->start({1}, {TimerEvent::Owner::call, 0, 0, 0});
  respond(id, {.status_code = 486});
  EXPECT_EQ(take_ladder(), "0 486");
  EXPECT_FALSE(layer_->is_live(id));
  timers_->cancel(first);
  timers_->cancel(second);
}

TEST_F(ServerInvite, AFullOutboxLosesTheMessageAndNothingElse) {
  const TransactionId id = receive_request({}).id;
  const memory::DatagramId filler = datagrams_->keep("x");
  while (outbox_->push({filler, path_, contract::TrunkId::none, false})) {
  }
  const memory::DatagramId busy = datagrams_->keep(ResponseText{.status_code = 486}.text());
  layer_->respond(id, 486, busy, {uint64_t{5000} << TimerWheel::tick_shift});
  datagrams_->release(busy);
  datagrams_->release(filler);
  outbox_->clear();
  pass(t1);
  EXPECT_EQ(take_ladder(), "500 486 again");
}

using ServerDeathTest = ServerInvite;

TEST_F(ServerDeathTest, SecondFinalResponseIsOurMistake) {
  const TransactionId id = receive_request({}).id;
  respond(id, {.status_code = 486});
  EXPECT_DEATH(respond(id, {.status_code = 503}), "check failed");
  EXPECT_DEATH(respond(id, {.status_code = 200}), "check failed");
  layer_->abandon(id);
  EXPECT_DEATH(respond(id, {.status_code = 503}), "check failed");
  EXPECT_DEATH(static_cast<void>(layer_->path_of({})), "check failed");
}

TEST_F(ServerNonInvite, InTryingARetransmissionHasNoAnswer) {
  const Layer::Request request = receive_request(options_);
  EXPECT_EQ(request.kind, Kind::fresh);
  EXPECT_EQ(receive_request(options_).kind, Kind::absorbed);
  EXPECT_EQ(take_ladder(), "");
  layer_->abandon(request.id);
}

TEST_F(ServerNonInvite, InProceedingARetransmissionGetsTheLastProvisionalResponse) {
  const TransactionId id = receive_request(options_).id;
  respond(id, {.status_code = 100});
  receive_request(options_);
  respond(id, {.status_code = 182});
  receive_request(options_);
  EXPECT_TRUE(layer_->is_pending(id));
  EXPECT_EQ(take_ladder(), "0 100, 0 100 again, 0 182, 0 182 again");
  respond(id, {.status_code = 200});
  EXPECT_FALSE(layer_->is_pending(id));
}

TEST_F(ServerNonInvite, InCompletedARetransmissionGetsTheFinalResponseUntilTimerJ) {
  for (const int status_code : {200, 405}) {
    const TransactionId id = receive_request(options_).id;
    respond(id, {.status_code = status_code});
    pass(64 * t1 - 1);
    EXPECT_EQ(receive_request(options_).kind, Kind::absorbed);
    pass(1);
    EXPECT_FALSE(layer_->is_live(id));
  }
  EXPECT_EQ(take_ladder(), "0 200, 31999 200 again, 32000 405, 63999 405 again");
  EXPECT_TRUE(expiries_.empty());
}

TEST_F(ServerNonInvite, FailureInProceedingCompletes) {
  const TransactionId id = receive_request(options_).id;
  respond(id, {.status_code = 100});
  respond(id, {.status_code = 500});
  EXPECT_EQ(receive_request(options_).kind, Kind::absorbed);
  EXPECT_EQ(take_ladder(), "0 100, 0 500, 0 500 again");
}

TEST_F(ServerNonInvite, ReliableTransportHasNoTimerJ) {
  path_.transport = contract::Transport::tcp;
  const TransactionId id = receive_request(options_).id;
  respond(id, {.status_code = 200});
  EXPECT_TRUE(layer_->is_live(id));
  pass(1);
  EXPECT_FALSE(layer_->is_live(id));
}

}  // namespace
}  // namespace demarc::transaction
