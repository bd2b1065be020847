// Full tables refuse the newest new call with 503, count it, and lose nothing beside it.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::WorkerCounter;

// One answered call, then one more that must be refused with 503, then the first one ends well.
class Limit : public Ladder {
 protected:
  explicit Limit(const BoxOptions& options) : Ladder(options) {}

  void one_more_is_refused(WorkerCounter counter, size_t records, bool has_trying = true) {
    play(answered_at_once);
    Peer second("second", "10.20.1.2", "10.20.1.1");
    std::swap(pbx, second);
    play("pbx -> INVITE sdp\n");
    if (has_trying) play("pbx <- 100\n");
    play("pbx <- 503\npbx -> ACK\nquiet\n");
    std::swap(pbx, second);
    EXPECT_EQ(box.worker_counter(counter), 1u);
    // Attempts are the answered, the failed and the live ones.
    using contract::TrunkCounter;
    EXPECT_EQ(box.trunk_counter(Box::pbx, TrunkCounter::attempts_in), 2u);
    EXPECT_EQ(box.trunk_counter(Box::pbx, TrunkCounter::answered_in), 1u);
    EXPECT_EQ(box.trunk_counter(Box::pbx, TrunkCounter::failed_in), 1u);
    play(R"(
      pbx  -> BYE
      pbx  <- 200
      itsp <- BYE
      itsp -> 200 BYE
    )");
    expect_clean(records);
  }
};

struct CallTable : Limit {
  CallTable() : Limit({.calls = 1}) {}
};
TEST_F(CallTable, Full) {
  one_more_is_refused(WorkerCounter::call_table_full, 2, false);
}
// Who was refused before there was a call stands in the records as any other refused caller.
TEST_F(CallTable, FullLeavesARecord) {
  play(answered_at_once);
  Peer second("second", "10.20.1.2", "10.20.1.1");
  std::swap(pbx, second);
  play("pbx -> INVITE sdp\npbx <- 503\npbx -> ACK\nquiet\n");
  std::swap(pbx, second);
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.sequence, 1u);
  EXPECT_EQ(record.end, contract::CallEnd::refused);
  EXPECT_EQ(record.status_code, 503);
  EXPECT_EQ(record.from, Box::pbx);
  EXPECT_EQ(record.from_name.view(), "pbx");
  EXPECT_EQ(record.to, contract::TrunkId::none);
  EXPECT_EQ(record.called.view(), "+442079460018");
  EXPECT_NE(record.calling.view(), "");
  EXPECT_NE(record.call_id_in.view(), "");
  EXPECT_NE(record.started_unix_ns, 0u);
  EXPECT_EQ(record.started_unix_ns, record.ended_unix_ns);
  play(ended_by_caller);
  expect_clean(1);
}

struct RecordRing : Limit {
  RecordRing() : Limit({.calls = 3, .record_ring = 1}) {}
  // A call from a caller of its own that nobody answers: it ends with a record.
  void call_in_vain(const char* name) {
    Peer other(name, "10.20.1.2", "10.20.1.1");
    std::swap(pbx, other);
    play(R"(
      pbx  -> INVITE sdp
      pbx  <- 100
      itsp <- INVITE sdp
      itsp -> 486
      itsp <- ACK
      pbx  <- 486
      pbx  -> ACK
    )");
    std::swap(pbx, other);
  }
  void refuse_one(const char* name) {
    Peer other(name, "10.20.1.2", "10.20.1.1");
    std::swap(pbx, other);
    play("pbx -> INVITE sdp\npbx <- 503\npbx -> ACK\nquiet\n");
    std::swap(pbx, other);
  }
};
TEST_F(RecordRing, FullRefusesNewCalls) {
  call_in_vain("first");
  refuse_one("second");
  EXPECT_EQ(box.worker_counter(WorkerCounter::record_ring_full), 1u);
  expect_clean(1);
}
// Nothing is kept free for calls that live; those that end wait for their turn.
TEST_F(RecordRing, FullKeepsACallThatEndsUntilItsRecordHasRoom) {
  play(answered_at_once);
  Peer first = pbx;
  Peer answerer = itsp;
  call_in_vain("second");
  std::swap(pbx, first);
  std::swap(itsp, answerer);
  const contract::DirectoryRow row = box.directory().at(0);
  play(R"(
    wait 2000
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  // It is over for everybody, whatever name is used for it.
  EXPECT_EQ(box.engine().live_calls(), 1u);
  EXPECT_EQ(box.directory().at(0).phase, contract::CallPhase::ending);
  contract::CommandRing commands = box.region().commands(0);
  for (const auto kind : {contract::Command::Kind::hang_up, contract::Command::Kind::drop_call}) {
    ASSERT_TRUE(commands.push({kind, contract::CallSlot{0}, row.serial, 1}));
    box.engine().on_commands(box.now());
  }
  EXPECT_EQ(box.engine().live_calls(), 1u);
  play("pbx -> OPTIONS within\npbx <- 481\n");
  refuse_one("third");
  wait_ms(5'000);
  EXPECT_EQ(box.take_records().size(), 1u);
  wait_ms(1);
  EXPECT_EQ(box.engine().live_calls(), 0u);
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].sequence, 2u);
  EXPECT_EQ(records[0].end, contract::CallEnd::released_by_caller);
  EXPECT_EQ(records[0].media[0].streams, 1u);
  EXPECT_LE(records[0].ended_unix_ns - records[0].started_unix_ns, 3'000'000'000u);
  expect_clean(0);
}

struct TrunkCalls : Limit {
  TrunkCalls() : Limit({.max_calls = 1}) {}
};
TEST_F(TrunkCalls, Full) {
  one_more_is_refused(WorkerCounter::trunk_full, 2);
}

struct MediaPorts : Limit {
  MediaPorts() : Limit({.media_ports = 2}) {}
};
TEST_F(MediaPorts, Exhausted) {
  one_more_is_refused(WorkerCounter::media_ports_exhausted, 2);
}

struct Transactions : Ladder {
  Transactions() : Ladder({.transactions = 1}) {}
};
TEST_F(Transactions, FullIsAnsweredStatelessly) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    pbx  <- 503
  )");
  play(R"(
    itsp -> OPTIONS
    itsp <- 503
  )");
  EXPECT_EQ(box.worker_counter(WorkerCounter::transaction_table_full), 2u);
  play("pbx -> ACK\n");
  expect_clean(1);
}

struct FullOfTransactions : Ladder {
  FullOfTransactions() : Ladder({.transactions = 16}) {}
  void answer() { play(answered_at_once); }
};
TEST_F(FullOfTransactions, KeepsAReserveForLiveCalls) {
  answer();
  Peer caller = pbx;
  for (int i = 0; i < 20; ++i) {
    Peer other("other" + std::to_string(i), "10.20.1.2", "10.20.1.1");
    send(other, other.compose(i % 2 == 0 ? "INVITE sdp" : "OPTIONS"));
  }
  EXPECT_GT(box.worker_counter(WorkerCounter::transaction_table_full), 0u);
  EXPECT_LT(box.engine().live_transactions(), 16u);
  itsp.inbox().clear();
  std::swap(pbx, caller);
  play(R"(
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  const auto records = box.take_records();
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.back().end, contract::CallEnd::released_by_caller);
}
TEST_F(FullOfTransactions, LeaveOneRecordOfEachInvite) {
  answer();
  while (box.worker_counter(WorkerCounter::transaction_table_full) == 0) {
    send(pbx, pbx.compose("OPTIONS within"));
  }
  static_cast<void>(box.take_records());
  Peer other("other", "10.20.1.2", "10.20.1.1");
  const std::string invite = other.compose("INVITE sdp");
  for (int copy = 0; copy < 3; ++copy) send(other, invite);
  send(other, other.compose("OPTIONS"));
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, contract::CallEnd::refused);
  EXPECT_EQ(record.status_code, 503);
  EXPECT_EQ(record.called.view(), "+442079460018");
  EXPECT_EQ(box.trunk_counter(Box::pbx, contract::TrunkCounter::attempts_in), 2u);
  EXPECT_EQ(box.trunk_counter(Box::pbx, contract::TrunkCounter::failed_in), 1u);
}
TEST_F(FullOfTransactions, ByeOfOursGoesOutOnceWithoutATransaction) {
  answer();
  while (box.worker_counter(WorkerCounter::transaction_table_full) == 0) {
    send(pbx, pbx.compose("OPTIONS within"));
  }
  // What may end a call finds room where nothing else does.
  pbx.extra_lines = "RAck: 1 1 INVITE\r\n";
  std::string prack = pbx.compose("OPTIONS within");
  for (size_t at = prack.find("OPTIONS"); at != std::string::npos; at = prack.find("OPTIONS")) {
    prack.replace(at, 7, "PRACK");
  }
  send(pbx, prack);
  EXPECT_EQ(box.engine().live_transactions(), 16u);
  pbx.inbox().clear();
  contract::CommandRing commands = box.region().commands(0);
  const uint64_t serial = box.directory().at(0).serial;
  ASSERT_TRUE(commands.push({contract::Command::Kind::hang_up, contract::CallSlot{0}, serial, 1}));
  box.engine().on_commands(box.now());
  wait_ms(1);
  play(R"(
    pbx  <- BYE
    itsp <- BYE
    wait 600
    quiet
  )");
  EXPECT_EQ(box.worker_counter(WorkerCounter::transaction_table_full), 3u);
  expect_clean(1);
}

struct NoTarget : Ladder {
  NoTarget() : Ladder({.has_target = false}) {}
};
TEST_F(NoTarget, Is503) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    pbx  <- 503
    pbx  -> ACK
  )");
  expect_clean(1);
}

// The calls that ring take what is left of the pool.
struct PoolOfTheAnswered : Ladder {
  PoolOfTheAnswered() : Ladder({.datagrams = 8}) {}
  void ring() {
    play(R"(
      pbx  -> INVITE sdp
      pbx  <- 100
      itsp <- INVITE sdp
      itsp -> 180
      pbx  <- 180
    )");
  }
  // Other callers come until none of their calls gets on its way.
  void exhaust() {
    for (int i = 0; i < 20; ++i) {
      Peer caller("caller" + std::to_string(i), "10.20.1.2", "10.20.1.1");
      caller.body = more_sdp;
      send(caller, caller.compose("INVITE sdp"));
      itsp.inbox().clear();
      pbx.inbox().clear();
    }
    EXPECT_GT(box.worker_counter(WorkerCounter::datagram_pool_empty), 0u);
  }
  std::string sdp_of(size_t octets) const {
    return "v=0\r\no=x 1 1 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\n"
           "m=audio 40000 RTP/AVP 8\r\na=fmtp:8 " +
           std::string(octets, 'y') + "\r\n";
  }
  std::string more_sdp;
};
TEST_F(PoolOfTheAnswered, ExhaustedAfterThe180StillAnswers) {
  ring();
  Peer called = itsp;
  exhaust();
  std::swap(itsp, called);
  const uint64_t lost = box.worker_counter(WorkerCounter::datagram_pool_empty);
  send(itsp, itsp.compose("200 sdp"));
  play("pbx <- 200 sdp\npbx -> ACK\n");
  // The ACK may be lost for want of a buffer; the answer comes again and is acknowledged then.
  EXPECT_LE(box.worker_counter(WorkerCounter::datagram_pool_empty), lost + 1);
  itsp.inbox().clear();
  play("itsp -> 200 sdp\nitsp <- ACK\n");
  EXPECT_EQ(box.trunk_counter(Box::pbx, contract::TrunkCounter::answered_in), 1u);
  wait_ms(400'000);
  box.take_records();
  expect_clean(0);
}
// One record and one answer for each INVITE, however often it comes.
TEST_F(PoolOfTheAnswered, AnInviteThatFindsNoBufferIs503Once) {
  ring();
  exhaust();
  box.take_records();
  Peer late("late", "10.20.1.2", "10.20.1.1");
  const std::string invite = late.compose("INVITE sdp");
  for (int i = 0; i < 8; ++i) send(late, invite);
  EXPECT_EQ(box.take_records().size(), 1u);
  ASSERT_EQ(pbx.inbox().size(), 1u);
  EXPECT_EQ(pbx.inbox().front().status_code, 503);
  wait_ms(400'000);
  box.take_records();
  pbx.inbox().clear();
  itsp.inbox().clear();
  expect_clean(0);
}
TEST_F(PoolOfTheAnswered, WithoutABufferForThe200TheCallFails) {
  ring();
  Peer called = itsp;
  more_sdp = sdp_of(3000);
  exhaust();
  std::swap(itsp, called);
  itsp.body = sdp_of(3000);
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 503
    itsp <- BYE
    pbx  -> ACK
    itsp -> 200 BYE
    quiet
  )");
  EXPECT_EQ(box.trunk_counter(Box::pbx, contract::TrunkCounter::answered_in), 0u);
  const auto records = box.take_records();
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.back().status_code, 503);
  EXPECT_EQ(records.back().end, contract::CallEnd::failed);
  wait_ms(400'000);
  box.take_records();
  expect_clean(0);
}

// The head of a response is kept until the final one, which has its buffer then.
TEST_F(PoolOfTheAnswered, AnAnswerWithinACallHasTheBufferOfItsHead) {
  play(answered_at_once);
  play("pbx -> INFO within\nitsp <- INFO\n");
  Peer called = itsp;
  exhaust();
  std::swap(itsp, called);
  play("itsp -> 200 INFO\npbx <- 200 INFO\n");
  wait_ms(400'000);
  box.take_records();
  expect_clean(0);
}
// The 200 to BYE is still under way, so that there is no other buffer.
TEST_F(PoolOfTheAnswered, WhatACallThatEndsLeavesOpenIsAnsweredOnce) {
  play(answered_at_once);
  play("pbx -> INFO within\nitsp <- INFO\n");
  Peer called = itsp;
  exhaust();
  std::swap(itsp, called);
  play("pbx -> BYE\npbx <- 200 BYE\npbx <- 481 INFO\n");
  wait_ms(400'000);
  box.take_records();
  itsp.inbox().clear();
  expect_clean(0);
}

struct FewDatagrams : Ladder {
  FewDatagrams() : Ladder({.datagrams = 1}) {}
};
// One small buffer and four large ones: the call can not be carried, and nothing breaks.
TEST_F(FewDatagrams, NeverBreaksAnything) {
  for (int i = 0; i < 20; ++i) {
    Peer caller("caller" + std::to_string(i), "10.20.1.2", "10.20.1.1");
    send(caller, caller.compose("INVITE sdp"));
    wait_ms(100);
    itsp.inbox().clear();
    pbx.inbox().clear();
  }
  EXPECT_GT(box.worker_counter(WorkerCounter::datagram_pool_empty), 0u);
  wait_ms(300'000);
  pbx.inbox().clear();
  itsp.inbox().clear();
  EXPECT_EQ(box.engine().live_calls(), 0u);
  EXPECT_EQ(box.engine().live_transactions(), 0u);
  EXPECT_EQ(box.engine().free_datagrams(), 1u);
}

}  // namespace
}  // namespace demarc::flow
