// Connections of peers that answer 503 with Retry-After.
#include <gtest/gtest.h>

#include "dataplane/stream/stream_harness.h"

namespace demarc::stream {
namespace {

using contract::StreamCounter;
using transaction::StreamId;

// What we have begun to a listening peer, answered 503.
class Unavailable : public StreamTest {
 protected:
  static constexpr std::string_view answer =
      "SIP/2.0 503 Service Unavailable\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKi\r\n"
      "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: i\r\nCSeq: 1 INVITE\r\n";
  void refuse(const std::string& lines) {
    start();
    listener_ = listen(port_);
    send(invite, StreamId::none, port_);
    first_ = accept(listener_);
    ASSERT_TRUE(first_);
    first_->send(std::string(answer) + lines + "Content-Length: 0\r\n\r\n");
    ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  }
  bool has(TestPeer& peer, std::string_view text) {
    return until([&] {
      peer.read();
      return peer.text.find(text) != std::string::npos;
    });
  }
  std::string ack() const {
    std::string text(invite);
    for (size_t at; (at = text.find("INVITE")) != std::string::npos;) text.replace(at, 6, "ACK");
    return text;
  }
  uint16_t port_ = 0;
  contract::FileDescriptor listener_;
  std::optional<TestPeer> first_;
};

TEST_F(Unavailable, WhatBeginsAfterA503WithRetryAfterGoesOverAnotherConnection) {
  policy.closes_on_503 = true;
  refuse("Retry-After: 1\r\n");
  EXPECT_EQ(counted(StreamCounter::unavailable), 1u);
  send(ack(), StreamId::none, port_);
  EXPECT_TRUE(has(*first_, "ACK ")) << "what has begun ends where it began";
  first_->send(options);
  ASSERT_TRUE(until([&] { return got_.size() == 2; })) << "what the peer asks is served";
  send(invite, StreamId::none, port_);
  std::optional<TestPeer> second = accept(listener_);
  ASSERT_TRUE(second);
  EXPECT_TRUE(has(*second, "INVITE "));
  advance(32'001);
  ASSERT_TRUE(until([&] {
    first_->read();
    return first_->is_over;
  }));
  second->read();
  EXPECT_FALSE(second->is_over);
}

TEST_F(Unavailable, A503WithoutRetryAfterLeavesTheConnection) {
  policy.closes_on_503 = true;
  refuse("");
  first_->text.clear();
  send(invite, StreamId::none, port_);
  EXPECT_TRUE(has(*first_, "INVITE "));
}

TEST_F(Unavailable, ATrunkThatDoesNotSaySoKeepsItsConnection) {
  refuse("Retry-After: 1\r\n");
  first_->text.clear();
  send(invite, StreamId::none, port_);
  EXPECT_TRUE(has(*first_, "INVITE "));
  EXPECT_EQ(counted(StreamCounter::unavailable), 0u);
}

}  // namespace
}  // namespace demarc::stream
