// SRTP through the table: plain to SRTP, SRTP to plain, SRTP to SRTP under other keys.
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "dataplane/media/srtp/srtp_harness.h"
#include "tests/support/media_world.h"
#include "tests/support/udp_packet.h"

namespace demarc::media {
namespace {

using namespace support;

using contract::Duration;
using contract::Endpoint;
using contract::IpAddress;
using contract::TrunkCounter;
using contract::WorkerCounter;
using srtp::MasterKey;
using srtp::some_key;
using srtp::Suite;

const Endpoint sender{IpAddress::v4(203, 0, 113, 10), 40'000};
const Endpoint receiver{IpAddress::v4(203, 0, 113, 11), 50'000};
const std::vector<TestRealm> two_realms = {{{IpAddress::v4(192, 0, 2, 1)}, 20'000, 20'999},
                                           {{IpAddress::v4(198, 51, 100, 1)}, 30'000, 30'999}};
constexpr Suite suite = Suite::aes_cm_128_hmac_sha1_80;

Keying keyed(const MasterKey& key, uint64_t number = 0) {
  return {Keying::Kind::keyed, &key, static_cast<srtp::OwnKey>(number)};
}
Keying plain_out(uint64_t number) {
  return {Keying::Kind::plain, nullptr, static_cast<srtp::OwnKey>(number)};
}

// One direction from `sender` to `receiver`, and what both ends do with SRTP.
struct Direction {
  explicit Direction(uint32_t keys = 4) : world({8, 4, 0, 1, Duration::seconds(5), {}, keys}) {
    world.adopt(two_realms);
    in = world.table.acquire(realm_id(0), at_ms(0));
    out = world.table.acquire(realm_id(1), at_ms(0));
    slots = world.table.open({in, out, trunk_id(0), trunk_id(1), contract::CallSlot::none, 8000},
                             at_ms(0));
    world.table.expect(slots, sender, above(sender));
    world.table.aim(slots, receiver, above(receiver));
  }
  static Endpoint above(Endpoint rtp) { return {rtp.address, static_cast<uint16_t>(rtp.port + 1)}; }
  // The payload as it leaves; empty when it was dropped.
  Octets send(const Octets& payload, bool is_rtcp = false) {
    Flow way{source, {world.table.bound_address(in), in.rtp_port}};
    if (is_rtcp) way = {above(way.from), above(way.to)};
    // Room behind the packet, as a receive buffer has.
    Octets ip = ip_packet(way, payload);
    const size_t length = ip.size();
    ip.resize(length + 64);
    TestPacket packet(way, ip, static_cast<uint32_t>(is_rtcp ? slots.rtcp : slots.rtp));
    packet.frame.l3_length = static_cast<uint16_t>(length);
    packet.frame.payload_length = static_cast<uint16_t>(payload.size());
    packet.frame.tailroom = 64;
    world.table.relay({&packet.frame, 1}, at_ms(1));
    if (!packet.is_forwarded()) return {};
    Flow onward{{world.table.bound_address(out), out.rtp_port}, receiver};
    if (is_rtcp) onward = {above(onward.from), above(onward.to)};
    const Octets sent = packet.octets();
    const Octets left(sent.begin() + 28, sent.end());
    EXPECT_EQ(fault_of(sent, onward, left, 46), "");
    return left;
  }
  uint64_t count(TrunkCounter counter) {
    world.table.fold(slots);
    return world.count(trunk_id(0), counter);
  }

  World world;
  Endpoint source = sender;
  PortPair in;
  PortPair out;
  Table::SlotPair slots;
};

TEST(SrtpStages, ProtectWhatLeaves) {
  Direction direction;
  const MasterKey key = some_key(suite);
  ASSERT_TRUE(direction.world.table.key(direction.slots, {}, keyed(key)));
  srtp::TestContexts peer;
  const uint32_t theirs = peer.contexts.open(key);
  for (unsigned i = 0; i < 20; ++i) {
    const Octets plain = srtp::rtp_packet(i);
    EXPECT_EQ(peer.unprotect(theirs, direction.send(plain)).octets, plain);
    const Octets report = srtp::rtcp_packet();
    EXPECT_EQ(peer.unprotect(theirs, direction.send(report, true), true).octets, report);
  }
}

TEST(SrtpStages, UnprotectWhatComes) {
  Direction direction;
  const MasterKey key = some_key(Suite::aead_aes_128_gcm);
  ASSERT_TRUE(direction.world.table.key(direction.slots, keyed(key), {}));
  srtp::TestContexts peer;
  const uint32_t ours = peer.contexts.open(key);
  for (unsigned i = 0; i < 20; ++i) {
    const Octets plain = srtp::rtp_packet(i);
    EXPECT_EQ(direction.send(peer.protect(ours, plain).octets), plain);
    const Octets report = srtp::rtcp_packet();
    EXPECT_EQ(direction.send(peer.protect(ours, report, true).octets, true), report);
    // RTCP on the port for RTP.
    EXPECT_EQ(direction.send(peer.protect(ours, report, true).octets), report);
  }
  EXPECT_EQ(direction.world.table.summary(direction.slots, 0).packets_dropped, 0u);
}

TEST(SrtpStages, KeyAnewBetweenTwoSides) {
  Direction direction;
  const MasterKey come = some_key(suite, 1);
  const MasterKey go = some_key(Suite::aead_aes_256_gcm, 2);
  ASSERT_TRUE(direction.world.table.key(direction.slots, keyed(come), keyed(go)));
  EXPECT_EQ(direction.world.table.live_keys(), 2u);
  srtp::TestContexts peer;
  const uint32_t from = peer.contexts.open(come);
  const uint32_t to = peer.contexts.open(go);
  for (unsigned i = 65'500; i < 65'600; ++i) {
    const Octets plain = srtp::rtp_packet(i & 0xffff);
    EXPECT_EQ(peer.unprotect(to, direction.send(peer.protect(from, plain).octets)).octets, plain);
  }
}

TEST(SrtpStages, CountEachReason) {
  Direction direction;
  const MasterKey key = some_key(suite);
  Table& table = direction.world.table;
  ASSERT_TRUE(table.key(direction.slots, {Keying::Kind::awaiting, nullptr}, {}));
  srtp::TestContexts peer;
  const uint32_t ours = peer.contexts.open(key);
  EXPECT_EQ(direction.send(peer.protect(ours, srtp::rtp_packet(1)).octets), Octets());
  EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_no_key), 1u);
  ASSERT_TRUE(table.key(direction.slots, keyed(key), keyed(key)));
  const Octets packet = peer.protect(ours, srtp::rtp_packet(2)).octets;
  EXPECT_NE(direction.send(packet), Octets());
  EXPECT_EQ(direction.send(packet), Octets());
  EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_replayed), 1u);
  EXPECT_EQ(direction.send(srtp::rtp_packet(3)), Octets());
  EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_unauthenticated), 1u);
  EXPECT_EQ(direction.send(Octets(13, 0x80)), Octets());
  EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_malformed), 1u);
  ASSERT_TRUE(table.key(direction.slots, {}, keyed(key)));
  EXPECT_EQ(direction.send(srtp::rtp_packet(2)), Octets());  // its index was sent before
  EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_key_spent), 1u);
  EXPECT_EQ(direction.count(TrunkCounter::rtp_packets_in), 6u);
  EXPECT_EQ(direction.count(TrunkCounter::rtp_packets_out), 1u);
}

TEST(SrtpStages, WhatIsNotAuthenticIsNotHeard) {
  Direction direction;
  const MasterKey key = some_key(suite);
  ASSERT_TRUE(direction.world.table.key(direction.slots, keyed(key), {}));
  direction.send(srtp::rtp_packet(3));
  EXPECT_EQ(direction.world.table.last_heard(direction.slots).rtp, at_ms(0));
}

// Forged packets cost their sender's own time, the check of a tag, and nothing that stays: the
// stream goes on, no key or SSRC is taken, and each one is counted under its reason.
TEST(SrtpStages, AFloodOfForgedPacketsLeavesTheStreamAsItIs) {
  for (const Suite each : {suite, Suite::aead_aes_128_gcm}) {
    Direction direction;
    const MasterKey key = some_key(each, 1);
    Table& table = direction.world.table;
    ASSERT_TRUE(table.key(direction.slots, keyed(key), {}));
    const uint32_t keys = table.live_keys();
    srtp::TestContexts peer;
    srtp::TestContexts forger;
    const uint32_t theirs = peer.contexts.open(key);
    const uint32_t forged = forger.contexts.open(some_key(each, 2));
    constexpr unsigned real = 200;
    constexpr unsigned forged_each = 20;
    for (uint16_t i = 0; i < real; ++i) {
      const Octets plain = srtp::rtp_packet(i);
      for (unsigned k = 0; k < forged_each; ++k) {
        // Its numbers lie ahead of the stream's, so that they would move its window; every other
        // one has an SSRC of its own.
        Octets fake = srtp::rtp_packet(static_cast<uint16_t>(i + 1 + k * 1000));
        if (k % 2 == 1) fake[8] = static_cast<uint8_t>(k), fake[9] = static_cast<uint8_t>(i);
        // And some are not encrypted at all.
        if (k % 5 != 0) fake = forger.protect(forged, fake).octets;
        ASSERT_EQ(direction.send(fake), Octets());
      }
      ASSERT_EQ(direction.send(peer.protect(theirs, plain).octets), plain) << i;
    }
    const contract::MediaSummary sum = table.summary(direction.slots, 0);
    const auto unauthenticated =
        sum.drops[static_cast<unsigned>(contract::MediaDrop::unauthenticated)];
    EXPECT_EQ(unauthenticated, real * forged_each);
    EXPECT_EQ(sum.packets_dropped, real * forged_each);
    EXPECT_EQ(sum.packets_relayed, real);
    EXPECT_EQ(sum.rtp_expected, real);
    EXPECT_EQ(sum.rtp_lost, 0u);
    EXPECT_EQ(table.live_keys(), keys);
  }
}

// Who is not at the signalled address costs no check of a tag.
TEST(SrtpStages, AStrangersPacketsAreRefusedBeforeTheirTagIsLookedAt) {
  Direction direction;
  const MasterKey key = some_key(suite);
  ASSERT_TRUE(direction.world.table.key(direction.slots, keyed(key), {}));
  direction.source.port += 2;
  srtp::TestContexts peer;
  const uint32_t theirs = peer.contexts.open(key);
  std::vector<Octets> copied;
  for (unsigned i = 0; i < 20; ++i) {
    copied.push_back(peer.protect(theirs, srtp::rtp_packet(i)).octets);
    EXPECT_EQ(direction.send(copied.back()), Octets());
  }
  EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_wrong_source), 20u);
  EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_unauthenticated), 0u);
  // Had their tags been looked at, they would be replays now.
  direction.source = sender;
  for (const Octets& packet : copied) EXPECT_NE(direction.send(packet), Octets());
}

TEST(SrtpStages, TheSameKeyGoesOnAndAnotherOneBegins) {
  Direction direction;
  const MasterKey key = some_key(suite, 1);
  const MasterKey other = some_key(suite, 2);
  Table& table = direction.world.table;
  ASSERT_TRUE(table.key(direction.slots, keyed(key), {}));
  srtp::TestContexts peer;
  const uint32_t ours = peer.contexts.open(key);
  const Octets old = peer.protect(ours, srtp::rtp_packet(65'535)).octets;
  EXPECT_NE(direction.send(old), Octets());
  EXPECT_NE(direction.send(peer.protect(ours, srtp::rtp_packet(0)).octets), Octets());
  ASSERT_TRUE(table.key(direction.slots, keyed(key), {}));
  EXPECT_NE(direction.send(peer.protect(ours, srtp::rtp_packet(1)).octets), Octets());
  EXPECT_EQ(direction.send(old), Octets());
  ASSERT_TRUE(table.key(direction.slots, keyed(other), {}));
  EXPECT_EQ(direction.send(peer.protect(ours, srtp::rtp_packet(2)).octets), Octets());
  const uint32_t anew = peer.contexts.open(other);
  EXPECT_NE(direction.send(peer.protect(anew, srtp::rtp_packet(2)).octets), Octets());
}

TEST(SrtpStages, AKeyThatWasNeverUsedIsForgottenWithTheNextAnswer) {
  Direction direction;
  Table& table = direction.world.table;
  const MasterKey key = some_key(suite);
  ASSERT_TRUE(table.key(direction.slots, keyed(key), {}));
  ASSERT_TRUE(table.key(direction.slots, {}, {}));
  EXPECT_EQ(table.live_keys(), 0u);
  EXPECT_TRUE(table.slot(static_cast<uint32_t>(direction.slots.rtp)).is_plain());
}

// Forks may choose one suite, another or none, and the first one again.
TEST(SrtpStages, AKeyOfOursThatComesBackGoesOnCounting) {
  Direction direction;
  const MasterKey key = some_key(suite, 1);
  const MasterKey other = some_key(Suite::aead_aes_128_gcm, 2);
  Table& table = direction.world.table;
  ASSERT_TRUE(table.key(direction.slots, {}, keyed(key, 7)));
  srtp::TestContexts peer;
  const uint32_t theirs = peer.contexts.open(key);
  const auto arrives = [&](const Octets& plain, bool is_rtcp = false) {
    return peer.unprotect(theirs, direction.send(plain, is_rtcp), is_rtcp).octets == plain;
  };
  EXPECT_TRUE(arrives(srtp::rtp_packet(65'535)));
  EXPECT_TRUE(arrives(srtp::rtp_packet(0)));
  EXPECT_TRUE(arrives(srtp::rtcp_packet(), true));
  for (const Keying& between : {keyed(other, 7), plain_out(7)}) {
    ASSERT_TRUE(table.key(direction.slots, {}, between));
    direction.send(srtp::rtcp_packet(), true);
  }
  ASSERT_TRUE(table.key(direction.slots, {}, keyed(key, 7)));
  EXPECT_EQ(table.live_keys(), 2u);
  EXPECT_TRUE(arrives(srtp::rtcp_packet(), true));  // not under an index that was used
  EXPECT_TRUE(arrives(srtp::rtp_packet(1)));        // with its roll-over counter
  EXPECT_EQ(direction.send(srtp::rtp_packet(0)), Octets());
  EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_key_spent), 1u);
  table.close(direction.slots, direction.in, at_ms(1));
  EXPECT_EQ(table.live_keys(), 0u);
}

TEST(SrtpStages, AKeyOfOursThatCanNotComeBackIsForgotten) {
  Direction direction(8);
  Table& table = direction.world.table;
  const auto live_with = [&](const MasterKey& key, uint64_t number) {
    EXPECT_TRUE(table.key(direction.slots, {}, keyed(key, number)));
    return table.live_keys();
  };
  const MasterKey one = some_key(suite, 1);
  const MasterKey one_gcm = some_key(Suite::aead_aes_128_gcm, 1);
  const MasterKey two = some_key(suite, 2);
  const MasterKey three = some_key(suite, 3);
  EXPECT_EQ(live_with(one, 1), 1u);
  EXPECT_EQ(live_with(one_gcm, 1), 2u);
  EXPECT_EQ(live_with(two, 2), 3u);
  EXPECT_EQ(live_with(one, 1), 2u);    // the answer that brought the second key failed
  EXPECT_EQ(live_with(three, 3), 3u);  // this one may fail, too
  EXPECT_EQ(live_with(three, 3), 3u);
  EXPECT_EQ(live_with(some_key(suite, 4), 4), 2u);
  ASSERT_TRUE(table.key(direction.slots, {}, plain_out(4)));
  EXPECT_EQ(table.live_keys(), 2u);
  table.close(direction.slots, direction.in, at_ms(1));
  EXPECT_EQ(table.live_keys(), 0u);
}

TEST(SrtpStages, AKeyThatMayComeBackMovesWithItsPeer) {
  Direction direction;
  const MasterKey key = some_key(suite, 1);
  Table& table = direction.world.table;
  ASSERT_TRUE(table.key(direction.slots, {}, keyed(key, 7)));
  const Octets first = direction.send(srtp::rtcp_packet(), true);
  ASSERT_TRUE(table.key(direction.slots, {}, plain_out(7)));
  const Table::SlotPair elsewhere = table.open({direction.out, direction.in}, at_ms(0));
  const KeyRows::Row moved = table.take_keys(elsewhere, direction.slots);
  table.put_keys(elsewhere, direction.slots, moved);
  ASSERT_TRUE(table.key(direction.slots, {}, keyed(key, 7)));
  EXPECT_EQ(table.live_keys(), 1u);
  EXPECT_NE(direction.send(srtp::rtcp_packet(), true), first);
}

// As fax takes the place of audio and gives it back, after the sequence of the audio has wrapped.
TEST(SrtpStages, AKeyOfThePeerGoesOnAfterItSentPlainly) {
  for (const Suite one : {suite, Suite::aead_aes_128_gcm}) {
    Direction direction;
    Table& table = direction.world.table;
    const MasterKey key = some_key(one);
    srtp::TestContexts peer;
    const uint32_t theirs = peer.contexts.open(key);
    ASSERT_TRUE(table.key(direction.slots, keyed(key), {}));
    Octets recorded;
    for (const unsigned sequence : {65'534u, 65'535u, 0u}) {
      recorded = peer.protect(theirs, srtp::rtp_packet(sequence)).octets;
      EXPECT_EQ(direction.send(recorded), srtp::rtp_packet(sequence));
    }
    ASSERT_TRUE(table.key(direction.slots, {}, {}));
    table.retune(direction.slots, Stream::udptl, 8000);
    EXPECT_EQ(direction.send(Octets(20, 7)), Octets(20, 7));
    table.retune(direction.slots, Stream::rtp, 8000);
    ASSERT_TRUE(table.key(direction.slots, keyed(key), {}));
    EXPECT_EQ(direction.send(recorded), Octets());
    EXPECT_EQ(direction.count(TrunkCounter::rtp_drop_replayed), 1u);
    const Octets next = srtp::rtp_packet(1);
    EXPECT_EQ(direction.send(peer.protect(theirs, next).octets), next);
    EXPECT_EQ(table.live_keys(), 1u);
  }
}

// Another key after the fax: the roll-over counter may go on (decision D105).
TEST(SrtpStages, AKeyAfterPlainMediaSucceedsTheOneBefore) {
  Direction direction;
  Table& table = direction.world.table;
  const MasterKey first = some_key(suite, 1);
  const MasterKey second = some_key(suite, 2);
  srtp::TestContexts peer;
  const uint32_t before = peer.contexts.open(first);
  const uint32_t after = peer.contexts.open(second);
  ASSERT_TRUE(table.key(direction.slots, keyed(first), {}));
  for (const unsigned sequence : {65'535u, 0u}) {
    direction.send(peer.protect(before, srtp::rtp_packet(sequence)).octets);
    peer.protect(after, srtp::rtp_packet(sequence));
  }
  ASSERT_TRUE(table.key(direction.slots, {}, {}));
  ASSERT_TRUE(table.key(direction.slots, keyed(second), {}));
  EXPECT_EQ(table.live_keys(), 1u);
  const Octets next = srtp::rtp_packet(1);
  EXPECT_EQ(direction.send(peer.protect(after, next).octets), next);
}

TEST(SrtpStages, AKeyOfAPeerThatSendsPlainlyMovesWithIt) {
  Direction direction;
  Table& table = direction.world.table;
  const MasterKey key = some_key(suite);
  srtp::TestContexts peer;
  const uint32_t theirs = peer.contexts.open(key);
  ASSERT_TRUE(table.key(direction.slots, keyed(key), {}));
  const Octets recorded = peer.protect(theirs, srtp::rtp_packet(1)).octets;
  direction.send(recorded);
  ASSERT_TRUE(table.key(direction.slots, {}, {}));
  const Table::SlotPair back = table.open({direction.out, direction.in}, at_ms(0));
  const KeyRows::Row moved = table.take_keys(direction.slots, back);
  table.put_keys(direction.slots, back, moved);
  ASSERT_TRUE(table.key(direction.slots, keyed(key), {}));
  EXPECT_EQ(direction.send(recorded), Octets());
  table.close(direction.slots, direction.in, at_ms(1));
  EXPECT_EQ(table.live_keys(), 0u);
}

TEST(SrtpStages, KeysThatMoveMeetNoneThatWereThereBefore) {
  Direction direction;
  Table& table = direction.world.table;
  const MasterKey key = some_key(suite, 1);
  const MasterKey other = some_key(suite, 2);
  ASSERT_TRUE(table.key(direction.slots, keyed(key), keyed(other)));
  const Table::SlotPair back = table.open({direction.out, direction.in}, at_ms(0));
  const KeyRows::Row moved = table.take_keys(direction.slots, back);
  table.unbind(direction.slots, direction.in);
  direction.slots = table.open({direction.in, direction.out, trunk_id(0), trunk_id(1)}, at_ms(0));
  table.put_keys(direction.slots, back, moved);
  table.expect(direction.slots, sender, Direction::above(sender));
  table.aim(direction.slots, receiver, Direction::above(receiver));
  srtp::TestContexts peer;
  const Octets plain = srtp::rtp_packet(1);
  EXPECT_EQ(direction.send(peer.protect(peer.contexts.open(key), plain).octets), plain);
  EXPECT_EQ(table.live_keys(), 1u);
}

TEST(SrtpStages, KeysRunOutAndComeBackWithTheStream) {
  Direction direction(1);
  const MasterKey one = some_key(suite, 1);
  const MasterKey two = some_key(suite, 2);
  Table& table = direction.world.table;
  EXPECT_FALSE(table.key(direction.slots, keyed(one), keyed(two)));
  EXPECT_EQ(table.live_keys(), 0u);
  EXPECT_EQ(direction.world.region.worker(0).counters.get(WorkerCounter::srtp_keys_exhausted), 1u);
  EXPECT_TRUE(table.key(direction.slots, keyed(one), {}));
  EXPECT_FALSE(table.key(direction.slots, keyed(two), {}));  // the old one stays until it is there
  table.close(direction.slots, direction.in, at_ms(1));
  EXPECT_EQ(table.live_keys(), 0u);
}

TEST(SrtpStages, WhatWeMakeIsProtectedToo) {
  Direction direction;
  const MasterKey key = some_key(suite);
  Table& table = direction.world.table;
  ASSERT_TRUE(table.key(direction.slots, {}, keyed(key)));
  const Octets plain = srtp::rtp_packet(1);
  MadePacket* made = table.make(direction.slots.rtp, static_cast<uint16_t>(plain.size()));
  std::copy(plain.begin(), plain.end(), made->payload());
  table.relay({}, at_ms(1));
  ASSERT_EQ(made->frame.outcome, Frame::Outcome::forward);
  srtp::TestContexts peer;
  const uint32_t theirs = peer.contexts.open(key);
  const Octets sent(made->frame.l3 + 28, made->frame.l3 + made->frame.l3_length);
  EXPECT_EQ(peer.unprotect(theirs, sent).octets, plain);
}

}  // namespace
}  // namespace demarc::media
