#include "dataplane/media/usual.h"

#include <gtest/gtest.h>

#include "dataplane/media/outgoing.h"
#include "dataplane/media/relay.h"
#include "tests/support/seed.h"
#include "tests/support/udp_packet.h"

namespace demarc::media {
namespace {

using namespace support;

using contract::Endpoint;
using contract::Instant;
using contract::IpAddress;

constexpr Flow in{{IpAddress::v4(203, 0, 113, 10), 40'001},
                  {IpAddress::v4(203, 0, 113, 1), 20'000}};
constexpr Flow out{{IpAddress::v4(203, 0, 113, 2), 30'000},
                   {IpAddress::v4(203, 0, 113, 20), 50'002}};

Slot aimed_slot() {
  Slot slot;
  slot.action = Action::relay;
  slot.local = in.to;
  slot.expected_source = in.from.address;
  slot.expected_port = in.from.port;
  set_clock_rate(slot, 8000);
  build_header(slot, out.from, out.to);
  update_checksum_delta(slot);
  return slot;
}

void expect_same_slots(const Slot& slot, const Slot& other) {
  EXPECT_EQ(slot.packets_in, other.packets_in);
  EXPECT_EQ(slot.octets_in, other.octets_in);
  EXPECT_EQ(slot.packets_relayed, other.packets_relayed);
  EXPECT_EQ(slot.octets_relayed, other.octets_relayed);
  EXPECT_EQ(slot.last_packet, other.last_packet);
  EXPECT_EQ(slot.ssrc, other.ssrc);
  EXPECT_EQ(slot.highest_sequence, other.highest_sequence);
  EXPECT_EQ(slot.base_sequence, other.base_sequence);
  EXPECT_EQ(slot.rtp_packets, other.rtp_packets);
  EXPECT_EQ(slot.transit, other.transit);
  EXPECT_EQ(slot.timestamp, other.timestamp);
  EXPECT_EQ(slot.jitter, other.jitter);
  EXPECT_EQ(slot.drop_wrong_source, other.drop_wrong_source);
  EXPECT_EQ(slot.drop_malformed, other.drop_malformed);
  EXPECT_EQ(slot.drop_not_ready, other.drop_not_ready);
  EXPECT_EQ(slot.lost_before, other.lost_before);
  EXPECT_EQ(slot.bad_sequence, other.bad_sequence);
}
void expect_same_frames(const TestPacket& packet, const TestPacket& other) {
  EXPECT_EQ(packet.frame.l3_length, other.frame.l3_length);
  EXPECT_EQ(packet.frame.headroom, other.frame.headroom);
  EXPECT_EQ(packet.frame.payload_offset, other.frame.payload_offset);
  EXPECT_EQ(packet.frame.payload_length, other.frame.payload_length);
  EXPECT_EQ(packet.frame.tailroom, other.frame.tailroom);
  EXPECT_EQ(packet.frame.outcome, other.frame.outcome);
  EXPECT_EQ(packet.octets(), other.octets());
}

// Nothing may have changed where the short way declines.
void expect_declined(const Slot& given, const Octets& payload, const Flow& flow = in,
                     Checksum checksum = Checksum::right) {
  Slot slot = given;
  TestPacket packet(flow, ip_packet(flow, payload, checksum), 0);
  const Octets octets = packet.octets();
  EXPECT_FALSE(relay_usual(slot, packet.frame, Instant{5}));
  EXPECT_EQ(packet.octets(), octets);
  expect_same_slots(slot, given);
}

class Usual : public ::testing::Test {
 protected:
  // The first packet of a stream is never usual.
  void SetUp() override {
    TestPacket packet(in, ip_packet(in, rtp_payload({7, 160, 9})), 0);
    ASSERT_FALSE(relay_usual(slot_, packet.frame, Instant{1}));
    relay_one(slot_, packet.frame, Instant{1});
    ASSERT_TRUE(packet.is_forwarded());
  }
  Slot slot_ = aimed_slot();
};

TEST_F(Usual, RelaysTheNextPacket) {
  const Octets payload = rtp_payload({8, 320, 9});
  TestPacket packet(in, ip_packet(in, payload), 0);
  EXPECT_TRUE(relay_usual(slot_, packet.frame, Instant{20'000'000}));
  EXPECT_TRUE(packet.is_forwarded());
  EXPECT_EQ(fault_of(packet.octets(), out, payload, slot_.dscp), "");
  EXPECT_EQ(slot_.packets_relayed, 2u);
}

TEST_F(Usual, DeclinesWhatIsNotUsual) {
  expect_declined(slot_, rtp_payload({9, 320, 9}));   // one is missing
  expect_declined(slot_, rtp_payload({7, 160, 9}));   // twice
  expect_declined(slot_, rtp_payload({8, 320, 10}));  // another SSRC
  expect_declined(slot_, rtp_payload({8, 320, 9}), in, Checksum::none);
  Octets payload = rtp_payload({8, 320, 9});
  payload[1] = sender_report;
  expect_declined(slot_, payload);
  payload[1] = 0;
  for (const uint8_t first : std::initializer_list<uint8_t>{0x81, 0x90, 0x40, 0xc0, 0x00}) {
    payload[0] = first;
    expect_declined(slot_, payload);
  }
  payload = rtp_payload({8, 320, 9});
  payload.resize(rtp_header_length - 1);
  expect_declined(slot_, payload);
  Flow stranger = in;
  ++stranger.from.port;
  expect_declined(slot_, rtp_payload({8, 320, 9}), stranger);
}

TEST_F(Usual, DeclinesStreamsThatAreNotUsual) {
  const Octets payload = rtp_payload({8, 320, 9});
  Slot slot = slot_;
  slot.action = Action::waiting;
  expect_declined(slot, payload);
  slot = slot_;
  slot.stream = Stream::udptl;
  expect_declined(slot, payload);
  slot = slot_;
  slot.stream = Stream::rtcp;
  expect_declined(slot, payload);
  slot = slot_;
  slot.header_length = v6_header_length;
  expect_declined(slot, payload);
}

// Whatever comes, in any order: both ways leave the same slot, the same frame and the same octets.
TEST_F(Usual, LeavesWhatTheLongWayLeaves) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  TestRandom random(seed);
  Slot other = slot_;
  uint32_t sequence = 7;
  unsigned taken = 0;
  for (unsigned i = 0; i < 20'000; ++i) {
    if (random() % 16 != 0) ++sequence;
    if (random() % 64 == 0) sequence += random() % 200;
    const uint32_t ssrc = random() % 512 == 0 ? 10 : 9;
    Octets payload = rtp_payload({sequence, sequence * 160 + random() % 50, ssrc, random() % 40});
    if (random() % 64 == 0) payload[random() % payload.size()] = static_cast<uint8_t>(random());
    const Checksum sum = random() % 32 == 0 ? Checksum::none : Checksum::right;
    const Instant now{uint64_t{i} * 20'000'000 + random() % 9'000'000};
    TestPacket packet(in, ip_packet(in, payload, sum), 0);
    TestPacket twin(in, ip_packet(in, payload, sum), 0);
    const bool is_usual = relay_usual(slot_, packet.frame, now);
    taken += is_usual ? 1 : 0;
    if (!is_usual) relay_one(slot_, packet.frame, now);
    relay_one(other, twin.frame, now);
    expect_same_frames(packet, twin);
    expect_same_slots(slot_, other);
    ASSERT_FALSE(HasFailure()) << i;
  }
  EXPECT_GT(taken, 10'000u);
  EXPECT_GT(slot_.packets_in, slot_.packets_relayed);
}

}  // namespace
}  // namespace demarc::media
