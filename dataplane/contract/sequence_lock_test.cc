#include "dataplane/contract/sequence_lock.h"

#include <gtest/gtest.h>

#include <thread>

namespace demarc::contract {
namespace {

struct Row {
  uint64_t values[9];
  uint32_t tail;  // the last word is only half used
};

Row make(uint64_t number) {
  Row row{};
  for (uint64_t& value : row.values) value = number;
  row.tail = static_cast<uint32_t>(number);
  return row;
}

bool is_whole(const Row& row) {
  for (const uint64_t value : row.values) {
    if (value != row.values[0]) return false;
  }
  return row.tail == static_cast<uint32_t>(row.values[0]);
}

TEST(SequenceLocked, HoldsWhatWasStored) {
  SequenceLocked<Row> cell;
  EXPECT_EQ(cell.version(), 0u);
  Row row = make(1);
  ASSERT_TRUE(cell.load(row));
  EXPECT_EQ(row.values[0], 0u);
  cell.store(make(7));
  EXPECT_NE(cell.version(), 0u);
  ASSERT_TRUE(cell.load(row));
  EXPECT_EQ(row.values[8], 7u);
  EXPECT_EQ(row.tail, 7u);
}

TEST(SequenceLocked, StoresTheFirstOctetsAlone) {
  SequenceLocked<Row> cell;
  cell.store(make(7));
  const uint64_t version = cell.version();
  cell.store_first(make(8), 2 * sizeof(uint64_t));
  EXPECT_NE(cell.version(), version);
  Row row{};
  ASSERT_TRUE(cell.load(row));
  EXPECT_EQ(row.values[0], 8u);
  EXPECT_EQ(row.values[1], 8u);
  EXPECT_EQ(row.values[2], 7u);
  EXPECT_EQ(row.tail, 7u);
}

// A writer that was killed leaves the sequence odd: the reader gives up after its tries, and the
// next store makes the row whole and readable again.
TEST(SequenceLocked, AKilledWriterIsNotWaitedForAndTheNextStoreHeals) {
  SequenceLocked<Row> cell;
  cell.store(make(7));
  *reinterpret_cast<std::atomic<uint64_t>*>(&cell) += 1;
  Row row{};
  EXPECT_FALSE(cell.load(row));
  EXPECT_FALSE(cell.load(row, 0));
  cell.store(make(8));
  ASSERT_TRUE(cell.load(row, 1));
  EXPECT_EQ(row.values[0], 8u);
  cell.store(make(9));
  ASSERT_TRUE(cell.load(row, 1));
  EXPECT_EQ(row.values[0], 9u);
}

TEST(SequenceLocked, AReaderNeverSeesHalfAValue) {
  SequenceLocked<Row> cell;
  cell.store(make(0));
  constexpr uint64_t count = 20000;
  std::thread writer([&] {
    for (uint64_t i = 1; i <= count; ++i) cell.store(make(i));
  });
  uint64_t torn = 0;
  uint64_t last = 0;
  // Bounded by the writer, which ends.
  while (last < count) {
    Row row{};
    if (!cell.load(row)) continue;
    if (!is_whole(row) || row.values[0] < last) ++torn;
    last = row.values[0];
  }
  writer.join();
  EXPECT_EQ(torn, 0u);
}

}  // namespace
}  // namespace demarc::contract
