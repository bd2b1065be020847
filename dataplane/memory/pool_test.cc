#include "dataplane/memory/pool.h"

#include <gtest/gtest.h>

#include <vector>

namespace demarc::memory {
namespace {

struct Storage {
  explicit Storage(size_t size) : octets(size + cache_line) {}
  std::span<std::byte> span() {
    const auto address = reinterpret_cast<uintptr_t>(octets.data());
    const size_t skip = (cache_line - address % cache_line) % cache_line;
    return {octets.data() + skip, octets.size() - cache_line};
  }
  std::vector<std::byte> octets;
};

TEST(Pool, HandsOutEachElementOnce) {
  Storage storage(Pool<int>::octets_needed(3));
  Arena arena(storage.span());
  Pool<int> pool(arena, 3);
  EXPECT_EQ(pool.acquire(), 0u);
  EXPECT_EQ(pool.acquire(), 1u);
  EXPECT_EQ(pool.acquire(), 2u);
  EXPECT_EQ(pool.acquire(), no_index);
  EXPECT_EQ(pool.live(), 3u);
  pool.release(1);
  EXPECT_EQ(pool.acquire(), 1u);
}

TEST(Pool, KnowsAnOldNameByItsGeneration) {
  Storage storage(Pool<int>::octets_needed(1));
  Arena arena(storage.span());
  Pool<int> pool(arena, 1);
  const uint32_t index = pool.acquire();
  const uint32_t generation = pool.generation(index);
  EXPECT_TRUE(pool.is_live(index, generation));
  pool.release(index);
  EXPECT_FALSE(pool.is_live(index, generation));
  ASSERT_EQ(pool.acquire(), index);
  EXPECT_FALSE(pool.is_live(index, generation));
  EXPECT_FALSE(pool.is_live(7));
}

TEST(PoolDeathTest, RefusesASecondRelease) {
  Storage storage(Pool<int>::octets_needed(1));
  Arena arena(storage.span());
  Pool<int> pool(arena, 1);
  const uint32_t index = pool.acquire();
  pool.release(index);
  EXPECT_DEATH(pool.release(index), "check failed");
}

TEST(ArenaDeathTest, RefusesToGrow) {
  Storage storage(64);
  Arena arena(storage.span());
  arena.take<char>(64);
  EXPECT_DEATH(static_cast<void>(arena.take<char>(1)), "check failed");
}

}  // namespace
}  // namespace demarc::memory
