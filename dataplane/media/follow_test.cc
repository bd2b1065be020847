// Streams whose trunk latches, through the whole table: what goes where, and who is counted how.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "dataplane/media/follow_harness.h"
#include "tests/support/seed.h"

namespace demarc::media {
namespace {

TEST(MediaSources, BothWaysFollowASourceThatIsLearnt) {
  Scene scene;
  EXPECT_TRUE(scene.reaches(signalled));
  EXPECT_EQ(scene.send_run(0, behind_nat, 5), 1u);
  EXPECT_TRUE(scene.reaches(behind_nat));
  EXPECT_TRUE(scene.send_rtp(0, behind_nat, 6));
  const contract::MediaSummary sum = scene.summary(0);
  EXPECT_EQ(sum.source, contract::MediaSource::learnt);
  EXPECT_EQ(sum.remote, signalled);
  EXPECT_EQ(sum.seen, behind_nat);
  EXPECT_EQ(sum.drops[static_cast<unsigned>(MediaDrop::learning)], 4u);
  scene.world.table.fold(scene.slots[0]);
  EXPECT_EQ(scene.world.count(trunk_id(0), TrunkCounter::rtp_drop_learning), 4u);
}

TEST(MediaSources, APayloadTypeThatSdpDoesNotNameLearnsNothing) {
  Scene scene;
  CodecNames names;
  names.add({8000, 8});
  scene.world.table.name_codecs(scene.slots[0], scene.slots[1], names);
  const auto send = [&scene](const Endpoint& from, unsigned sequence) {
    Octets payload = rtp_payload({sequence, sequence * 160, 7});
    payload[1] = 127;
    return scene.send(0, from, payload);
  };
  for (unsigned i = 1; i <= 20; ++i) EXPECT_FALSE(send(behind_nat, i));
  EXPECT_TRUE(scene.reaches(signalled));
  EXPECT_EQ(scene.drops(MediaDrop::wrong_source), 20u);
  EXPECT_TRUE(send(signalled, 21));  // whose source is in force may say what it likes
  EXPECT_EQ(scene.send_run(0, behind_nat, 5, 22), 1u);
  EXPECT_TRUE(scene.reaches(behind_nat));
}

TEST(MediaSources, PacketsThatGoOnHaveARightChecksum) {
  Scene scene;
  for (unsigned i = 1; i <= 8; ++i) {
    const Octets payload = rtp_payload({i, i * 160, 7});
    if (!scene.send(0, behind_nat, payload)) continue;
    const Flow way{{scene.world.table.bound_address(scene.ports[1]), scene.ports[1].rtp_port},
                   far_peer};
    EXPECT_EQ(fault_of(scene.packet->octets(), way, payload, 46), "");
  }
}

TEST(MediaSources, RtcpFollowsRtpByItsAddressAndSsrc) {
  Scene scene;
  scene.send_run(0, behind_nat, 6);
  Octets report(28);
  report[0] = 0x80;
  report[1] = 200;
  const Endpoint rtcp{behind_nat.address, 61'500};
  report[7] = 8;
  EXPECT_FALSE(scene.send(0, rtcp, report, true)) << "another SSRC";
  report[7] = 7;
  EXPECT_FALSE(scene.send(0, {IpAddress::v4(203, 0, 113, 10), 61'500}, report, true));
  EXPECT_FALSE(scene.send(0, next_port(signalled), report, true));
  EXPECT_TRUE(scene.send(0, rtcp, report, true));
  EXPECT_FALSE(scene.send(0, next_port(rtcp), report, true)) << "the port is learnt once";
  EXPECT_TRUE(scene.send(1, next_port(far_peer), report, true));
}

TEST(MediaSources, OnlyNamedAddressesAreLearnt) {
  Scene scene;
  const Endpoint anywhere{IpAddress::v4(192, 168, 7, 7), 5000};
  EXPECT_EQ(scene.send_run(0, anywhere, 50), 0u);
  EXPECT_EQ(scene.send_run(0, {outside, 5000}, 50), 0u) << "our own address";
  EXPECT_EQ(scene.drops(MediaDrop::wrong_source), 100u);
  EXPECT_EQ(scene.summary(0).refused.address, outside);
  EXPECT_TRUE(scene.reaches(signalled));
  EXPECT_EQ(scene.send_run(0, {IpAddress::v4(203, 0, 113, 200), 5000}, 5), 1u) << "configured";
}

TEST(MediaSources, OurOwnAddressIsNotLearntEvenWhereItIsConfigured) {
  Scene scene;
  SourcePolicy policy;
  policy.mode = SourcePolicy::Mode::latching;
  scene.world.set_sources(policy, {{IpAddress::v4(192, 0, 2, 0), 96 + 24}});
  scene.world.adopt(two_realms);
  EXPECT_EQ(scene.send_run(0, {outside, 5000}, 50), 0u);
  EXPECT_EQ(scene.send_run(0, {IpAddress::v4(192, 0, 2, 2), 5000}, 5), 1u);
}

TEST(MediaSources, WhatIsNoRtpIsNotLearntFrom) {
  Scene scene;
  for (unsigned i = 0; i < 50; ++i) EXPECT_FALSE(scene.send(0, behind_nat, Octets(20, 0x11)));
  EXPECT_EQ(scene.drops(MediaDrop::malformed), 50u);
  Octets report(28);
  report[0] = 0x80;
  report[1] = 200;
  for (unsigned i = 0; i < 50; ++i) EXPECT_FALSE(scene.send(0, behind_nat, report));
  EXPECT_TRUE(scene.reaches(signalled));
}

TEST(MediaSources, ASettledSourceCostsNoStages) {
  Scene scene;
  scene.send_run(0, behind_nat, 5);
  scene.now = 11'000;
  scene.send_rtp(0, behind_nat, 6);
  const Slot& slot = scene.world.table.slot(static_cast<uint32_t>(scene.slots[0].rtp));
  EXPECT_TRUE(slot.is_plain());
  EXPECT_FALSE(scene.send_rtp(0, next_port(behind_nat), 7));
  EXPECT_TRUE(scene.send_rtp(0, behind_nat, 7));
  EXPECT_TRUE(scene.reaches(behind_nat));
}

TEST(MediaSources, AnOfferWithAnotherAddressOpensTheWindowAgain) {
  Scene scene;
  scene.send_run(0, behind_nat, 5);
  scene.now = 20'000;
  const Endpoint other{IpAddress::v4(10, 0, 0, 9), 6000};
  scene.offer(other, next_port(other));
  EXPECT_TRUE(scene.reaches(other));
  EXPECT_EQ(scene.send_run(0, next_port(behind_nat), 5, 100), 1u);
  EXPECT_TRUE(scene.reaches(next_port(behind_nat)));
}

TEST(MediaSources, ARefreshLeavesALearntSourceAlone) {
  Scene scene;
  scene.send_run(0, behind_nat, 6);
  scene.offer(signalled, next_port(signalled));
  EXPECT_TRUE(scene.reaches(behind_nat));
  EXPECT_TRUE(scene.send_rtp(0, behind_nat, 7));
}

TEST(MediaSources, AMuxedRtcpGoesWhereRtpGoes) {
  Scene scene;
  scene.offer(next_port(signalled), next_port(signalled));
  scene.send_run(0, behind_nat, 5);
  Octets report(28);
  report[0] = 0x80;
  report[1] = 200;
  ASSERT_TRUE(scene.send(1, next_port(far_peer), report, true));
  const Flow way{{scene.world.table.bound_address(scene.ports[0]), scene.ports[0].rtp_port},
                 behind_nat};
  EXPECT_EQ(fault_of(scene.packet->octets(), way, report, 46), "");
}

TEST(MediaSources, ATrunkThatLeftTheConfigurationKeepsItsStreams) {
  Scene scene;
  scene.send_run(0, behind_nat, 5);
  scene.world.snapshot.trunks = nullptr;
  scene.world.adopt(two_realms);
  EXPECT_TRUE(scene.send_rtp(0, behind_nat, 6));
}

// A thousand calls between two latching trunks, each peer at an address of its own.
struct Crowd {
  static constexpr unsigned count = 1000;
  static constexpr uint16_t low = 20'000;
  static constexpr uint16_t high = 23'999;
  struct Call {
    PortPair ports[2];
    Table::SlotPair slots[2];
    Endpoint peer[2];
    uint32_t sequence = 0;
  };

  explicit Crowd(uint32_t slots_per_call = 8)
      : world({count * slots_per_call, 4, 0, 1, Duration::seconds(5)}), calls(count) {
    SourcePolicy policy;
    policy.mode = SourcePolicy::Mode::latching;
    world.set_sources(policy, {});
    world.adopt({{{outside}, low, high}, {{inside}, low, high}});
    for (unsigned n = 0; n < count; ++n) open(calls[n], n);
  }
  void open(Call& call, unsigned n) {
    for (unsigned i = 0; i < 2; ++i) {
      call.ports[i] = world.table.acquire(realm_id(i), at_ms(0));
      call.peer[i] = {IpAddress::v4(10, static_cast<uint8_t>(i), static_cast<uint8_t>(n >> 8),
                                    static_cast<uint8_t>(n)),
                      static_cast<uint16_t>(4000 + n)};
    }
    for (unsigned i = 0; i < 2; ++i) {
      call.slots[i] = world.table.open({call.ports[i], call.ports[1 - i], trunk_id(i),
                                        trunk_id(1 - i), contract::CallSlot::none, 8000},
                                       at_ms(0));
    }
    world.table.join(call.slots[0], call.slots[1]);
    for (unsigned i = 0; i < 2; ++i) {
      world.table.aim(call.slots[1 - i], call.peer[i], next_port(call.peer[i]));
      world.table.listen(call.slots[i],
                         {call.peer[i], next_port(call.peer[i]), call.peer[i].address}, at_ms(0));
    }
  }
  bool relay(const Flow& way, const Octets& payload) {
    const uint32_t slot = world.table.find(way.to.address, way.to.port);
    if (slot == Table::no_slot) return false;
    TestPacket packet(way, ip_packet(way, payload), slot);
    world.table.relay({&packet.frame, 1}, at_ms(now));
    return packet.is_forwarded();
  }
  // Each peer sends a packet; the number of those that went on.
  unsigned talk() {
    unsigned relayed = 0;
    for (Call& call : calls) {
      const Octets payload = rtp_payload({++call.sequence, call.sequence * 160, 7, 20});
      for (unsigned i = 0; i < 2; ++i) {
        const Endpoint to{world.table.bound_address(call.ports[i]), call.ports[i].rtp_port};
        relayed += relay({call.peer[i], to}, payload) ? 1 : 0;
      }
    }
    now += 20;
    return relayed;
  }

  World world;
  std::vector<Call> calls;
  int64_t now = 1;
};

// Every port of both ranges, from anywhere and from a peer's address with another port, while the
// calls run: nothing moves, nothing goes on, and each packet is counted at its stream.
TEST(MediaSources, ASprayOfForgedPacketsMovesNoStream) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  TestRandom random(seed);
  Crowd crowd;
  for (unsigned round = 1; round <= 6; ++round) {
    ASSERT_EQ(crowd.talk(), 2 * Crowd::count) << round;
    if (round % 2 == 0) continue;
    for (uint32_t port = Crowd::low; port <= Crowd::high; ++port) {
      for (const IpAddress& address : {outside, inside}) {
        const Crowd::Call& victim = crowd.calls[random() % Crowd::count];
        Endpoint forger{IpAddress::v4(172, 16, 0, static_cast<uint8_t>(random())), 4000};
        if (random() % 2 == 0) forger = {victim.peer[address == outside ? 0 : 1].address, 9};
        const Endpoint to{address, static_cast<uint16_t>(port)};
        ASSERT_FALSE(crowd.relay({forger, to}, rtp_payload({round, round, 66, 20})));
      }
    }
  }
  for (Crowd::Call& call : crowd.calls) {
    for (unsigned i = 0; i < 2; ++i) {
      const contract::MediaSummary sum = crowd.world.table.summary(call.slots[i], 0);
      const uint32_t refused = sum.drops[static_cast<unsigned>(MediaDrop::wrong_source)] +
                               sum.drops[static_cast<unsigned>(MediaDrop::learning)];
      EXPECT_EQ(refused, 6u) << "three at the port of RTP, three at that of RTCP";
      EXPECT_EQ(sum.packets_in, sum.packets_relayed + refused);
      EXPECT_EQ(sum.packets_relayed, 6u);
      EXPECT_EQ(sum.seen, call.peer[i]);
    }
  }
}

// Sources that are learnt have room for half of the directions.
TEST(MediaSources, AStreamWithoutRoomKeepsTheSignalledSource) {
  Crowd crowd(4);
  const uint64_t refused =
      crowd.world.region.worker(0).counters.get(contract::WorkerCounter::media_sources_exhausted);
  EXPECT_EQ(refused, 2 * Crowd::count - (Crowd::count + 64));
  Crowd::Call& last = crowd.calls.back();
  const auto send_run = [&](unsigned first) {
    unsigned relayed = 0;
    const Endpoint to{crowd.world.table.bound_address(last.ports[0]), last.ports[0].rtp_port};
    for (unsigned i = first; i < first + 10; ++i) {
      relayed += crowd.relay({{last.peer[0].address, 9}, to}, rtp_payload({i, i * 160, 7})) ? 1 : 0;
    }
    return relayed;
  };
  EXPECT_EQ(send_run(1), 0u);
  EXPECT_EQ(crowd.talk(), 2 * Crowd::count);
  // The place of a stream that is over is the next one's.
  for (Crowd::Call* call : {&crowd.calls.front(), &last}) {
    for (unsigned i = 0; i < 2; ++i) {
      crowd.world.table.close(call->slots[i], call->ports[i], at_ms(crowd.now));
    }
  }
  crowd.open(last, Crowd::count - 1);
  EXPECT_NE(send_run(1), 0u);
}

// Whoever sends from a peer's own address, in sequence, before the peer does, is within the bound
// only until the peer has sent its own run: the signalled port is nearer.
TEST(MediaSources, APeerTakesItsStreamBackFromOneThatWasFirst) {
  Scene scene;
  const Endpoint attacker{signalled.address, 9};
  EXPECT_EQ(scene.send_run(0, attacker, 20), 16u);
  EXPECT_TRUE(scene.reaches(attacker));
  EXPECT_EQ(scene.send_run(0, signalled, 5), 1u);
  EXPECT_TRUE(scene.reaches(signalled));
  EXPECT_EQ(scene.send_run(0, attacker, 100, 21), 0u);
  EXPECT_TRUE(scene.reaches(signalled));
}

}  // namespace
}  // namespace demarc::media
