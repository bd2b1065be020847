// Full pools of what calls have for a moment (call/limits.h) refuse the newest, count it, and have
// room again as soon as something ends.
#include <vector>

#include "tests/flow/openings.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::WorkerCounter;

class Pools : public Ladder {
 protected:
  explicit Pools(const BoxOptions& options) : Ladder(options) {}

  // What follows is of another call, between peers of its own.
  void begin_another() {
    others_.push_back({pbx, itsp});
    // What a peer mints is made of its name.
    const std::string number = std::to_string(others_.size());
    pbx = Peer(std::string("pbx").append(number), "10.20.1.2", "10.20.1.1");
    itsp = Peer(std::string("itsp").append(number), "10.20.2.2", "10.20.2.1");
  }
  uint64_t count_of(WorkerCounter counter) { return box.worker_counter(counter); }
  // Every call ends, the last one first, by this of its caller and called side.
  void end_all(std::string_view script) {
    for (;;) {
      pbx.inbox().clear();
      itsp.inbox().clear();
      play(script);
      if (others_.empty()) return;
      pbx = others_.back().pbx;
      itsp = others_.back().itsp;
      others_.pop_back();
    }
  }

 private:
  struct Pair {
    Peer pbx, itsp;
  };
  std::vector<Pair> others_;
};

constexpr unsigned requests_per_call = 16;

struct Requests : Pools {
  Requests() : Pools({.calls = 8}) {}
  static constexpr unsigned room = 8 / call::Limits::calls_per_exchange + call::Limits::least;
};

TEST_F(Requests, WithinCallsAreRefusedWhenTheirPoolIsFull) {
  for (unsigned i = 0; i < room; ++i) {
    if (i != 0 && i % requests_per_call == 0) begin_another();
    if (i % requests_per_call == 0) play(answered_at_once);
    play("pbx -> INFO within\nitsp <- INFO\n");
  }
  EXPECT_EQ(count_of(WorkerCounter::exchange_pool_full), 0u);
  play("pbx -> INFO within\npbx <- 503 INFO\nquiet\n");
  EXPECT_EQ(count_of(WorkerCounter::exchange_pool_full), 1u);
  play("itsp -> 200 INFO\npbx <- 200 INFO\npbx -> INFO within\nitsp <- INFO\n");
  EXPECT_EQ(count_of(WorkerCounter::exchange_pool_full), 1u);
  end_all("pbx -> BYE\n");
  expect_clean(room / requests_per_call + 1);
}

struct Forks : Pools {
  Forks() : Pools({.calls = 4}) {}
  static constexpr unsigned room = 4 / call::Limits::calls_per_early_dialog + call::Limits::least;
};

// Its 2xx wins all the same.
TEST_F(Forks, AreNotShownWhenTheirPoolIsFull) {
  constexpr unsigned forks_per_call = 20;
  for (unsigned i = 0; i < room; ++i) {
    if (i != 0 && i % forks_per_call == 0) begin_another();
    if (i % forks_per_call == 0) play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    itsp.tag_suffix = std::to_string(i);
    play("itsp -> 180\npbx <- 180\n");
  }
  EXPECT_EQ(count_of(WorkerCounter::early_pool_full), 0u);
  itsp.tag_suffix = "last";
  play("itsp -> 180\nquiet\n");
  EXPECT_EQ(count_of(WorkerCounter::early_pool_full), 1u);
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  end_all("itsp -> 486 INVITE\n");
  expect_clean(4);
}

// A transfer takes its place until the transferor has heard the end of it.
struct FullTransferPool : TransferFlow {
  FullTransferPool() : TransferFlow(with_few_places()) {}
  static constexpr uint32_t calls = 176;
  static constexpr unsigned room = calls / call::Limits::calls_per_transfer + call::Limits::least;
  static BoxOptions with_few_places() {
    BoxOptions options = handled();
    options.calls = calls;
    options.transactions = 2048;
    options.datagrams = 4096;
    return options;
  }
  void begin_another(unsigned number) {
    pbx = Peer("pbx" + std::to_string(number), "10.20.1.2", "10.20.1.1");
    itsp = Peer("itsp" + std::to_string(number), "10.20.2.2", "10.20.2.1");
    play(answered_at_once);
  }
};

TEST_F(FullTransferPool, RefusesTheNewestUntilOneIsOver) {
  for (unsigned i = 0; i < room; ++i) {
    if (i != 0) begin_another(i);
    refer_to_alt();
  }
  EXPECT_EQ(box.worker_counter(WorkerCounter::transfer_pool_full), 0u);
  Peer last = pbx;
  begin_another(room);
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n");
  play("pbx <- 503 REFER\nquiet\n");
  EXPECT_EQ(box.worker_counter(WorkerCounter::transfer_pool_full), 1u);
  EXPECT_EQ(box.worker_counter(WorkerCounter::call_table_full), 0u);
  std::swap(pbx, last);
  play("alt -> 486\nalt <- ACK\npbx <- NOTIFY 486\npbx -> 200 NOTIFY\n");
  std::swap(pbx, last);
  refer_to_alt();
}

struct FullRecordRing : TransferFlow {
  FullRecordRing() : TransferFlow(with_one_place()) {}
  static BoxOptions with_one_place() {
    BoxOptions options = handled();
    options.record_ring = 1;
    return options;
  }
};

// A leg that leaves a call ends it, and its record would lack what left.
TEST_F(FullRecordRing, LetsNoTransferBegin) {
  desk.called = "+4930123456";
  play("desk -> INVITE sdp\ndesk <- 100\nalt <- INVITE sdp\nalt -> 486\nalt <- ACK\n");
  play("desk <- 486\ndesk -> ACK\n");
  refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n");
  play("pbx <- 503 REFER\nquiet\n");
  EXPECT_EQ(box.worker_counter(WorkerCounter::record_ring_full), 1u);
  EXPECT_EQ(box.take_records().size(), 1u);
  refer_to_alt();
  play("alt -> 486 INVITE\nalt <- ACK\npbx <- NOTIFY 486\npbx -> 200 NOTIFY\n");
  EXPECT_EQ(box.take_records().size(), 1u);
  pbx.extra_lines.clear();
  play(ended_by_caller);
  expect_clean(1);
}

}  // namespace
}  // namespace demarc::flow
