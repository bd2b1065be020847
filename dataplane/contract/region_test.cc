#include "dataplane/contract/region.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <new>
#include <set>

namespace demarc::contract {
namespace {

constexpr RegionSizes sizes = {3, 5, 7, 9, 16, 11};

// A region in zeroed memory of exactly its size, so that asan sees a step beside it.
struct TestRegion {
  TestRegion()
      : octets(Region::octets_needed(sizes)),
        memory(new (std::align_val_t(64)) std::byte[octets]()),
        region(Region::create({memory, octets}, sizes, 42)) {}
  TestRegion(const TestRegion&) = delete;
  TestRegion& operator=(const TestRegion&) = delete;
  ~TestRegion() { ::operator delete[](memory, std::align_val_t(64)); }
  std::span<std::byte> all() { return {memory, octets}; }

  size_t octets;
  std::byte* memory;
  Region region;
};

TEST(Region, AttachFindsWhatCreateLaidOut) {
  TestRegion test;
  const Region region = Region::attach(test.all());
  ASSERT_TRUE(region.is_valid());
  EXPECT_EQ(region.header().boot_id, 42u);
  EXPECT_EQ(region.sizes(), sizes);
  EXPECT_EQ(region.workers(), 3u);
}

TEST(Region, EveryPartIsItsOwnAndInside) {
  TestRegion test;
  std::set<const void*> places;
  const auto inside = [&](const void* place, size_t octets) {
    const auto* begin = static_cast<const std::byte*>(place);
    EXPECT_GE(begin, test.memory);
    EXPECT_LE(begin + octets, test.memory + test.octets);
    EXPECT_TRUE(places.insert(place).second);
  };
  for (uint8_t worker = 0; worker < sizes.workers; ++worker) {
    WorkerRow& row = test.region.worker(worker);
    inside(&row, sizeof row);
    row.counters.add(WorkerCounter::sip_in, worker);
    for (uint16_t trunk = 0; trunk < sizes.trunk_capacity; ++trunk) {
      TrunkCounters& counters = test.region.trunk_counters(worker, TrunkId{trunk});
      inside(&counters, sizeof counters);
      counters.add(TrunkCounter::live, worker * 100u + trunk);
    }
    for (uint32_t slot = 0; slot < sizes.calls_per_worker; ++slot) {
      DirectoryCell& cell = test.region.directory(worker, CallSlot{slot});
      inside(&cell, sizeof cell);
      DirectoryRow call;
      call.serial = worker * 1000u + slot;
      cell.store(call);
    }
    for (uint32_t i = 0; i < stream_rows(sizes.calls_per_worker); ++i) {
      StreamCell& cell = test.region.stream(worker, i);
      inside(&cell, sizeof cell);
      StreamRow stream;
      stream.serial = worker * 1000u + i;
      cell.store(stream);
    }
    RecordRing records = test.region.records(worker);
    ASSERT_TRUE(records.is_valid());
    for (uint64_t i = 0; i < sizes.record_ring_capacity; ++i) {
      CallRecord record;
      record.sequence = i;
      EXPECT_TRUE(records.push(record));
    }
    EXPECT_FALSE(records.push(CallRecord{}));
    ASSERT_TRUE(test.region.commands(worker).is_valid());
    ASSERT_TRUE(test.region.events(worker).is_valid());
    CommandRing commands = test.region.commands(worker);
    for (uint64_t i = 0; i < command_ring_capacity; ++i) EXPECT_TRUE(commands.push(Command{}));
    EventRing events = test.region.events(worker);
    for (uint64_t i = 0; i < event_ring_capacity; ++i) EXPECT_TRUE(events.push(Event{}));
    OutsideRequestRing requests = test.region.outside_requests(worker);
    OutsideEventRing outside_events = test.region.outside_events(worker);
    ASSERT_TRUE(requests.is_valid() && outside_events.is_valid());
    for (uint64_t i = 0; i < outside_ring_capacity; ++i) {
      EXPECT_TRUE(requests.push(OutsideRequest{}));
      EXPECT_TRUE(outside_events.push(OutsideEvent{}));
    }
    EXPECT_FALSE(requests.push(OutsideRequest{}));
    for (uint32_t target = 0; target < sizes.target_capacity; ++target) {
      TargetSigns& signs = test.region.target_signs(worker, TargetId{target});
      inside(&signs, sizeof signs);
      TargetSigns::add(signs.answered);
    }
  }
  for (uint32_t target = 0; target < sizes.target_capacity; ++target) {
    inside(&test.region.target(TargetId{target}), sizeof(TargetRow));
  }
  for (uint16_t trunk = 0; trunk < sizes.trunk_capacity; ++trunk) {
    inside(&test.region.trunk_live(TrunkId{trunk}), 4);
  }
  for (uint32_t limit = 0; limit < sizes.limit_capacity; ++limit) {
    inside(&test.region.limit_live(LimitId{limit}), sizeof(LimitLive));
  }
  // Nothing of this ran into anything else.
  const Region region = Region::attach(test.all());
  ASSERT_TRUE(region.is_valid());
  EXPECT_EQ(region.trunk_counters(2, TrunkId{6}).get(TrunkCounter::live), 206u);
  EXPECT_EQ(region.worker(2).counters.get(WorkerCounter::sip_in), 2u);
  DirectoryRow call;
  ASSERT_TRUE(region.directory(2, CallSlot{4}).load(call));
  EXPECT_EQ(call.serial, 2004u);
  EXPECT_EQ(region.records(0).front(3).sequence, 3u);
}

TEST(Region, FurtherStreamsAreThoseOfTheCall) {
  TestRegion test;
  const auto write = [&](uint32_t place, uint64_t serial, uint64_t packets) {
    StreamRow stream;
    stream.serial = serial;
    stream.media[0].packets_in = packets;
    test.region.stream(1, place).store(stream);
  };
  write(0, 7, 10);
  write(1, 8, 20);  // of another call by now
  write(2, 7, 30);
  DirectoryRow row;
  row.worker = 1;
  row.serial = 7;
  row.further[0] = 1;
  row.further[1] = 2;
  row.further[2] = 3;
  Region::FurtherStreams streams;
  ASSERT_EQ(test.region.further_streams(row, streams), 2u);
  EXPECT_EQ(streams[0].media[0].packets_in, 10u);
  EXPECT_EQ(streams[1].media[0].packets_in, 30u);
  row.further[1] = stream_rows(sizes.calls_per_worker) + 1;  // of a region that is not sound
  row.further[2] = 0;
  EXPECT_EQ(test.region.further_streams(row, streams), 1u);
}

TEST(Region, AttachRefusesAnythingOff) {
  EXPECT_FALSE(Region().is_valid());
  const std::function<void(RegionHeader&)> changes[] = {
      [](RegionHeader& h) { h.magic ^= 1; },
      [](RegionHeader& h) { h.layout = layout_version + 1; },
      [](RegionHeader& h) { h.plan.sizes.workers = 0; },
      [](RegionHeader& h) { h.plan.sizes.workers = 65; },
      [](RegionHeader& h) { h.plan.sizes.workers = 2; },
      [](RegionHeader& h) { h.plan.sizes.record_ring_capacity = 0; },
      [](RegionHeader& h) { h.plan.sizes.record_ring_capacity = 17; },
      [](RegionHeader& h) { h.plan.sizes.calls_per_worker = 0xffffffff; },
      [](RegionHeader& h) { h.plan.directory += 64; },
      [](RegionHeader& h) { h.plan.total_octets += 64; },
  };
  for (const auto& change : changes) {
    TestRegion test;
    change(test.region.header());
    EXPECT_FALSE(Region::attach(test.all()).is_valid()) << (&change - changes);
  }
}

TEST(Region, AttachRefusesMemoryThatIsTooShort) {
  TestRegion test;
  EXPECT_FALSE(Region::attach(test.all().first(test.octets - 1)).is_valid());
  EXPECT_FALSE(Region::attach(test.all().first(sizeof(RegionHeader) - 1)).is_valid());
  EXPECT_FALSE(Region::attach({}).is_valid());
}

TEST(RegionDeathTest, CreateNeedsItsWholeMemory) {
  alignas(64) static std::byte memory[4096];
  EXPECT_DEATH(Region::create(memory, sizes, 1), "check failed");
}

}  // namespace
}  // namespace demarc::contract
