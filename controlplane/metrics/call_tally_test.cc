#include "controlplane/metrics/call_tally.h"

#include <gtest/gtest.h>

#include "dataplane/contract/trunk_limits.h"

namespace demarc::metrics {
namespace {

using contract::AttemptEnd;
using contract::CallEnd;
using contract::CallRecord;
using contract::LimitMet;
using contract::TrunkId;

constexpr uint64_t s = 1'000'000'000;
constexpr uint64_t begin = 1'700'000'000 * s;

class CallTallyTest : public testing::Test {
 protected:
  // From "pbx" to "itsp", ringing after 2 s, answered after 4 s, of 40 s.
  static CallRecord answered() {
    CallRecord record;
    record.end = CallEnd::released_by_caller;
    record.status_code = 200;
    record.from_name.assign("pbx");
    record.to_name.assign("itsp");
    record.started_unix_ns = begin;
    record.ringing_unix_ns = begin + 2 * s;
    record.answered_unix_ns = begin + 4 * s;
    record.ended_unix_ns = begin + 44 * s;
    record.attempt_count = 1;
    record.attempts[0].trunk = TrunkId{1};
    record.attempts[0].status_code = 200;
    record.attempts[0].end = AttemptEnd::answered;
    record.attempts[0].ringing_ms = 2000;
    return record;
  }
  static CallRecord failed(uint16_t status_code) {
    CallRecord record = answered();
    record.end = CallEnd::failed;
    record.status_code = status_code;
    record.ringing_unix_ns = record.answered_unix_ns = 0;
    record.attempts[0].status_code = status_code;
    record.attempts[0].end = AttemptEnd::refused;
    record.attempts[0].ringing_ms = 0;
    return record;
  }
  static uint64_t end_of(const DirectionTally& tally, CallEnd end) {
    return tally.ends.at(static_cast<size_t>(end));
  }
  TrunkTallies all() { return tally.of({"pbx", "itsp", "second"}); }

  CallTally tally{[](TrunkId id) {
    constexpr const char* names[] = {"pbx", "itsp", "second"};
    return contract::index_of(id) < 3 ? std::string(names[contract::index_of(id)]) : std::string();
  }};
};

TEST_F(CallTallyTest, CountsACallForBothTrunks) {
  tally.add(answered());
  TrunkTallies rows = all();
  EXPECT_EQ(end_of(rows["pbx"].in, CallEnd::released_by_caller), 1u);
  EXPECT_EQ(end_of(rows["itsp"].out, CallEnd::released_by_caller), 1u);
  EXPECT_EQ(end_of(rows["pbx"].out, CallEnd::released_by_caller), 0u);
  // 2 s, 4 s and 40 s: up to a bound is within it.
  EXPECT_EQ(rows["pbx"].in.post_dial.counts[4], 1u);
  EXPECT_EQ(rows["pbx"].in.setup.counts[3], 1u);
  EXPECT_EQ(rows["itsp"].out.duration.counts[3], 1u);
  EXPECT_EQ(rows["itsp"].out.duration.sum, 40);
  EXPECT_EQ(rows["pbx"].call_failures, (std::array<uint64_t, class_count>{}));
}

TEST_F(CallTallyTest, WhatNeverHappenedHasNoTime) {
  tally.add(failed(486));
  TrunkTallies rows = all();
  for (const uint64_t count : rows["pbx"].in.post_dial.counts) EXPECT_EQ(count, 0u);
  for (const uint64_t count : rows["pbx"].in.setup.counts) EXPECT_EQ(count, 0u);
  for (const uint64_t count : rows["pbx"].in.duration.counts) EXPECT_EQ(count, 0u);
}

TEST_F(CallTallyTest, ClassesOfFailures) {
  for (const uint16_t code : std::initializer_list<uint16_t>{302, 404, 486, 503, 603})
    tally.add(failed(code));
  TrunkTallies rows = all();
  EXPECT_EQ(rows["pbx"].call_failures, (std::array<uint64_t, class_count>{0, 1, 2, 1, 1}));
  EXPECT_EQ(rows["itsp"].target_failures, (std::array<uint64_t, class_count>{0, 1, 2, 1, 1}));
}

TEST_F(CallTallyTest, ATargetThatFailedBeforeAnotherAnsweredIsItsTrunks) {
  CallRecord record = answered();
  record.attempt_count = 3;
  record.attempts[0].status_code = 0;
  record.attempts[0].end = AttemptEnd::no_response;
  record.attempts[1].trunk = TrunkId{2};
  record.attempts[1].status_code = 503;
  record.attempts[1].end = AttemptEnd::refused;
  record.attempts[2].trunk = TrunkId{1};
  record.attempts[2].status_code = 200;
  record.attempts[2].end = AttemptEnd::answered;
  tally.add(record);
  TrunkTallies rows = all();
  EXPECT_EQ(rows["itsp"].target_failures, (std::array<uint64_t, class_count>{1, 0, 0, 0, 0}));
  EXPECT_EQ(rows["second"].target_failures, (std::array<uint64_t, class_count>{0, 0, 0, 1, 0}));
}

// The caller waited 2 s for its first 180, but only the last half second of that for this target.
TEST_F(CallTallyTest, TimesOfATargetBeginWithItsOwnInvite) {
  CallRecord record = answered();
  record.attempt_count = 3;
  record.attempts[0].trunk = TrunkId{2};
  record.attempts[0].end = AttemptEnd::no_progress;
  record.attempts[0].ringing_ms = 0;
  record.attempts[1].trunk = TrunkId{2};
  record.attempts[1].end = AttemptEnd::refused;
  record.attempts[1].ringing_ms = 300;
  record.attempts[2] = {{}, TrunkId{1}, 200, 0, 1500, AttemptEnd::answered, 0, 500};
  tally.add(record);
  TrunkTallies rows = all();
  EXPECT_EQ(rows["pbx"].in.post_dial.sum, 2);
  EXPECT_EQ(rows["pbx"].in.setup.sum, 4);
  EXPECT_EQ(rows["itsp"].out.post_dial.sum, 0.5);
  EXPECT_EQ(rows["itsp"].out.setup.sum, 2.5);
  EXPECT_EQ(rows["second"].out.post_dial.sum, 0.3);
  EXPECT_EQ(rows["second"].out.setup.sum, 0);
}

TEST_F(CallTallyTest, WhatSaysNothingOfATargetIsNoFailureOfIt) {
  for (const AttemptEnd end : {AttemptEnd::cancelled, AttemptEnd::limited, AttemptEnd::taken,
                               AttemptEnd::dropped, AttemptEnd::none}) {
    CallRecord record = failed(0);
    record.attempts[0].end = end;
    tally.add(record);
  }
  EXPECT_EQ(all()["itsp"].target_failures, (std::array<uint64_t, class_count>{}));
}

// A record keeps the first attempts only, and one from a disk may claim anything.
TEST_F(CallTallyTest, MoreAttemptsThanAreKeptAreNotRead) {
  CallRecord record = failed(503);
  record.attempt_count = 255;
  for (contract::Attempt& attempt : record.attempts) attempt = record.attempts[0];
  record.from_name.length = 255;
  tally.add(record);
  EXPECT_EQ(all()["itsp"].target_failures[3], contract::max_attempts);
}

TEST_F(CallTallyTest, LimitsCountForTheCaller) {
  CallRecord record = failed(503);
  record.limits_met =
      static_cast<uint16_t>(LimitMet::calls_out) | static_cast<uint16_t>(LimitMet::rate_in);
  tally.add(record);
  TrunkTallies rows = all();
  EXPECT_EQ(rows["pbx"].limits_met[2], 1u);
  EXPECT_EQ(rows["pbx"].limits_met[3], 1u);
  EXPECT_EQ(rows["itsp"].limits_met, (std::array<uint64_t, limit_count>{}));
}

TEST_F(CallTallyTest, MediaCountsWhereItCameFrom) {
  CallRecord record = answered();
  contract::MediaSummary& media = record.media[1];
  media.rtp_expected = 1000;
  media.rtp_lost = 30;
  media.loss_runs = 30;
  media.jitter_us = 3000;
  media.clock_rate_hz = 8000;
  media.codec = contract::AudioCodec::pcma;
  tally.add(record);
  TrunkTallies rows = all();
  EXPECT_EQ(rows["itsp"].loss.counts[6], 1u);    // 3 %
  EXPECT_EQ(rows["itsp"].jitter.counts[3], 1u);  // 3 ms
  EXPECT_GT(rows["itsp"].mos.sum, 3.5);
  EXPECT_EQ(rows["pbx"].loss.sum, 0);
  for (const uint64_t count : rows["pbx"].mos.counts) EXPECT_EQ(count, 0u);
}

TEST_F(CallTallyTest, TheWorstMLineCountsWhereThereAreSeveral) {
  CallRecord record = answered();
  contract::MediaTotals& totals = record.totals[1];
  totals.streams = 1;
  totals.worst = {.rtp_expected = 1000, .rtp_lost = 30, .is_set = true};
  tally.add(record);
  EXPECT_EQ(all()["itsp"].worst_loss.sum, 0);
  totals.streams = 2;
  tally.add(record);
  totals.worst = {.is_set = true, .is_silent = true};  // no packets to judge a loss by
  tally.add(record);
  TrunkTallies rows = all();
  EXPECT_EQ(rows["itsp"].worst_loss.counts[6], 1u);  // 3 %
  EXPECT_EQ(rows["itsp"].worst_loss.sum, 0.03);
  EXPECT_EQ(rows["itsp"].silent_streams, 1u);
  EXPECT_EQ(rows["pbx"].silent_streams, 0u);
}

TEST_F(CallTallyTest, RoundTripsArePutInBounds) {
  CallRecord record = answered();
  record.media[1].round_trip_us = 80'000;  // few packets, but RTCP said it
  tally.add(record);
  record.media[1].round_trip_us = 0;  // not measured
  tally.add(record);
  TrunkTallies rows = all();
  EXPECT_EQ(rows["itsp"].round_trip.counts, (std::array<uint64_t, 10>{0, 0, 0, 0, 1}));
  EXPECT_EQ(rows["itsp"].round_trip.sum, 0.08);
  EXPECT_EQ(rows["pbx"].round_trip.sum, 0);
}

TEST_F(CallTallyTest, SumsUpPacketsThatCameTwiceOrLateAndBurstsOfLosses) {
  CallRecord record = answered();
  record.totals[0].rtp_duplicate = 2;
  record.totals[0].rtp_late = 3;
  record.totals[0].burst_packets = 40;
  record.totals[0].burst_lost = 10;
  tally.add(record);
  tally.add(record);
  TrunkTallies rows = all();
  EXPECT_EQ(rows["pbx"].rtp_duplicates, 4u);
  EXPECT_EQ(rows["pbx"].rtp_late, 6u);
  EXPECT_EQ(rows["pbx"].burst_packets, 80u);
  EXPECT_EQ(rows["pbx"].burst_lost, 20u);
  EXPECT_EQ(rows["itsp"].rtp_late, 0u);
}

// Less than a second of packets says nothing, and 0 would be a praise.
TEST_F(CallTallyTest, WhatWasHardlyHeardHasNoQuality) {
  CallRecord record = answered();
  record.media[0].rtp_expected = 10;
  record.media[0].clock_rate_hz = 8000;
  tally.add(record);
  TrunkTallies rows = all();
  for (const uint64_t count : rows["pbx"].jitter.counts) EXPECT_EQ(count, 0u);
  for (const uint64_t count : rows["pbx"].loss.counts) EXPECT_EQ(count, 0u);
}

TEST_F(CallTallyTest, ATrunkThatLeftIsForgotten) {
  tally.add(answered());
  EXPECT_FALSE(tally.of({"pbx"}).contains("itsp"));
  EXPECT_FALSE(all().contains("itsp"));
  EXPECT_TRUE(all().contains("pbx"));
}

TEST_F(CallTallyTest, OtherTrunksThanThereMayBeAreNotCounted) {
  CallTally small([](TrunkId) { return std::string(); }, 2);
  CallRecord record = answered();
  record.attempt_count = 0;
  for (const char* name : {"first", "second", "third"}) {
    record.from_name.assign(name);
    record.to_name.assign(name);
    small.add(record);
  }
  const TrunkTallies rows = small.of({"first", "second", "third"});
  EXPECT_EQ(rows.size(), 2u);
  EXPECT_FALSE(rows.contains("third"));
}

}  // namespace
}  // namespace demarc::metrics
