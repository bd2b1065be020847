#include "dataplane/boot/drain.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <gtest/gtest.h>

namespace demarc::boot {
namespace {

using contract::CallPhase;
using contract::CallSlot;
using contract::Command;
using contract::DataplaneState;
using contract::DirectoryRow;
using contract::Duration;
using contract::Instant;
using contract::Region;
using contract::RegionSizes;
using contract::WorkerIndex;

constexpr Instant start{1'000'000'000'000};
constexpr Duration drain_time = Duration::seconds(60);

class DrainTest : public testing::Test {
 protected:
  DrainTest() {
    const RegionSizes sizes{.workers = 2,
                            .calls_per_worker = 2000,
                            .trunk_capacity = 1,
                            .target_capacity = 1,
                            .record_ring_capacity = 2};
    const size_t octets = (Region::octets_needed(sizes) + 63) / 64 * 64;
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(64, octets)));
    std::fill_n(memory_.get(), octets, std::byte{});
    region_ = Region::create({memory_.get(), octets}, sizes, 1);
    region_.header().state.store(DataplaneState::running, std::memory_order_relaxed);
  }

  void make_call(WorkerIndex worker, uint32_t slot) {
    DirectoryRow row;
    row.phase = CallPhase::answered;
    row.serial = 100 + slot;
    region_.directory(worker, CallSlot{slot}).store(row);
    region_.worker(worker).live_calls.fetch_add(1, std::memory_order_relaxed);
  }
  void end_calls(WorkerIndex worker) {
    region_.worker(worker).live_calls.store(0, std::memory_order_relaxed);
  }
  void step(Duration since_start) { drain_.step(region_, start + since_start); }
  uint64_t commands(WorkerIndex worker) { return region_.commands(worker).size(); }

  struct Freer {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  std::unique_ptr<std::byte, Freer> memory_;
  Region region_;
  Drain drain_;
};

TEST_F(DrainTest, IsOverAtOnceBeforeThePlatformRuns) {
  Region none;
  drain_.request(none, drain_time, start);
  EXPECT_EQ(drain_.phase(), Drain::Phase::over);
}

TEST_F(DrainTest, WorkersAreToldByTheRegionsState) {
  drain_.request(region_, drain_time, start);
  EXPECT_EQ(drain_.phase(), Drain::Phase::draining);
  EXPECT_EQ(region_.header().state.load(std::memory_order_relaxed), DataplaneState::draining);
}

TEST_F(DrainTest, WithoutCallsItIsOverWhenTheWorkersHaveSettled) {
  drain_.request(region_, drain_time, start);
  step(Duration{0});
  EXPECT_EQ(drain_.phase(), Drain::Phase::draining);
  step(Drain::settling);
  EXPECT_EQ(drain_.phase(), Drain::Phase::over);
}

TEST_F(DrainTest, WaitsForLiveCallsToEnd) {
  make_call(1, 7);
  drain_.request(region_, drain_time, start);
  step(Duration::seconds(59));
  EXPECT_EQ(drain_.phase(), Drain::Phase::draining);
  EXPECT_EQ(commands(1), 0u);
  end_calls(1);
  step(Duration::seconds(59));
  EXPECT_EQ(drain_.phase(), Drain::Phase::over);
}

TEST_F(DrainTest, HangsUpEachCallOnceWhenTheTimeIsOver) {
  make_call(0, 3);
  make_call(1, 7);
  drain_.request(region_, drain_time, start);
  step(drain_time);
  EXPECT_EQ(drain_.phase(), Drain::Phase::hanging_up);
  step(drain_time + Drain::settling);
  step(drain_time + Drain::settling * 2);
  ASSERT_EQ(commands(0), 1u);
  ASSERT_EQ(commands(1), 1u);
  Command command;
  ASSERT_TRUE(region_.commands(1).pop(command));
  EXPECT_EQ(command.kind, Command::Kind::hang_up);
  EXPECT_EQ(command.slot, CallSlot{7});
  EXPECT_EQ(command.serial, 107u);
  end_calls(0);
  end_calls(1);
  step(drain_time + Duration::seconds(1));
  EXPECT_EQ(drain_.phase(), Drain::Phase::over);
}

TEST_F(DrainTest, ASecondSignalHangsUpAtOnce) {
  make_call(0, 3);
  drain_.request(region_, drain_time, start);
  drain_.request(region_, drain_time, start + Duration::seconds(1));
  EXPECT_EQ(drain_.phase(), Drain::Phase::hanging_up);
  // Commands have one producer, and the control plane sees that it is not it any more.
  EXPECT_EQ(region_.header().state.load(std::memory_order_relaxed), DataplaneState::ending);
  step(Duration::seconds(1));
  EXPECT_EQ(commands(0), 0u);
  step(Duration::seconds(1) + Drain::settling);
  EXPECT_EQ(commands(0), 1u);
}

TEST_F(DrainTest, CallsThatDoNotEndAreDroppedWithARecord) {
  make_call(0, 3);
  drain_.request(region_, drain_time, start);
  drain_.request(region_, drain_time, start);
  step(Drain::hang_up_grace);
  EXPECT_EQ(drain_.phase(), Drain::Phase::dropping);
  step(Drain::hang_up_grace + Drain::settling);
  Command command;
  ASSERT_TRUE(region_.commands(0).pop(command));
  EXPECT_EQ(command.kind, Command::Kind::hang_up);
  ASSERT_TRUE(region_.commands(0).pop(command));
  EXPECT_EQ(command.kind, Command::Kind::drop_call);
  EXPECT_EQ(command.slot, CallSlot{3});
  EXPECT_EQ(command.serial, 103u);
  end_calls(0);
  step(Drain::hang_up_grace + Drain::settling * 2);
  EXPECT_EQ(drain_.phase(), Drain::Phase::over);
}

TEST_F(DrainTest, AWorkerThatDoesNotAnswerDoesNotKeepItFromEnding) {
  make_call(0, 3);
  drain_.request(region_, drain_time, start);
  drain_.request(region_, drain_time, start);
  step(Drain::hang_up_grace);
  step(Drain::hang_up_grace + Drain::drop_grace);
  EXPECT_EQ(drain_.phase(), Drain::Phase::over);
}

TEST_F(DrainTest, AFullCommandRingIsFilledAgainInTheNextStep) {
  for (uint32_t slot = 0; slot < 2000; ++slot) make_call(0, slot);
  drain_.request(region_, drain_time, start);
  drain_.request(region_, drain_time, start);
  step(Drain::settling);
  EXPECT_EQ(commands(0), contract::command_ring_capacity);
  region_.commands(0).consume(1000);
  step(Drain::settling * 2);
  EXPECT_EQ(region_.commands(0).size() + 1000, 2000u);
}

}  // namespace
}  // namespace demarc::boot
