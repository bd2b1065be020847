// A source that is learnt and SRTP together: what is not authenticated teaches nothing.
#include <gtest/gtest.h>

#include "dataplane/media/follow_harness.h"
#include "dataplane/media/srtp/srtp_harness.h"

namespace demarc::media {
namespace {

constexpr srtp::Suite suite = srtp::Suite::aes_cm_128_hmac_sha1_80;

struct KeyedScene : Scene {
  KeyedScene() {
    EXPECT_TRUE(world.table.key(slots[0], {Keying::Kind::keyed, &theirs}, {}));
    EXPECT_TRUE(world.table.key(slots[1], {}, {Keying::Kind::keyed, &ours}));
  }
  Octets protected_packet(uint32_t context, unsigned sequence) {
    return peer.protect(context, rtp_payload({sequence, sequence * 160, 7})).octets;
  }
  // What goes to the latching side is protected, so only its place is looked at.
  bool reaches_place(const Endpoint& destination) {
    const unsigned sequence = ++far_sequence;
    if (!send(1, far_peer, rtp_payload({sequence, sequence * 160, 9}))) return false;
    return place_of(packet->octets()) == destination;
  }
  static Endpoint place_of(const Octets& ip) {
    return {IpAddress::v4(ip[16], ip[17], ip[18], ip[19]),
            static_cast<uint16_t>(ip[22] << 8 | ip[23])};
  }

  srtp::MasterKey theirs = srtp::some_key(suite, 1);
  srtp::MasterKey ours = srtp::some_key(suite, 2);
  srtp::TestContexts peer;
  uint32_t key = peer.contexts.open(theirs);
  uint32_t forged = peer.contexts.open(srtp::some_key(suite, 3));
};

TEST(KeyedSources, AForgerIsNeverLearntWhateverItsAddress) {
  KeyedScene scene;
  const Endpoint neighbour{signalled.address, 9};
  for (const Endpoint& from : {behind_nat, neighbour, next_port(behind_nat)}) {
    for (unsigned i = 1; i <= 20; ++i) {
      EXPECT_FALSE(scene.send(0, from, scene.protected_packet(scene.forged, i + from.port % 7)));
      EXPECT_FALSE(scene.send_rtp(0, from, i));
    }
  }
  EXPECT_EQ(scene.drops(MediaDrop::unauthenticated), 120u);
  EXPECT_EQ(scene.drops(MediaDrop::learning), 0u);
  EXPECT_TRUE(scene.reaches_place(signalled));
  EXPECT_NE(scene.summary(0).source, contract::MediaSource::learnt);
}

TEST(KeyedSources, APeerIsLearntAmongForgersAndStays) {
  KeyedScene scene;
  const Endpoint neighbour{signalled.address, 9};
  unsigned relayed = 0;
  for (unsigned i = 1; i <= 6; ++i) {
    EXPECT_FALSE(scene.send(0, neighbour, scene.protected_packet(scene.forged, i)));
    relayed += scene.send(0, behind_nat, scene.protected_packet(scene.key, i)) ? 1 : 0;
  }
  EXPECT_EQ(relayed, 2u);
  EXPECT_TRUE(scene.reaches_place(behind_nat));
  // Nearer by address, but it has no key; nor does what the peer sent before open anything to it.
  const Octets recorded = scene.protected_packet(scene.key, 7);
  EXPECT_TRUE(scene.send(0, behind_nat, recorded));
  for (unsigned i = 0; i < 20; ++i) {
    EXPECT_FALSE(scene.send(0, signalled, scene.protected_packet(scene.forged, 100 + i)));
    EXPECT_FALSE(scene.send(0, signalled, recorded));
  }
  EXPECT_TRUE(scene.reaches_place(behind_nat));
}

}  // namespace
}  // namespace demarc::media
