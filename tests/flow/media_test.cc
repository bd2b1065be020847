// RTP through a call: where packets go, and what is refused.
#include "tests/flow/media_harness.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::Endpoint;
using contract::TrunkCounter;

TEST_F(Media, GoesBothWaysAndTheLedgerCloses) {
  answer();
  const Endpoint to_itsp{itsp.endpoint().address, Peer::media_port};
  const Endpoint to_pbx{pbx.endpoint().address, Peer::media_port};
  for (uint16_t i = 0; i < 10; ++i) {
    EXPECT_EQ(rtp(pbx, Peer::media_port, towards_pbx, i), to_itsp);
    EXPECT_EQ(rtp(itsp, Peer::media_port, towards_itsp, i), to_pbx);
  }
  EXPECT_EQ(rtp(itsp, Peer::media_port + 2, towards_itsp, 11).port, 0);
  // RTCP has ports of its own, one above.
  EXPECT_EQ(rtp(pbx, Peer::media_port + 1, static_cast<uint16_t>(towards_pbx + 1), 0).port,
            Peer::media_port + 1);
  play(R"(
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.media[0].packets_relayed, 11u);
  EXPECT_EQ(record.media[1].packets_relayed, 10u);
  EXPECT_EQ(record.media[1].packets_dropped, 1u);
  EXPECT_EQ(box.trunk_counter(Box::itsp, TrunkCounter::rtp_packets_in), 11u);
  EXPECT_EQ(box.trunk_counter(Box::itsp, TrunkCounter::rtp_packets_out), 10u);
  EXPECT_EQ(box.trunk_counter(Box::itsp, TrunkCounter::rtp_drop_wrong_source), 1u);
  expect_clean(0);
}

TEST_F(Media, NothingCrossesBeforeTheAnswer) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
  )");
  const uint16_t port = audio_port(itsp.last_request("INVITE")->body);
  EXPECT_EQ(rtp(itsp, Peer::media_port, port, 0).port, 0);
  play(R"(
    itsp -> 486
    itsp <- ACK
    pbx  <- 486
    pbx  -> ACK
  )");
  expect_clean(1);
}

TEST_F(Media, PortsAreClosedWithTheCall) {
  answer();
  play(R"(
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  EXPECT_EQ(box.engine().media().find(pbx.box_endpoint().address, towards_pbx),
            media::Table::no_slot);
  expect_clean(1);
}

TEST_F(Media, IsNeverSentToOurselves) {
  itsp.body =
      "v=0\r\no=- 1 1 IN IP4 10.20.1.1\r\ns=-\r\nc=IN IP4 10.20.1.1\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\n";
  answer();
  EXPECT_EQ(rtp(pbx, Peer::media_port, towards_pbx, 1).port, 0);
  EXPECT_EQ(box.engine().live_calls(), 1u);
}

class LatchingMedia : public Media {
 protected:
  LatchingMedia() : Media(latching()) {}
  static BoxOptions latching() {
    BoxOptions options;
    options.sources[0].mode = contract::SourcePolicy::Mode::latching;
    return options;
  }
};

// The phone says an address of its own network; the box sees the NAT's, where its SIP is from.
TEST_F(LatchingMedia, APeerBehindNatIsHeardAndHears) {
  pbx.body =
      "v=0\r\no=- 1 1 IN IP4 192.168.1.9\r\ns=-\r\nc=IN IP4 192.168.1.9\r\nt=0 0\r\n"
      "m=audio 5000 RTP/AVP 8\r\n";
  answer();
  for (uint16_t i = 1; i <= 6; ++i) {
    EXPECT_EQ(rtp(pbx, 61'000, towards_pbx, i).port, i < 5 ? 0 : Peer::media_port) << i;
  }
  const Endpoint behind_nat{pbx.endpoint().address, 61'000};
  EXPECT_EQ(rtp(itsp, Peer::media_port, towards_itsp, 1), behind_nat);
  EXPECT_EQ(rtp(pbx, 61'001, towards_pbx, 7).port, 0);
  play(R"(
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.media[0].source, contract::MediaSource::learnt);
  EXPECT_EQ(record.media[0].seen, behind_nat);
  EXPECT_EQ(record.media[0].remote.port, 5000);
  EXPECT_EQ(record.media[0].drops[static_cast<unsigned>(contract::MediaDrop::learning)], 4u);
  EXPECT_EQ(box.trunk_counter(Box::pbx, TrunkCounter::rtp_drop_learning), 4u);
}

TEST_F(LatchingMedia, TheWindowOpensAgainWithTheAnswer) {
  play(R"(
    pbx  -> INVITE sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 180
    pbx  <- 180
  )");
  wait_ms(15'000);
  play(R"(
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  towards_pbx = audio_port(pbx.last_response("INVITE")->body);
  wait_ms(5'000);
  for (uint16_t i = 1; i <= 5; ++i) rtp(pbx, 61'000, towards_pbx, i);
  EXPECT_EQ(rtp(pbx, 61'000, towards_pbx, 6).port, Peer::media_port);
}

// A peer whose trunk asks for RTCP gets reports of ours, until the other side has its own.
class EnsuredRtcp : public Media {
 protected:
  EnsuredRtcp() : Media(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.codecs[contract::index_of(Box::itsp)].rtcp = contract::RtcpWay::ensured;
    options.media_timeout_ms = 0;
    return options;
  }
  // What the box made meanwhile: where to, and how many.
  std::vector<Endpoint> reports_within_ms(int64_t ms) {
    std::vector<Endpoint> seen;
    media::Table& table = box.engine().media();
    for (int64_t at = 0; at < ms; at += 100) {
      wait_ms(100);
      table.relay({}, box.now());
      for (const media::MadePacket& made : table.made()) {
        if (made.frame.outcome != media::Frame::Outcome::forward) continue;
        const uint8_t* l3 = made.frame.l3;
        EXPECT_EQ(l3[29], 201);  // a receiver report: no media passed
        seen.push_back({contract::IpAddress::v4(l3[16], l3[17], l3[18], l3[19]),
                        static_cast<uint16_t>(l3[22] << 8 | l3[23])});
      }
      table.clear_made();
    }
    return seen;
  }
};

TEST_F(EnsuredRtcp, IsNotForAPeerThatSwitchesItOff) {
  // RFC 3556 section 2: the m-line's word counts before the session's.
  const std::string begin =
      "v=0\r\no=x 1 1 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nb=RR:0\r\nt=0 0\r\n";
  for (const char* line : {"b=RS:0\r\n", "b=RS:0\r\nb=RR:400\r\n", ""}) {
    const bool is_off = std::string(line) == "b=RS:0\r\n";
    itsp.body = begin + "m=audio 40000 RTP/AVP 8\r\n" + line;
    answer();
    EXPECT_EQ(reports_within_ms(20'000).empty(), is_off) << line;
    play(R"(
      pbx  -> BYE
      pbx  <- 200
      itsp <- BYE
      itsp -> 200 BYE
    )");
  }
}

TEST_F(EnsuredRtcp, GoesToThatPeerAloneWhileTheOtherSideSendsNone) {
  answer();
  const Endpoint wanted{itsp.endpoint().address, Peer::media_port + 1};
  const std::vector<Endpoint> seen = reports_within_ms(20'000);
  EXPECT_GE(seen.size(), 2u);
  EXPECT_LE(seen.size(), 8u);
  for (const Endpoint& to : seen) EXPECT_EQ(to, wanted);
  EXPECT_EQ(rtp(pbx, Peer::media_port + 1, static_cast<uint16_t>(towards_pbx + 1), 0), wanted);
  EXPECT_TRUE(reports_within_ms(20'000).empty());
  play(R"(
    pbx  -> BYE
    pbx  <- 200
    itsp <- BYE
    itsp -> 200 BYE
  )");
  EXPECT_EQ(the_record().media[0].made, seen.size());
  expect_clean(0);
}

}  // namespace
}  // namespace demarc::flow
