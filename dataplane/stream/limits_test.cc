// Connections of TCP: how many, how fast, how long.
#include "dataplane/stream/stream_harness.h"
#include "tests/support/sip_messages.h"

namespace demarc::stream {
namespace {

using contract::StreamCounter;
using transaction::StreamId;
using Kind = MessageHead::Kind;

class TcpLimits : public StreamTest {};

TEST_F(TcpLimits, StrangersAreClosedUnheard) {
  start();
  TestPeer peer = connect(own_loopback(9));
  peer.send(options);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.is_over;
  }));
  EXPECT_EQ(counted(StreamCounter::unknown_source), 1u);
  EXPECT_EQ(peer.text, "");
  EXPECT_TRUE(got_.empty());
}

TEST_F(TcpLimits, LimitsConnectionsOfOneSource) {
  Limits limits;
  limits.connections_of_one = 2;
  start(limits);
  TestPeer peers[] = {connect(), connect(), connect()};
  ASSERT_TRUE(until([&] { return counted(StreamCounter::too_many) == 1; }));
  EXPECT_EQ(streams_->count(), 2u);
  peers[0].close();
  ASSERT_TRUE(until([&] { return streams_->count() == 1; }));
  TestPeer again = connect();
  ASSERT_TRUE(until([&] { return streams_->count() == 2; }));
}

TEST_F(TcpLimits, LimitsConnectionsOfAll) {
  Limits limits;
  limits.connections = 1;
  start(limits);
  TestPeer peers[] = {connect(), connect()};
  ASSERT_TRUE(until([&] { return counted(StreamCounter::too_many) == 1; }));
  // Ours fares no better: the worker is told.
  send(invite, StreamId::none, 5999);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  EXPECT_EQ(got_[0].head.kind, Kind::undelivered);
}

// Most of a message, whose rest would be held for.
std::string unfinished() {
  std::string message = options;
  const size_t at = message.find("Content-Length: 0");
  message.replace(at, 17, "Content-Length: 60000");
  return message.append(40'000, 'x');
}

TEST_F(TcpLimits, LimitsWhatIsHeldForOneSource) {
  Limits limits;
  limits.buffered_octets_of_one = 70'000;
  start(limits);
  TestPeer first = connect();
  first.send(unfinished());
  ASSERT_TRUE(until_due_in(8000));
  settle();  // the rest of what it sent
  EXPECT_EQ(streams_->count(), 1u);
  TestPeer second = connect();
  second.send(unfinished());
  ASSERT_TRUE(until([&] { return counted(StreamCounter::memory_full) == 1; }));
  EXPECT_EQ(streams_->count(), 1u);
  // Nothing was wrong with what it sent.
  EXPECT_EQ(counted(StreamCounter::broken), 0u);
  // What the second one held is free again, and the first one may go on.
  second.close();
  first.send(std::string(20'000, 'x'));
  ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  EXPECT_EQ(got_[0].octets.size(), options.size() + 4 + 60'000);
}

TEST_F(TcpLimits, LimitsWhatIsHeldForAll) {
  Limits limits;
  limits.buffered_octets = 70'000;
  start(limits);
  TestPeer peers[] = {connect(), connect()};
  peers[0].send(unfinished());
  ASSERT_TRUE(until_due_in(8000, 2));
  settle();  // the rest of what it sent
  peers[1].send(unfinished());
  ASSERT_TRUE(until([&] { return counted(StreamCounter::memory_full) == 1; }));
  EXPECT_EQ(streams_->count(), 1u);
}

TEST_F(TcpLimits, LimitsHowFastASourceConnects) {
  Limits limits;
  limits.accept_burst = 2;
  limits.accepts_per_second = 10;
  start(limits);
  TestPeer peers[] = {connect(), connect(), connect()};
  ASSERT_TRUE(until([&] { return counted(StreamCounter::too_fast) == 1; }));
  advance(100);
  TestPeer later = connect();
  ASSERT_TRUE(until([&] { return counted(StreamCounter::accepted) == 3; }));
}

TEST_F(TcpLimits, OneOctetNowAndThenKeepsNoConnectionOpen) {
  start();
  TestPeer peer = connect();
  peer.send("O");
  ASSERT_TRUE(until_due_in(8000));
  for (int i = 1; i < 4; ++i) {
    advance(2000);
    peer.send(options.substr(static_cast<size_t>(i), 1));
    settle();
    EXPECT_EQ(streams_->count(), 1u);
  }
  advance(2000);
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(counted(StreamCounter::late), 1u);
}

TEST_F(TcpLimits, ABodyHasItsTimeToo) {
  start();
  TestPeer peer = connect();
  const std::string whole(support::invite_sdp);
  const size_t body = whole.find("\r\n\r\n") + 4;
  peer.send(whole.substr(0, body + 5));
  ASSERT_TRUE(until_due_in(8000));
  advance(8000);
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(counted(StreamCounter::late), 1u);
}

TEST_F(TcpLimits, ClosesWhatSaysNothingForLong) {
  start();
  TestPeer peer = connect();
  ASSERT_TRUE(until_due_in(900'000));
  advance(899'000);
  settle();
  EXPECT_EQ(streams_->count(), 1u);
  advance(1000);
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(counted(StreamCounter::idle), 1u);
}

TEST_F(TcpLimits, ASlowReaderHasABoundedQueue) {
  Limits limits;
  limits.write_octets = 100'000;
  start(limits);
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  const std::string much(60'000, 'x');
  for (int i = 0; i < 400 && streams_->count() == 1; ++i) {
    send(much, got_[0].head.path.stream, 1);
    streams_->poll_once(now_, 0);
  }
  EXPECT_EQ(streams_->count(), 0u);
  EXPECT_EQ(counted(StreamCounter::queue_full), 1u);
}

TEST_F(TcpLimits, AReaderThatStopsIsClosed) {
  start();
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  const std::string much(60'000, 'x');
  // Until the kernel takes no more.
  uint64_t before = 0;
  for (int i = 0; i < 400 && streams_->next_deadline() != now_ + contract::Duration::seconds(8);
       ++i) {
    send(much, got_[0].head.path.stream, 1);
    streams_->poll_once(now_, 0);
    before = counted(StreamCounter::messages_out);
  }
  EXPECT_GT(before, 0u);
  advance(8000);
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(counted(StreamCounter::late), 1u);
}

TEST_F(TcpLimits, AWorkerThatIsBehindHoldsThePeerBackAndLosesNothing) {
  is_worker_awake_ = false;
  start({}, 4 * uint64_t{MessageRing::max_octets});
  TestPeer peer = connect();
  const unsigned count = 3000;
  std::string all;
  for (unsigned i = 0; i < count; ++i) all += options;
  std::string_view rest = all;
  const auto feed = [&] {
    const Octets::Result result = peer.octets().write(rest);
    if (result.outcome == Octets::Outcome::done) rest.remove_prefix(result.octets);
  };
  ASSERT_TRUE(until([&] {
    feed();
    return counted(StreamCounter::worker_full) > 0;
  }));
  // However long that takes, it is not the peer's fault.
  advance(60'000);
  settle();
  EXPECT_EQ(streams_->count(), 1u);
  is_worker_awake_ = true;
  ASSERT_TRUE(until([&] {
    if (!rest.empty()) feed();
    return got_.size() == count;
  }));
  EXPECT_EQ(got_.back().octets, options);
}

TEST_F(TcpLimits, APeerThatLeavesWhileAWorkerIsBehindCutsWhatWaited) {
  is_worker_awake_ = false;
  start({}, 4 * uint64_t{MessageRing::max_octets});
  TestPeer peer = connect();
  ASSERT_TRUE(until([&] {
    peer.send(options);
    return counted(StreamCounter::worker_full) > 0;
  }));
  peer.reset();
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(counted(StreamCounter::cut), 1u);
}

TEST_F(TcpLimits, GivesUpAConnectionThatDoesNotComeToBe) {
  start();
  uint16_t port = 0;
  const contract::FileDescriptor full = listen(port);
  // A queue that is full and that nobody accepts from: the kernel answers no further SYN.
  ASSERT_EQ(::listen(full.get(), 0), 0);
  std::vector<TestPeer> queue;
  for (int i = 0; i < 4; ++i) {
    contract::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    const SocketAddress to = socket_address_of({loopback, port});
    static_cast<void>(::connect(socket.get(), to.get(), to.length));
    queue.emplace_back(std::move(socket));
  }
  send(invite, StreamId::none, port);
  ASSERT_TRUE(until_due_in(4000));
  advance(3999);
  settle();
  EXPECT_EQ(streams_->count(), 1u);
  advance(1);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  EXPECT_EQ(got_[0].head.kind, Kind::undelivered);
  EXPECT_EQ(counted(StreamCounter::connect_failed), 1u);
}

}  // namespace
}  // namespace demarc::stream
