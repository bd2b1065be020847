#include "dataplane/wire/nic_port.h"

#include <gtest/gtest.h>

#include <vector>

#include "dataplane/wire/eal_for_test.h"
#include "dataplane/wire/packet_ring.h"

namespace demarc::wire {
namespace {

const MbufPool& shared_pool() {
  static const MbufPool pool = [] {
    Explanation why;
    MbufPool made = MbufPool::create({"nic_port_test", 2047}, why);
    EXPECT_TRUE(made.is_valid()) << why.c_str();
    return made;
  }();
  return pool;
}

class NicPortTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(has_eal()); }
  NicPort open(std::string_view device, uint16_t queues = 1) {
    NicPortOptions options;
    options.id = contract::NicPortId{3};
    options.device = device;
    options.queues = queues;
    return NicPort::open(options, shared_pool(), why_);
  }
  bool explains(std::string_view part) const {
    return why_.view().find(part) != std::string_view::npos;
  }
  Explanation why_;
};

TEST_F(NicPortTest, OpensAVdevAndReceives) {
  NicPort port = open("net_null0,size=100");
  ASSERT_TRUE(port.is_valid()) << why_.c_str();
  ASSERT_TRUE(port.start(why_)) << why_.c_str();
  EXPECT_EQ(port.id(), contract::NicPortId{3});
  EXPECT_EQ(port.queues(), 1);
  Packet packets[8];
  unsigned unusable = 0;
  ASSERT_EQ(port.receive(0, packets, unusable), 8u);
  EXPECT_EQ(unusable, 0u);
  EXPECT_EQ(packets[0].length(), 100);
}

TEST_F(NicPortTest, LoopsBackWhatItSends) {
  NicPort port = open("net_ring_loop");
  ASSERT_TRUE(port.is_valid()) << why_.c_str();
  ASSERT_TRUE(port.start(why_));
  Packet packet = shared_pool().allocate();
  packet.set_l3(packet.octets(), 60);
  packet.octets()[0] = 0x42;
  EXPECT_EQ(port.send(0, {&packet, 1}), 1u);
  EXPECT_FALSE(packet);
  Packet received[4];
  unsigned unusable = 0;
  ASSERT_EQ(port.receive(0, received, unusable), 1u);
  EXPECT_EQ(received[0].octets()[0], 0x42);
}

TEST_F(NicPortTest, CountsAChainThatDoesNotFitOneBuffer) {
  NicPort port = open("net_ring_chain");
  ASSERT_TRUE(port.is_valid()) << why_.c_str();
  ASSERT_TRUE(port.start(why_));
  rte_mbuf* parts[2];
  for (rte_mbuf*& part : parts) {
    Packet packet = shared_pool().allocate();
    packet.set_l3(packet.octets(), shared_pool().room_octets());
    part = packet.release();
  }
  ASSERT_EQ(rte_pktmbuf_chain(parts[0], parts[1]), 0);
  Packet chain(parts[0]);
  ASSERT_EQ(port.send(0, {&chain, 1}), 1u);
  Packet received[4];
  unsigned unusable = 0;
  EXPECT_EQ(port.receive(0, received, unusable), 0u);
  EXPECT_EQ(unusable, 1u);
}

TEST_F(NicPortTest, TakesTheQueuesThatThePortHas) {
  const NicPort port = open("net_null1", 2);
  ASSERT_TRUE(port.is_valid()) << why_.c_str();
  EXPECT_EQ(port.queues(), 2);
  const NicPort fewer = open("net_ring_many", 40);
  ASSERT_TRUE(fewer.is_valid()) << why_.c_str();
  EXPECT_LT(fewer.queues(), 40);
}

TEST_F(NicPortTest, MayBeOpenedAgainAfterClose) {
  open("net_null2").close();
  EXPECT_TRUE(open("net_null2").is_valid()) << why_.c_str();
}

TEST_F(NicPortTest, ExplainsAnUnknownDeviceString) {
  EXPECT_FALSE(open("eth0").is_valid());
  EXPECT_TRUE(explains("eth0")) << why_.c_str();
  EXPECT_TRUE(explains("af_packet:IFACE")) << why_.c_str();
}

TEST_F(NicPortTest, ExplainsAMissingInterface) {
  for (const char* device : {"af_xdp:no-such-iface", "af_packet:no-such-iface"}) {
    EXPECT_FALSE(open(device).is_valid());
    EXPECT_TRUE(explains("no-such-iface does not exist in this network namespace")) << why_.c_str();
  }
}

TEST_F(NicPortTest, ExplainsAnUnknownDriver) {
  EXPECT_FALSE(open("net_nonesuch0").is_valid());
  EXPECT_TRUE(explains("net_nonesuch0")) << why_.c_str();
}

TEST_F(NicPortTest, ExplainsAPciDeviceWithoutDriver) {
  EXPECT_FALSE(open("0000:7f:1f.7").is_valid());
  EXPECT_TRUE(explains("vfio-pci")) << why_.c_str();
}

TEST_F(NicPortTest, ExplainsAnMtuThatDoesNotFit) {
  NicPortOptions options;
  options.device = "net_ring_mtu";
  options.mtu = 20;
  EXPECT_FALSE(NicPort::open(options, shared_pool(), why_).is_valid());
  EXPECT_TRUE(explains("MTU")) << why_.c_str();
}

TEST_F(NicPortTest, PoolGivesBackWhatIsFreed) {
  Explanation why;
  const MbufPool pool = MbufPool::create({"give_back", 31, standard_room_octets, 0}, why);
  ASSERT_TRUE(pool.is_valid()) << why.c_str();
  {
    std::vector<Packet> all;
    while (Packet packet = pool.allocate()) all.push_back(std::move(packet));
    EXPECT_EQ(all.size(), 31u);
    EXPECT_GE(all.front().tailroom(), standard_room_octets);
  }
  EXPECT_EQ(pool.free_buffers(), 31u);
}

TEST_F(NicPortTest, PoolExplainsThatMemoryIsShort) {
  Explanation why;
  EXPECT_FALSE(MbufPool::create({"too_large", 1u << 20}, why).is_valid());
  EXPECT_NE(why.view().find("raise dataplane memory"), std::string_view::npos) << why.c_str();
}

TEST_F(NicPortTest, RingKeepsOrderAndRefusesWhenFull) {
  PacketRing ring = PacketRing::create(4, Producers::many);
  ASSERT_TRUE(ring.is_valid());
  for (uint8_t i = 0; i < 4; ++i) {
    Packet packet = shared_pool().allocate();
    packet.octets()[0] = i;
    ASSERT_TRUE(ring.push(packet));
  }
  Packet extra = shared_pool().allocate();
  EXPECT_FALSE(ring.push(extra));
  EXPECT_TRUE(extra);  // still the producer's
  Packet packets[8];
  ASSERT_EQ(ring.pop(packets), 4u);
  for (uint8_t i = 0; i < 4; ++i) EXPECT_EQ(packets[i].octets()[0], i);
  EXPECT_TRUE(ring.is_empty());
}

TEST_F(NicPortTest, RingFreesWhatIsLeftInIt) {
  Explanation why;
  const MbufPool pool = MbufPool::create({"left_in_ring", 7, standard_room_octets, 0}, why);
  {
    PacketRing ring = PacketRing::create(4, Producers::one);
    Packet packet = pool.allocate();
    ASSERT_TRUE(ring.push(packet));
    EXPECT_EQ(pool.free_buffers(), 6u);
  }
  EXPECT_EQ(pool.free_buffers(), 7u);
}

}  // namespace
}  // namespace demarc::wire
