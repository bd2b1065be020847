#include "dataplane/call/media_ledger.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/support/media_world.h"

namespace demarc::call {
namespace {

using support::at_ms;
using support::realm_id;
using support::trunk_id;

// A table with one stream, which all m-lines of all calls stand for.
struct Ledger {
  explicit Ledger(uint32_t calls)
      : world({8, 4, 0, 1}),
        limits({.calls = calls}),
        memory(MediaLedger::octets_needed(limits)),
        arena(memory.span()),
        ledger(arena, limits, world.region, world.table) {
    world.adopt({{{contract::IpAddress::v4(10, 0, 0, 1)}}});
    ports = world.table.acquire(realm_id(0), at_ms(0));
    const media::PortPair out = world.table.acquire(realm_id(0), at_ms(0));
    slots = world.table.open({ports, out, trunk_id(0), trunk_id(1)}, at_ms(0));
  }
  std::unique_ptr<Call> call(uint64_t serial, unsigned lines) {
    auto call = std::make_unique<Call>();
    call->serial = serial;
    for (unsigned i = 0; i < lines; ++i) {
      Stream& stream = call->streams[i];
      stream.slots[0] = stream.slots[1] = slots;
      stream.media_index = static_cast<uint8_t>(i);
    }
    return call;
  }
  contract::DirectoryRow write(Call& call) {
    contract::DirectoryRow row;
    row.serial = call.serial;
    ledger.write(call, row);
    return row;
  }
  unsigned further(const contract::DirectoryRow& row) {
    contract::Region::FurtherStreams rows;
    return world.region.further_streams(row, rows);
  }
  uint64_t full() {
    return world.region.worker(0).counters.get(contract::WorkerCounter::stream_rows_full);
  }

  support::World world;
  Limits limits;
  support::Memory memory;
  memory::Arena arena;
  MediaLedger ledger;
  media::PortPair ports;
  media::Table::SlotPair slots;
};

TEST(MediaLedger, ACallWithoutARowForAnMLineIsCountedOnce) {
  Ledger test(support::World::sizes().calls_per_worker);
  const uint32_t rows = contract::stream_rows(test.limits.calls);
  std::vector<std::unique_ptr<Call>> calls;
  for (uint32_t i = 0; i < rows; ++i) {
    calls.push_back(test.call(i + 1, 2));
    EXPECT_EQ(test.further(test.write(*calls.back())), 1u);
  }
  EXPECT_EQ(test.full(), 0u);
  const auto last = test.call(rows + 1, 3);
  for (int i = 0; i < 3; ++i) {
    const contract::DirectoryRow row = test.write(*last);
    EXPECT_EQ(test.further(row), 0u);
    EXPECT_EQ(row.media[0].streams, 3u);
  }
  EXPECT_EQ(test.full(), 1u);
  // The record has them all the same.
  contract::CallRecord record;
  test.ledger.fill(*last, record);
  EXPECT_EQ(record.totals[0].streams, 3u);
  // Room comes back with each call that ends.
  test.ledger.release(*calls.front());
  EXPECT_EQ(test.further(test.write(*last)), 1u);
}

TEST(MediaLedger, ARowGoesWithItsMLine) {
  Ledger test(support::World::sizes().calls_per_worker);
  const auto call = test.call(1, 3);
  const contract::DirectoryRow before = test.write(*call);
  EXPECT_EQ(test.ledger.live(), 2u);
  call->streams[2] = {};
  EXPECT_EQ(test.further(test.write(*call)), 1u);
  EXPECT_EQ(test.ledger.live(), 1u);
  // Whoever read the call's row before finds another call's there.
  const auto other = test.call(2, 2);
  test.write(*other);
  EXPECT_EQ(test.further(before), 1u);
  test.ledger.release(*call);
  test.ledger.release(*other);
  EXPECT_EQ(test.ledger.live(), 0u);
}

}  // namespace
}  // namespace demarc::call
