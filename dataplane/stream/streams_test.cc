// Connections of TCP: framing, limits, deadlines, reuse, and what workers are told.
#include "dataplane/stream/stream_harness.h"
#include "sip-parser/framer_harness.h"
#include "tests/support/sip_messages.h"

namespace demarc::stream {
namespace {

using contract::StreamCounter;
using transaction::StreamId;
using Kind = MessageHead::Kind;

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

TEST_F(Tcp, AMessageThatItsConnectionLeavesUnfinishedIsCounted) {
  start();
  const std::string message(support::invite_sdp);
  const size_t within_the_body = message.size() - 1;
  for (const size_t cut : {size_t{1}, size_t{50}, within_the_body}) {
    const uint64_t before = counted(StreamCounter::cut);
    got_.clear();
    TestPeer peer = connect();
    peer.send(options + message.substr(0, cut));
    ASSERT_TRUE(until([&] { return got_.size() == 1; }));
    peer.reset();
    ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
    // What was whole went its way.
    EXPECT_EQ(got_.size(), 1u);
    EXPECT_EQ(counted(StreamCounter::cut), before + 1) << cut;
  }
}

TEST_F(Tcp, AConnectionThatEndsBetweenMessagesCutsNone) {
  start();
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  peer.close();
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(counted(StreamCounter::cut), 0u);
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

// On a stream nobody would know where it ends (RFC 3261 section 20.14).
TEST_F(Tcp, OwesAnAnswerForAMissingLengthAndCloses) {
  start();
  TestPeer peer = connect();
  peer.send("BYE sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKb\r\n\r\n");
  ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  EXPECT_EQ(got_[0].head.kind, Kind::broken);
  EXPECT_EQ(got_[0].head.status_code, 400);
  send("400", got_[0].head.path.stream, 1);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.is_over;
  }));
  EXPECT_EQ(peer.text, "400");
}

TEST_F(Tcp, ClosesAfterAMistakeThatNobodyAnswers) {
  start();
  TestPeer peer = connect();
  peer.send("BYE sip:a SIP/2.0\r\nl: x\r\n\r\n");
  ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  advance(2000);
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
}

TEST_F(Tcp, ARequestAfterAMistakeGoesOverAnotherConnection) {
  start();
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  TestPeer peer = connect();
  peer.send("BYE sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKb\r\nl: x\r\n\r\n");
  ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  send(invite, got_[0].head.path.stream, port);
  std::optional<TestPeer> other = accept(listener);
  ASSERT_TRUE(other);
  ASSERT_TRUE(until([&] {
    other->read();
    return other->text == invite;
  }));
  peer.read();
  EXPECT_EQ(peer.text, "");
}

TEST_F(Tcp, WhoRefusesConnectionsIsToldOfAsSuch) {
  start();
  uint16_t port = 0;
  contract::FileDescriptor listener = listen(port);
  listener.reset();
  send(invite, StreamId::none, port);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  EXPECT_EQ(got_[0].head.kind, Kind::undelivered);
  EXPECT_EQ(got_[0].head.fault, contract::StreamFault::refused);
}

class TcpIpv6 : public StreamTest {
 protected:
  TcpIpv6() : StreamTest(contract::Transport::tcp, *contract::parse_address("::1")) {}
};

TEST_F(TcpIpv6, BringsMessagesOfPeersAndOfOurs) {
  start_where_it_can();
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  EXPECT_EQ(got_[0].octets, options);
  EXPECT_EQ(got_[0].head.path.remote, peer.own());
  EXPECT_EQ(got_[0].head.path.local, local_);
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  send(invite, StreamId::none, port);
  std::optional<TestPeer> other = accept(listener);
  ASSERT_TRUE(other);
  ASSERT_TRUE(until([&] {
    other->read();
    return other->text == invite;
  }));
}

// What connects is accepted by one thread and served by that of its peer.
class TcpThreads : public Tcp {
 protected:
  TcpThreads() { threads_ = 4; }
};

TEST_F(TcpThreads, APeerIsServedByItsOwnThread) {
  start();
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  const unsigned own = shards_->of(loopback);
  for (unsigned shard = 0; shard < shards_->count(); ++shard) {
    EXPECT_EQ(streams_->of(shard).count(), shard == own ? 1u : 0u);
  }
  send("answer", got_[0].head.path.stream, 1);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.text == "answer";
  }));
}

TEST_F(TcpThreads, AConnectionWaitsForAThreadThatServesByAnEarlierSnapshot) {
  start();
  contract::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  Accepted late{std::move(socket), {local_, transport_, 0, contract::RealmId{0}}, {loopback, 1}, 2};
  const unsigned own = shards_->of(loopback);
  ASSERT_TRUE(shards_->handover(own).put(std::move(late)));
  settle();
  EXPECT_EQ(streams_->count(), 0u);
  EXPECT_EQ(counted(StreamCounter::unknown_source), 0u);
  generation_ = 2;
  adopt();
  streams_->poll_once(now_, 0);
  EXPECT_EQ(counted(StreamCounter::accepted), 1u);
}

TEST_F(TcpThreads, ATrunkThatLeftOnTheWayOfItsConnectionIsAStranger) {
  start();
  contract::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  Accepted one{std::move(socket), {local_, transport_, 0, contract::RealmId{0}}, {loopback, 1}, 1};
  has_trunk_ = false;
  adopt();
  ASSERT_TRUE(shards_->handover(shards_->of(loopback)).put(std::move(one)));
  settle();
  EXPECT_EQ(counted(StreamCounter::unknown_source), 1u);
  EXPECT_EQ(counted(StreamCounter::accepted), 0u);
}

TEST_F(TcpThreads, RefusesWhatAThreadThatIsBehindHasNoRoomFor) {
  start();
  // A peer whose thread is not that which accepts.
  while (shards_->of(known_) == 0) ++known_.octets.back();
  adopt();
  const unsigned own = shards_->of(known_);
  // Of a snapshot that it does not have yet, so that all of them wait.
  for (size_t i = 0; i < Handover::max_waiting; ++i) {
    Accepted one;
    one.generation = 99;
    ASSERT_TRUE(shards_->handover(own).put(std::move(one)));
  }
  TestPeer peer = connect(known_);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.is_over;
  }));
  EXPECT_EQ(counted(StreamCounter::not_dealt), 1u);
}

TEST_F(Tcp, ClosesAtOnceWhatIsNoSip) {
  start();
  TestPeer peer = connect();
  peer.send("\x16\x03\x01 hello\r\n\r\n");
  ASSERT_TRUE(until([&] { return counted(StreamCounter::broken) == 1; }));
}

// A flow, as RFC 5626 calls it: who registered over a connection is called at its far end.
TEST_F(Tcp, ARequestToTheFarEndOfAConnectionGoesOverIt) {
  start();
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  send(invite, StreamId::none, peer.own().port);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.text == invite;
  }));
  EXPECT_EQ(counted(StreamCounter::connected), 0u);
  // The answer comes by it, too.
  peer.send(trying);
  ASSERT_TRUE(until([&] { return got_.size() == 2; }));
  EXPECT_EQ(got_[1].head.path.stream, got_[0].head.path.stream);
}

TEST_F(Tcp, AFlowThatIsGoneIsToldAtOnce) {
  start();
  TestPeer peer = connect();
  const uint16_t port = peer.own().port;
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  peer.reset();
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  // Nobody listens at the far end of what a peer had made (RFC 5626 section 5.3.1: 430).
  send(invite, StreamId::none, port);
  ASSERT_TRUE(until([&] { return got_.size() == 2; }));
  EXPECT_EQ(got_[1].head.kind, Kind::undelivered);
  EXPECT_EQ(got_[1].head.fault, contract::StreamFault::refused);
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

}  // namespace
}  // namespace demarc::stream
