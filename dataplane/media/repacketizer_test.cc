#include "dataplane/media/repacketizer.h"

#include <gtest/gtest.h>

#include <vector>

namespace demarc::media {
namespace {

struct Packet {
  bool has_marker;
  uint16_t sequence;
  uint32_t timestamp;
  std::vector<uint8_t> audio;
};

// Packets whose octets count up, so that what comes out can be compared whole.
class Line {
 public:
  explicit Line(uint16_t out_octets) { repacketizer_.reset(out_octets); }
  void put(uint16_t sequence, uint32_t timestamp, size_t octets, bool has_marker = false) {
    std::vector<uint8_t> audio(octets);
    for (size_t i = 0; i < octets; ++i) audio[i] = static_cast<uint8_t>(timestamp + i);
    if (!stream_.follow({sequence, timestamp, 7})) return;
    Output output;
    repacketizer_.put({audio, timestamp, has_marker, 8}, stream_, output, contract::Instant{1});
    take(output);
  }
  void flush() {
    Output output;
    repacketizer_.flush(stream_, output, contract::Instant{1});
    take(output);
  }
  std::vector<Packet> out;

 private:
  void take(const Output& output) {
    EXPECT_EQ(output.refused(), 0u);
    for (const OutputPacket& packet : output.packets()) {
      const uint8_t* octets = packet.octets.data();
      EXPECT_EQ(octets[1] & 0x7f, 8);
      EXPECT_EQ(read_be32(octets + 8), 7u);
      out.push_back({(octets[1] & 0x80) != 0,
                     read_be16(octets + 2),
                     read_be32(octets + 4),
                     {octets + rtp_header_length, octets + packet.length}});
      const std::vector<uint8_t>& audio = out.back().audio;
      for (size_t i = 0; i < audio.size(); ++i) {
        EXPECT_EQ(audio[i], static_cast<uint8_t>(out.back().timestamp + i));
      }
    }
  }
  Repacketizer repacketizer_;
  OutStream stream_;
};

constexpr uint16_t lengths[] = {80, 160, 240, 320};

TEST(Repacketizer, EveryLengthBecomesEveryOther) {
  for (const uint16_t in : lengths) {
    for (const uint16_t out : lengths) {
      Line line(out);
      const unsigned packets = 12;
      for (unsigned i = 0; i < packets; ++i) {
        line.put(static_cast<uint16_t>(65530 + i), 0xffffff00 + i * in, in, i == 0);
      }
      ASSERT_EQ(line.out.size(), packets * in / out);
      for (size_t i = 0; i < line.out.size(); ++i) {
        EXPECT_EQ(line.out[i].audio.size(), out);
        EXPECT_EQ(line.out[i].has_marker, i == 0);
        EXPECT_EQ(line.out[i].sequence, static_cast<uint16_t>(65530 + i));
        EXPECT_EQ(line.out[i].timestamp, static_cast<uint32_t>(0xffffff00 + i * out));
      }
    }
  }
}

TEST(Repacketizer, LossLeavesNumbersOut) {
  Line line(80);
  line.put(1, 0, 160);
  line.put(3, 320, 160);
  ASSERT_EQ(line.out.size(), 4u);
  EXPECT_EQ(line.out[2].sequence, line.out[1].sequence + 3);
  EXPECT_EQ(line.out[2].timestamp, 320u);
}

TEST(Repacketizer, APauseOfTheSenderLeavesNoNumbersOut) {
  Line line(80);
  line.put(1, 0, 160);
  line.put(2, 4000, 160, true);
  ASSERT_EQ(line.out.size(), 4u);
  EXPECT_EQ(line.out[2].sequence, line.out[1].sequence + 1);
  EXPECT_TRUE(line.out[2].has_marker);
  EXPECT_EQ(line.out[2].timestamp, 4000u);
}

TEST(Repacketizer, AGapEndsThePacketThatWasBeingFilled) {
  Line line(320);
  line.put(1, 0, 160);
  line.put(3, 320, 160);
  line.put(4, 480, 160);
  ASSERT_EQ(line.out.size(), 2u);
  EXPECT_EQ(line.out[0].audio.size(), 160u);
  EXPECT_EQ(line.out[1].audio.size(), 320u);
  EXPECT_EQ(line.out[1].timestamp, 320u);
  EXPECT_GT(line.out[1].sequence, line.out[0].sequence + 1);
}

TEST(Repacketizer, LateAndRepeatedPacketsAreLeftOutAndWedgeNothing) {
  Line line(320);
  line.put(1, 0, 160);
  line.put(3, 320, 160);
  line.put(2, 160, 160);
  line.put(3, 320, 160);
  line.put(4, 480, 160);
  line.put(5, 640, 160);
  line.put(6, 800, 160);
  ASSERT_EQ(line.out.size(), 3u);
  EXPECT_EQ(line.out[2].timestamp, 640u);
  EXPECT_EQ(line.out[2].sequence, line.out[1].sequence + 1);
}

TEST(Repacketizer, TimestampsThatGoBackBeginAnew) {
  Line line(160);
  line.put(1, 100000, 80);
  line.put(2, 5, 160);
  line.put(3, 165, 80);
  line.put(4, 245, 80);
  ASSERT_EQ(line.out.size(), 3u);
  EXPECT_EQ(line.out[0].audio.size(), 80u);
  EXPECT_EQ(line.out[1].timestamp, 5u);
  EXPECT_EQ(line.out[2].timestamp, 165u);
}

TEST(Repacketizer, WhatIsLeftGoesOutShorter) {
  Line line(320);
  line.put(1, 0, 160);
  line.flush();
  line.flush();
  ASSERT_EQ(line.out.size(), 1u);
  EXPECT_EQ(line.out[0].audio.size(), 160u);
}

}  // namespace
}  // namespace demarc::media
