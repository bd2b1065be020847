// Keep-alives on connections of TCP (RFC 5626 sections 3.5.1 and 4.4.1): those of peers, and ours.
#include "dataplane/stream/stream_harness.h"

namespace demarc::stream {
namespace {

using contract::StreamCounter;

class TcpKeepalive : public StreamTest {};

TEST_F(TcpKeepalive, AnswersAPing) {
  start();
  TestPeer peer = connect();
  peer.send("\r\n\r\n");
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.text == "\r\n";
  }));
  EXPECT_EQ(counted(StreamCounter::pings), 1u);
}

TEST_F(TcpKeepalive, AnswersAPingInTheMiddleOfTraffic) {
  start();
  TestPeer peer = connect();
  peer.send(options + "\r\n\r\n" + options);
  ASSERT_TRUE(until([&] {
    peer.read();
    return got_.size() == 2 && peer.text == "\r\n";
  }));
  EXPECT_EQ(counted(StreamCounter::pings), 1u);
  EXPECT_EQ(counted(StreamCounter::broken), 0u);
}

// A peer that answers pings, too, would take two pongs in a row for one.
TEST_F(TcpKeepalive, AnswersPingsThatComeTogetherByOnePong) {
  start();
  TestPeer peer = connect();
  peer.send("\r\n\r\n\r\n\r\n" + options + "\r\n\r\n");
  ASSERT_TRUE(until([&] {
    peer.read();
    return got_.size() == 1 && !peer.text.empty();
  }));
  settle();
  peer.read();
  EXPECT_EQ(peer.text, "\r\n");
  EXPECT_EQ(counted(StreamCounter::pings), 3u);
}

TEST_F(TcpKeepalive, AnswersAPingWhileAWorkerIsBehind) {
  is_worker_awake_ = false;
  start({}, 4 * uint64_t{MessageRing::max_octets});
  TestPeer other = connect();
  ASSERT_TRUE(until([&] {
    other.send(options);
    return counted(StreamCounter::worker_full) > 0;
  }));
  TestPeer peer = connect();
  peer.send("\r\n\r\n" + options);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.text == "\r\n";
  }));
}

TEST_F(TcpKeepalive, AsksForASignOfLifeAndClosesWithoutOne) {
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
  ASSERT_TRUE(until_due_in(30'000));
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

}  // namespace
}  // namespace demarc::stream
