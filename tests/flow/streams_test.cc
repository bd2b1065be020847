// Calls with several m-lines: each has its ledger, and the call's is that of its first audio.
#include "tests/flow/media_harness.h"
#include "tests/flow/rtp_line.h"

namespace demarc::flow {
namespace {

using contract::MediaKind;

class Streams : public Media {
 protected:
  Streams() : Streams(BoxOptions{}) {}
  explicit Streams(const BoxOptions& options) : Media(options) {}

  static std::string sdp(const std::string& address, const std::string& lines) {
    return "v=0\r\no=x 1 2 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\n" +
           lines;
  }
  static std::string video(uint16_t port) {
    std::string line = "m=video ";
    line.append(std::to_string(port)).append(" RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n");
    return line;
  }
  void say(const std::string& offered, const std::string& answered) {
    pbx.body = sdp("10.20.1.2", offered);
    itsp.body = sdp("10.20.2.2", answered);
  }
  // The caller's packets to the m-line of that kind.
  void send(const std::string& kind, uint16_t from_port, unsigned packets, uint8_t payload_type) {
    RtpLine line(box, pbx, from_port, port_in(pbx.last_response("INVITE")->body, kind));
    for (unsigned i = 0; i < packets; ++i) line.rtp(payload_type, {1, 2, 3});
  }
  contract::DirectoryRow row() { return box.directory().at(0); }
  std::vector<contract::StreamRow> further() {
    contract::Region::FurtherStreams rows;
    const unsigned count = box.region().further_streams(row(), rows);
    return {rows.begin(), rows.begin() + count};
  }
  void end() { play("pbx -> BYE\npbx <- 200\nitsp <- BYE\nitsp -> 200 BYE\n"); }

  static constexpr const char* audio = "m=audio 40000 RTP/AVP 8\r\n";
};

TEST_F(Streams, EachMLineHasItsLedger) {
  say(audio + video(40002), audio + video(40002));
  answer();
  send("audio", 40000, 3, 8);
  send("video", 40002, 7, 96);
  wait_ms(1100);
  EXPECT_EQ(row().media[0].kind, MediaKind::audio);
  EXPECT_EQ(row().media[0].streams, 2u);
  EXPECT_EQ(row().media[0].packets_in, 3u);
  ASSERT_EQ(further().size(), 1u);
  const contract::MediaSummary from_caller = further()[0].media[0];
  EXPECT_EQ(from_caller.kind, MediaKind::video);
  EXPECT_EQ(from_caller.media_index, 1u);
  EXPECT_EQ(from_caller.packets_in, 7u);
  EXPECT_EQ(from_caller.packets_relayed, 7u);
  EXPECT_NE(from_caller.first_packet_unix_ns, 0u);
  EXPECT_EQ(further()[0].media[1].packets_in, 0u);
  end();
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.media[0].packets_in, 3u);
  EXPECT_EQ(record.totals[0].streams, 2u);
  EXPECT_EQ(record.totals[0].packets_in, 10u);
  EXPECT_EQ(record.totals[0].packets_relayed, 10u);
  EXPECT_TRUE(record.totals[1].worst.is_silent);
  expect_clean(0);
}

// Video that flows does not hide that nobody is heard.
TEST_F(Streams, TheCallHasTheAudioWhereverItStands) {
  say(video(40002) + audio, video(40002) + audio);
  answer();
  send("video", 40002, 7, 96);
  wait_ms(1100);
  EXPECT_EQ(row().media[0].kind, MediaKind::audio);
  EXPECT_EQ(row().media[0].media_index, 1u);
  EXPECT_EQ(row().media[0].packets_relayed, 0u);
  end();
  const contract::CallRecord record = the_record();
  EXPECT_EQ(record.media[0].packets_relayed, 0u);
  EXPECT_EQ(record.totals[0].packets_relayed, 7u);
  EXPECT_EQ(record.totals[0].worst.kind, MediaKind::audio);
  EXPECT_EQ(record.totals[0].worst.media_index, 1u);
  EXPECT_TRUE(record.totals[0].worst.is_silent);
  expect_clean(0);
}

TEST_F(Streams, OfTwoLinesOfAudioTheCallHasTheFirstThatIsInUse) {
  const std::string second = "m=audio 40010 RTP/AVP 8\r\n";
  say(audio + second, "m=audio 0 RTP/AVP 8\r\n" + second);
  answer();
  wait_ms(1100);
  EXPECT_EQ(row().media[0].media_index, 1u);
  EXPECT_FALSE(row().media[0].is_off);
  ASSERT_EQ(further().size(), 1u);
  EXPECT_EQ(further()[0].media[0].media_index, 0u);
  EXPECT_TRUE(further()[0].media[0].is_off);
  end();
  expect_clean(1);
}

TEST_F(Streams, NothingIsOffBeforeTheAnswer) {
  say(audio + video(40002), audio + video(40002));
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 180\npbx <- 180\n");
  wait_ms(1100);
  EXPECT_FALSE(row().media[0].is_off);
  ASSERT_EQ(further().size(), 1u);
  EXPECT_FALSE(further()[0].media[0].is_off);
  play("itsp -> 486 INVITE\nitsp <- ACK\npbx <- 486\npbx -> ACK\n");
  expect_clean(1);
}

TEST_F(Streams, ALineThatIsAddedLaterIsSeenWithinASecond) {
  say(audio, audio);
  answer();
  wait_ms(1100);
  EXPECT_TRUE(further().empty());
  say(audio + video(40002), audio + video(40002));
  play("pbx -> INVITE within sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 200 sdp\n");
  play("itsp <- ACK\npbx <- 200 sdp\npbx -> ACK\n");
  wait_ms(1100);
  ASSERT_EQ(further().size(), 1u);
  EXPECT_EQ(further()[0].media[0].kind, MediaKind::video);
  end();
  expect_clean(1);
}

// As many rows as one call needs are left when the others have theirs.
class FewStreamRows : public Streams {
 protected:
  FewStreamRows() : Streams(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.calls = 2;
    return options;
  }
};

TEST_F(FewStreamRows, AreEnoughForEveryMLineThatFits) {
  const std::string lines = audio + video(40002) + video(40004) + video(40006);
  say(lines, lines);
  answer();
  wait_ms(1100);
  EXPECT_EQ(further().size(), 3u);
  EXPECT_EQ(box.engine().held().stream_rows, 3u);
  end();
  EXPECT_EQ(box.worker_counter(contract::WorkerCounter::stream_rows_full), 0u);
  expect_clean(1);
}

// The record waits, and its call has no media any more.
class StreamsWithoutRecordRoom : public Streams {
 protected:
  StreamsWithoutRecordRoom() : Streams(options()) {}
  static BoxOptions options() {
    BoxOptions options;
    options.record_ring = 1;
    return options;
  }
};

TEST_F(StreamsWithoutRecordRoom, TheirSumsWaitWithTheRecord) {
  say(audio + video(40002), audio + video(40002));
  answer();
  send("audio", 40000, 3, 8);
  send("video", 40002, 7, 96);
  Peer first("first", "10.20.1.2", "10.20.1.1");
  Peer answerer = itsp;
  std::swap(pbx, first);
  play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\n");
  play("itsp -> 486\nitsp <- ACK\npbx <- 486\npbx -> ACK\n");
  std::swap(pbx, first);
  std::swap(itsp, answerer);
  end();
  EXPECT_EQ(box.engine().live_calls(), 1u);
  EXPECT_EQ(box.engine().held().stream_rows, 1u);
  EXPECT_EQ(box.take_records().size(), 1u);
  wait_ms(1);
  const auto records = box.take_records();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].media[0].packets_in, 3u);
  EXPECT_EQ(records[0].totals[0].packets_in, 10u);
  EXPECT_EQ(records[0].totals[0].streams, 2u);
  expect_clean(0);
}

}  // namespace
}  // namespace demarc::flow
