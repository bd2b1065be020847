// T.38 of a peer behind NAT: its source is learnt from UDPTL, or was from RTP before.
#include <gtest/gtest.h>

#include "dataplane/media/follow_harness.h"
#include "dataplane/media/udptl.h"

namespace demarc::media {
namespace {

// An indicator of "no signal" with nothing to recover behind it.
Octets udptl(unsigned sequence) {
  return {static_cast<uint8_t>(sequence >> 8), static_cast<uint8_t>(sequence), 1, 0, 0, 0};
}

struct FaxScene : Scene {
  // The call turns to T.38, which is signalled from there.
  void turn(const Endpoint& from) {
    for (const Table::SlotPair& pair : slots) world.table.retune(pair, Stream::udptl, 8000);
    offer(from, next_port(from));
  }
  bool send_fax(const Endpoint& from, unsigned sequence) { return send(0, from, udptl(sequence)); }
  // Where what the far peer sends goes to.
  bool fax_reaches(const Endpoint& destination) {
    const Octets payload = udptl(far_sequence++);
    if (!send(1, far_peer, payload)) return false;
    const Flow way{{world.table.bound_address(ports[0]), ports[0].rtp_port}, destination};
    return fault_of(packet->octets(), way, payload, 46).empty();
  }
};

TEST(FaxSources, IsLearntFromTwoPacketsInSequence) {
  FaxScene scene;
  scene.turn(signalled);
  EXPECT_FALSE(scene.send_fax(behind_nat, 0));
  EXPECT_TRUE(scene.fax_reaches(signalled));
  EXPECT_TRUE(scene.send_fax(behind_nat, 1));
  EXPECT_TRUE(scene.fax_reaches(behind_nat));
  EXPECT_TRUE(scene.send_fax(behind_nat, 90)) << "of who was learnt any";
  EXPECT_EQ(scene.summary(0).source, contract::MediaSource::learnt);
  EXPECT_EQ(scene.summary(0).seen, behind_nat);
  EXPECT_EQ(scene.drops(MediaDrop::learning), 1u);
}

TEST(FaxSources, ThatWasLearntFromAudioStays) {
  FaxScene scene;
  scene.send_run(0, behind_nat, 5);
  scene.turn(signalled);
  EXPECT_TRUE(scene.fax_reaches(behind_nat));
  EXPECT_TRUE(scene.send_fax(behind_nat, 0));
  EXPECT_FALSE(scene.send_fax(next_port(behind_nat), 1));
  EXPECT_FALSE(scene.send_fax(next_port(behind_nat), 2));
}

TEST(FaxSources, FollowsToAnotherPort) {
  FaxScene scene;
  scene.send_run(0, behind_nat, 5);
  const Endpoint elsewhere{signalled.address, 6000};
  scene.turn(elsewhere);
  // RTP that is still under way is in no sequence of UDPTL.
  EXPECT_EQ(scene.send_run(0, behind_nat, 50, 6), 0u);
  EXPECT_TRUE(scene.fax_reaches(elsewhere));
  scene.send_fax(next_port(behind_nat), 0);
  scene.send_fax(next_port(behind_nat), 1);
  EXPECT_TRUE(scene.fax_reaches(next_port(behind_nat)));
}

TEST(FaxSources, ComesBackToAudio) {
  FaxScene scene;
  scene.turn(signalled);
  scene.send_fax(behind_nat, 0);
  scene.send_fax(behind_nat, 1);
  for (const Table::SlotPair& pair : scene.slots) {
    scene.world.table.retune(pair, Stream::rtp, 8000);
  }
  scene.offer(signalled, next_port(signalled));
  EXPECT_TRUE(scene.send_rtp(0, behind_nat, 1));
}

// The bound is that of RTP.
TEST(FaxSources, OnlyNamedAddressesWithinTheWindowAreLearnt) {
  FaxScene scene;
  scene.turn(signalled);
  for (unsigned i = 0; i < 20; ++i) {
    EXPECT_FALSE(scene.send_fax({IpAddress::v4(192, 168, 7, 7), 5000}, i));
  }
  EXPECT_EQ(scene.drops(MediaDrop::wrong_source), 20u);
  scene.now = 20'000;
  for (unsigned i = 0; i < 20; ++i) EXPECT_FALSE(scene.send_fax(behind_nat, i));
  EXPECT_TRUE(scene.fax_reaches(signalled));
}

TEST(FaxSources, ANearerOneTakesItBack) {
  FaxScene scene;
  scene.turn(signalled);
  const Endpoint attacker{signalled.address, 9};
  for (unsigned i = 0; i < 10; ++i) scene.send_fax(attacker, i);
  EXPECT_TRUE(scene.fax_reaches(attacker));
  scene.send_fax(signalled, 0);
  EXPECT_TRUE(scene.send_fax(signalled, 1));
  EXPECT_TRUE(scene.fax_reaches(signalled));
  for (unsigned i = 10; i < 30; ++i) EXPECT_FALSE(scene.send_fax(attacker, i));
}

TEST(FaxSources, ARefreshOpensNoSecondWindow) {
  FaxScene scene;
  scene.turn(signalled);
  scene.send_fax(behind_nat, 0);
  scene.send_fax(behind_nat, 1);
  scene.turn(signalled);
  EXPECT_TRUE(scene.fax_reaches(behind_nat));
  const Endpoint other = next_port(behind_nat);
  for (unsigned i = 0; i < 20; ++i) EXPECT_FALSE(scene.send_fax(other, i));
  EXPECT_TRUE(scene.send_fax(behind_nat, 2));
}

TEST(FaxSources, AJumpBeginsARunAgain) {
  FaxScene scene;
  scene.turn(signalled);
  EXPECT_FALSE(scene.send_fax(behind_nat, 0));
  EXPECT_FALSE(scene.send_fax(behind_nat, 4));
  EXPECT_TRUE(scene.send_fax(behind_nat, 7));
}

TEST(Udptl, IsToldFromWhatElseComes) {
  EXPECT_TRUE(is_udptl(udptl(0)));
  EXPECT_FALSE(is_udptl(udptl(0x8008))) << "may be RTP";
  EXPECT_TRUE(is_udptl(udptl(0x7fff)));
  EXPECT_FALSE(is_udptl(rtp_payload({1, 160, 7})));
  EXPECT_FALSE(is_udptl(Octets{0, 1, 0, 0, 0})) << "no IFP packet";
  EXPECT_FALSE(is_udptl(Octets{0, 1, 2, 0xff, 0xff})) << "nothing behind it";
  EXPECT_FALSE(is_udptl(Octets{0, 1, 9, 0, 0, 0, 0})) << "longer than it is";
  Octets large(204, 0);
  large[2] = 0x80;
  large[3] = 198;
  EXPECT_TRUE(is_udptl(large)) << "a length in two octets";
  large[3] = 200;
  EXPECT_FALSE(is_udptl(large));
  large[2] = 0xc1;
  EXPECT_FALSE(is_udptl(large)) << "a fragment";
  EXPECT_FALSE(is_udptl(Octets{0, 1, 1, 0}));
}

}  // namespace
}  // namespace demarc::media
