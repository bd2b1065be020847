// RTCP reports of our own, through the table.
#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "dataplane/media/report_writer.h"
#include "dataplane/media/rtp.h"
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

const Endpoint peers[2] = {{IpAddress::v4(203, 0, 113, 10), 40'000},
                           {IpAddress::v4(203, 0, 113, 11), 50'000}};
const std::vector<TestRealm> two_realms = {{{IpAddress::v4(192, 0, 2, 1)}, 20'000, 20'999},
                                           {{IpAddress::v4(198, 51, 100, 1)}, 30'000, 30'999}};

Endpoint above(Endpoint rtp) {
  return {rtp.address, static_cast<uint16_t>(rtp.port + 1)};
}

// An m-line between peers 0 and 1; RTCP to peer 1 is ensured. Time goes on in steps of 20 ms.
struct Line {
  explicit Line(bool ensures = true) : world({16, 4, 0, 1, Duration::seconds(5), {}, 4}) {
    world.adopt(two_realms);
    for (unsigned i = 0; i < 2; ++i) ports[i] = world.table.acquire(realm_id(i), at_ms(0));
    for (unsigned i = 0; i < 2; ++i) {
      slots[i] = world.table.open({.in = ports[i],
                                   .out = ports[1 - i],
                                   .trunk_in = trunk_id(i),
                                   .trunk_out = trunk_id(1 - i),
                                   .ensures_rtcp = ensures && i == 0},
                                  at_ms(0));
    }
    world.table.join(slots[0], slots[1]);
  }
  void connect() {
    for (unsigned i = 0; i < 2; ++i) {
      world.table.expect(slots[i], peers[i], above(peers[i]));
      world.table.aim(slots[i], peers[1 - i], above(peers[1 - i]));
    }
  }
  bool send(unsigned side, const Octets& payload, bool is_rtcp = false) {
    Flow way{peers[side], {world.table.bound_address(ports[side]), ports[side].rtp_port}};
    if (is_rtcp) way = {above(way.from), above(way.to)};
    TestPacket packet(way, ip_packet(way, payload),
                      static_cast<uint32_t>(is_rtcp ? slots[side].rtcp : slots[side].rtp));
    world.table.relay({&packet.frame, 1}, at_ms(ms));
    return packet.is_forwarded();
  }
  void talk(unsigned side) {
    send(side, rtp_payload({sequence[side], sequence[side] * 160, 0x100 + side}));
    ++sequence[side];
  }
  // The reports that leave until then; who talks sends a packet every 20 ms.
  std::vector<Octets> reports(int64_t seconds, std::set<unsigned> who = {}) {
    std::vector<Octets> seen;
    for (const int64_t end = ms + seconds * 1000; ms < end; ms += 20) {
      for (const unsigned side : who) talk(side);
      world.table.on_timers(at_ms(ms));
      world.table.relay({}, at_ms(ms));
      for (MadePacket& made : world.table.made()) {
        if (made.frame.outcome != Frame::Outcome::forward) continue;
        const uint8_t* l3 = made.frame.l3;
        const Octets packet(l3, l3 + made.frame.l3_length);
        const Flow way{above({world.table.bound_address(ports[1]), ports[1].rtp_port}),
                       above(peers[1])};
        const Octets payload(packet.begin() + 28, packet.end());
        EXPECT_EQ(fault_of(packet, way, payload, 46), "");
        seen.push_back(payload);
      }
      world.table.clear_made();
    }
    return seen;
  }
  uint64_t count(TrunkCounter counter) {
    world.table.fold(slots[0]);
    return world.count(trunk_id(0), counter);
  }

  World world;
  PortPair ports[2];
  Table::SlotPair slots[2];
  unsigned sequence[2] = {0, 0};
  int64_t ms = 1;
};

// A report of peer 0 without blocks.
Octets report_of_peer() {
  Report report;
  report.ssrc = 0x100;
  report.is_sender = true;
  report.ntp = 0x0000aaaabbbb0000;
  Octets octets(max_report_octets);
  octets.resize(write_report(report, octets));
  return octets;
}

TEST(SendReports, TellAPeerWhatItIsSentAndWhatItSends) {
  Line line;
  line.connect();
  const std::vector<Octets> reports = line.reports(60, {0, 1});
  ASSERT_GE(reports.size(), 8u);
  const Octets& last = reports.back();
  EXPECT_EQ(last[0], 0x81);
  EXPECT_EQ(last[1], sender_report);
  EXPECT_EQ(read_be32(&last[4]), 0x100u);
  const uint32_t packets = read_be32(&last[20]);
  EXPECT_GT(packets, 2500u);
  EXPECT_LE(packets, 3000u);
  EXPECT_EQ(read_be32(&last[24]), packets * 160);
  EXPECT_EQ(read_be32(&last[16]), (packets - 1) * 160);  // its RTP clock goes by what was sent
  EXPECT_EQ(read_be32(&last[28]), 0x101u);
  EXPECT_EQ(read_be32(&last[32]), 0u);
  EXPECT_EQ(read_be32(&last[36]), packets - 1);
  EXPECT_EQ(line.count(TrunkCounter::rtp_made), reports.size());
}

TEST(SendReports, AreNotMadeUnlessTheTrunkAsks) {
  Line line(false);
  line.connect();
  EXPECT_TRUE(line.reports(20, {0, 1}).empty());
  EXPECT_FALSE(line.world.table.next_due().is_set());
}

TEST(SendReports, WaitForWhereTheyGo) {
  Line line;
  EXPECT_TRUE(line.reports(20).empty());
  EXPECT_EQ(line.count(TrunkCounter::rtp_made), 0u);
  line.connect();
  EXPECT_FALSE(line.reports(10).empty());
}

// A peer that is on hold sends nothing, and is sent nothing: only that we are there.
TEST(SendReports, OfSilenceAreReceiverReportsWithoutBlocks) {
  Line line;
  line.connect();
  const std::vector<Octets> reports = line.reports(10);
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(reports[0][0], 0x80);
  EXPECT_EQ(reports[0][1], receiver_report);
  EXPECT_NE(read_be32(&reports[0][4]), 0u);
  line.reports(10, {0});
  EXPECT_EQ(line.reports(8, {0}).back()[1], sender_report);
  line.reports(8);
  EXPECT_EQ(line.reports(8).back()[1], receiver_report);
}

TEST(SendReports, StopWhileTheOtherSideSendsItsOwn) {
  Line line;
  line.connect();
  ASSERT_TRUE(line.send(0, report_of_peer(), true));
  EXPECT_TRUE(line.reports(24, {0, 1}).empty());
  ASSERT_TRUE(line.send(0, report_of_peer(), true));
  EXPECT_TRUE(line.reports(24, {0, 1}).empty());
  EXPECT_FALSE(line.reports(10, {0, 1}).empty());
}

TEST(SendReports, DoNotStopForARefusedReport) {
  Line line;
  line.connect();
  EXPECT_FALSE(line.send(0, Octets(3), true));
  EXPECT_FALSE(line.reports(10).empty());
}

TEST(SendReports, CountTheLossSinceTheLastOne) {
  Line line;
  line.connect();
  ASSERT_FALSE(line.reports(20, {1}).empty());
  line.sequence[1] += 100;
  const std::vector<Octets> reports = line.reports(20, {1});
  ASSERT_GE(reports.size(), 2u);
  EXPECT_GT(reports[0][12], 0u);
  EXPECT_EQ(read_be32(&reports[0][12]) & 0xffffff, 100u);
  EXPECT_EQ(reports.back()[12], 0u);
  EXPECT_EQ(read_be32(&reports.back()[12]) & 0xffffff, 100u);
}

TEST(SendReports, NameTheLastReportOfTheirReceiver) {
  Line line;
  line.connect();
  line.talk(1);
  Report said;
  said.ssrc = 0x101;
  said.is_sender = true;
  said.ntp = 0x00001234567800ff;
  Octets octets(max_report_octets);
  octets.resize(write_report(said, octets));
  ASSERT_TRUE(line.send(1, octets, true));
  const int64_t sent_at = line.ms;
  const std::vector<Octets> reports = line.reports(5);
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(read_be32(&reports[0][24]), 0x12345678u);
  EXPECT_GT(read_be32(&reports[0][28]), 0x10000u);
  EXPECT_LE(read_be32(&reports[0][28]), static_cast<uint32_t>((line.ms - sent_at) * 66));
}

TEST(SendReports, MeasureTheRoundTripByTheAnswer) {
  Line line;
  line.connect();
  const std::vector<Octets> reports = line.reports(8, {0});
  ASSERT_FALSE(reports.empty());
  Report answer;
  answer.ssrc = 0x101;
  answer.has_block = true;
  answer.block.ssrc = 0x100;
  answer.block.last_report = static_cast<uint32_t>(uint64_t{read_be32(&reports.back()[8])} << 16 |
                                                   read_be32(&reports.back()[12]) >> 16);
  Octets octets(max_report_octets);
  octets.resize(write_report(answer, octets));
  ASSERT_TRUE(line.send(1, octets, true));
  EXPECT_NE(line.world.table.summary(line.slots[1], 0).round_trip_us, 0u);
}

TEST(SendReports, BeginToCountAnewWithAnotherSource) {
  Line line;
  line.connect();
  line.reports(20, {0, 1});
  for (unsigned i = 0; i < 5; ++i) {
    line.send(0, rtp_payload({i, i * 160, 0x777}));
    line.send(1, rtp_payload({i, i * 160, 0x888}));
  }
  const std::vector<Octets> reports = line.reports(8);
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(read_be32(&reports[0][4]), 0x777u);
  EXPECT_EQ(read_be32(&reports[0][28]), 0x888u);
  EXPECT_EQ(read_be32(&reports[0][32]), 0u);
}

TEST(SendReports, SayNothingOfASourceThatLeft) {
  Line line;
  line.connect();
  line.reports(20, {0, 1});
  Octets leaving = {0x80, 201, 0, 1};
  append32(leaving, 0x101);
  const Octets bye = {0x81, 203, 0, 1, 0, 0, 1, 1};
  leaving.insert(leaving.end(), bye.begin(), bye.end());
  ASSERT_TRUE(line.send(1, leaving, true));
  std::vector<Octets> reports = line.reports(10, {0});
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(reports.back()[0], 0x80);  // no block
  reports = line.reports(10, {0, 1});
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(reports.back()[0], 0x81);
}

TEST(SendReports, AreNotForAPeerThatWantsNoRtcp) {
  Line line;
  line.connect();
  line.world.table.allow_reports(line.slots[0], false);
  EXPECT_TRUE(line.reports(20, {0, 1}).empty());
  line.world.table.allow_reports(line.slots[0], true);
  EXPECT_FALSE(line.reports(20, {0, 1}).empty());
}

TEST(SendReports, AreSrtcpWhereTheirReceiverHasAKey) {
  Line line;
  line.connect();
  const srtp::MasterKey key = srtp::some_key(srtp::Suite::aes_cm_128_hmac_sha1_80);
  ASSERT_TRUE(line.world.table.key(line.slots[0], {}, {Keying::Kind::keyed, &key}));
  const std::vector<Octets> reports = line.reports(10);
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(reports[0].size(), 44u + 4 + 10);  // with its index and tag
}

TEST(SendReports, WaitForAKeyThatIsNotKnown) {
  Line line;
  line.connect();
  ASSERT_TRUE(line.world.table.key(line.slots[0], {}, {Keying::Kind::awaiting, nullptr}));
  EXPECT_TRUE(line.reports(10).empty());
  EXPECT_EQ(line.count(TrunkCounter::rtp_made), 0u);
}

TEST(SendReports, SayNothingOfFax) {
  Line line;
  line.connect();
  line.world.table.retune(line.slots[0], Stream::udptl, 8000);
  EXPECT_TRUE(line.reports(20).empty());
}

TEST(SendReports, EndWithTheirStream) {
  Line line;
  line.connect();
  line.reports(10);
  line.world.table.close(line.slots[1], line.ports[1], at_ms(line.ms));
  EXPECT_TRUE(line.reports(20).empty());
  line.world.table.close(line.slots[0], line.ports[0], at_ms(line.ms));
  EXPECT_TRUE(line.reports(20).empty());
  EXPECT_FALSE(line.world.table.next_due().is_set());
}

}  // namespace
}  // namespace demarc::media
