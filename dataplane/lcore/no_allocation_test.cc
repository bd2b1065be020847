#include "dataplane/lcore/no_allocation.h"

#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

namespace demarc::lcore {
namespace {

// Kept from the optimiser, which may remove an allocation that nobody looks at.
void allocate(size_t octets) {
  void* volatile memory = std::malloc(octets);
  std::free(memory);
}

TEST(AllocationMeter, IsWatchingInTheBuildsThatMatter) {
  const AllocationMeter meter;
  EXPECT_TRUE(meter.is_watching());
}

TEST(AllocationMeter, CountsWhatTheThreadAllocates) {
  AllocationMeter meter;
  allocate(1000);
  EXPECT_GE(meter.take(), 1000u);
}

TEST(AllocationMeter, StaysAtZeroWithoutAllocation) {
  AllocationMeter meter;
  (void)meter.take();
  EXPECT_EQ(meter.take(), 0u);
}

TEST(AllocationMeter, OtherThreadsDoNotCount) {
  std::thread other;
  AllocationMeter meter;
  (void)meter.take();
  other = std::thread([] { allocate(100'000); });
  other.join();
  EXPECT_LT(meter.take(), 100'000u);  // making a thread allocates a little here
}

}  // namespace
}  // namespace demarc::lcore
