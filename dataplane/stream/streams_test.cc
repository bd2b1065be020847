// Connections of TCP: framing, limits, deadlines, reuse, and what workers are told.
#include "dataplane/stream/stream_harness.h"
#include "sip-parser/framer_harness.h"
#include "tests/support/sip_messages.h"

namespace demarc::stream {
namespace {

using contract::StreamCounter;
using transaction::StreamId;
using Kind = MessageHead::Kind;

const std::string options =
    "OPTIONS sip:box SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5062;branch=z9hG4bKo\r\n"
    "From: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"
    "Content-Length: 0\r\n\r\n";
const std::string invite =
    "INVITE sip:peer SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKi\r\n"
    "From: <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
    "Content-Length: 0\r\n\r\n";
const std::string trying =
    "SIP/2.0 100 Trying\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKi\r\n"
    "From: <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
    "Content-Length: 0\r\n\r\n";

class Tcp : public StreamTest {};

TEST_F(Tcp, BringsAMessageWithWhereItCameFrom) {
  start();
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  EXPECT_EQ(got_[0].octets, options);
  EXPECT_EQ(got_[0].head.kind, Kind::message);
  EXPECT_EQ(got_[0].head.trunk, trunk);
  EXPECT_EQ(got_[0].head.path.local, local_);
  EXPECT_EQ(got_[0].head.path.remote, peer.own());
  EXPECT_EQ(got_[0].head.path.transport, contract::Transport::tcp);
  EXPECT_NE(got_[0].head.path.stream, StreamId::none);
  EXPECT_EQ(counted(StreamCounter::connections), 1u);
  peer.close();
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(counted(StreamCounter::connections), 0u);
  EXPECT_EQ(counted(StreamCounter::lost), 0u);
}

// What the workers get of these octets, sent in two pieces on a connection of their own.
class TcpPieces : public Tcp {
 protected:
  std::string results_of(std::string_view octets, size_t cut) {
    got_.clear();
    const uint64_t broken = counted(StreamCounter::broken);
    const uint64_t in = counted(StreamCounter::messages_in);
    TestPeer peer = connect();
    peer.send(octets.substr(0, cut));
    streams_->poll_once(now_, 0);
    peer.send(octets.substr(cut));
    // A last message shows that all before it has been looked at.
    peer.send(options);
    until([&] {
      return counted(StreamCounter::broken) > broken ||
             (!got_.empty() && got_.back().octets == options);
    });
    take();
    std::string results;
    for (const Got& got : got_) {
      results += std::to_string(static_cast<int>(got.head.kind)) + " " +
                 std::to_string(got.head.status_code) + "\n" + got.octets + "\n";
    }
    results += std::to_string(counted(StreamCounter::broken) - broken) + " " +
               std::to_string(counted(StreamCounter::messages_in) - in);
    return results;
  }
};

TEST_F(TcpPieces, EveryMessageIsTheSameHoweverItIsCut) {
  Limits limits;
  limits.accept_burst = limits.accepts_per_second = 1'000'000;
  start(limits);
  unsigned whole_messages = 0;
  for (const std::string_view message : support::sip_messages) {
    const std::string expected = results_of(message, message.size());
    // What a datagram would bring, where a stream can say where it ends.
    const std::vector<sip::Found> found = sip::frames_of(std::string(message), {});
    const bool is_one = found.size() == 1 && found[0].kind == sip::Frame::Kind::message &&
                        found[0].length == message.size();
    if (is_one) {
      ++whole_messages;
      EXPECT_EQ(expected.find("0 0\n" + std::string(message)), 0u) << expected;
    }
    for (size_t cut = 0; cut < message.size(); ++cut) {
      ASSERT_EQ(results_of(message, cut), expected) << cut << "\n" << message;
    }
  }
  EXPECT_GT(whole_messages, 0u);
}

TEST_F(Tcp, TakesPipelinedMessagesInTheirOrder) {
  start();
  TestPeer peer = connect();
  std::string all;
  for (int i = 0; i < 200; ++i) all += options;
  peer.send(all + invite);
  ASSERT_TRUE(until([&] { return got_.size() == 201; }));
  EXPECT_EQ(got_.back().octets, invite);
}

TEST_F(Tcp, AnswersOnTheSameConnection) {
  start();
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  send("answer", got_[0].head.path.stream, 5062);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.text == "answer";
  }));
  EXPECT_EQ(counted(StreamCounter::connected), 0u);
}

TEST_F(Tcp, AnswersToTheViaWhenTheConnectionIsGone) {
  start();
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  peer.close();
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  send("answer", got_[0].head.path.stream, port);
  std::optional<TestPeer> next = accept(listener);
  ASSERT_TRUE(next);
  ASSERT_TRUE(until([&] {
    next->read();
    return next->text == "answer";
  }));
}

TEST_F(Tcp, OldNameOfAConnectionIsNotTheNextOnes) {
  Limits limits;
  limits.connections = 1;
  start(limits);
  TestPeer first = connect();
  first.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  const StreamId old = got_[0].head.path.stream;
  first.close();
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  TestPeer second = connect();
  second.send(options);
  ASSERT_TRUE(until([&] { return got_.size() == 2; }));
  EXPECT_NE(got_[1].head.path.stream, old);
  send("not yours", old, 1);
  settle();
  second.read();
  EXPECT_EQ(second.text, "");
}

TEST_F(Tcp, MakesOneConnectionForAllRequestsToAPeer) {
  start();
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  send(invite, StreamId::none, port);
  send(options, StreamId::none, port);
  std::optional<TestPeer> peer = accept(listener);
  ASSERT_TRUE(peer);
  ASSERT_TRUE(until([&] {
    peer->read();
    return peer->text == invite + options;
  }));
  EXPECT_EQ(counted(StreamCounter::connected), 1u);
  peer->send(trying);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  // What it is to the worker: the place that was sent to, and the port that we serve.
  EXPECT_EQ(got_[0].head.path.remote, (contract::Endpoint{loopback, port}));
  EXPECT_EQ(got_[0].head.path.local, local_);
}

TEST_F(Tcp, TellsTheWorkerWhenNobodyListens) {
  uint16_t port = 0;
  { const contract::FileDescriptor gone = listen(port); }
  start();
  send(invite, StreamId::none, port);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  EXPECT_EQ(got_[0].head.kind, Kind::undelivered);
  EXPECT_EQ(got_[0].head.method, sip::Method::invite);
  EXPECT_EQ(got_[0].octets, "z9hG4bKi");
  EXPECT_EQ(counted(StreamCounter::connect_failed), 1u);
  EXPECT_EQ(streams_->count(), 0u);
}

TEST_F(Tcp, GivesUpAConnectionThatDoesNotComeToBe) {
  start();
  uint16_t port = 0;
  const contract::FileDescriptor full = listen(port);
  // Nobody accepts: the kernel still completes some, so this one is left without an answer by
  // never being let through its queue.
  std::vector<TestPeer> queue;
  ASSERT_EQ(::listen(full.get(), 0), 0);
  for (int i = 0; i < 4; ++i) {
    contract::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    const SocketAddress to = socket_address_of({loopback, port});
    static_cast<void>(::connect(socket.get(), to.get(), to.length));
    queue.emplace_back(std::move(socket));
  }
  send(invite, StreamId::none, port);
  settle();
  advance(8100);
  ASSERT_TRUE(until([&] { return !got_.empty() || streams_->count() == 0; }));
  settle();
  advance(33'000);
  settle();
  SUCCEED();
}

TEST_F(Tcp, TellsTheWorkerWhatWasLostByAReset) {
  start();
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  send(invite, StreamId::none, port);
  std::optional<TestPeer> peer = accept(listener);
  ASSERT_TRUE(peer);
  ASSERT_TRUE(until([&] {
    peer->read();
    return peer->text == invite;
  }));
  peer->send(trying.substr(0, 40));
  settle();
  peer->reset();
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  EXPECT_EQ(got_[0].head.kind, Kind::undelivered);
  EXPECT_EQ(got_[0].octets, "z9hG4bKi");
  EXPECT_EQ(counted(StreamCounter::lost), 1u);
}

TEST_F(Tcp, WhatWasAnsweredIsNotLost) {
  start();
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  send(invite, StreamId::none, port);
  std::optional<TestPeer> peer = accept(listener);
  ASSERT_TRUE(peer);
  peer->send(trying);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  peer->reset();
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  settle();
  EXPECT_EQ(got_.size(), 1u);
  // The next request makes a connection of its own.
  send(options, StreamId::none, port);
  ASSERT_TRUE(accept(listener));
}

TEST_F(Tcp, StrangersAreClosedUnheard) {
  start();
  TestPeer peer = connect(stranger);
  peer.send(options);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.is_over;
  }));
  EXPECT_EQ(counted(StreamCounter::unknown_source), 1u);
  EXPECT_EQ(peer.text, "");
  EXPECT_TRUE(got_.empty());
}

TEST_F(Tcp, LimitsConnectionsOfOneSource) {
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

TEST_F(Tcp, LimitsConnectionsOfAll) {
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

TEST_F(Tcp, LimitsHowFastASourceConnects) {
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

TEST_F(Tcp, OwesAnAnswerForABadLengthAndCloses) {
  start();
  TestPeer peer = connect();
  peer.send(options + "BYE sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKb\r\nl: x\r\n\r\n" +
            options);
  ASSERT_TRUE(until([&] { return got_.size() == 2; }));
  EXPECT_EQ(got_[1].head.kind, Kind::broken);
  EXPECT_EQ(got_[1].head.status_code, 400);
  EXPECT_EQ(got_[1].octets.substr(0, 4), "BYE ");
  send("400", got_[1].head.path.stream, 1);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.is_over;
  }));
  EXPECT_EQ(peer.text, "400");
  peer.close();
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(got_.size(), 2u);
  EXPECT_EQ(counted(StreamCounter::broken), 1u);
}

TEST_F(Tcp, ClosesAfterAMistakeThatNobodyAnswers) {
  start();
  TestPeer peer = connect();
  peer.send("BYE sip:a SIP/2.0\r\nl: x\r\n\r\n");
  ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  advance(2000);
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
}

TEST_F(Tcp, ClosesAtOnceWhatIsNoSip) {
  start();
  TestPeer peer = connect();
  peer.send("\x16\x03\x01 hello\r\n\r\n");
  ASSERT_TRUE(until([&] { return counted(StreamCounter::broken) == 1; }));
}

TEST_F(Tcp, AnswersAPing) {
  start();
  TestPeer peer = connect();
  peer.send("\r\n\r\n");
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.text == "\r\n";
  }));
  EXPECT_EQ(counted(StreamCounter::pings), 1u);
}

TEST_F(Tcp, AsksForASignOfLifeAndClosesWithoutOne) {
  keepalive_s = 30;
  start();
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  advance(30'000);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.text == "\r\n\r\n";
  }));
  peer.send("\r\n");
  settle();
  advance(15'000);
  settle();
  EXPECT_EQ(streams_->count(), 1u);
  advance(15'000);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.text == "\r\n\r\n\r\n\r\n";
  }));
  advance(10'000);
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(counted(StreamCounter::late), 1u);
}

TEST_F(Tcp, OneOctetNowAndThenKeepsNoConnectionOpen) {
  start();
  TestPeer peer = connect();
  peer.send("O");
  settle();
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

TEST_F(Tcp, ABodyHasItsTimeToo) {
  start();
  TestPeer peer = connect();
  const std::string whole(support::invite_sdp);
  const size_t body = whole.find("\r\n\r\n") + 4;
  peer.send(whole.substr(0, body + 5));
  settle();
  advance(8000);
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(counted(StreamCounter::late), 1u);
}

TEST_F(Tcp, ClosesWhatSaysNothingForLong) {
  start();
  TestPeer peer = connect();
  settle();
  advance(899'000);
  settle();
  EXPECT_EQ(streams_->count(), 1u);
  advance(1000);
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(counted(StreamCounter::idle), 1u);
}

TEST_F(Tcp, ASlowReaderHasABoundedQueue) {
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

TEST_F(Tcp, AReaderThatStopsIsClosed) {
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

TEST_F(Tcp, AWorkerThatIsBehindHoldsThePeerBackAndLosesNothing) {
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

TEST_F(Tcp, ReusesAConnectionWhosePeerSaysAlias) {
  policy.takes_alias = true;
  start();
  TestPeer peer = connect();
  std::string aliased = options;
  aliased.replace(aliased.find(";branch"), 7, ";alias;branch");
  peer.send(aliased);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  send(invite, StreamId::none, 5062);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.text == invite;
  }));
  EXPECT_EQ(counted(StreamCounter::connected), 0u);
}

TEST_F(Tcp, AliasSaysNothingWhereTheTrunkDoesNotTakeIt) {
  start();
  TestPeer peer = connect();
  std::string aliased = options;
  aliased.replace(aliased.find(";branch"), 7, ";alias;branch");
  peer.send(aliased);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  send(invite, StreamId::none, 5062);
  ASSERT_TRUE(until([&] { return got_.size() == 2; }));
  EXPECT_EQ(got_[1].head.kind, Kind::undelivered);
}

TEST_F(Tcp, ConnectionsOfATrunkThatLeftAreClosed) {
  start();
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  adopt();
  settle();
  EXPECT_EQ(streams_->count(), 1u);
  has_trunk_ = false;
  adopt();
  EXPECT_EQ(streams_->count(), 0u);
}

TEST(MessageRing, GivesBackWhatWasPutInAcrossItsEnd) {
  MessageRing ring(4 * uint64_t{MessageRing::max_octets});
  std::vector<std::string> expected;
  size_t next = 0;
  for (unsigned i = 0; i < 5000; ++i) {
    const std::string message(i * 37 % 60000, static_cast<char>('a' + i % 26));
    while (!ring.push({}, message)) {
      const MessageRing::Message front = ring.front();
      ASSERT_NE(front.head, nullptr);
      ASSERT_EQ(front.octets, expected[next++]);
      ring.pop();
    }
    expected.push_back(message);
  }
  while (next < expected.size()) {
    ASSERT_EQ(ring.front().octets, expected[next++]);
    ring.pop();
  }
  EXPECT_EQ(ring.front().head, nullptr);
  EXPECT_FALSE(ring.push({}, std::string(MessageRing::max_octets + 1, 'x')));
}

}  // namespace
}  // namespace demarc::stream
