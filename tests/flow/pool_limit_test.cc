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
  // To the call before.
  void go_back() {
    pbx = others_.back().pbx;
    itsp = others_.back().itsp;
    others_.pop_back();
  }
  // Every call ends, the last one first, by this of its caller and called side.
  void end_all(std::string_view script) {
    for (;;) {
      pbx.inbox().clear();
      itsp.inbox().clear();
      play(script);
      if (others_.empty()) return;
      go_back();
    }
  }

  struct Pair {
    Peer pbx, itsp;
  };
  // The peers of the call that began first.
  Pair& first() { return others_.front(); }
  void drop_first() { others_.erase(others_.begin()); }

 private:
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

struct Searches : Pools {
  Searches() : Pools({.calls = calls}) {}
  static constexpr uint32_t calls = 300;
  static constexpr unsigned room = calls / call::Limits::calls_per_search + call::Limits::least;
  static_assert(room + 1 < calls);
};

TEST_F(Searches, OfMoreCallsThanMayRingAreRefused) {
  for (unsigned i = 0; i < room; ++i) {
    if (i != 0) begin_another();
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  }
  EXPECT_EQ(box.engine().held().searches, room);
  begin_another();
  play("pbx -> INVITE sdp\npbx <- 503\npbx -> ACK\nquiet\n");
  EXPECT_EQ(count_of(WorkerCounter::call_table_full), 1u);
  go_back();
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  EXPECT_EQ(box.engine().held().searches, room - 1) << "who talks has found";
  EXPECT_EQ(box.engine().held().offers, room - 1);
  play(ended_by_caller);
  go_back();
  end_all("itsp -> 486 INVITE\n");
  expect_clean(room + 1);
}

// m-lines beyond the first that carry media.
struct MLines : Pools {
  MLines() : Pools({.calls = calls}) {}
  static constexpr uint32_t calls = 8;
  static constexpr unsigned room =
      calls / call::Limits::calls_per_further_line + call::Limits::least;
  static constexpr unsigned forks_per_call = 20;

  static std::string sdp(const std::string& address, unsigned lines) {
    std::string body = "v=0\r\no=x 1 2 IN IP4 ";
    body.append(address).append("\r\ns=-\r\nc=IN IP4 ").append(address);
    body.append("\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n");
    for (unsigned i = 1; i < lines; ++i) {
      const std::string port = std::to_string(40000 + 2 * i);
      body.append("m=video ").append(port).append(" RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n");
    }
    return body;
  }
  void say(unsigned lines) {
    pbx.body = sdp("10.20.1.2", lines);
    itsp.body = sdp("10.20.2.2", lines);
  }
  // A call with forks and two others, which ring, take all places.
  void fill(unsigned lines_of_last = 3) {
    constexpr unsigned further = 3;
    static_assert(further * (forks_per_call + 1) + further + 2 == room);
    say(further + 1);
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    for (unsigned i = 0; i < forks_per_call; ++i) {
      itsp.tag_suffix = std::to_string(i);
      play("itsp -> 180\npbx <- 180\n");
    }
    begin_another();
    say(further + 1);
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    begin_another();
    say(lines_of_last);
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
    EXPECT_EQ(box.engine().held().lines, room);
    EXPECT_EQ(count_of(WorkerCounter::line_pool_full), 0u);
  }
};

TEST_F(MLines, AreRefusedWithTheirCallWhenTheirPoolIsFull) {
  fill();
  begin_another();
  say(3);
  play("pbx -> INVITE sdp\npbx <- 100\npbx <- 503\npbx -> ACK\nquiet\n");
  EXPECT_EQ(count_of(WorkerCounter::line_pool_full), 1u);
  EXPECT_EQ(count_of(WorkerCounter::media_ports_exhausted), 0u);
  say(1);
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  EXPECT_EQ(count_of(WorkerCounter::line_pool_full), 1u);
  end_all("itsp -> 486 INVITE\n");
  expect_clean(5);
}

// What was agreed stands.
TEST_F(MLines, AreRefusedWithTheirReinviteWhenTheirPoolIsFull) {
  say(1);
  play(answered_at_once);
  begin_another();
  fill();
  std::swap(pbx, first().pbx);
  std::swap(itsp, first().itsp);
  say(2);
  play("pbx -> INVITE within sdp\npbx <- 503\npbx -> ACK\nquiet\n");
  EXPECT_EQ(count_of(WorkerCounter::line_pool_full), 1u);
  say(1);
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 200 sdp\n");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  play(ended_by_caller);
  std::swap(pbx, first().pbx);
  std::swap(itsp, first().itsp);
  drop_first();
  end_all("itsp -> 486 INVITE\n");
  expect_clean(4);
}

// A phone that offers video each time, as when it holds, is not cut off for want of a place for it.
TEST_F(MLines, ThatWereRefusedAreRefusedAgainWhenTheirPoolIsFull) {
  const auto say_one_of_two = [this] {
    say(2);
    itsp.body.replace(itsp.body.find("m=video 40002"), 13, "m=video 0");
  };
  say_one_of_two();
  play(answered_at_once);
  begin_another();
  fill();
  std::swap(pbx, first().pbx);
  std::swap(itsp, first().itsp);
  say_one_of_two();
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 200 sdp\n");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  EXPECT_NE(itsp.last_request("INVITE")->body.find("m=video 0"), std::string::npos);
  EXPECT_EQ(count_of(WorkerCounter::line_pool_full), 0u);
  play(ended_by_caller);
  std::swap(pbx, first().pbx);
  std::swap(itsp, first().itsp);
  drop_first();
  end_all("itsp -> 486 INVITE\n");
  expect_clean(4);
}

// It rings under the tag that the caller knows.
TEST_F(MLines, OfAForkWithoutRoomAreThoseOfItsCall) {
  fill();
  play("itsp -> 180\npbx <- 180\n");
  EXPECT_EQ(count_of(WorkerCounter::line_pool_full), 1u);
  itsp.tag_suffix = "b";
  play("itsp -> 180\n");
  EXPECT_EQ(count_of(WorkerCounter::line_pool_full), 2u);
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 180\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  EXPECT_EQ(pbx.last_response("INVITE")->body.find("m=video 0"), std::string::npos);
  EXPECT_EQ(box.engine().held().lines, room);
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  pbx = first().pbx;
  itsp = first().itsp;
  drop_first();
  end_all("itsp -> 486 INVITE\n");
  expect_clean(3);
}

TEST_F(MLines, OfAFurtherForkWithoutRoomAreNotShown) {
  say(2);
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 180\npbx <- 180\n");
  begin_another();
  fill(1);
  std::swap(pbx, first().pbx);
  std::swap(itsp, first().itsp);
  itsp.tag_suffix = "b";
  play("itsp -> 180\nquiet\n");
  EXPECT_EQ(count_of(WorkerCounter::line_pool_full), 1u);
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  play("pbx -> BYE\npbx <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  std::swap(pbx, first().pbx);
  std::swap(itsp, first().itsp);
  drop_first();
  end_all("itsp -> 486 INVITE\n");
  expect_clean(4);
}

// Phones that offer video to everybody take no place once it was refused.
TEST_F(MLines, ThatTheAnswerRefusesAreGivenBack) {
  say(2);
  itsp.body.replace(itsp.body.find("m=video 40002"), 13, "m=video 0");
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 180\npbx <- 180\n");
  EXPECT_EQ(box.engine().held().lines, 2u);
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp INVITE\npbx -> ACK\n");
  EXPECT_EQ(box.engine().held().lines, 0u);
  // It may be offered again.
  say(2);
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 488\nitsp <- ACK\n");
  play("pbx <- 488\npbx -> ACK\n");
  EXPECT_EQ(box.engine().held().lines, 0u);
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 200 sdp\n");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  EXPECT_EQ(box.engine().held().lines, 1u);
  play(ended_by_caller);
  expect_clean(1);
}

// Digits that are on their way in INFO.
struct DigitQueues : Pools {
  DigitQueues() : Pools(options()) {}
  static constexpr uint32_t calls = 80;
  static constexpr unsigned room =
      calls / call::Limits::calls_per_digit_queue + call::Limits::least;
  static BoxOptions options() {
    BoxOptions options;
    options.calls = calls;
    options.transactions = 2048;
    options.datagrams = 4096;
    options.codecs[0].dtmf = contract::Dtmf::info_relay;
    options.codecs[1].dtmf = contract::Dtmf::info_dtmf;
    return options;
  }
  void press() {
    pbx.content_type = "application/dtmf-relay";
    pbx.body = "Signal=5\r\nDuration=100\r\n";
    play("pbx -> INFO within sdp\npbx <- 200 INFO\n");
  }
};

TEST_F(DigitQueues, LoseADigitWhenTheirPoolIsFull) {
  static_assert(room < calls);
  for (unsigned i = 0; i < room; ++i) {
    if (i != 0) begin_another();
    play(answered_at_once);
    press();
    play("itsp <- INFO sdp\n");
  }
  EXPECT_EQ(count_of(WorkerCounter::digits_lost), 0u);
  begin_another();
  play(answered_at_once);
  press();
  play("quiet\n");
  EXPECT_EQ(count_of(WorkerCounter::digits_lost), 1u);
  // The first one's INFO is answered.
  std::swap(itsp, first().itsp);
  play("itsp -> 200 INFO\n");
  std::swap(itsp, first().itsp);
  press();
  play("itsp <- INFO sdp\n");
  EXPECT_EQ(count_of(WorkerCounter::digits_lost), 1u);
  end_all("pbx -> BYE\n");
  expect_clean(room + 1);
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
