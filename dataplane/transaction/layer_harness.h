// The harness of the layer's tests: one layer with everything it borrows, a virtual clock that goes
// by ticks, short ways to make messages, and a list of what was sent when. At the end of every test
// it lets all timers run out and looks for leaks. T1 and its companions are the defaults of RFC
// 3261 section 17.1.1.1 with a tick of the wheel for every millisecond, so that times compare
// exactly.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/transaction/layer.h"
#include "sip-parser/parse.h"

namespace demarc::transaction {

constexpr contract::Duration ticks(int64_t count) {
  return {count << TimerWheel::tick_shift};
}
inline constexpr int64_t t1 = 500;
inline constexpr int64_t t2 = 4000;
inline constexpr int64_t t4 = 5000;

// What varies between the requests of these tests.
struct RequestText {
  std::string method = "INVITE";
  std::string branch = ";branch=z9hG4bKnashds8";
  std::string sent_by = "pc33.atlanta.example";
  std::string uri = "sip:bob@biloxi.example";
  std::string from = "Alice <sip:alice@atlanta.example>;tag=1928301774";
  std::string to = "Bob <sip:bob@biloxi.example>";
  std::string call_id = "a84b4c76e66710";
  std::string cseq = "314159";
  std::string cseq_method = "";  // that of the request
  std::string more = "";         // further fields
  std::string text() const;
};
// The ACK to a response of that To tag, on the same branch.
RequestText ack_of(RequestText invite, const std::string& to_tag);
struct ResponseText {
  int status_code = 200;
  std::string cseq_method = "INVITE";
  std::string branch = ";branch=z9hG4bKours";
  std::string to = "Bob <sip:bob@biloxi.example>;tag=a6c85cf";
  std::string text() const;
};

class LayerTest : public ::testing::Test {
 protected:
  struct Sent {
    int64_t time = 0;  // in ticks from the beginning
    std::string text;
    bool is_again = false;
  };
  struct Capacity {
    uint32_t transactions = 16;
    uint32_t datagrams = 16;
    uint32_t timers = 32;
  };

  static constexpr contract::TrunkId trunk{3};

  LayerTest() { build({}); }
  void build(const Capacity& capacity);
  void TearDown() override;

  Layer::Request receive_request(const RequestText& request, contract::TrunkId from = trunk);
  Layer::Response receive_response(const ResponseText& response, contract::TrunkId from = trunk);
  TransactionId find_cancelled(const RequestText& cancel, contract::TrunkId from = trunk);
  // An INVITE or other request of ours with the branch z9hG4bKours.
  TransactionId start(sip::Method method, const RequestText& request);
  void respond(TransactionId id, const ResponseText& response);
  // Takes every buffer of the pool, until they are given back or the test ends.
  void exhaust_datagrams();
  void release_datagrams();

  // Lets so many ticks pass, one by one. Expiries are appended to expiries_.
  void pass(int64_t count);
  // The messages sent since the last call, in order.
  std::vector<Sent> take_sent();
  // Their times and first words: "0 INVITE, 500 INVITE again".
  std::string take_ladder();

  int64_t time_ = 0;
  Path path_;
  Timing timing_{ticks(t1), ticks(t2), ticks(t4), ticks(64 * t1)};
  std::vector<Layer::Expiry> expiries_;
  std::unique_ptr<memory::DatagramPool> datagrams_;
  std::unique_ptr<TimerWheel> timers_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Layer> layer_;

 private:
  contract::Instant now() const { return begin_ + ticks(time_); }
  void collect();

  const contract::Instant begin_{uint64_t{5000} << TimerWheel::tick_shift};
  uint32_t datagram_capacity_ = 0;
  std::vector<std::byte> storage_;
  std::unique_ptr<memory::Arena> arena_;
  std::vector<memory::DatagramId> taken_;
  std::vector<Sent> sent_;
};

}  // namespace demarc::transaction
