#include "dataplane/stream/connections.h"

#include <gtest/gtest.h>

#include <string>

#include "dataplane/stream/shards.h"
#include "dataplane/stream/stream_harness.h"

namespace demarc::stream {
namespace {

using contract::Duration;
using contract::Endpoint;
using contract::Instant;
using contract::IpAddress;
using contract::Transport;
using State = Connection::State;

constexpr contract::TrunkId trunk{3};
const Endpoint local{IpAddress::v4(192, 0, 2, 1), 5061};
const Endpoint remote{IpAddress::v4(192, 0, 2, 7), 40123};
constexpr Instant now{1'000'000'000};

class ConnectionsTest : public ::testing::Test {
 protected:
  Connection& make(const Endpoint& to = remote, State state = State::open) {
    Connection* connection = table.take({local, to, Transport::tls}, now);
    EXPECT_NE(connection, nullptr);
    connection->trunk = trunk;
    connection->state = state;
    return *connection;
  }
  transaction::Path path_of(const Connection& connection) const {
    return {.local = local,
            .remote = connection.key.remote,
            .transport = Transport::tls,
            .stream = table.id_of(connection)};
  }
  Connections table{Limits{}};
};

TEST_F(ConnectionsTest, TheNamedOneComesFirst) {
  Connection& first = make();
  const transaction::Path path = path_of(first);
  make();  // takes the place of the first one where only the address is known
  EXPECT_EQ(table.usable_for(path, trunk, Matter::begins), &first);
}

TEST_F(ConnectionsTest, ANameOfAnotherTrunkOrPeerIsNone) {
  const transaction::Path path = path_of(make());
  transaction::Path other = path;
  other.remote = {IpAddress::v4(192, 0, 2, 8), 5061};
  EXPECT_EQ(table.usable_for(other, trunk, Matter::begins), nullptr);
  EXPECT_EQ(table.usable_for(path, contract::TrunkId{4}, Matter::begins),
            table.find(Key{local, remote, Transport::tls}));
}

TEST_F(ConnectionsTest, ANameThatIsGoneIsNeverAnothers) {
  Connection& first = make();
  const transaction::StreamId name = table.id_of(first);
  table.release(first);
  for (unsigned i = 0; i < 20000; ++i) table.release(make());
  EXPECT_EQ(table.find(name), nullptr);
}

TEST_F(ConnectionsTest, OneThatIsClosingTakesALastResponseAndNoRequest) {
  Connection& closing = make(remote, State::closing);
  const transaction::Path path = path_of(closing);
  EXPECT_EQ(table.usable_for(path, trunk, Matter::response), &closing);
  EXPECT_EQ(table.usable_for(path, trunk, Matter::begins), nullptr);
  Connection& next = make();
  EXPECT_EQ(table.usable_for(path, trunk, Matter::begins), &next);
  EXPECT_EQ(table.usable_for(path, trunk, Matter::response), &closing);
}

TEST_F(ConnectionsTest, OneThatSaidGoodbyeTakesNothing) {
  Connection& closing = make(remote, State::closing);
  closing.is_shut = true;
  EXPECT_EQ(table.usable_for(path_of(closing), trunk, Matter::response), nullptr);
}

TEST_F(ConnectionsTest, OneWhosePeerIsNotTrustedAnyMoreIsFoundByNameAlone) {
  Connection& leaving = make();
  leaving.leave_by = now + Duration::seconds(32);
  transaction::Path path = path_of(leaving);
  EXPECT_EQ(table.usable_for(path, trunk, Matter::begins), &leaving);
  path.stream = transaction::StreamId::none;
  EXPECT_EQ(table.usable_for(path, trunk, Matter::begins), nullptr);
}

TEST_F(ConnectionsTest, OneWhosePeerIsNotTrustedAnyMoreTakesWhatHasBegunWhereverThatLeads) {
  make({IpAddress::v4(192, 0, 2, 6), 40123}).leave_by = now + Duration::seconds(32);
  make();
  Connection& leaving = make({remote.address, 40124});
  transaction::Path path = path_of(leaving);
  path.stream = transaction::StreamId::none;
  path.remote.port = 5061;  // where its Contact says that it listens
  EXPECT_EQ(table.usable_for(path, trunk, Matter::goes_on), nullptr);
  leaving.leave_by = now + Duration::seconds(32);
  EXPECT_EQ(table.usable_for(path, trunk, Matter::goes_on), &leaving);
  EXPECT_EQ(table.usable_for(path, trunk, Matter::response), &leaving);
  EXPECT_EQ(table.usable_for(path, trunk, Matter::begins), nullptr);
  EXPECT_EQ(table.usable_for(path, contract::TrunkId{4}, Matter::goes_on), nullptr);
  // A connection that is trusted comes first.
  Connection& trusted = make(path.remote);
  EXPECT_EQ(table.usable_for(path, trunk, Matter::goes_on), &trusted);
  table.release(trusted);
  leaving.state = State::closing;
  EXPECT_EQ(table.usable_for(path, trunk, Matter::goes_on), nullptr);
}

TEST_F(ConnectionsTest, AnAliasIsTheFirstOnesUntilThatIsGone) {
  const Endpoint alias{remote.address, 5061};
  Connection& first = make();
  Connection& second = make({remote.address, 40124});
  table.add_alias(first, alias);
  table.add_alias(second, alias);
  EXPECT_EQ(table.find(Key{local, alias, Transport::tls}), &first);
  table.release(first);
  EXPECT_EQ(table.find(Key{local, alias, Transport::tls}), nullptr);
}

TEST(ConnectionsHalfOpen, HandshakesOfOneSourceAreLimited) {
  Limits limits;
  limits.handshakes_of_one = 2;
  Connections table(limits);
  uint16_t port = 40000;
  const auto make = [&](uint8_t host) -> Connection& {
    return *table.take({local, {IpAddress::v4(192, 0, 2, host), ++port}, Transport::tls}, now);
  };
  Connection& first = make(7);
  EXPECT_TRUE(table.begin_handshake(first));
  EXPECT_TRUE(table.begin_handshake(make(7)));
  Connection& third = make(7);
  EXPECT_FALSE(table.begin_handshake(third));
  EXPECT_TRUE(table.begin_handshake(make(8)));
  // One is over, and over only once.
  table.end_handshake(first);
  table.end_handshake(first);
  table.release(first);
  EXPECT_TRUE(table.begin_handshake(third));
  EXPECT_FALSE(table.begin_handshake(make(7)));
  // One that breaks is over, too.
  table.release(third);
  EXPECT_TRUE(table.begin_handshake(make(7)));
}

// --- unanswered requests ---

constexpr Unanswered::Limits few{2, Duration::seconds(32)};

// A message as a connection has it: with octets behind it that may be read (sip-parser/parse.h).
class Held {
 public:
  explicit Held(std::string text) : octets_(std::move(text)), size_(octets_.size()) {
    octets_.append(sip::padding_octets, '\0');
  }
  operator std::string_view() const { return {octets_.data(), size_}; }

 private:
  std::string octets_;
  size_t size_;
};

std::string with_branch(const std::string& message, const std::string& branch) {
  std::string changed = message;
  const size_t at = changed.find("z9hG4bK");
  return changed.replace(at, changed.find("\r\n", at) - at, "z9hG4bK" + branch);
}

TEST(Unanswered, KnowsWhoseRequestWasLost) {
  Unanswered unanswered;
  unanswered.note(5, Held(invite), few, now);
  const std::vector<Unanswered::Request> lost = unanswered.take();
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].branch, "z9hG4bKi");
  EXPECT_EQ(lost[0].method, sip::Method::invite);
  EXPECT_EQ(lost[0].worker, 5);
  EXPECT_TRUE(unanswered.is_empty());
}

TEST(Unanswered, AnyResponseMeansThatItGotThere) {
  Unanswered unanswered;
  unanswered.note(0, Held(invite), few, now);
  unanswered.forget_answered(Held(with_branch(trying, "another")));
  EXPECT_FALSE(unanswered.is_empty());
  unanswered.forget_answered(Held(trying));
  EXPECT_TRUE(unanswered.is_empty());
}

TEST(Unanswered, ResponsesAndAckWaitForNothing) {
  Unanswered unanswered;
  unanswered.note(0, Held(trying), few, now);
  std::string ack = invite;
  while (ack.find("INVITE") != std::string::npos) ack.replace(ack.find("INVITE"), 6, "ACK");
  unanswered.note(0, Held(ack), few, now);
  unanswered.note(0, Held("no SIP at all"), few, now);
  EXPECT_TRUE(unanswered.is_empty());
}

TEST(Unanswered, ARequestOfThePeerAnswersNone) {
  Unanswered unanswered;
  unanswered.note(0, Held(invite), few, now);
  unanswered.forget_answered(Held(invite));
  unanswered.forget_answered(Held("no SIP at all"));
  EXPECT_FALSE(unanswered.is_empty());
}

TEST(Unanswered, TheOldestIsForgottenFirst) {
  Unanswered unanswered;
  for (const char* branch : {"1", "2", "3"}) {
    unanswered.note(0, Held(with_branch(invite, branch)), few, now);
  }
  const std::vector<Unanswered::Request> lost = unanswered.take();
  ASSERT_EQ(lost.size(), 2u);
  EXPECT_EQ(lost[0].branch, "z9hG4bK2");
  EXPECT_EQ(lost[1].branch, "z9hG4bK3");
}

TEST(Unanswered, WhatATimerHasDecidedIsNotToldAgain) {
  Unanswered unanswered;
  unanswered.note(0, Held(invite), few, now);
  unanswered.note(0, Held(with_branch(invite, "new")), few, now + Duration::seconds(33));
  const std::vector<Unanswered::Request> lost = unanswered.take();
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].branch, "z9hG4bKnew");
}

// --- several threads ---

TEST(Shards, OneThreadHasAllPeersAndSeveralShareThem) {
  const Shards one(1);
  EXPECT_EQ(one.of(remote.address), 0u);
  const Shards four(1, 4, Lanes::usual_octets);
  unsigned of_each[4] = {};
  for (unsigned i = 0; i < 4096; ++i) {
    const auto high = static_cast<uint8_t>(i >> 8);
    ++of_each[four.of(IpAddress::v4(10, 0, high, static_cast<uint8_t>(i)))];
  }
  for (const unsigned peers : of_each) EXPECT_GT(peers, 4096u / 4 * 9 / 10);
}

TEST(Handover, RefusesBeyondItsLimit) {
  Handover handover;
  for (size_t i = 0; i < Handover::max_waiting; ++i) ASSERT_TRUE(handover.put({}));
  EXPECT_FALSE(handover.put({}));
  EXPECT_EQ(handover.take(0).size(), Handover::max_waiting);
  EXPECT_TRUE(handover.put({}));
}

TEST(Handover, KeepsWhatALaterSnapshotKnows) {
  Handover handover;
  Accepted early;
  early.generation = 4;
  Accepted late;
  late.generation = 5;
  ASSERT_TRUE(handover.put(std::move(early)));
  ASSERT_TRUE(handover.put(std::move(late)));
  EXPECT_EQ(handover.take(3).size(), 0u);
  EXPECT_EQ(handover.take(4).size(), 1u);
  EXPECT_EQ(handover.take(5).size(), 1u);
}

}  // namespace
}  // namespace demarc::stream
