#include "dataplane/wire/datagram.h"

#include <gtest/gtest.h>

#include "dataplane/wire/frame.h"
#include "dataplane/wire/frame_samples_for_test.h"

namespace demarc::wire {
namespace {

using samples::Octets;

Octets numbered(size_t count) {
  Octets octets(count);
  for (size_t i = 0; i < count; ++i) octets[i] = static_cast<uint8_t>(i * 7);
  return octets;
}

Datagram to_peer(const Octets& payload, bool is_v4) {
  Datagram datagram;
  datagram.local = {is_v4 ? samples::our_v4 : samples::our_v6, 5060};
  datagram.remote = {is_v4 ? samples::peer_v4 : samples::peer_v6, 7000};
  datagram.dscp = 24;
  datagram.payload = payload;
  return datagram;
}

std::vector<Octets> write_all(const Datagram& datagram, uint16_t mtu) {
  DatagramWriter writer(datagram, mtu, 0xabcdef);
  std::vector<Octets> packets;
  while (const uint16_t length = writer.next_length()) {
    packets.emplace_back(length);
    writer.write_next(packets.back().data());
  }
  return packets;
}

Frame look(const Octets& packet, bool is_v4) {
  const Octets frame = samples::ethernet(is_v4 ? ethertype_ipv4 : ethertype_ipv6, packet);
  return classify(frame, FrameChecks{.own_mac = samples::our_mac});
}

class DatagramOfFamily : public testing::TestWithParam<bool> {};

TEST_P(DatagramOfFamily, IsOneRightPacketWhenItFits) {
  const Octets payload = numbered(501);
  const auto packets = write_all(to_peer(payload, GetParam()), 1500);
  ASSERT_EQ(packets.size(), 1u);
  const Frame frame = look(packets[0], GetParam());
  ASSERT_EQ(frame.kind, FrameKind::udp);
  EXPECT_EQ(frame.payload_length, 501);
  EXPECT_EQ(frame.dscp, 24);
  EXPECT_EQ(frame.remote, to_peer(payload, GetParam()).local);
  EXPECT_EQ(frame.local, to_peer(payload, GetParam()).remote);
  const size_t offset = packets[0].size() - 501;
  EXPECT_TRUE(std::equal(payload.begin(), payload.end(),
                         packets[0].begin() + static_cast<ptrdiff_t>(offset)));
}

TEST_P(DatagramOfFamily, IsCutIntoFragmentsThatFit) {
  const Octets payload = numbered(4321);
  const auto packets = write_all(to_peer(payload, GetParam()), 1500);
  EXPECT_EQ(packets.size(), 3u);
  Octets together;
  for (size_t i = 0; i < packets.size(); ++i) {
    EXPECT_LE(packets[i].size(), 1500u);
    const Frame frame = look(packets[i], GetParam());
    ASSERT_EQ(frame.kind, FrameKind::fragment);
    EXPECT_EQ(frame.fragment_offset, together.size());
    EXPECT_EQ(frame.has_more_fragments, i + 1 != packets.size());
    samples::append(together, &*(packets[i].end() - frame.payload_length), frame.payload_length);
  }
  ASSERT_EQ(together.size(), 4321u + 8);
  EXPECT_TRUE(std::equal(payload.begin(), payload.end(), together.begin() + 8));
  // The checksum is over the whole datagram.
  const contract::IpAddress& from = to_peer(payload, GetParam()).local.address;
  const contract::IpAddress& to = to_peer(payload, GetParam()).remote.address;
  EXPECT_EQ(checksum_fold(pseudo_header_sum(from, to, 4329) + checksum_sum(together)), 0);
}

TEST_P(DatagramOfFamily, FillsThePathExactly) {
  const size_t header = GetParam() ? 28 : 48;
  EXPECT_EQ(write_all(to_peer(numbered(1500 - header), GetParam()), 1500).size(), 1u);
  EXPECT_EQ(write_all(to_peer(numbered(1501 - header), GetParam()), 1500).size(), 2u);
}

TEST_P(DatagramOfFamily, MayBeEmpty) {
  const auto packets = write_all(to_peer({}, GetParam()), 1500);
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(look(packets[0], GetParam()).kind, FrameKind::udp);
}

TEST_P(DatagramOfFamily, IsReadBack) {
  const Octets payload = numbered(99);
  const auto packets = write_all(to_peer(payload, GetParam()), 1500);
  Datagram read;
  ASSERT_TRUE(read_datagram(packets[0], read));
  EXPECT_EQ(read.local, to_peer(payload, GetParam()).local);
  EXPECT_EQ(read.remote, to_peer(payload, GetParam()).remote);
  EXPECT_EQ(read.dscp, 24);
  EXPECT_TRUE(std::equal(payload.begin(), payload.end(), read.payload.begin(), read.payload.end()));
}

TEST_P(DatagramOfFamily, IsNotReadFromAnythingElse) {
  Datagram read;
  Octets packet = write_all(to_peer(numbered(9), GetParam()), 1500)[0];
  EXPECT_FALSE(read_datagram({packet.data(), packet.size() - 1}, read));
  EXPECT_FALSE(read_datagram({packet.data(), 19}, read));
  EXPECT_FALSE(read_datagram({}, read));
  packet[GetParam() ? 9 : 6] = 6;
  EXPECT_FALSE(read_datagram(packet, read));
}

INSTANTIATE_TEST_SUITE_P(Families, DatagramOfFamily, testing::Values(true, false));

TEST(Datagram, NeedsOneFamilyAndASizeOfUdp) {
  Datagram mixed = to_peer({}, true);
  mixed.remote.address = samples::peer_v6;
  EXPECT_FALSE(DatagramWriter(mixed, 1500, 1).is_valid());
  const Octets payload = numbered(max_datagram_octets + 1);
  DatagramWriter writer(to_peer(payload, true), 1500, 1);
  EXPECT_FALSE(writer.is_valid());
  EXPECT_EQ(writer.next_length(), 0);
}

}  // namespace
}  // namespace demarc::wire
