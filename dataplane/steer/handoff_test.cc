#include "dataplane/steer/handoff.h"

#include <array>
#include <string_view>

#include <gtest/gtest.h>

#include "dataplane/wire/eal.h"
#include "dataplane/wire/mbuf_pool.h"

namespace demarc::steer {
namespace {

constexpr uint32_t capacity = 8;  // an rte_ring of 8 holds 7

class HandoffTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    wire::EalOptions options;
    options.program = "handoff_test";
    options.memory_mb = 64;
    options.hugepages = contract::Hugepages::no;
    wire::EalReport report;
    wire::Explanation why;
    ASSERT_TRUE(wire::start_eal(options, report, why)) << why.c_str();
    pool = wire::MbufPool::create({.name = "handoff", .buffers = 63, .cache = 0}, why);
    ASSERT_TRUE(pool.is_valid()) << why.c_str();
  }

  // A packet that carries `number` in its metadata.
  static wire::Packet packet(uint16_t number) {
    wire::Packet made = pool.allocate();
    EXPECT_TRUE(made);
    made.frame() = wire::Frame{};
    made.frame().kind = wire::FrameKind::udp;
    made.frame().local.port = number;
    return made;
  }

  static wire::MbufPool pool;
};
wire::MbufPool HandoffTest::pool;

TEST_F(HandoffTest, APacketArrivesAtItsOwnerWithItsMetadata) {
  Handoff handoff = Handoff::create(3, capacity);
  ASSERT_TRUE(handoff.is_valid());
  wire::Packet sent = packet(1234);
  ASSERT_TRUE(handoff.push({0, 2}, sent));
  EXPECT_FALSE(sent);

  std::array<wire::Packet, 4> taken;
  EXPECT_EQ(handoff.pop(1, taken), 0u);
  EXPECT_EQ(handoff.pop(0, taken), 0u);
  ASSERT_EQ(handoff.pop(2, taken), 1u);
  EXPECT_EQ(taken[0].frame().local.port, 1234);
  EXPECT_EQ(taken[0].frame().kind, wire::FrameKind::udp);
}

TEST_F(HandoffTest, AFullRingRefusesAndThePacketStaysTheCallers) {
  Handoff handoff = Handoff::create(2, capacity);
  const uint32_t free_before = pool.free_buffers();
  unsigned taken = 0;
  while (taken < 2 * capacity) {
    wire::Packet sent = packet(1);
    if (!handoff.push({0, 1}, sent)) {
      EXPECT_TRUE(sent);
      break;
    }
    ++taken;
  }
  EXPECT_GE(taken, capacity - 1);
  EXPECT_LE(taken, capacity);
  EXPECT_EQ(pool.free_buffers(), free_before - taken);

  std::array<wire::Packet, 2 * capacity> out;
  EXPECT_EQ(handoff.pop(1, out), taken);
  for (wire::Packet& one : out) one.reset();
  EXPECT_EQ(pool.free_buffers(), free_before);
}

TEST_F(HandoffTest, ABusyRingLeavesTheOthersTheirShare) {
  Handoff handoff = Handoff::create(3, capacity);
  for (uint16_t i = 0; i < 6; ++i) {
    wire::Packet sent = packet(0);
    ASSERT_TRUE(handoff.push({0, 2}, sent));
  }
  wire::Packet sent = packet(1);
  ASSERT_TRUE(handoff.push({1, 2}, sent));

  std::array<wire::Packet, 4> taken;
  ASSERT_EQ(handoff.pop(2, taken), 3u);
  EXPECT_EQ(taken[2].frame().local.port, 1);
}

TEST_F(HandoffTest, WhatIsLeftInARingIsFreedWithIt) {
  const uint32_t free_before = pool.free_buffers();
  {
    Handoff handoff = Handoff::create(2, capacity);
    wire::Packet sent = packet(1);
    ASSERT_TRUE(handoff.push({1, 0}, sent));
    EXPECT_EQ(pool.free_buffers(), free_before - 1);
  }
  EXPECT_EQ(pool.free_buffers(), free_before);
}

TEST_F(HandoffTest, OneWorkerHasNobodyToTakeFrom) {
  Handoff handoff = Handoff::create(1, capacity);
  ASSERT_TRUE(handoff.is_valid());
  std::array<wire::Packet, 2> taken;
  EXPECT_EQ(handoff.pop(0, taken), 0u);
}

}  // namespace
}  // namespace demarc::steer
