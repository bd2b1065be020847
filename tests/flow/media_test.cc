// RTP through a call: where packets go, what is refused, and when silence ends a call.
#include <cstring>

#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {
namespace {

using contract::CallEnd;
using contract::Endpoint;
using contract::TrunkCounter;

// "m=audio PORT" of an SDP.
uint16_t audio_port(const std::string& sdp) {
  return static_cast<uint16_t>(std::stoi(sdp.substr(sdp.find("m=audio ") + 8)));
}

class Media : public Ladder {
 protected:
  explicit Media(const BoxOptions& options = {}) : Ladder(options) {}
  void answer() {
    play(answered_at_once);
    towards_pbx = audio_port(pbx.last_response("INVITE")->body);
    towards_itsp = audio_port(itsp.last_request("INVITE")->body);
  }
  // One RTP packet from `source` to our `port`; returns where it went on to, port 0 when dropped.
  Endpoint rtp(const Peer& from, uint16_t source_port, uint16_t port, uint16_t sequence) {
    uint8_t room[64 + 40 + 160] = {};
    uint8_t* l3 = room + 64;
    const uint16_t total = 20 + 8 + 12 + 20;
    const uint8_t header[28] = {0x45,
                                0,
                                0,
                                total,
                                0,
                                0,
                                0,
                                0,
                                64,
                                17,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                static_cast<uint8_t>(source_port >> 8),
                                static_cast<uint8_t>(source_port),
                                static_cast<uint8_t>(port >> 8),
                                static_cast<uint8_t>(port),
                                0,
                                total - 20,
                                0,
                                0};
    std::memcpy(l3, header, sizeof header);
    const uint32_t source = from.endpoint().address.v4_to_wire();
    const uint32_t local = from.box_endpoint().address.v4_to_wire();
    std::memcpy(l3 + 12, &source, 4);
    std::memcpy(l3 + 16, &local, 4);
    const uint8_t rtp_header[12] = {0x80,
                                    8,
                                    static_cast<uint8_t>(sequence >> 8),
                                    static_cast<uint8_t>(sequence),
                                    0,
                                    0,
                                    0,
                                    1,
                                    0,
                                    0,
                                    0,
                                    7};
    std::memcpy(l3 + 28, rtp_header, sizeof rtp_header);
    const uint32_t slot = box.engine().media().find(from.box_endpoint().address, port);
    if (slot == media::Table::no_slot) return {};
    media::Frame frame;
    frame.l3 = l3;
    frame.l3_length = total;
    frame.headroom = 64;
    frame.payload_offset = 28;
    frame.payload_length = 32;
    frame.source = {from.endpoint().address, source_port};
    frame.slot = slot;
    box.engine().on_media({&frame, 1}, box.now());
    if (frame.outcome == media::Frame::Outcome::drop) return {};
    uint32_t destination;
    std::memcpy(&destination, frame.l3 + 16, 4);
    return {contract::IpAddress::v4_from_wire(destination),
            static_cast<uint16_t>(frame.l3[22] << 8 | frame.l3[23])};
  }

  uint16_t towards_pbx = 0;
  uint16_t towards_itsp = 0;
};

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

TEST_F(Media, SilenceOfBothSidesEndsTheCall) {
  answer();
  for (uint16_t second = 0; second < 40; ++second) {
    rtp(pbx, Peer::media_port, towards_pbx, second);
    wait_ms(1000);
  }
  EXPECT_EQ(box.engine().live_calls(), 1u);
  wait_ms(29'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  wait_ms(3'000);
  play(R"(
    pbx  <- BYE
    itsp <- BYE
  )");
  EXPECT_EQ(the_record().end, CallEnd::media_silent);
}

class Patient : public Media {
 protected:
  explicit Patient(uint32_t itsp_ms) : Media(options(itsp_ms)) {}
  static BoxOptions options(uint32_t itsp_ms) {
    BoxOptions options;
    options.itsp_media_timeout_ms = itsp_ms;
    return options;
  }
};
struct MorePatient : Patient {
  MorePatient() : Patient(90'000) {}
};
struct AnySilence : Patient {
  AnySilence() : Patient(0) {}
};

TEST_F(MorePatient, SilenceIsThatOfTheTrunkThatGrantsMore) {
  answer();
  wait_ms(89'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  wait_ms(3'000);
  play(R"(
    pbx  <- BYE
    itsp <- BYE
  )");
  EXPECT_EQ(the_record().end, CallEnd::media_silent);
}

TEST_F(AnySilence, NeverEndsACallOfATrunkThatIsNotWatched) {
  answer();
  wait_ms(600'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  play(ended_by_caller);
  expect_clean(1);
}

TEST_F(Media, InactiveStreamsMayBeSilent) {
  itsp.body =
      "v=0\r\no=- 1 1 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\na=inactive\r\n";
  answer();
  wait_ms(120'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
}

TEST_F(Media, IsNeverSentToOurselves) {
  itsp.body =
      "v=0\r\no=- 1 1 IN IP4 10.20.1.1\r\ns=-\r\nc=IN IP4 10.20.1.1\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\n";
  answer();
  EXPECT_EQ(rtp(pbx, Peer::media_port, towards_pbx, 1).port, 0);
  EXPECT_EQ(box.engine().live_calls(), 1u);
}

// RFC 3264 section 8.4: what is not both ways is some form of hold; nobody has to play music.
TEST_F(Media, AStreamOfOneDirectionMayBeSilent) {
  pbx.body =
      "v=0\r\no=- 1 1 IN IP4 10.20.1.2\r\ns=-\r\nc=IN IP4 10.20.1.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\na=sendonly\r\n";
  itsp.body =
      "v=0\r\no=- 1 1 IN IP4 10.20.2.2\r\ns=-\r\nc=IN IP4 10.20.2.2\r\nt=0 0\r\n"
      "m=audio 40000 RTP/AVP 8\r\na=recvonly\r\n";
  answer();
  wait_ms(120'000);
  EXPECT_EQ(box.engine().live_calls(), 1u);
  EXPECT_EQ(box.directory().at(0).media[0].direction, contract::MediaDirection::sendonly);
  EXPECT_EQ(box.directory().at(0).media[1].direction, contract::MediaDirection::recvonly);
}

// With comfort noise or silence suppression nothing may come for long but reports.
TEST_F(Media, ReportsAloneKeepACallAlive) {
  answer();
  for (uint16_t i = 0; i < 20; ++i) {
    rtp(pbx, Peer::media_port + 1, static_cast<uint16_t>(towards_pbx + 1), i);
    wait_ms(5'000);
  }
  EXPECT_EQ(box.engine().live_calls(), 1u);
}

TEST_F(Media, PacketsOfStrangersNeitherKeepACallAliveNorEndIt) {
  answer();
  for (uint16_t i = 0; i < 29; ++i) {
    EXPECT_EQ(rtp(pbx, Peer::media_port + 8, towards_pbx, i).port, 0);
    wait_ms(1000);
  }
  EXPECT_EQ(box.engine().live_calls(), 1u);
  uint32_t sent = 29;
  for (; box.engine().live_calls() == 1 && sent < 40; ++sent) {
    EXPECT_EQ(rtp(pbx, Peer::media_port + 8, towards_pbx, static_cast<uint16_t>(sent)).port, 0);
    wait_ms(1000);
  }
  play(R"(
    pbx  <- BYE
    itsp <- BYE
  )");
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.end, CallEnd::media_silent);
  EXPECT_EQ(record.media[0].drops[static_cast<unsigned>(contract::MediaDrop::wrong_source)], sent);
  EXPECT_EQ(record.media[0].refused.port, Peer::media_port + 8);
  EXPECT_EQ(record.media[0].first_packet_unix_ns, 0u);
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
