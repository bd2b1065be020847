// RTCP through the table beside payload work: which slots it is corrected at, and how it counts.
#include <gtest/gtest.h>

#include "dataplane/media/report_harness.h"
#include "dataplane/media/srtp/srtp_harness.h"
#include "tests/support/media_world.h"

namespace demarc::media {
namespace {

using namespace support;

using contract::Duration;
using contract::Endpoint;
using contract::IpAddress;
using contract::TrunkCounter;

constexpr uint32_t callers = 7;  // SSRC
constexpr uint32_t callees = 8;
const std::vector<TestRealm> two_realms = {{{IpAddress::v4(192, 0, 2, 1)}, 20'000, 20'999},
                                           {{IpAddress::v4(198, 51, 100, 1)}, 30'000, 30'999}};

Endpoint above(Endpoint rtp) {
  return {rtp.address, static_cast<uint16_t>(rtp.port + 1)};
}

// A caller, 0, and a callee, 1; what one sends, the other gets.
struct Call {
  Call() : world({16, 4, 0, 1, Duration::seconds(5), {4, 4, 4}, 4}) {
    world.adopt(two_realms);
    for (unsigned i = 0; i < 2; ++i) ports[i] = world.table.acquire(realm_id(i), at_ms(0));
    for (unsigned i = 0; i < 2; ++i) {
      slots[i] = world.table.open({ports[i], ports[1 - i], trunk_id(i), trunk_id(1 - i)}, at_ms(0));
    }
    world.table.join(slots[0], slots[1]);
    for (unsigned i = 0; i < 2; ++i) {
      world.table.expect(slots[i], peers[i], above(peers[i]));
      world.table.aim(slots[i], peers[1 - i], above(peers[1 - i]));
    }
  }
  // What the other one gets of it; empty: nothing.
  Octets send(unsigned from, const Octets& payload, bool is_rtcp) {
    Flow way{peers[from], {world.table.bound_address(ports[from]), ports[from].rtp_port}};
    Flow onward{{world.table.bound_address(ports[1 - from]), ports[1 - from].rtp_port},
                peers[1 - from]};
    if (is_rtcp) {
      onward = {above(onward.from), above(onward.to)};
      way.from = above(way.from);
      if (!is_muxed) way.to = above(way.to);
      if (is_muxed) way.from = peers[from];
    }
    Octets ip = ip_packet(way, payload);
    const size_t length = ip.size();
    ip.resize(length + room_behind);
    TestPacket packet(way, ip, world.table.find(way.to.address, way.to.port));
    packet.frame.l3_length = static_cast<uint16_t>(length);
    packet.frame.payload_length = static_cast<uint16_t>(payload.size());
    packet.frame.tailroom = room_behind;
    world.table.relay({&packet.frame, 1}, at_ms(++now_ms));
    world.table.clear_made();
    if (!packet.is_forwarded()) return {};
    const Octets sent = packet.octets();
    const Octets left(sent.begin() + 28, sent.end());
    EXPECT_EQ(fault_of(sent, onward, left, 46), "");
    return left;
  }
  Octets report(unsigned from, const Octets& payload) { return send(from, payload, true); }
  // Ten packets of 20 ms, numbered from 100.
  void talk(unsigned from) {
    for (unsigned i = 0; i < 10; ++i) {
      send(from, rtp_payload({100 + i, i * 160, from == 0 ? callers : callees, 160}), false);
    }
  }
  bool cut(unsigned side, uint8_t ptime_ms) {
    CodecPlan plan;
    plan.add({8, 8, Treatment::g711, Law::a});
    plan.ptime_ms = ptime_ms;
    return world.table.plan(slots[side], plan, side);
  }
  const Slot& slot(SlotId id) { return world.table.slot(static_cast<uint32_t>(id)); }
  void expect_closed_ledger() {
    for (const Table::SlotPair& each : slots) {
      const contract::MediaSummary sum = world.table.summary(each, 0);
      EXPECT_EQ(sum.packets_in + sum.made,
                sum.packets_relayed + sum.packets_dropped + sum.absorbed);
    }
  }

  World world;
  Endpoint peers[2] = {{IpAddress::v4(203, 0, 113, 10), 40'000},
                       {IpAddress::v4(203, 0, 113, 11), 50'000}};
  PortPair ports[2];
  Table::SlotPair slots[2];
  bool is_muxed = false;
  uint16_t room_behind = 400;
  int64_t now_ms = 0;
};

const Octets of_caller = sender_report_of({callers, 10, 1600});
const Octets of_callee = receiver_report_of(callees, {{callers, 25, 1, 104}});

TEST(ReworkRtcp, BothSidesReadOfTheirOwnPackets) {
  Call call;
  ASSERT_TRUE(call.cut(0, 40));
  call.talk(0);
  EXPECT_EQ(call.report(0, of_caller), sender_report_of({callers, 5, 1600}));
  EXPECT_EQ(call.report(1, of_callee), receiver_report_of(callees, {{callers, 25, 2, 109}}));
  call.expect_closed_ledger();
}

TEST(ReworkRtcp, SoItIsWhereOnlyWhatIsHeardIsCut) {
  Call call;
  ASSERT_TRUE(call.cut(1, 10));
  call.talk(1);
  const Octets report = sender_report_of({callers, 10, 1600}, {{callees, 0, 0, 119}});
  EXPECT_EQ(call.report(0, report), sender_report_of({callers, 10, 1600}, {{callees, 0, 0, 109}}));
}

TEST(ReworkRtcp, AMultiplexedReportIsCorrected) {
  Call call;
  ASSERT_TRUE(call.cut(0, 40));
  for (unsigned i = 0; i < 2; ++i) {
    call.world.table.multiplex(call.slots[i], true);
    call.world.table.expect(call.slots[i], call.peers[i], call.peers[i]);
  }
  call.is_muxed = true;
  call.talk(0);
  EXPECT_EQ(call.report(0, of_caller), sender_report_of({callers, 5, 1600}));
  EXPECT_EQ(call.report(1, of_callee), receiver_report_of(callees, {{callers, 25, 2, 109}}));
}

TEST(ReworkRtcp, AReportInSrtcpIsCorrectedBetweenTheKeys) {
  Call call;
  Table& table = call.world.table;
  const auto keyed = [](const srtp::MasterKey& key) {
    return Keying{Keying::Kind::keyed, &key, {}};
  };
  const srtp::MasterKey in = srtp::some_key(srtp::Suite::aes_cm_128_hmac_sha1_80, 1);
  const srtp::MasterKey out = srtp::some_key(srtp::Suite::aead_aes_128_gcm, 2);
  ASSERT_TRUE(table.key(call.slots[0], keyed(in), keyed(out)));
  ASSERT_TRUE(call.cut(0, 40));
  srtp::TestContexts peer;
  const uint32_t theirs = peer.contexts.open(in);
  const uint32_t ours = peer.contexts.open(out);
  for (unsigned i = 0; i < 10; ++i) {
    const Octets plain = rtp_payload({100 + i, i * 160, callers, 160});
    call.send(0, peer.protect(theirs, plain).octets, false);
  }
  const Octets report = call.report(0, peer.protect(theirs, of_caller, true).octets);
  EXPECT_EQ(peer.unprotect(ours, report, true).octets, sender_report_of({callers, 5, 1600}));
  // Shorter than it came, so that the longer tag has room where there was none.
  call.room_behind = 0;
  const Octets stranger = sender_report_of({99, 10, 1600});
  const Octets shorter = call.report(0, peer.protect(theirs, stranger, true).octets);
  EXPECT_EQ(peer.unprotect(ours, shorter, true).octets, receiver_report_of(99, {}));
  EXPECT_EQ(call.report(1, of_callee), receiver_report_of(callees, {{callers, 25, 2, 109}}));
  call.expect_closed_ledger();
}

TEST(ReworkRtcp, ABrokenReportIsDroppedAndCounted) {
  Call call;
  ASSERT_TRUE(call.cut(0, 40));
  call.talk(0);
  EXPECT_EQ(call.report(0, rtcp(1, sender_report, {0, 0, 0, 7})), Octets());
  EXPECT_EQ(call.report(1, Octets(of_callee.begin(), of_callee.end() - 4)), Octets());
  call.expect_closed_ledger();
  for (unsigned i = 0; i < 2; ++i) {
    call.world.table.fold(call.slots[i]);
    EXPECT_EQ(call.world.count(trunk_id(i), TrunkCounter::rtp_drop_malformed), 1u);
  }
}

TEST(ReworkRtcp, WhatIsWholeButMayNotCrossIsNotCalledBroken) {
  Call call;
  ASSERT_TRUE(call.cut(0, 40));
  call.talk(0);
  const uint32_t before = call.world.table.summary(call.slots[1], 0).absorbed;
  const Octets nack = rtcp(1, 205, {0, 0, 0, callees, 0, 0, 0, callers, 0, 100, 0, 0});
  EXPECT_EQ(call.report(1, nack), Octets());
  EXPECT_EQ(call.report(1, of_callee + nack), receiver_report_of(callees, {{callers, 25, 2, 109}}));
  call.expect_closed_ledger();
  EXPECT_EQ(call.world.table.summary(call.slots[1], 0).absorbed, before + 1);
  call.world.table.fold(call.slots[1]);
  EXPECT_EQ(call.world.count(trunk_id(1), TrunkCounter::rtp_drop_malformed), 0u);
}

TEST(ReworkRtcp, WithoutWorkReportsTakeTheShortWay) {
  Call call;
  const auto expect_plain = [&](bool is_plain) {
    for (const Table::SlotPair& each : call.slots) {
      EXPECT_EQ(call.slot(each.rtcp).is_plain(), is_plain);
    }
  };
  call.talk(0);
  expect_plain(true);
  EXPECT_EQ(call.report(0, of_caller), of_caller);
  ASSERT_TRUE(call.cut(1, 40));
  expect_plain(false);
  EXPECT_TRUE(call.slot(call.slots[0].rtp).is_plain());
  ASSERT_TRUE(call.world.table.plan(call.slots[1], {}, 1));
  expect_plain(true);
}

TEST(ReworkRtcp, WhoIsLeftAloneOrJoinedAnewIsNotTakenForAnother) {
  Call call;
  Table& table = call.world.table;
  ASSERT_TRUE(call.cut(1, 40));
  call.talk(1);
  const Octets report = receiver_report_of(callers, {{callees, 0, 0, 104}});
  EXPECT_EQ(call.report(0, report), receiver_report_of(callers, {{callees, 0, 0, 109}}));
  table.unbind(call.slots[1], call.ports[1]);
  EXPECT_TRUE(call.slot(call.slots[0].rtcp).is_plain());
  EXPECT_EQ(call.report(0, report), report);
  // Another peer in the place of the callee, whose packets are cut otherwise.
  call.slots[1] = table.open({call.ports[1], call.ports[0], trunk_id(1), trunk_id(0)}, at_ms(100));
  table.expect(call.slots[1], call.peers[1], above(call.peers[1]));
  table.aim(call.slots[1], call.peers[0], above(call.peers[0]));
  ASSERT_TRUE(call.cut(1, 10));
  EXPECT_TRUE(call.slot(call.slots[0].rtcp).is_plain());
  table.join(call.slots[0], call.slots[1]);
  EXPECT_FALSE(call.slot(call.slots[0].rtcp).is_plain());
  call.talk(1);
  EXPECT_EQ(call.report(0, receiver_report_of(callers, {{callees, 0, 0, 119}})),
            receiver_report_of(callers, {{callees, 0, 0, 109}}));
}

// A re-INVITE begins to cut a stream that already lost something.
TEST(ReworkRtcp, AStreamUnderWayKeepsTheLossThatItHad) {
  Call call;
  call.talk(0);
  ASSERT_TRUE(call.cut(0, 40));
  for (unsigned i = 10; i < 20; ++i) {
    call.send(0, rtp_payload({100 + i, i * 160, callers, 160}), false);
  }
  EXPECT_EQ(call.report(1, receiver_report_of(callees, {{callers, 0, 6, 114}})),
            receiver_report_of(callees, {{callers, 0, 6, 119}}));
  EXPECT_EQ(call.report(1, receiver_report_of(callees, {{callers, 0, 7, 114}})),
            receiver_report_of(callees, {{callers, 0, 8, 119}}));
}

}  // namespace
}  // namespace demarc::media
