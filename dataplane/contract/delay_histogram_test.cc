#include "dataplane/contract/delay_histogram.h"

#include <gtest/gtest.h>

#include <memory>

namespace demarc::contract {
namespace {

TEST(DelayHistogram, BucketsFollowOneAnotherWithoutGap) {
  for (unsigned bucket = 0; bucket + 1 < delay_bucket_count; ++bucket) {
    EXPECT_EQ(delay_bucket_of(delay_bucket_end(bucket)), bucket);
    EXPECT_EQ(delay_bucket_of(delay_bucket_end(bucket) + 1), bucket + 1);
  }
}

TEST(DelayHistogram, KnowsAValueToASixteenth) {
  for (uint64_t ns = 1; ns < uint64_t{1} << 32; ns = ns * 5 / 4 + 1) {
    const uint64_t end = delay_bucket_end(delay_bucket_of(ns));
    EXPECT_GE(end, ns);
    EXPECT_LE(end - ns, ns / 16);
  }
}

TEST(DelayHistogram, WhatTakesTooLongIsInTheLastBucket) {
  EXPECT_EQ(delay_bucket_of(UINT64_MAX), delay_bucket_count - 1);
  EXPECT_EQ(delay_bucket_of(uint64_t{1} << 33), delay_bucket_count - 1);
}

TEST(DelayHistogram, CountsPacketsAndKeepsTheLongest) {
  const auto histogram = std::make_unique<DelayHistogram>();
  histogram->add(1000, 32);
  histogram->add(1001, 1);
  histogram->add(900'000, 2);
  histogram->add(5, 1);
  EXPECT_EQ(histogram->packets[delay_bucket_of(1000)].load(), 33u);
  EXPECT_EQ(histogram->packets[delay_bucket_of(900'000)].load(), 2u);
  EXPECT_EQ(histogram->longest_ns.load(), 900'000u);
}

}  // namespace
}  // namespace demarc::contract
