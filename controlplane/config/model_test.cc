#include "controlplane/config/model.h"

#include <gtest/gtest.h>

namespace demarc::config {
namespace {

// A name that counts how often it was looked at.
struct CountingName {
  std::string text;
  static inline unsigned looks = 0;
  bool operator<(std::string_view other) const { return ++looks, text < other; }
  bool operator!=(std::string_view other) const { return ++looks, text != other; }
};
struct CountedBlock {
  CountingName name;
};

TEST(FindBlock, LooksAtFewOfMany) {
  std::vector<CountedBlock> blocks;
  for (unsigned i = 10'000; i < 20'000; ++i) blocks.push_back({{"t" + std::to_string(i)}});
  EXPECT_EQ(find_block(blocks, "t12345"), &blocks[2'345]);
  EXPECT_EQ(find_block(blocks, "t1"), nullptr);
  EXPECT_EQ(find_block(blocks, "t12345x"), nullptr);
  EXPECT_EQ(find_block(blocks, "u"), nullptr);
  EXPECT_LT(CountingName::looks, 4 * 16u);
}

}  // namespace
}  // namespace demarc::config
