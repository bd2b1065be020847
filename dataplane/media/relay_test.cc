#include "dataplane/media/relay.h"

#include <gtest/gtest.h>

#include "dataplane/media/outgoing.h"
#include "dataplane/media/quality.h"
#include "tests/support/seed.h"
#include "tests/support/udp_packet.h"

namespace demarc::media {
namespace {

using namespace support;

using contract::Endpoint;
using contract::Instant;
using contract::IpAddress;

IpAddress v6_address(uint8_t last) {
  IpAddress address;
  address.octets = {0x20, 0x01, 0x0d, 0xb8, 0xff, 0xfe, 0, 9, 0, 0, 0, 0, 0xab, 0, 0, last};
  return address;
}

struct Ends {
  Flow in;
  Flow out;
};
Ends ends(bool is_v4_in, bool is_v4_out) {
  const auto pick = [](bool is_v4, uint8_t last) {
    return is_v4 ? IpAddress::v4(203, 0, 113, last) : v6_address(last);
  };
  return {{{pick(is_v4_in, 10), 40'001}, {pick(is_v4_in, 1), 20'000}},
          {{pick(is_v4_out, 2), 30'000}, {pick(is_v4_out, 20), 50'002}}};
}

Slot aimed_slot(const Ends& ends, Stream stream = Stream::rtp) {
  Slot slot;
  slot.action = Action::relay;
  slot.stream = stream;
  slot.dscp = 46;
  slot.local = ends.in.to;
  slot.expected_source = ends.in.from.address;
  slot.expected_port = ends.in.from.port;
  slot.is_v6_in = !ends.in.to.address.is_v4();
  set_clock_rate(slot, 8000);
  build_header(slot, ends.out.from, ends.out.to);
  update_checksum_delta(slot);
  return slot;
}

// The two families of the incoming and the outgoing side.
class RelayFamilies : public ::testing::TestWithParam<std::pair<bool, bool>> {
 protected:
  Ends ends_ = ends(GetParam().first, GetParam().second);
  Slot slot_ = aimed_slot(ends_);
};

TEST_P(RelayFamilies, RewritesHeadersAndLeavesThePayload) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  TestRandom random(seed);
  for (unsigned i = 0; i < 2000; ++i) {
    const Octets payload = rtp_payload({i, random(), 0x01020304, random() % 300});
    TestPacket packet(ends_.in, ip_packet(ends_.in, payload), 0);
    relay_one(slot_, packet.frame, Instant{1});
    ASSERT_TRUE(packet.is_forwarded());
    ASSERT_TRUE(packet.is_inside());
    ASSERT_EQ(fault_of(packet.octets(), ends_.out, payload, 46), "") << payload.size();
  }
  EXPECT_EQ(slot_.packets_relayed, 2000u);
  EXPECT_EQ(slot_.octets_relayed, slot_.octets_in);
}

TEST_P(RelayFamilies, WritesTheChecksumThatWouldBeZeroAsAllOnes) {
  // Among 65,536 values of one word of the payload, one makes the checksum come out as zero.
  unsigned all_ones = 0;
  for (unsigned word = 0; word < 0x10000; ++word) {
    Octets payload = rtp_payload({.body = 2});
    payload[12] = static_cast<uint8_t>(word >> 8);
    payload[13] = static_cast<uint8_t>(word);
    TestPacket packet(ends_.in, ip_packet(ends_.in, payload), 0);
    relay_one(slot_, packet.frame, Instant{1});
    ASSERT_TRUE(packet.is_forwarded());
    const Octets out = packet.octets();
    const size_t at = out.size() - payload.size() - 2;
    ASSERT_FALSE(out[at] == 0 && out[at + 1] == 0);
    if (out[at] == 0xff && out[at + 1] == 0xff) {
      ++all_ones;
      EXPECT_EQ(fault_of(out, ends_.out, payload, 46), "");
    }
  }
  EXPECT_GE(all_ones, 1u);
}

TEST_P(RelayFamilies, ADamagedChecksumStaysDamaged) {
  const Octets payload = rtp_payload({});
  TestPacket packet(ends_.in, ip_packet(ends_.in, payload, Checksum::damaged), 0);
  relay_one(slot_, packet.frame, Instant{1});
  ASSERT_TRUE(packet.is_forwarded());
  EXPECT_EQ(fault_of(packet.octets(), ends_.out, payload, 46), "UDP checksum");
}

TEST_P(RelayFamilies, ADatagramWithoutChecksumNeedsOneOverIpv6Only) {
  for (const unsigned body : {160u, 161u, 0u, 1u}) {
    const Octets payload = rtp_payload({.body = body});
    Slot slot = aimed_slot(ends_);
    TestPacket packet(ends_.in, ip_packet(ends_.in, payload, Checksum::none), 0);
    relay_one(slot, packet.frame, Instant{1});
    const auto [is_v4_in, is_v4_out] = GetParam();
    if (!is_v4_in) {
      EXPECT_FALSE(packet.is_forwarded());
      EXPECT_EQ(slot.drop_malformed, 1u);
      continue;
    }
    ASSERT_TRUE(packet.is_forwarded());
    const char* expected = is_v4_out ? "no UDP checksum" : "";
    EXPECT_EQ(fault_of(packet.octets(), ends_.out, payload, 46), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(AllFour, RelayFamilies,
                         ::testing::Values(std::pair{true, true}, std::pair{false, false},
                                           std::pair{true, false}, std::pair{false, true}));

TEST(Relay, DropsIpOptionsOnTheWay) {
  const Ends both = ends(true, true);
  Slot slot = aimed_slot(both);
  const Octets payload = rtp_payload({});
  TestPacket packet(both.in, ip_packet(both.in, payload, Checksum::right, 40), 0);
  relay_one(slot, packet.frame, Instant{1});
  ASSERT_TRUE(packet.is_forwarded());
  EXPECT_TRUE(packet.is_inside());
  EXPECT_EQ(fault_of(packet.octets(), both.out, payload, 46), "");
}

TEST(Relay, IgnoresOctetsBehindTheDatagram) {
  const Ends both = ends(true, false);
  Slot slot = aimed_slot(both);
  const Octets payload = rtp_payload({});
  Octets ip = ip_packet(both.in, payload);
  ip.resize(ip.size() + 5, 0xee);
  TestPacket packet(both.in, ip, 0);
  packet.frame.payload_length = static_cast<uint16_t>(packet.frame.payload_length - 5);
  relay_one(slot, packet.frame, Instant{1});
  ASSERT_TRUE(packet.is_forwarded());
  EXPECT_EQ(fault_of(packet.octets(), both.out, payload, 46), "");
}

TEST(Relay, WithoutRoomForIpv6ItIsNoRoute) {
  const Ends both = ends(true, false);
  Slot slot = aimed_slot(both);
  const Octets payload = rtp_payload({});
  for (uint16_t headroom = 19; headroom <= 20; ++headroom) {
    TestPacket packet(both.in, ip_packet(both.in, payload), 0, headroom);
    relay_one(slot, packet.frame, Instant{1});
    EXPECT_EQ(packet.is_forwarded(), headroom == 20);
    EXPECT_TRUE(packet.is_inside());
  }
  EXPECT_EQ(slot.drop_no_route, 1u);
  EXPECT_EQ(slot.packets_relayed, 1u);
}

TEST(Relay, ADatagramTooLongForTheHeaderIsNoRoute) {
  const Ends both = ends(true, false);
  Slot slot = aimed_slot(both);
  TestPacket packet(both.in, ip_packet(both.in, rtp_payload({.body = 65'507 - 12})), 0);
  relay_one(slot, packet.frame, Instant{1});
  EXPECT_FALSE(packet.is_forwarded());
  EXPECT_EQ(slot.drop_no_route, 1u);
}

TEST(Relay, RefusesEverySourceButTheSignalledOne) {
  const Ends both = ends(true, true);
  Slot slot = aimed_slot(both);
  Flow other_port = both.in;
  ++other_port.from.port;
  Flow other_address = both.in;
  other_address.from.address = IpAddress::v4(203, 0, 113, 11);
  Flow other_family = both.in;
  other_family.from.address = v6_address(10);
  for (const Flow& route : {other_port, other_address, other_family}) {
    TestPacket packet(both.in, ip_packet(both.in, rtp_payload({})), 0);
    packet.frame.source = route.from;
    relay_one(slot, packet.frame, Instant{1});
    EXPECT_FALSE(packet.is_forwarded());
  }
  EXPECT_EQ(slot.drop_wrong_source, 3u);
  EXPECT_FALSE(slot.last_packet.is_set());
  EXPECT_EQ(slot.rtp_packets, 0u);
}

TEST(Relay, WhenNobodyMaySendPortZeroMayNotEither) {
  const Ends both = ends(true, true);
  Slot slot = aimed_slot(both);
  slot.expected_source = {};
  slot.expected_port = 0;
  TestPacket packet(both.in, ip_packet(both.in, rtp_payload({})), 0);
  packet.frame.source = {};
  relay_one(slot, packet.frame, Instant{1});
  EXPECT_FALSE(packet.is_forwarded());
  EXPECT_EQ(slot.drop_wrong_source, 1u);
}

TEST(Relay, WhatIsNotRtpIsMalformedAndLeftAlone) {
  const Ends both = ends(true, true);
  Slot slot = aimed_slot(both);
  Octets stun(20);
  stun[1] = 1;
  Octets cut_extension = rtp_payload({.body = 4});
  cut_extension[0] = 0x90;
  cut_extension[14] = 0xff;
  const Octets cases[] = {{}, {0x80}, Octets(11, 0x80), stun, cut_extension};
  for (const Octets& payload : cases) {
    const Octets ip = ip_packet(both.in, payload);
    TestPacket packet(both.in, ip, 0);
    relay_one(slot, packet.frame, Instant{1});
    EXPECT_FALSE(packet.is_forwarded());
    EXPECT_EQ(packet.octets(), ip);
  }
  EXPECT_EQ(slot.drop_malformed, std::size(cases));
  EXPECT_FALSE(slot.last_packet.is_set());
}

TEST(Relay, BeforeItIsAimedItHoldsBackButHears) {
  const Ends both = ends(true, true);
  Slot slot = aimed_slot(both);
  slot.action = Action::waiting;
  TestPacket packet(both.in, ip_packet(both.in, rtp_payload({})), 0);
  relay_one(slot, packet.frame, Instant{77});
  EXPECT_FALSE(packet.is_forwarded());
  EXPECT_EQ(slot.drop_not_ready, 1u);
  EXPECT_EQ(slot.last_packet.ns, 77u);
  EXPECT_EQ(slot.rtp_packets, 1u);
}

TEST(Relay, RtcpIsRelayedButNotObservedOnEitherPort) {
  const Ends both = ends(true, true);
  for (const Stream stream : {Stream::rtp, Stream::rtcp}) {
    Slot slot = aimed_slot(both, stream);
    Octets report(28);
    report[0] = 0x80;
    report[1] = 200;
    TestPacket packet(both.in, ip_packet(both.in, report), 0);
    relay_one(slot, packet.frame, Instant{1});
    ASSERT_TRUE(packet.is_forwarded());
    EXPECT_EQ(fault_of(packet.octets(), both.out, report, 46), "");
    EXPECT_EQ(slot.rtp_packets, 0u);
  }
}

TEST(Relay, ShortRtcpIsMalformed) {
  const Ends both = ends(true, true);
  Slot slot = aimed_slot(both, Stream::rtcp);
  TestPacket packet(both.in, ip_packet(both.in, Octets(7, 0x80)), 0);
  relay_one(slot, packet.frame, Instant{1});
  EXPECT_EQ(slot.drop_malformed, 1u);
}

TEST(Relay, AnyOctetsKeepTheLedgerAndTheBounds) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  TestRandom random(seed);
  Slot slots[8];
  Ends sides[8];
  for (unsigned i = 0; i < 8; ++i) {
    sides[i] = ends((i & 1) != 0, (i & 2) != 0);
    slots[i] = aimed_slot(sides[i], (i & 4) != 0 ? Stream::rtp : Stream::rtcp);
  }
  for (unsigned round = 0; round < 100'000; ++round) {
    const unsigned i = random() % 8;
    Octets payload(random() % 40);
    for (uint8_t& octet : payload) octet = static_cast<uint8_t>(random());
    if (!payload.empty() && random() % 2 == 0)
      payload[0] = static_cast<uint8_t>(0x80 | payload[0] % 64);
    Octets ip = ip_packet(sides[i].in, payload);
    const auto headroom = static_cast<uint16_t>(random() % 30);
    TestPacket packet(sides[i].in, ip, i, headroom);
    for (unsigned k = 0; k < 8; ++k)
      packet.frame.l3[random() % ip.size()] ^= static_cast<uint8_t>(random());
    relay_one(slots[i], packet.frame, Instant{round + 1});
    ASSERT_TRUE(packet.is_inside());
  }
  for (const Slot& slot : slots) {
    EXPECT_GT(slot.packets_relayed, 0u);
    EXPECT_EQ(slot.packets_in, slot.packets_relayed + slot.drop_wrong_source + slot.drop_not_ready +
                                   slot.drop_malformed + slot.drop_no_route + slot.drop_tx_full);
  }
}

}  // namespace
}  // namespace demarc::media
