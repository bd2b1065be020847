#include "dataplane/boot/spooler.h"
#include "tests/support/temporary_directory.h"

#include <cstdlib>
#include <memory>

#include <gtest/gtest.h>

namespace demarc::boot {
namespace {

using contract::CallRecord;
using contract::RecordRing;
using contract::Region;
using contract::RegionSizes;
using contract::SpoolHeader;
using contract::WorkerIndex;

class SpoolerTest : public testing::Test {
 protected:
  SpoolerTest() {
    const RegionSizes sizes{.workers = 2,
                            .calls_per_worker = 1,
                            .trunk_capacity = 1,
                            .target_capacity = 1,
                            .record_ring_capacity = 128};
    const size_t octets = (Region::octets_needed(sizes) + 63) / 64 * 64;
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(64, octets)));
    std::fill_n(memory_.get(), octets, std::byte{});
    region_ = Region::create({memory_.get(), octets}, sizes, 1);
    wire::Explanation why;
    file_ = SpoolFile::open(directory_.fd(), why);
    EXPECT_TRUE(file_.is_open()) << why.c_str();
  }

  void produce(WorkerIndex worker, unsigned count) {
    RecordRing ring = region_.records(worker);
    for (unsigned i = 0; i < count; ++i) {
      CallRecord record;
      record.worker = worker;
      record.sequence = i + 1;
      ASSERT_TRUE(ring.push(record));
    }
  }
  uint64_t waiting(WorkerIndex worker) { return region_.records(worker).size(); }
  static uint64_t octets_of(unsigned records) {
    return sizeof(SpoolHeader) + records * sizeof(CallRecord);
  }

  struct Freer {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  support::TemporaryDirectory directory_;
  std::unique_ptr<std::byte, Freer> memory_;
  Region region_;
  SpoolFile file_;
};

TEST_F(SpoolerTest, CollectsFromEveryWorkersRing) {
  Spooler spooler(file_, region_);
  produce(0, 3);
  produce(1, 2);
  EXPECT_EQ(spooler.collect(), 5u);
  EXPECT_EQ(file_.octets(), octets_of(5));
  EXPECT_EQ(waiting(0) + waiting(1), 0u);
}

TEST_F(SpoolerTest, ALongRingTakesSeveralPasses) {
  Spooler spooler(file_, region_);
  produce(0, Spooler::max_batch + 1);
  EXPECT_EQ(spooler.collect(), Spooler::max_batch);
  EXPECT_EQ(waiting(0), 1u);
  EXPECT_EQ(spooler.collect(), 1u);
}

TEST_F(SpoolerTest, WhatDoesNotFitStaysInItsRing) {
  Spooler spooler(file_, region_);
  file_.set_limit(octets_of(2));
  produce(0, 3);
  EXPECT_EQ(spooler.collect(), 2u);
  EXPECT_EQ(waiting(0), 1u);
  EXPECT_EQ(region_.records(0).front(0).sequence, 3u);
  EXPECT_EQ(spooler.collect(), 0u);
}

TEST_F(SpoolerTest, CopyingLeavesTheRingsAsTheyAre) {
  Spooler spooler(file_, region_);
  produce(0, 100);
  produce(1, 1);
  spooler.copy_all();
  EXPECT_EQ(file_.octets(), octets_of(101));
  EXPECT_EQ(waiting(0), 100u);
  EXPECT_EQ(waiting(1), 1u);
}

TEST_F(SpoolerTest, APausedThreadLeavesTheRingsAlone) {
  Spooler spooler(file_, region_);
  spooler.start();
  spooler.pause();
  produce(0, 3);
  EXPECT_EQ(waiting(0), 3u);
  EXPECT_EQ(file_.octets(), 0u);
  spooler.resume();
  while (waiting(0) != 0) std::this_thread::yield();
  spooler.pause();
  EXPECT_EQ(file_.octets(), octets_of(3));
  spooler.stop();
}

TEST_F(SpoolerTest, APauseRightAfterAResumeIsAnswered) {
  Spooler spooler(file_, region_);
  spooler.start();
  for (unsigned i = 0; i < 2000; ++i) {
    spooler.pause();
    spooler.resume();
  }
  spooler.pause();
  produce(0, 1);
  EXPECT_EQ(waiting(0), 1u);
  spooler.stop();
}

}  // namespace
}  // namespace demarc::boot
