#include "dataplane/wire/wire.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "dataplane/wire/eal_for_test.h"
#include "dataplane/wire/frame_samples_for_test.h"

namespace demarc::wire {
namespace {

using contract::IpAddress;
using contract::WorkerCounter;

constexpr Segment segment{contract::NicPortId{0}, 0};
constexpr contract::Instant start{1'000'000'000};
constexpr auto other_v4 = IpAddress::v4(192, 0, 2, 3);

// One port that gives back what it is sent, one queue, two workers; no kernel. Made once, because a
// process has one set of pools.
Wiring* wiring() {
  static const std::unique_ptr<Wiring> made = []() -> std::unique_ptr<Wiring> {
    if (!has_eal()) return nullptr;
    auto result = std::make_unique<Wiring>();
    const WiringPort port{"net_ring_wire", ""};
    WiringOptions options;
    options.ports = {&port, 1};
    options.workers = 2;
    options.buffers = 1023;
    Explanation why;
    if (!result->start(options, why)) {
      ADD_FAILURE() << why.c_str();
      return nullptr;
    }
    return result;
  }();
  return made.get();
}

class WireTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(wiring(), nullptr);
    auto fib = std::make_unique<FibTable>();
    FibRoute on_link;
    on_link.prefix = IpAddress::v4(192, 0, 2, 0);
    on_link.prefix_length = 96 + 24;
    on_link.segment = segment;
    ASSERT_TRUE(fib->add_route(on_link));
    wiring()->fib().store(*fib);
    const SegmentAddress ours{samples::our_v4, segment};
    ASSERT_TRUE(wiring()->set_local_addresses({&ours, 1}));
    free_buffers_ = wiring()->send_pool().free_buffers();
    resolve(samples::our_v4, AdjacencyState::usable);
    counters_ = std::make_unique<contract::WorkerCounters[]>(2);
    first_ = std::make_unique<Wire>(*wiring(), contract::WorkerIndex{0}, counters_[0]);
    second_ = std::make_unique<Wire>(*wiring(), contract::WorkerIndex{1}, counters_[1]);
    AdjacencyIndex ignored;
    while (wiring()->requests(0).pop(ignored)) {
    }
  }
  void TearDown() override {
    if (first_ == nullptr) return;
    first_->receive(start);
    first_.reset();
    second_.reset();
    EXPECT_EQ(wiring()->send_pool().free_buffers(), free_buffers_);
  }
  // The neighbour is the port itself, so that what is sent comes back to us.
  static AdjacencyIndex resolve(const IpAddress& address, AdjacencyState state) {
    const AdjacencyIndex index = wiring()->adjacencies().find_or_claim(segment, address);
    wiring()->adjacencies().write(index, {wiring()->port(0).mac(), samples::peer_mac, state});
    return index;
  }
  static SendOutcome send(Wire& wire, std::string_view text, const IpAddress& to = samples::our_v4,
                          contract::Instant now = start) {
    Datagram datagram{{samples::peer_v4, 7000}, {to, 5060}, 24, {}};
    datagram.payload = {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
    return wire.send(segment, datagram, now);
  }
  uint64_t count(WorkerCounter counter, unsigned worker = 0) const {
    return counters_[worker].get(counter);
  }
  std::unique_ptr<contract::WorkerCounters[]> counters_;
  std::unique_ptr<Wire> first_, second_;
  uint32_t free_buffers_ = 0;
};

TEST_F(WireTest, SendsAndReceivesADatagram) {
  EXPECT_EQ(send(*first_, "hello"), SendOutcome::queued);
  EXPECT_TRUE(first_->receive(start).empty());  // nothing goes before the flush
  first_->flush(start);
  const std::span<Packet> received = first_->receive(start);
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].payload(), "hello");
  EXPECT_EQ(received[0].frame().segment(), segment);
  EXPECT_EQ(received[0].frame().remote, (contract::Endpoint{samples::peer_v4, 7000}));
  EXPECT_EQ(count(WorkerCounter::frames_in), 1u);
  EXPECT_EQ(count(WorkerCounter::frames_out), 1u);
  EXPECT_TRUE(first_->was_busy());
}

TEST_F(WireTest, RelaysAPacketInPlace) {
  send(*first_, "voice");
  first_->flush(start);
  const std::span<Packet> received = first_->receive(start);
  ASSERT_EQ(received.size(), 1u);
  EXPECT_GE(received[0].l3_headroom(), 20);  // an IPv4 header may become an IPv6 one
  const AdjacencyIndex index = first_->adjacency(segment, samples::our_v4);
  EXPECT_EQ(first_->send(std::move(received[0]), index, start), SendOutcome::queued);
  first_->flush(start);
  ASSERT_EQ(first_->receive(start).size(), 1u);
}

TEST_F(WireTest, ForwardsToANeighbourThatWasSentToBefore) {
  const AdjacencyIndex index = first_->adjacency(segment, samples::our_v4);
  first_->receive(start);  // a turn begins with it: from here on headers are kept
  send(*first_, "voice");
  first_->flush(start);
  for (unsigned i = 0; i < 2; ++i) {
    const std::span<Packet> received = first_->receive(start);
    ASSERT_EQ(received.size(), 1u);
    EXPECT_EQ(received[0].payload(), "voice");
    Packet packet = std::move(received[0]);
    ASSERT_TRUE(first_->forward(packet, packet.l3(), packet.l3_length(), index));
    EXPECT_FALSE(packet);
    first_->flush(start);
  }
  ASSERT_EQ(first_->receive(start).size(), 1u);
  EXPECT_EQ(count(WorkerCounter::frames_out), 3u);
}

TEST_F(WireTest, LeavesToSendWhatItCanNotForward) {
  send(*first_, "voice");
  first_->flush(start);
  const std::span<Packet> received = first_->receive(start);
  ASSERT_EQ(received.size(), 1u);
  Packet packet = std::move(received[0]);
  const uint16_t length = packet.l3_length();
  const AdjacencyIndex index = first_->adjacency(segment, samples::our_v4);
  EXPECT_FALSE(first_->forward(packet, packet.l3(), 1501, index));  // too long
  EXPECT_FALSE(first_->forward(packet, packet.l3(), length, AdjacencyIndex::none));
  EXPECT_FALSE(
      first_->forward(packet, packet.l3(), length, resolve(other_v4, AdjacencyState::usable)));
  first_->receive(start);  // a row has changed: no header serves any more
  EXPECT_FALSE(first_->forward(packet, packet.l3(), length, index));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet.payload(), "voice");
  EXPECT_EQ(first_->send(std::move(packet), index, start), SendOutcome::queued);
  first_->flush(start);
}

TEST_F(WireTest, SendsAPacketOfOurOwnMaking) {
  send(*first_, "voice");
  first_->flush(start);
  const std::span<Packet> received = first_->receive(start);
  ASSERT_EQ(received.size(), 1u);
  const std::vector<uint8_t> l3(received[0].l3(), received[0].l3() + received[0].l3_length());
  EXPECT_GE(received[0].l3_tailroom(), payload_padding_octets);
  const AdjacencyIndex index = first_->adjacency(segment, samples::our_v4);
  EXPECT_EQ(first_->send(l3, index, start), SendOutcome::queued);
  first_->flush(start);
  const std::span<Packet> again = first_->receive(start);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].payload(), "voice");
  EXPECT_EQ(first_->send(l3, AdjacencyIndex::none, start), SendOutcome::dropped);
  EXPECT_EQ(first_->send(std::vector<uint8_t>(1501), index, start), SendOutcome::dropped);
}

TEST_F(WireTest, FragmentsAndReassembles) {
  const std::string text(9000, 'x');
  EXPECT_EQ(send(*first_, text), SendOutcome::queued);
  first_->flush(start);
  const std::span<Packet> received = first_->receive(start);
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].payload(), text);
  EXPECT_EQ(count(WorkerCounter::frames_in), 7u);
  // And relayed: longer than the MTU, so in fragments again.
  EXPECT_EQ(
      first_->send(std::move(received[0]), first_->adjacency(segment, samples::our_v4), start),
      SendOutcome::queued);
  first_->flush(start);
  const std::span<Packet> again = first_->receive(start);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].payload(), text);
}

TEST_F(WireTest, SendsThroughTheOwnerOfTheQueue) {
  EXPECT_EQ(send(*second_, "from the other"), SendOutcome::queued);
  second_->flush(start);
  EXPECT_TRUE(first_->receive(start).empty());
  first_->flush(start);
  const std::span<Packet> received = first_->receive(start);
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].payload(), "from the other");
  EXPECT_TRUE(second_->receive(start).empty());
}

TEST_F(WireTest, HoldsUntilTheNeighbourIsKnown) {
  const AdjacencyIndex index = resolve(other_v4, AdjacencyState::unresolved);
  EXPECT_EQ(send(*first_, "hello", other_v4), SendOutcome::held);
  first_->flush(start);
  AdjacencyIndex asked = AdjacencyIndex::none;
  ASSERT_TRUE(wiring()->requests(0).pop(asked));
  EXPECT_EQ(asked, index);
  EXPECT_EQ(count(WorkerCounter::frames_out), 0u);
  resolve(other_v4, AdjacencyState::usable);
  first_->flush(start);
  EXPECT_EQ(count(WorkerCounter::frames_out), 1u);
}

TEST_F(WireTest, NothingOvertakesWhatIsHeld) {
  // The 200 comes in the very turn in which the netlink thread has learnt the neighbour.
  resolve(samples::our_v4, AdjacencyState::unresolved);
  EXPECT_EQ(send(*first_, "100"), SendOutcome::held);
  EXPECT_EQ(send(*first_, "180"), SendOutcome::held);
  first_->flush(start);
  resolve(samples::our_v4, AdjacencyState::usable);
  EXPECT_EQ(send(*first_, "200"), SendOutcome::queued);
  first_->flush(start);
  const std::span<Packet> received = first_->receive(start);
  ASSERT_EQ(received.size(), 3u);
  EXPECT_EQ(received[0].payload(), "100");
  EXPECT_EQ(received[1].payload(), "180");
  EXPECT_EQ(received[2].payload(), "200");
}

TEST_F(WireTest, WhatIsHeldForOneNeighbourKeepsNoOtherBack) {
  // 64 rows apart, so that the bit that stands for a row is the same for both.
  const AdjacencyIndex silent = resolve(other_v4, AdjacencyState::unresolved);
  AdjacencyIndex twin = AdjacencyIndex::none;
  IpAddress twin_address;
  for (unsigned i = 100; i < 200 && twin == AdjacencyIndex::none; ++i) {
    twin_address = IpAddress::v4(192, 0, 2, static_cast<uint8_t>(i));
    const AdjacencyIndex index = resolve(twin_address, AdjacencyState::usable);
    if (static_cast<uint32_t>(index) % 64 == static_cast<uint32_t>(silent) % 64) twin = index;
  }
  ASSERT_NE(twin, AdjacencyIndex::none);
  EXPECT_EQ(send(*first_, "to the silent one", other_v4), SendOutcome::held);
  EXPECT_EQ(send(*first_, "to its twin", twin_address), SendOutcome::queued);
  first_->flush(start);
  EXPECT_EQ(count(WorkerCounter::frames_out), 1u);
  // What is for nobody is gone at last, and leaves no mark.
  first_->flush(start + Wire::held_for);
  EXPECT_EQ(count(WorkerCounter::neighbour_unresolved), 1u);
  resolve(other_v4, AdjacencyState::usable);
  EXPECT_EQ(send(*first_, "hello", other_v4), SendOutcome::queued);
}

TEST_F(WireTest, ALateFragmentWaitsBehindWhatIsHeld) {
  resolve(samples::our_v4, AdjacencyState::unresolved);
  const std::string text(3000, 'x');
  EXPECT_EQ(send(*first_, text), SendOutcome::held);
  resolve(samples::our_v4, AdjacencyState::stale);
  EXPECT_EQ(send(*first_, "later"), SendOutcome::queued);
  first_->flush(start);
  const std::span<Packet> received = first_->receive(start);
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].payload(), text);
  EXPECT_EQ(received[1].payload(), "later");
}

TEST_F(WireTest, DropsWhatIsHeldTooLong) {
  resolve(other_v4, AdjacencyState::unresolved);
  EXPECT_EQ(send(*first_, "hello", other_v4), SendOutcome::held);
  first_->flush(start + contract::Duration::milliseconds(2900));
  EXPECT_EQ(count(WorkerCounter::neighbour_unresolved), 0u);
  first_->flush(start + contract::Duration::milliseconds(3100));
  EXPECT_EQ(count(WorkerCounter::neighbour_unresolved), 1u);
}

TEST_F(WireTest, DropsWhatIsHeldForANeighbourThatFailed) {
  resolve(other_v4, AdjacencyState::failed);
  EXPECT_EQ(send(*first_, "hello", other_v4), SendOutcome::held);
  first_->flush(start + contract::Duration::milliseconds(900));
  EXPECT_EQ(count(WorkerCounter::neighbour_unresolved), 0u);
  first_->flush(start + contract::Duration::milliseconds(1100));
  EXPECT_EQ(count(WorkerCounter::neighbour_unresolved), 1u);
}

TEST_F(WireTest, HoldsALimitedNumberForOneNeighbour) {
  resolve(other_v4, AdjacencyState::unresolved);
  for (unsigned i = 0; i < Wire::max_held_per_neighbour; ++i) {
    EXPECT_EQ(send(*first_, "hello", other_v4), SendOutcome::held);
  }
  EXPECT_EQ(send(*first_, "hello", other_v4), SendOutcome::dropped);
  EXPECT_EQ(count(WorkerCounter::neighbour_unresolved), 1u);
}

TEST_F(WireTest, DropsWithoutARoute) {
  EXPECT_EQ(send(*first_, "hello", IpAddress::v4(198, 51, 100, 1)), SendOutcome::dropped);
  EXPECT_EQ(count(WorkerCounter::neighbour_unresolved), 1u);
  EXPECT_EQ(first_->adjacency(segment, IpAddress::v4(198, 51, 100, 1)), AdjacencyIndex::none);
}

TEST_F(WireTest, DropsWithoutABuffer) {
  std::vector<Packet> all;
  while (Packet packet = wiring()->send_pool().allocate()) all.push_back(std::move(packet));
  EXPECT_EQ(send(*first_, "hello"), SendOutcome::dropped);
  EXPECT_EQ(count(WorkerCounter::mbuf_exhausted), 1u);
}

TEST_F(WireTest, DropsAMixOfFamilies) {
  Datagram datagram{{samples::peer_v6, 7000}, {samples::our_v4, 5060}, 0, {}};
  EXPECT_EQ(first_->send(segment, datagram, start), SendOutcome::dropped);
  EXPECT_EQ(count(WorkerCounter::frame_malformed), 1u);
}

TEST_F(WireTest, CountsWhatIsNotOurs) {
  resolve(other_v4, AdjacencyState::usable);
  EXPECT_EQ(send(*first_, "hello", other_v4), SendOutcome::queued);
  first_->flush(start);
  EXPECT_TRUE(first_->receive(start).empty());
  EXPECT_EQ(count(WorkerCounter::frame_not_ours), 1u);
}

TEST_F(WireTest, RefusesASourceThatIsNoHost) {
  Datagram datagram{{IpAddress::v4(224, 0, 0, 1), 7000}, {samples::our_v4, 5060}, 0, {}};
  EXPECT_EQ(first_->send(segment, datagram, start), SendOutcome::queued);
  first_->flush(start);
  EXPECT_TRUE(first_->receive(start).empty());
  EXPECT_EQ(count(WorkerCounter::frame_malformed), 1u);
}

TEST_F(WireTest, FollowsTheConfiguredAddresses) {
  EXPECT_TRUE(first_->serves(samples::our_v4));
  ASSERT_TRUE(wiring()->set_local_addresses({}));
  first_->receive(start);
  EXPECT_FALSE(first_->serves(samples::our_v4));
}

}  // namespace
}  // namespace demarc::wire
