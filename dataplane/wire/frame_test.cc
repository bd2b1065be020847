#include "dataplane/wire/frame.h"

#include <gtest/gtest.h>

#include <random>

#include "dataplane/wire/frame_samples_for_test.h"

namespace demarc::wire {
namespace {

using contract::WorkerCounter;
using samples::ethernet;
using samples::ipv4;
using samples::ipv6;
using samples::Octets;
using samples::udp;

Frame look(const Octets& frame) {
  return classify(frame, FrameChecks{.own_mac = samples::our_mac});
}
Frame look_v4(const Octets& ip) {
  return look(ethernet(ethertype_ipv4, ip));
}
Frame look_v6(const Octets& ip) {
  return look(ethernet(ethertype_ipv6, ip));
}
void expect_drop(const Frame& frame, WorkerCounter reason) {
  EXPECT_EQ(frame.kind, FrameKind::drop);
  EXPECT_EQ(frame.drop_reason, reason) << contract::text_of(frame.drop_reason).name;
}
void expect_punt(const Frame& frame, PuntClass punt_class) {
  EXPECT_EQ(frame.kind, FrameKind::punt);
  EXPECT_EQ(frame.punt_class, punt_class);
}
std::string_view payload(const Octets& octets, const Frame& frame) {
  return {reinterpret_cast<const char*>(octets.data()) + frame.payload_offset,
          frame.payload_length};
}

TEST(Frame, FindsAUdpDatagramOverIpv4) {
  Octets octets = samples::udp_v4_frame("hello");
  octets.resize(60);  // Ethernet pads to 60 octets
  const Frame frame = look(octets);
  ASSERT_EQ(frame.kind, FrameKind::udp);
  EXPECT_EQ(payload(octets, frame), "hello");
  EXPECT_EQ(frame.l3_offset, 14);
  EXPECT_EQ(frame.l3_length, 33);
  EXPECT_EQ(frame.udp_offset, 34);
  EXPECT_EQ(frame.local, (contract::Endpoint{samples::our_v4, 5060}));
  EXPECT_EQ(frame.remote, (contract::Endpoint{samples::peer_v4, 7000}));
  EXPECT_EQ(frame.dscp, 24);
  EXPECT_EQ(frame.vlan, 0);
  EXPECT_FALSE(frame.is_group);
}

TEST(Frame, FindsAUdpDatagramOverIpv6) {
  const Octets octets = samples::udp_v6_frame("hello");
  const Frame frame = look(octets);
  ASSERT_EQ(frame.kind, FrameKind::udp);
  EXPECT_EQ(payload(octets, frame), "hello");
  EXPECT_EQ(frame.local, (contract::Endpoint{samples::our_v6, 5060}));
  EXPECT_EQ(frame.remote, (contract::Endpoint{samples::peer_v6, 7000}));
  EXPECT_EQ(frame.dscp, 24);
}

TEST(Frame, ReadsOneVlanTag) {
  const Octets octets = samples::tagged(samples::udp_v4_frame("hello"), 0xa064);
  const Frame frame = look(octets);
  ASSERT_EQ(frame.kind, FrameKind::udp);
  EXPECT_EQ(frame.vlan, 100);
  EXPECT_EQ(frame.l3_offset, 18);
  EXPECT_EQ(payload(octets, frame), "hello");
}

TEST(Frame, TakesAPriorityTagForNoVlan) {
  const Frame frame = look(samples::tagged(samples::udp_v4_frame("hello"), 0xa000));
  EXPECT_EQ(frame.kind, FrameKind::udp);
  EXPECT_EQ(frame.vlan, 0);
}

TEST(Frame, GivesTwoTagsToTheKernel) {
  expect_punt(look(samples::tagged(samples::tagged(samples::udp_v4_frame("x"), 5), 6)),
              PuntClass::other);
}

TEST(Frame, SkipsIpv4Options) {
  const Octets octets = ethernet(ethertype_ipv4, ipv4(17, udp("hello"), 0, {7, 4, 4, 0}));
  const Frame frame = look(octets);
  ASSERT_EQ(frame.kind, FrameKind::udp);
  EXPECT_EQ(payload(octets, frame), "hello");
}

TEST(Frame, SkipsIpv6OptionsAndASpentRoutingHeader) {
  Octets chain = {60, 0, 1, 4, 0, 0, 0, 0};           // hop-by-hop, then destination options
  samples::append(chain, {43, 0, 1, 4, 0, 0, 0, 0});  // then routing
  samples::append(chain, {17, 0, 0, 0, 0, 0, 0, 0});  // with no segments left, then UDP
  samples::append(chain, udp("hello", false));
  const Octets octets = ethernet(ethertype_ipv6, ipv6(0, chain));
  const Frame frame = look(octets);
  ASSERT_EQ(frame.kind, FrameKind::udp);
  EXPECT_EQ(payload(octets, frame), "hello");
}

TEST(Frame, TakesAnAtomicFragmentForAWholeDatagram) {
  Octets chain = {17, 0, 0, 0, 1, 2, 3, 4};
  samples::append(chain, udp("hello", false));
  EXPECT_EQ(look_v6(ipv6(44, chain)).kind, FrameKind::udp);
}

TEST(Frame, TakesAnEmptyDatagram) {
  const Frame frame = look(samples::udp_v4_frame(""));
  EXPECT_EQ(frame.kind, FrameKind::udp);
  EXPECT_EQ(frame.payload_length, 0);
}

TEST(Frame, PuntsByClass) {
  expect_punt(look(ethernet(ethertype_arp, Octets(28))), PuntClass::neighbour);
  expect_punt(look_v4(ipv4(1, Octets(8))), PuntClass::icmp);
  expect_punt(look_v4(ipv4(6, Octets(20))), PuntClass::tcp);
  expect_punt(look_v4(ipv4(89, Octets(20))), PuntClass::other);
  expect_punt(look_v6(ipv6(6, Octets(20))), PuntClass::tcp);
  expect_punt(look_v6(ipv6(58, Octets{128, 0, 0, 0})), PuntClass::icmp);
  expect_punt(look_v6(ipv6(58, Octets{135, 0, 0, 0})), PuntClass::neighbour);
  expect_punt(look_v6(ipv6(58, Octets{})), PuntClass::icmp);
  expect_punt(look_v6(ipv6(59, Octets{})), PuntClass::other);
  expect_punt(look(ethernet(0x88cc, Octets(40))), PuntClass::other);
}

TEST(Frame, PuntsFragmentsOfOtherProtocols) {
  expect_punt(look_v4(ipv4(1, Octets(16), 0x2000)), PuntClass::icmp);
  Octets chain = {58, 0, 0, 1, 1, 2, 3, 4};
  samples::append(chain, Octets(16));
  expect_punt(look_v6(ipv6(44, chain)), PuntClass::icmp);
}

TEST(Frame, PuntsARoutingHeaderWithSegmentsLeft) {
  Octets chain = {17, 0, 0, 1, 0, 0, 0, 0};
  samples::append(chain, udp("hello", false));
  expect_punt(look_v6(ipv6(43, chain)), PuntClass::other);
}

TEST(Frame, MarksGroupAddresses) {
  const MacAddress broadcast{{255, 255, 255, 255, 255, 255}};
  const Frame frame = look(ethernet(ethertype_ipv4, ipv4(17, udp("x")), broadcast));
  EXPECT_EQ(frame.kind, FrameKind::udp);
  EXPECT_TRUE(frame.is_group);
}

TEST(Frame, DropsAnotherStationsFrame) {
  expect_drop(look(ethernet(ethertype_ipv4, ipv4(17, udp("x")), MacAddress{{2, 9, 9, 9, 9, 9}})),
              WorkerCounter::frame_not_ours);
}

TEST(Frame, DropsEveryCutHeader) {
  for (const Octets& whole : {samples::udp_v4_frame("hello"), samples::udp_v6_frame("hello"),
                              samples::tagged(samples::udp_v4_frame("hello"), 5)}) {
    for (size_t length = 0; length < whole.size(); ++length) {
      const Octets cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
      expect_drop(look(cut), WorkerCounter::frame_malformed);
    }
  }
}

TEST(Frame, DropsImpossibleIpv4Headers) {
  const Octets good = ipv4(17, udp("hello"));
  Octets bad = good;
  bad[0] = 0x65;  // version
  expect_drop(look_v4(bad), WorkerCounter::frame_malformed);
  bad = good;
  bad[0] = 0x44;  // header of 16 octets
  expect_drop(look_v4(bad), WorkerCounter::frame_malformed);
  bad = good;
  samples::put16(bad, 2, 19);  // total below the header
  samples::fix_ipv4(bad);
  expect_drop(look_v4(bad), WorkerCounter::frame_malformed);
  bad = good;
  samples::put16(bad, 2, static_cast<unsigned>(good.size()) + 1);
  samples::fix_ipv4(bad);
  expect_drop(look_v4(bad), WorkerCounter::frame_malformed);
}

TEST(Frame, DropsAWrongIpv4Checksum) {
  Octets ip = ipv4(17, udp("hello"));
  ip[8] = 63;
  expect_drop(look_v4(ip), WorkerCounter::frame_bad_checksum);
  FrameChecks checks{.own_mac = samples::our_mac};
  checks.ip_checksum_is_good = true;  // what the port verified is not verified again
  EXPECT_EQ(classify(ethernet(ethertype_ipv4, ip), checks).kind, FrameKind::udp);
}

TEST(Frame, DropsImpossibleIpv6Headers) {
  const Octets good = ipv6(17, udp("hello", false));
  Octets bad = good;
  bad[0] = 0x45;
  expect_drop(look_v6(bad), WorkerCounter::frame_malformed);
  bad = good;
  samples::put16(bad, 4, 100);  // longer than the frame
  expect_drop(look_v6(bad), WorkerCounter::frame_malformed);
  bad = good;  // an IPv4-mapped source
  std::memcpy(&bad[8], samples::peer_v4.octets.data(), 16);
  expect_drop(look_v6(bad), WorkerCounter::frame_malformed);
}

TEST(Frame, DropsExtensionHeadersThatLeaveThePacket) {
  expect_drop(look_v6(ipv6(0, Octets{17, 0, 0, 0})), WorkerCounter::frame_malformed);
  expect_drop(look_v6(ipv6(0, Octets{17, 9, 0, 0, 0, 0, 0, 0})), WorkerCounter::frame_malformed);
}

TEST(Frame, DropsAnEndlessChainOfExtensionHeaders) {
  Octets chain;
  for (int i = 0; i < 20; ++i) samples::append(chain, {60, 0, 1, 4, 0, 0, 0, 0});
  expect_drop(look_v6(ipv6(60, chain)), WorkerCounter::frame_malformed);
}

TEST(Frame, DropsImpossibleUdpHeaders) {
  Octets bad = udp("hello");
  samples::put16(bad, 4, 7);
  expect_drop(look_v4(ipv4(17, bad)), WorkerCounter::frame_malformed);
  bad = udp("hello");
  samples::put16(bad, 4, 14);
  expect_drop(look_v4(ipv4(17, bad)), WorkerCounter::frame_malformed);
  bad = udp("hello");
  samples::put16(bad, 0, 0);  // nobody could be answered
  expect_drop(look_v4(ipv4(17, bad)), WorkerCounter::frame_malformed);
  bad = udp("hello");
  samples::put16(bad, 2, 0);
  expect_drop(look_v4(ipv4(17, bad)), WorkerCounter::frame_malformed);
  expect_drop(look_v4(ipv4(17, Octets(7))), WorkerCounter::frame_malformed);
}

TEST(Frame, DropsAWrongUdpChecksum) {
  Octets bad = udp("hello");
  bad[9] ^= 1;
  expect_drop(look_v4(ipv4(17, bad)), WorkerCounter::frame_bad_checksum);
  FrameChecks checks{.own_mac = samples::our_mac};
  checks.udp_checksum_is_good = true;
  EXPECT_EQ(classify(ethernet(ethertype_ipv4, ipv4(17, bad)), checks).kind, FrameKind::udp);
  bad = udp("hello", false);
  bad[9] ^= 1;
  expect_drop(look_v6(ipv6(17, bad)), WorkerCounter::frame_bad_checksum);
}

TEST(Frame, AllowsNoUdpChecksumOnIpv4Only) {
  Octets without = udp("hello");
  without[6] = without[7] = 0;
  EXPECT_EQ(look_v4(ipv4(17, without)).kind, FrameKind::udp);
  without = udp("hello", false);
  without[6] = without[7] = 0;
  expect_drop(look_v6(ipv6(17, without)), WorkerCounter::frame_bad_checksum);
}

TEST(Frame, RecognisesFragmentsOfUdp) {
  const Frame first = look_v4(ipv4(17, Octets(16), 0x2000));
  ASSERT_EQ(first.kind, FrameKind::fragment);
  EXPECT_EQ(first.fragment_id, 0x1234u);
  EXPECT_EQ(first.fragment_offset, 0);
  EXPECT_TRUE(first.has_more_fragments);
  EXPECT_EQ(first.payload_length, 16);
  const Frame last = look_v4(ipv4(17, Octets(5), 2));
  ASSERT_EQ(last.kind, FrameKind::fragment);
  EXPECT_EQ(last.fragment_offset, 16);
  EXPECT_FALSE(last.has_more_fragments);
  Octets chain = {17, 0, 0, 17, 1, 2, 3, 4};
  samples::append(chain, Octets(8));
  const Frame sixth = look_v6(ipv6(44, chain));
  ASSERT_EQ(sixth.kind, FrameKind::fragment);
  EXPECT_EQ(sixth.fragment_id, 0x01020304u);
  EXPECT_EQ(sixth.fragment_offset, 16);
  EXPECT_TRUE(sixth.has_more_fragments);
}

TEST(Frame, DropsImpossibleFragments) {
  expect_drop(look_v4(ipv4(17, Octets(15), 0x2000)), WorkerCounter::frame_malformed);
  expect_drop(look_v4(ipv4(17, Octets{}, 0x2000)), WorkerCounter::frame_malformed);
  expect_drop(look_v4(ipv4(17, Octets(16), 0x1fff)), WorkerCounter::frame_malformed);
}

// Whatever comes, offsets stay inside the frame.
TEST(Frame, StaysInsideRandomlyDamagedFrames) {
  constexpr unsigned seed = 20240607;
  std::mt19937 random(seed);
  FrameChecks checks{.own_mac = samples::our_mac};
  checks.ip_checksum_is_good = checks.udp_checksum_is_good = true;
  const Octets originals[] = {samples::udp_v4_frame("hello"), samples::udp_v6_frame("hello"),
                              samples::tagged(samples::udp_v6_frame("hello"), 7)};
  for (unsigned round = 0; round < 30000; ++round) {
    Octets octets = originals[round % 3];
    for (unsigned n = random() % 4; n != 0; --n) {
      octets[12 + random() % (octets.size() - 12)] = static_cast<uint8_t>(random());
    }
    if (random() % 8 == 0) octets.resize(random() % octets.size());
    octets.shrink_to_fit();  // so that a sanitizer sees an over-read
    const Frame frame = classify(octets, checks);
    if (frame.kind != FrameKind::udp && frame.kind != FrameKind::fragment) continue;
    EXPECT_LE(frame.payload_offset + frame.payload_length, octets.size()) << "seed " << seed;
    EXPECT_LE(frame.l3_offset + frame.l3_length, octets.size()) << "seed " << seed;
    EXPECT_GE(frame.payload_offset, frame.udp_offset) << "seed " << seed;
  }
}

}  // namespace
}  // namespace demarc::wire
