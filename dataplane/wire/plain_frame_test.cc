#include "dataplane/wire/plain_frame.h"

#include <gtest/gtest.h>

#include <random>

#include "dataplane/wire/frame_samples_for_test.h"
#include "tests/support/seed.h"

namespace demarc::wire {
namespace {

using samples::ethernet;
using samples::ipv4;
using samples::Octets;
using samples::udp;

constexpr contract::NicPortId port_id{3};

bool look(const Octets& octets, Frame& frame, VerifiedByPort verified = {}) {
  return classify_plain(octets, PlainPort(samples::our_mac, port_id), verified, frame);
}
bool is_plain(const Octets& octets) {
  Frame frame;
  return look(octets, frame);
}
Octets datagram() {
  return samples::udp_v4_frame("hello, long enough");
}

// What the short way says of a frame must be what the long way says.
void expect_same(const Octets& octets, const Frame& frame) {
  const Frame whole = classify(octets, FrameChecks{.own_mac = samples::our_mac});
  ASSERT_EQ(whole.kind, FrameKind::udp);
  EXPECT_EQ(frame.kind, FrameKind::udp);
  EXPECT_EQ(frame.punt_class, whole.punt_class);
  EXPECT_EQ(frame.port, port_id);
  EXPECT_EQ(frame.vlan, whole.vlan);
  EXPECT_EQ(frame.l3_offset, whole.l3_offset);
  EXPECT_EQ(frame.l3_length, whole.l3_length);
  EXPECT_EQ(frame.udp_offset, whole.udp_offset);
  EXPECT_EQ(frame.payload_offset, whole.payload_offset);
  EXPECT_EQ(frame.payload_length, whole.payload_length);
  EXPECT_EQ(frame.local, whole.local);
  EXPECT_EQ(frame.remote, whole.remote);
  EXPECT_EQ(frame.dscp, whole.dscp);
  EXPECT_EQ(frame.is_group, whole.is_group);
}

TEST(PlainFrame, SaysWhatTheLongWaySays) {
  Octets padded = datagram();
  padded.resize(80);
  for (const Octets& octets : {datagram(), padded, samples::tagged(datagram(), 0x2007)}) {
    Frame frame;
    frame.is_group = true;  // as the buffer's last user left it
    frame.vlan = 77;
    ASSERT_TRUE(look(octets, frame));
    expect_same(octets, frame);
  }
}

TEST(PlainFrame, TakesADatagramWithoutChecksum) {
  Octets octets = datagram();
  octets[14 + 20 + 6] = octets[14 + 20 + 7] = 0;
  Frame frame;
  ASSERT_TRUE(look(octets, frame));
  expect_same(octets, frame);
}

TEST(PlainFrame, LeavesWrongChecksumsToTheLongWay) {
  Octets payload = datagram();
  payload.back() ^= 1;
  EXPECT_FALSE(is_plain(payload));
  Octets header = datagram();
  header[14 + 8] ^= 1;
  EXPECT_FALSE(is_plain(header));
  Frame frame;
  EXPECT_TRUE(look(payload, frame, {.udp_is_good = true}));
  EXPECT_TRUE(look(header, frame, {.ip_is_good = true}));
}

TEST(PlainFrame, LeavesWhatIsNotPlainToTheLongWay) {
  const Octets inner = udp("hello, long enough");
  EXPECT_FALSE(is_plain(samples::udp_v6_frame("hello, long enough")));
  EXPECT_FALSE(is_plain(ethernet(ethertype_ipv4, ipv4(17, inner, 0, {1, 1, 1, 0}))));  // options
  EXPECT_FALSE(is_plain(ethernet(ethertype_ipv4, ipv4(17, inner, 0x2000))));           // fragments
  EXPECT_FALSE(is_plain(ethernet(ethertype_ipv4, ipv4(17, inner, 0x0010))));
  EXPECT_TRUE(is_plain(ethernet(ethertype_ipv4, ipv4(17, inner, 0x4000))));  // must not be one
  EXPECT_FALSE(is_plain(ethernet(ethertype_ipv4, ipv4(6, inner))));
  EXPECT_FALSE(is_plain(ethernet(ethertype_arp, ipv4(17, inner))));
  EXPECT_FALSE(is_plain(ethernet(ethertype_ipv4, ipv4(17, inner), MacAddress{{2, 9, 9, 9, 9, 9}})));
  EXPECT_FALSE(is_plain(
      ethernet(ethertype_ipv4, ipv4(17, inner), MacAddress{{255, 255, 255, 255, 255, 255}})));
}

TEST(PlainFrame, NeverTakesAGroupAddressForOurs) {
  const MacAddress group{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  const Octets octets = ethernet(ethertype_ipv4, ipv4(17, udp("hello, long enough")), group);
  Frame frame;
  EXPECT_FALSE(classify_plain(octets, PlainPort(group, port_id), {}, frame));
}

TEST(PlainFrame, LeavesASourceThatIsNoHostToTheLongWay) {
  for (const uint8_t first : std::initializer_list<uint8_t>{0, 127, 224, 255}) {
    Octets ip = ipv4(17, udp("hello, long enough"));
    ip[12] = first;
    samples::fix_ipv4(ip);
    Octets octets = ethernet(ethertype_ipv4, ip);
    octets[14 + 20 + 6] = octets[14 + 20 + 7] = 0;
    EXPECT_FALSE(is_plain(octets)) << unsigned{first};
  }
}

// Whatever is changed or cut off: what the short way takes, the long way takes, and says the same.
TEST(PlainFrame, AgreesWithTheLongWayOnDamagedFrames) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  unsigned taken = 0;
  for (unsigned i = 0; i < 20'000; ++i) {
    Octets octets = random() % 2 == 0 ? datagram() : samples::tagged(datagram(), 5);
    const size_t headers = 50;
    for (auto n = random() % 3; n != 0; --n) {
      octets[random() % headers] = static_cast<uint8_t>(random());
    }
    if (random() % 4 == 0) octets.resize(random() % octets.size());
    const VerifiedByPort verified{random() % 2 == 0, random() % 2 == 0};
    Frame frame;
    if (!look(octets, frame, verified)) continue;
    ++taken;
    const FrameChecks checks{samples::our_mac, verified.ip_is_good, verified.udp_is_good};
    const Frame whole = classify(octets, checks);
    ASSERT_EQ(whole.kind, FrameKind::udp);
    ASSERT_EQ(frame.payload_offset, whole.payload_offset);
    ASSERT_EQ(frame.payload_length, whole.payload_length);
    ASSERT_EQ(frame.l3_length, whole.l3_length);
    ASSERT_EQ(frame.vlan, whole.vlan);
    ASSERT_EQ(frame.local, whole.local);
    ASSERT_EQ(frame.remote, whole.remote);
    ASSERT_EQ(frame.dscp, whole.dscp);
    ASSERT_FALSE(whole.is_group);
  }
  EXPECT_GT(taken, 400u);
}

}  // namespace
}  // namespace demarc::wire
