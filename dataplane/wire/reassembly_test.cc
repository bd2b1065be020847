#include "dataplane/wire/reassembly.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/wire/eal_for_test.h"
#include "dataplane/wire/frame_samples_for_test.h"

namespace demarc::wire {
namespace {

using samples::Octets;

constexpr contract::Instant start{1'000'000'000};

struct Pools {
  MbufPool frames, large;
};
const Pools& pools() {
  static const Pools made = [] {
    Explanation why;
    Pools result;
    result.frames = MbufPool::create({"fragments", 255, standard_room_octets, 0}, why);
    result.large = MbufPool::create({"datagrams", 24, large_room_octets, 0}, why);
    return result;
  }();
  return made;
}

class ReassemblyTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(has_eal());
    ASSERT_TRUE(pools().large.is_valid());
    table_ = std::make_unique<Reassembly>(pools().large);
  }
  void TearDown() override {
    table_.reset();
    EXPECT_EQ(pools().large.free_buffers(), 24u);
    EXPECT_EQ(pools().frames.free_buffers(), 255u);
  }
  static Packet packet_of(const Octets& octets) {
    Packet packet = pools().frames.allocate();
    std::memcpy(packet.octets(), octets.data(), octets.size());
    packet.set_l3(packet.octets(), static_cast<uint16_t>(octets.size()));
    packet.frame() = classify(octets, FrameChecks{.own_mac = samples::our_mac});
    EXPECT_EQ(packet.frame().kind, FrameKind::fragment);
    return packet;
  }
  // Octets [from, to) of an IP payload, as one fragment of datagram `id`.
  static Packet fragment(const Octets& whole, size_t from, size_t to, unsigned id = 1) {
    const Octets part(whole.begin() + static_cast<ptrdiff_t>(from),
                      whole.begin() + static_cast<ptrdiff_t>(to));
    const unsigned more = to < whole.size() ? 0x2000 : 0;
    Octets ip = samples::ipv4(17, part, static_cast<unsigned>(from / 8) | more);
    samples::put16(ip, 4, id);
    samples::fix_ipv4(ip);
    return packet_of(samples::ethernet(ethertype_ipv4, ip));
  }
  static Packet fragment_v6(const Octets& whole, size_t from, size_t to) {
    Octets chain = {17, 0, 0, 0, 0, 0, 0, 9};
    samples::put16(chain, 2, static_cast<unsigned>(from) | (to < whole.size() ? 1u : 0u));
    samples::append(chain, whole.data() + from, to - from);
    return packet_of(samples::ethernet(ethertype_ipv6, samples::ipv6(44, chain)));
  }
  Packet add(const Packet& packet, contract::Instant now = start) {
    return table_->add(packet, now, discarded_);
  }
  std::unique_ptr<Reassembly> table_;
  unsigned discarded_ = 0;
};

TEST_F(ReassemblyTest, PutsFragmentsTogetherInAnyOrder) {
  const std::string text(3000, 'a');
  const Octets whole = samples::udp(text);
  EXPECT_FALSE(add(fragment(whole, 2400, whole.size())));
  EXPECT_FALSE(add(fragment(whole, 0, 1200)));
  const Packet datagram = add(fragment(whole, 1200, 2400));
  ASSERT_TRUE(datagram);
  ASSERT_EQ(datagram.frame().kind, FrameKind::udp);
  EXPECT_EQ(datagram.payload(), text);
  EXPECT_EQ(datagram.frame().local, (contract::Endpoint{samples::our_v4, 5060}));
  EXPECT_EQ(datagram.frame().remote, (contract::Endpoint{samples::peer_v4, 7000}));
  EXPECT_EQ(datagram.frame().dscp, 24);
  EXPECT_EQ(datagram.l3_length(), 20 + whole.size());
  EXPECT_EQ(discarded_, 0u);
}

TEST_F(ReassemblyTest, PutsIpv6FragmentsTogether) {
  const std::string text(2000, 'b');
  const Octets whole = samples::udp(text, false);
  EXPECT_FALSE(add(fragment_v6(whole, 0, 1200)));
  const Packet datagram = add(fragment_v6(whole, 1200, whole.size()));
  ASSERT_TRUE(datagram);
  ASSERT_EQ(datagram.frame().kind, FrameKind::udp);
  EXPECT_EQ(datagram.payload(), text);
}

TEST_F(ReassemblyTest, KeepsDatagramsApart) {
  const Octets first = samples::udp(std::string(100, 'a'));
  const Octets second = samples::udp(std::string(100, 'b'));
  EXPECT_FALSE(add(fragment(first, 0, 48, 1)));
  EXPECT_FALSE(add(fragment(second, 48, second.size(), 2)));
  EXPECT_EQ(add(fragment(first, 48, first.size(), 1)).payload(), std::string(100, 'a'));
  EXPECT_EQ(add(fragment(second, 0, 48, 2)).payload(), std::string(100, 'b'));
}

TEST_F(ReassemblyTest, DiscardsAnOverlap) {
  const Octets whole = samples::udp(std::string(100, 'a'));
  EXPECT_FALSE(add(fragment(whole, 0, 48)));
  EXPECT_FALSE(add(fragment(whole, 40, 80)));
  EXPECT_EQ(discarded_, 2u);
}

TEST_F(ReassemblyTest, DiscardsContradictingEnds) {
  const Octets whole = samples::udp(std::string(100, 'a'));
  const Octets shorter(whole.begin(), whole.begin() + 56);
  EXPECT_FALSE(add(fragment(whole, 56, whole.size())));
  EXPECT_FALSE(add(fragment(shorter, 48, 56)));  // a second end
  EXPECT_EQ(discarded_, 2u);
  EXPECT_FALSE(add(fragment(shorter, 48, 56)));
  EXPECT_FALSE(add(fragment(whole, 56, 64)));  // beyond the end
  EXPECT_EQ(discarded_, 4u);
  EXPECT_FALSE(add(fragment(whole, 56, 64)));
  EXPECT_FALSE(add(fragment(shorter, 48, 56)));  // an end before what was there
  EXPECT_EQ(discarded_, 6u);
}

TEST_F(ReassemblyTest, DiscardsWhatIsTooLong) {
  const Octets whole(Reassembly::max_octets + 16);
  EXPECT_FALSE(add(fragment(whole, Reassembly::max_octets - 16, Reassembly::max_octets)));
  EXPECT_FALSE(add(fragment(whole, Reassembly::max_octets, Reassembly::max_octets + 16)));
  EXPECT_EQ(discarded_, 2u);
}

TEST_F(ReassemblyTest, DropsAWrongChecksum) {
  Octets whole = samples::udp(std::string(100, 'a'));
  whole[50] ^= 1;
  EXPECT_FALSE(add(fragment(whole, 0, 48)));
  const Packet datagram = add(fragment(whole, 48, whole.size()));
  ASSERT_TRUE(datagram);
  EXPECT_EQ(datagram.frame().kind, FrameKind::drop);
  EXPECT_EQ(datagram.frame().drop_reason, contract::WorkerCounter::frame_bad_checksum);
}

TEST_F(ReassemblyTest, GivesUpAfterItsLifetime) {
  const Octets whole = samples::udp(std::string(100, 'a'));
  EXPECT_FALSE(add(fragment(whole, 0, 48)));
  const contract::Instant later =
      start + Reassembly::lifetime + contract::Duration::milliseconds(1);
  EXPECT_FALSE(add(fragment(whole, 48, whole.size()), later));
  EXPECT_EQ(discarded_, 1u);
}

TEST_F(ReassemblyTest, GivesTheOldestUpWhenFull) {
  const Octets whole = samples::udp(std::string(100, 'a'));
  for (unsigned id = 0; id <= Reassembly::max_datagrams; ++id) {
    EXPECT_FALSE(add(fragment(whole, 0, 48, id), {start.ns + id}));
  }
  EXPECT_EQ(discarded_, 1u);
  EXPECT_TRUE(add(fragment(whole, 48, whole.size(), 1)));
  EXPECT_FALSE(add(fragment(whole, 48, whole.size(), 0)));
}

TEST_F(ReassemblyTest, DiscardsWithoutABuffer) {
  std::vector<Packet> all;
  while (Packet packet = pools().large.allocate()) all.push_back(std::move(packet));
  EXPECT_FALSE(add(fragment(samples::udp(std::string(100, 'a')), 0, 48)));
  EXPECT_EQ(discarded_, 1u);
}

}  // namespace
}  // namespace demarc::wire
