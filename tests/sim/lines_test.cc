// The simulated connections by themselves: octets arrive whole and in order however they are cut,
// and what goes down with a line is told to whoever waits for it.
#include "tests/sim/lines.h"

#include <gtest/gtest.h>

#include <memory>

namespace demarc::sim {
namespace {

using contract::Transport;

constexpr contract::Instant begin{1'000'000'000'000};
const contract::Endpoint box{contract::IpAddress::v4(10, 1, 0, 1), 5060};
const contract::Endpoint peer{contract::IpAddress::v4(10, 9, 0, 20), 5060};

std::string request(unsigned number, std::string_view more = "") {
  const std::string name = std::to_string(number);
  return "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP 10.9.0.20" + std::string(more) +
         ";branch=z9hG4bK" + name + "\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: c" + name +
         "\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
}

std::string response(unsigned number) {
  const std::string name = std::to_string(number);
  return "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 10.1.0.1;branch=z9hG4bK" + name +
         "\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"
         "Content-Length: 0\r\n\r\n";
}

class SimLines : public ::testing::Test {
 protected:
  SimLines() : options_(1) {
    options_.tcp_trunks = 0xff;
    options_.tls_trunks = 0;
    options_.takes_alias = false;
    options_.faults = {};
    options_.streams = {};
  }
  void start() {
    network_ = std::make_unique<Network>(options_, queue_, Random(2));
    lines_ =
        std::make_unique<Lines>(Lines::Parts{options_, queue_, *network_, failure_}, Random(3));
  }
  static Parcel from_peer(std::string octets, uint32_t line = nobody) {
    Parcel parcel;
    parcel.octets = std::move(octets);
    parcel.box = box;
    parcel.peer = peer;
    parcel.sender = 7;
    parcel.is_to_box = true;
    parcel.transport = Transport::tcp;
    parcel.line = line;
    return parcel;
  }
  void send_from_box(std::string octets,
                     transaction::StreamId stream = transaction::StreamId::none) {
    Parcel parcel;
    parcel.octets = std::move(octets);
    parcel.transport = Transport::tcp;
    lines_->send_from_box(parcel,
                          {.local = box,
                           .remote = peer,
                           .realm = contract::RealmId{0},
                           .transport = Transport::tcp,
                           .stream = stream},
                          0);
  }
  // Plays everything that is planned.
  void play() {
    while (!queue_.is_empty()) {
      const Event event = queue_.pop();
      queue_.set_now(event.at);
      if (event.kind == Event::Kind::line) lines_->arrive(event.subject, event.detail);
      if (event.kind == Event::Kind::line_close) lines_->close(event.subject);
      if (event.kind == Event::Kind::undelivered) {
        undelivered_.push_back(lines_->undelivered(event.subject).branch);
      }
    }
  }

  Options options_;
  EventQueue queue_{begin};
  Failure failure_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<Lines> lines_;
  std::vector<std::string> undelivered_;
};

TEST_F(SimLines, BringsMessagesWholeAndInOrderHoweverTheyAreCutAndJoined) {
  for (const uint32_t join : {0u, 500u, 1000u}) {
    options_.streams.cut = 900;
    options_.streams.join = join;
    start();
    lines_->send_from_peer(from_peer(request(0)));
    play();
    const Parcel first = lines_->take_arrived().at(0);
    for (unsigned i = 1; i < 50; ++i) lines_->send_from_peer(from_peer(request(i), first.line));
    play();
    const std::vector<Parcel> arrived = lines_->take_arrived();
    ASSERT_EQ(arrived.size(), 49u);
    for (unsigned i = 1; i < 50; ++i) EXPECT_EQ(arrived[i - 1].octets, request(i));
    EXPECT_FALSE(failure_.is_set()) << failure_.rule;
  }
}

TEST_F(SimLines, AnswersGoBackOnTheLineOfTheirRequest) {
  start();
  lines_->send_from_peer(from_peer(request(1)));
  play();
  const Parcel came = lines_->take_arrived().at(0);
  EXPECT_NE(came.peer.port, 5060);
  send_from_box(response(1), came.stream);
  play();
  EXPECT_EQ(lines_->take_arrived().at(0).line, came.line);
  EXPECT_EQ(lines_->opened(), 1u);
}

TEST_F(SimLines, RequestsOfTheBoxGoOverAnAliasWhereThatIsTaken) {
  for (const bool takes_alias : {false, true}) {
    options_.takes_alias = takes_alias;
    start();
    lines_->send_from_peer(from_peer(request(1, ";alias")));
    play();
    send_from_box(request(2));
    EXPECT_EQ(lines_->opened(), takes_alias ? 1u : 2u);
  }
}

TEST_F(SimLines, TellsOfRequestsThatNobodyTook) {
  options_.streams.refuse = 1000;
  start();
  send_from_box(request(1));
  send_from_box(response(2));
  play();
  EXPECT_EQ(undelivered_, std::vector<std::string>{"z9hG4bK1"});
  EXPECT_EQ(lines_->take_lost().size(), 2u);
  EXPECT_EQ(lines_->opened(), 1u);
}

TEST_F(SimLines, ResetWithinAMessageTakesItAndAllBehindItAlong) {
  options_.streams.reset = 1000;
  start();
  lines_->send_from_peer(from_peer(request(1)));
  play();
  const std::vector<Parcel> arrived = lines_->take_arrived();
  const std::vector<Parcel> lost = lines_->take_lost();
  EXPECT_EQ(arrived.size() + lost.size(), 1u);
  // The peer's next one needs a line of its own.
  lines_->send_from_peer(from_peer(request(2)));
  EXPECT_EQ(lines_->opened(), 2u);
}

TEST_F(SimLines, GarbageIsFoundAndEndsTheLine) {
  options_.streams.garbage = 1000;
  start();
  lines_->send_from_peer(from_peer(request(1)));
  play();
  const Parcel broken = lines_->take_arrived().at(0);
  EXPECT_TRUE(broken.is_cut);
  EXPECT_EQ(broken.broken_status, 400);
  EXPECT_EQ(lines_->take_lost().size(), 1u);
  EXPECT_EQ(lines_->broken(), 1u);
}

}  // namespace
}  // namespace demarc::sim
