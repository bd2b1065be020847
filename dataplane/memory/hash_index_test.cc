#include "dataplane/memory/hash_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace demarc::memory {
namespace {

class HashIndexTest : public ::testing::Test {
 protected:
  static constexpr uint32_t capacity = 200;
  alignas(64) std::array<std::byte, 16384> storage_;
  Arena arena_{storage_};
  HashIndex index_{arena_, capacity};
};

TEST_F(HashIndexTest, FindsWhatWasInserted) {
  EXPECT_EQ(index_.find(1, [](uint32_t) { return true; }), no_index);
  index_.insert(0x1000'0001, 0);
  index_.insert(0x1000'0002, 5);
  EXPECT_EQ(index_.find(0x1000'0002, [](uint32_t) { return true; }), 5u);
  EXPECT_EQ(index_.find(0x1000'0001, [](uint32_t) { return true; }), 0u);
  EXPECT_EQ(index_.find(0x1000'0001, [](uint32_t v) { return v == 5; }), no_index);
}

TEST_F(HashIndexTest, IsTwiceAsLongAsItsCapacityAndNoLonger) {
  EXPECT_EQ(HashIndex::octets_needed(1'100'000), 2u * 1'100'000 * 2 * sizeof(uint32_t));
}

// Against a plain map, with a hash of few values so that runs collide, wrap and close gaps.
TEST_F(HashIndexTest, AgreesWithAMapThroughManyChanges) {
  std::mt19937 random(20240229);
  std::map<uint32_t, uint64_t> live;  // value -> hash
  for (int step = 0; step < 20000; ++step) {
    const auto value = static_cast<uint32_t>(random() % capacity);
    const auto found = live.find(value);
    if (found == live.end()) {
      // Homes in the last few slots and the first ones.
      const auto home = static_cast<uint32_t>(random() % 20) - 10;
      const auto tag = static_cast<uint32_t>(random() % 7);
      const uint64_t hash = uint32_t{home * (0xffffffffu / (2 * capacity)) + tag};
      index_.insert(hash, value);
      live[value] = hash;
    } else {
      index_.erase(found->second, value);
      live.erase(found);
    }
    ASSERT_EQ(index_.size(), live.size());
    for (const auto& entry : live) {
      const uint32_t key = entry.first;
      ASSERT_EQ(index_.find(entry.second, [&](uint32_t v) { return v == key; }), key) << step;
    }
  }
}

}  // namespace
}  // namespace demarc::memory
