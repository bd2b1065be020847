#include "dataplane/memory/datagram_pool.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace demarc::memory {
namespace {

class DatagramPoolTest : public ::testing::Test {
 protected:
  std::vector<std::byte> storage_ = std::vector<std::byte>(DatagramPool::octets_needed(2) + 64);
  std::span<std::byte> aligned() {
    const auto address = reinterpret_cast<uintptr_t>(storage_.data());
    return std::span(storage_).subspan((64 - address % 64) % 64, storage_.size() - 64);
  }
  Arena arena_{aligned()};
  DatagramPool pool_{arena_, 2};
};

TEST_F(DatagramPoolTest, KeepsACopyUntilTheLastReferenceGoes) {
  std::string text = "OPTIONS";
  const DatagramId id = pool_.keep(text);
  ASSERT_NE(id, DatagramId::none);
  text.assign("xxxxxxx");
  EXPECT_EQ(pool_.octets(id), "OPTIONS");
  pool_.hold(id);
  pool_.release(id);
  EXPECT_EQ(pool_.free_count(), 1u);
  pool_.release(id);
  EXPECT_EQ(pool_.free_count(), 2u);
}

TEST_F(DatagramPoolTest, TakesALargeBufferForWhatDoesNotFitASmallOne) {
  const std::string longest(DatagramPool::large_octets - 64, 'x');
  const DatagramId id = pool_.keep(longest);
  ASSERT_NE(id, DatagramId::none);
  EXPECT_EQ(pool_.octets(id), longest);
  EXPECT_EQ(pool_.free_count(), 2u);
  pool_.release(id);
  EXPECT_EQ(pool_.keep(longest + "x"), DatagramId::none);
}

TEST_F(DatagramPoolTest, SaysWhenItIsExhausted) {
  // Two small ones, then the four large ones stand in.
  for (int i = 0; i < 6; ++i) EXPECT_NE(pool_.keep("a"), DatagramId::none);
  EXPECT_EQ(pool_.keep("a"), DatagramId::none);
  pool_.release(DatagramId::none);
}

TEST_F(DatagramPoolTest, HasAReserveForWhatIsGivenBackAtOnce) {
  for (int i = 0; i < 6; ++i) EXPECT_NE(pool_.keep("a"), DatagramId::none);
  std::vector<DatagramId> brief;
  for (unsigned i = 0; i < DatagramPool::reserve; ++i) {
    brief.push_back(pool_.keep_briefly("b"));
    ASSERT_NE(brief.back(), DatagramId::none);
    EXPECT_EQ(pool_.octets(brief.back()), "b");
    EXPECT_EQ(pool_.keep("a"), DatagramId::none);
  }
  EXPECT_EQ(pool_.keep_briefly("b"), DatagramId::none);
  EXPECT_EQ(pool_.free_count(), 0u);
  for (const DatagramId id : brief) pool_.release(id);
  EXPECT_EQ(pool_.free_count(), 0u);
  EXPECT_EQ(pool_.keep("a"), DatagramId::none);
}

// What is free for all is taken first.
TEST_F(DatagramPoolTest, KeepsItsReserveWhileThereIsRoom) {
  const DatagramId id = pool_.keep_briefly("b");
  EXPECT_EQ(pool_.free_count(), 1u);
  pool_.release(id);
  EXPECT_EQ(pool_.free_count(), 2u);
}

}  // namespace
}  // namespace demarc::memory
