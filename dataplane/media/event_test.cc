#include <gtest/gtest.h>

#include <vector>

#include "dataplane/media/event_reader.h"
#include "dataplane/media/event_sender.h"

namespace demarc::media {
namespace {

using contract::Duration;
using contract::Instant;

Instant at(int64_t ms) {
  return Instant{1'000'000'000} + Duration::milliseconds(ms);
}

struct Sent {
  bool has_marker;
  uint16_t sequence;
  uint32_t timestamp;
  TelephoneEvent event;
};

// A sender in a stream whose last packet had timestamp 16000 at 0 ms.
struct World {
  World() {
    stream.follow({100, 16000, 7});
    stream.pass(100);
    stream.sent(16000, at(0));
  }
  void run(int64_t from_ms, int64_t to_ms, int64_t step_ms = 5) {
    for (int64_t ms = from_ms; ms <= to_ms; ms += step_ms) {
      Output output;
      sender.send(voice, stream, output, at(ms));
      for (const OutputPacket& packet : output.packets()) {
        const uint8_t* octets = packet.octets.data();
        EXPECT_EQ(octets[1] & 0x7f, 101);
        EXPECT_EQ(read_be32(octets + 8), 7u);
        sent.push_back({(octets[1] & 0x80) != 0, read_be16(octets + 2), read_be32(octets + 4),
                        read_event(octets + rtp_header_length)});
      }
    }
  }
  EventSender::Voice voice{101, 8};
  EventSender sender;
  OutStream stream;
  std::vector<Sent> sent;
};

TEST(EventSender, SendsEvery20MsAndTheEndThrice) {
  World world;
  ASSERT_TRUE(world.sender.push(5, 100));
  world.run(20, 300);
  ASSERT_EQ(world.sent.size(), 8u);
  for (size_t i = 0; i < world.sent.size(); ++i) {
    const Sent& one = world.sent[i];
    EXPECT_EQ(one.has_marker, i == 0);
    EXPECT_EQ(one.sequence, 101 + i);
    EXPECT_EQ(one.timestamp, 16160u);
    EXPECT_EQ(one.event.event, 5);
    EXPECT_EQ(one.event.is_end, i >= 5);
  }
  EXPECT_EQ(world.sent[1].event.duration, 160);
  EXPECT_EQ(world.sent[4].event.duration, 640);
  EXPECT_EQ(world.sent[7].event.duration, 800);
  EXPECT_FALSE(world.sender.is_busy());
}

TEST(EventSender, KeepsTheOrderOfABurstWithPausesBetween) {
  World world;
  for (uint8_t digit = 0; digit < 10; ++digit) ASSERT_TRUE(world.sender.push(digit, 60));
  world.run(0, 2000);
  std::vector<int> ends;
  uint32_t last_end = 0;
  for (const Sent& one : world.sent) {
    if (one.has_marker && !ends.empty()) {
      EXPECT_GE(one.timestamp, last_end + 320);
    }
    if (one.event.is_end && (ends.empty() || ends.back() != one.event.event)) {
      ends.push_back(one.event.event);
      last_end = one.timestamp + one.event.duration;
    }
  }
  EXPECT_EQ(ends, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(EventSender, RefusesMoreThanCanWait) {
  EventSender sender;
  for (unsigned i = 0; i < EventSender::max_waiting; ++i) EXPECT_TRUE(sender.push(1, 100));
  EXPECT_FALSE(sender.push(1, 100));
  EXPECT_FALSE(sender.begin(1));
}

TEST(EventSender, BringsADurationIntoItsLimits) {
  World world;
  world.sender.push(1, 0);
  world.run(0, 200);
  EXPECT_EQ(world.sent.back().event.duration, 40 * 8);
}

TEST(EventSender, ALongDigitGoesOnInSegments) {
  World world;
  world.sender.push(9, 20000);
  world.run(0, 21000, 20);
  std::vector<uint32_t> timestamps;
  unsigned markers = 0;
  uint64_t total = 0;
  for (const Sent& one : world.sent) {
    if (timestamps.empty() || timestamps.back() != one.timestamp) {
      timestamps.push_back(one.timestamp);
    }
    markers += one.has_marker;
  }
  ASSERT_EQ(timestamps.size(), 3u);
  EXPECT_EQ(markers, 1u);
  EXPECT_EQ(timestamps[1], timestamps[0] + 0xffff);
  EXPECT_EQ(timestamps[2], timestamps[1] + 0xffff);
  total = 2 * 0xffff + world.sent.back().event.duration;
  EXPECT_NEAR(static_cast<double>(total), 20000 * 8, 600);
}

TEST(EventSender, AHeldDigitLastsUntilItsEnd) {
  World world;
  world.sender.begin(3);
  world.run(0, 175);
  EXPECT_FALSE(world.sent.back().event.is_end);
  world.sender.end();
  world.run(180, 300);
  EXPECT_TRUE(world.sent.back().event.is_end);
  EXPECT_EQ(world.sent.back().event.duration, 180 * 8);
}

TEST(EventSender, BeginsAStreamOfItsOwnWhereNothingCameYet) {
  World world;
  world.stream = {};
  world.stream.begin(7, 500, 9000);
  world.sender.push(1, 60);
  world.run(0, 200);
  EXPECT_EQ(world.sent.front().sequence, 500);
  EXPECT_EQ(world.sent.front().timestamp, 9000u);
}

// What a reader makes of packets: "5:800 " for event 5 of 800 units.
struct Reading {
  void read(uint8_t event, uint32_t timestamp, uint16_t duration, bool is_end, int64_t ms) {
    note(reader.read({event, is_end, 10, duration}, timestamp, at(ms)));
  }
  void expire(int64_t ms) { note(reader.expire(at(ms))); }
  void note(const EventReader::Digit& digit) {
    if (digit.is_set()) {
      text += std::to_string(digit.event) + ":" + std::to_string(digit.duration) + " ";
    }
  }
  EventReader reader;
  std::string text;
};

TEST(EventReader, TellsADigitOnceHoweverOftenItsEndComes) {
  Reading reading;
  reading.read(5, 1000, 160, false, 0);
  reading.read(5, 1000, 320, false, 20);
  for (int i = 0; i < 3; ++i) reading.read(5, 1000, 800, true, 40 + i);
  reading.expire(1000);
  EXPECT_EQ(reading.text, "5:800 ");
}

TEST(EventReader, TellsADigitOfWhichOnlyTheEndArrived) {
  Reading reading;
  reading.read(5, 1000, 800, true, 0);
  EXPECT_EQ(reading.text, "5:800 ");
}

TEST(EventReader, ADigitWhoseEndWasLostEndsWithTheNextOrWithSilence) {
  Reading reading;
  reading.read(5, 1000, 640, false, 0);
  reading.read(6, 3000, 160, false, 250);
  EXPECT_EQ(reading.text, "5:640 ");
  reading.expire(300);
  EXPECT_EQ(reading.text, "5:640 ");
  reading.expire(451);
  EXPECT_EQ(reading.text, "5:640 6:160 ");
}

TEST(EventReader, TellsBothWhereTheEndOfOneAndTheBeginOfTheNextWereLost) {
  Reading reading;
  reading.read(5, 1000, 640, false, 0);
  for (int i = 0; i < 3; ++i) reading.read(6, 3000, 800, true, 250 + i);
  EXPECT_EQ(reading.text, "5:640 6:800 ");
}

TEST(EventReader, TheSameDigitTwiceIsTwoDigits) {
  Reading reading;
  reading.read(5, 1000, 800, true, 0);
  reading.read(5, 3000, 800, true, 250);
  EXPECT_EQ(reading.text, "5:800 5:800 ");
}

TEST(EventReader, WhatComesLateOfADigitThatIsOverIsNone) {
  Reading reading;
  reading.read(5, 1000, 800, true, 0);
  reading.read(6, 3000, 160, false, 250);
  reading.read(5, 1000, 320, false, 260);
  reading.read(6, 3000, 800, true, 350);
  EXPECT_EQ(reading.text, "5:800 6:800 ");
}

TEST(EventReader, SegmentsAreOneDigit) {
  Reading reading;
  reading.read(5, 1000, 0xffff, false, 0);
  reading.read(5, 1000 + 0xffff, 160, false, 20);
  reading.read(5, 1000 + 0xffff, 1000, true, 120);
  EXPECT_EQ(reading.text, "5:66535 ");
}

TEST(TelephoneEvent, IsWrittenAsItIsRead) {
  uint8_t octets[event_payload_length];
  write_event({11, true, 63, 0x1234}, octets);
  const TelephoneEvent event = read_event(octets);
  EXPECT_EQ(event.event, 11);
  EXPECT_TRUE(event.is_end);
  EXPECT_EQ(event.volume, 63);
  EXPECT_EQ(event.duration, 0x1234);
}

TEST(TelephoneEvent, NamesTheSixteenDigits) {
  for (uint8_t event = 0; event < digit_events; ++event)
    EXPECT_EQ(event_of(digit_of(event)), event);
  EXPECT_EQ(event_of('b'), 13);
  for (const char other : {'E', 'e', ' ', '!', '\0', '/'}) EXPECT_EQ(event_of(other), no_event);
}

}  // namespace
}  // namespace demarc::media
