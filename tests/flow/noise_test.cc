// Comfort noise: made of CN for who takes none, and where a peer falls silent without a word.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"
#include "tests/flow/rtp_line.h"

namespace demarc::flow {
namespace {

using contract::TrunkCounter;

constexpr std::string_view both_speak = "m=audio 40000 RTP/AVP 8\r\n";
constexpr std::string_view with_noise = "m=audio 40000 RTP/AVP 8 13\r\n";

class Noise : public Ladder {
 protected:
  explicit Noise(const BoxOptions& options) : Ladder(options) {}
  static std::string sdp(const Peer& peer, std::string_view line, int version = 1) {
    const std::string address(contract::print(peer.endpoint().address).view());
    return "v=0\r\no=x 1 " + std::to_string(version) + " IN IP4 " + address +
           "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\n" + std::string(line);
  }
  void call(std::string_view offer, std::string_view answer) {
    pbx.body = sdp(pbx, offer);
    itsp.body = sdp(itsp, answer);
    play(answered_at_once);
  }
  RtpLine from_pbx() {
    return {box, pbx, Peer::media_port, port_in(pbx.last_response("INVITE")->body)};
  }
  void talk(RtpLine& line) {
    for (unsigned i = 0; i < 5; ++i) {
      line.audio(8, std::vector<uint8_t>(160, 0xd7));
      pass(line, 20);
    }
  }
  void pass(RtpLine& line, int64_t ms) {
    for (int64_t i = 0; i < ms; i += 5) {
      wait_ms(5);
      line.collect();
    }
    line.timestamp += static_cast<uint32_t>(ms >= 100 ? ms * 8 : 0);
  }
  static void expect_contiguous(const std::vector<RtpPacket>& packets) {
    for (size_t i = 1; i < packets.size(); ++i) {
      EXPECT_EQ(packets[i].sequence, static_cast<uint16_t>(packets[i - 1].sequence + 1)) << i;
      EXPECT_LT(packets[i - 1].timestamp, packets[i].timestamp) << i;
    }
  }
  void end() {
    play(ended_by_caller);
    expect_clean(1);
  }
};

struct Taking : Noise {
  Taking() : Noise(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.codecs[0].takes_noise = true;
    return options;
  }
};

// pbx says CN, which itsp does not know: it hears noise until pbx speaks again.
TEST_F(Taking, CnBecomesNoiseForWhoTakesNone) {
  call(with_noise, both_speak);
  EXPECT_EQ(formats_in(pbx.last_response("INVITE")->body), "8 13");
  RtpLine line = from_pbx();
  talk(line);
  line.rtp(13, {55});
  pass(line, 390);
  line.audio(8, std::vector<uint8_t>(160, 0xd7));
  ASSERT_NEAR(static_cast<double>(line.out.size()), 5 + 20 + 1, 1);
  expect_contiguous(line.out);
  for (const RtpPacket& packet : line.out) {
    EXPECT_EQ(packet.payload_type, 8);
    EXPECT_EQ(packet.payload.size(), 160u);
  }
  end();
}

struct Filling : Noise {
  explicit Filling(bool takes_noise = false) : Noise(options(takes_noise)) {}
  static BoxOptions options(bool takes_noise) {
    BoxOptions options;
    options.codecs[1].fills_silence = true;
    options.codecs[1].takes_noise = takes_noise;
    return options;
  }
};
struct FillingWithCn : Filling {
  FillingWithCn() : Filling(true) {}
};

TEST_F(Filling, WhoFallsSilentWithoutAWordIsHeardAsNoise) {
  call(both_speak, both_speak);
  RtpLine line = from_pbx();
  talk(line);
  ASSERT_EQ(line.take().size(), 5u);
  pass(line, 1000);
  const std::vector<RtpPacket> made = line.take();
  ASSERT_NEAR(static_cast<double>(made.size()), 40, 2);
  expect_contiguous(made);
  for (const RtpPacket& packet : made) EXPECT_EQ(packet.payload_type, 8);
  talk(line);
  const std::vector<RtpPacket> spoken = line.take();
  ASSERT_EQ(spoken.size(), 5u);
  EXPECT_TRUE(spoken[0].has_marker);
  expect_contiguous(spoken);
  EXPECT_EQ(spoken[0].sequence, static_cast<uint16_t>(made.back().sequence + 1));
  end();
  EXPECT_EQ(box.trunk_counter(Box::pbx, TrunkCounter::rtp_made), made.size());
}

// itsp offers nothing; it is offered CN, takes it, and is told the silence of pbx with it.
TEST_F(FillingWithCn, WhoTakesCnIsSentSome) {
  call(both_speak, with_noise);
  EXPECT_EQ(formats_in(itsp.last_request("INVITE")->body), "8 13");
  RtpLine line = from_pbx();
  talk(line);
  line.out.clear();
  pass(line, 3000);
  ASSERT_NEAR(static_cast<double>(line.out.size()), 3, 1);
  expect_contiguous(line.out);
  for (const RtpPacket& packet : line.out) {
    EXPECT_EQ(packet.payload_type, 13);
    EXPECT_EQ(packet.payload.size(), 1u);
  }
  end();
}

TEST_F(Filling, TheOtherTrunkSaysNothingOfIt) {
  call(both_speak, both_speak);
  RtpLine line(box, itsp, Peer::media_port, port_in(itsp.last_request("INVITE")->body));
  talk(line);
  pass(line, 1000);
  EXPECT_EQ(line.out.size(), 5u);
  end();
}

// Also not of the packets that were under way when it was put on hold.
TEST_F(Filling, WhoMayNotSendIsNotMissed) {
  call(both_speak, both_speak);
  RtpLine line = from_pbx();
  talk(line);
  pbx.body = sdp(pbx, std::string(both_speak) + "a=recvonly\r\n", 2);
  itsp.body = sdp(itsp, std::string(both_speak) + "a=sendonly\r\n", 2);
  constexpr std::string_view change = R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )";
  play(change);
  line.out.clear();
  talk(line);
  const size_t under_way = line.out.size();
  pass(line, 1000);
  EXPECT_EQ(line.out.size(), under_way);
  pbx.body = sdp(pbx, both_speak, 3);
  itsp.body = sdp(itsp, both_speak, 3);
  play(change);
  line.out.clear();
  talk(line);
  pass(line, 400);
  EXPECT_GT(line.out.size(), 10u);
  end();
}

// Noise keeps no call alive.
TEST_F(Filling, ACallOfTheDeadEnds) {
  call(both_speak, both_speak);
  RtpLine line = from_pbx();
  talk(line);
  for (int second = 0; second < 40 && box.engine().live_calls() == 1; ++second) pass(line, 1000);
  play("pbx  <- BYE\nitsp <- BYE\n");
  EXPECT_EQ(the_record().end, contract::CallEnd::media_silent);
}

}  // namespace
}  // namespace demarc::flow
