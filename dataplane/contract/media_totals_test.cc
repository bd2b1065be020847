#include "dataplane/contract/media_totals.h"

#include <gtest/gtest.h>

namespace demarc::contract {
namespace {

MediaSummary stream(uint8_t media_index, uint32_t expected, uint32_t lost) {
  MediaSummary media;
  media.streams = 2;
  media.media_index = media_index;
  media.kind = media_index == 0 ? MediaKind::audio : MediaKind::video;
  media.direction = MediaDirection::sendrecv;
  media.packets_in = media.packets_relayed = expected - lost;
  media.rtp_expected = expected;
  media.rtp_lost = lost;
  return media;
}

TEST(MediaTotals, AddUpAllStreams) {
  MediaTotals totals;
  MediaSummary dropping = stream(1, 50, 1);
  dropping.drops[2] = 3;
  dropping.packets_dropped = 3;
  dropping.packets_in += 3;
  add(totals, stream(0, 100, 4));
  add(totals, dropping);
  EXPECT_EQ(totals.streams, 2u);
  EXPECT_EQ(totals.packets_in, 148u);
  EXPECT_EQ(totals.packets_in, totals.packets_relayed + totals.packets_dropped);
  EXPECT_EQ(totals.drops[2], 3u);
  EXPECT_EQ(totals.rtp_lost, 5u);
}

TEST(MediaTotals, TheWorstLostTheMostOfItsOwn) {
  for (const bool is_reversed : {false, true}) {
    MediaTotals totals;
    add(totals, is_reversed ? stream(1, 50, 10) : stream(0, 1000, 20));
    add(totals, is_reversed ? stream(0, 1000, 20) : stream(1, 50, 10));
    EXPECT_EQ(totals.worst.media_index, 1u);
    EXPECT_EQ(totals.worst.kind, MediaKind::video);
    EXPECT_EQ(totals.worst.rtp_lost, 10u);
    EXPECT_FALSE(totals.worst.is_silent);
  }
}

// A muted peer whose RTCP alone went on.
TEST(MediaTotals, OneOfWhichNothingWasExpectedIsNotWorseThanLoss) {
  MediaSummary muted = stream(0, 0, 0);
  muted.packets_in = muted.packets_relayed = 9;
  MediaTotals totals;
  add(totals, muted);
  EXPECT_FALSE(totals.worst.is_silent);
  add(totals, stream(1, 100, 30));
  EXPECT_EQ(totals.worst.media_index, 1u);
}

TEST(MediaTotals, SilenceIsWorseThanLoss) {
  MediaSummary silent = stream(1, 0, 0);
  silent.packets_in = 9;
  MediaTotals totals;
  add(totals, stream(0, 100, 99));
  add(totals, silent);
  EXPECT_EQ(totals.worst.media_index, 1u);
  EXPECT_TRUE(totals.worst.is_silent);
}

TEST(MediaTotals, WhoWasNotToSendIsNotTheWorst) {
  MediaSummary held = stream(1, 0, 0);
  held.direction = MediaDirection::recvonly;
  MediaSummary off = stream(2, 0, 0);
  off.is_off = true;
  MediaTotals totals;
  add(totals, held);
  add(totals, off);
  EXPECT_FALSE(totals.worst.is_set);
  add(totals, stream(0, 100, 1));
  EXPECT_EQ(totals.worst.media_index, 0u);
  EXPECT_EQ(totals.streams, 3u);
}

TEST(MediaTotals, NothingComesOfACallWithoutMedia) {
  MediaTotals totals;
  add(totals, MediaSummary{});
  EXPECT_EQ(totals.streams, 0u);
  EXPECT_FALSE(totals.worst.is_set);
}

}  // namespace
}  // namespace demarc::contract
