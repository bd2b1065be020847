#include "dataplane/media/srtp/replay.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace demarc::media::srtp {
namespace {

TEST(SrtpIndex, IsTheNearestOne) {
  EXPECT_EQ(estimate_index(5, 6), 6u);
  EXPECT_EQ(estimate_index(5, 4), 4u);
  EXPECT_EQ(estimate_index(0xffff, 0), 0x10000u);
  EXPECT_EQ(estimate_index(0x10000, 0xffff), 0xffffu);
  EXPECT_EQ(estimate_index(0x17fff, 0xffff), 0x1ffffu);  // 0x8000 ahead
  EXPECT_EQ(estimate_index(0x18000, 0), 0x10000u);       // 0x8000 behind
  EXPECT_EQ(estimate_index(0x18001, 0), 0x20000u);
}

TEST(SrtpIndex, IsNoneBeforeTheFirstAndAfterTheLast) {
  EXPECT_EQ(estimate_index(3, 0xfff0), no_index);
  EXPECT_EQ(estimate_index(max_index, 0), no_index);
  EXPECT_EQ(estimate_index(max_index, 0xfffe), max_index - 1);
}

// RFC 3711 appendix A, as it is written there.
uint64_t rfc_index(uint64_t highest, uint16_t sequence) {
  const auto roc = static_cast<int64_t>(highest >> 16);
  const auto last = static_cast<int64_t>(highest & 0xffff);
  int64_t v = roc;
  if (last < 32768) {
    if (sequence - last > 32768) v = roc - 1;
  } else if (last - 32768 > sequence) {
    v = roc + 1;
  }
  return v < 0 ? no_index : static_cast<uint64_t>(v) << 16 | sequence;
}

TEST(SrtpIndex, IsThatOfTheRfc) {
  std::mt19937 random(7);
  for (unsigned i = 0; i < 200'000; ++i) {
    const uint64_t highest = random() % 0x40000;
    const auto sequence = static_cast<uint16_t>(i % 3 == 0 ? highest + 0x8000 : random());
    ASSERT_EQ(estimate_index(highest, sequence), rfc_index(highest, sequence))
        << highest << ' ' << sequence;
  }
}

TEST(ReplayWindow, TellsWhatASetTells) {
  std::mt19937_64 random(11);
  ReplayWindow window;
  std::set<uint64_t> seen;
  uint64_t highest = 0;
  for (unsigned i = 0; i < 200'000; ++i) {
    const uint64_t spread = i % 100 == 0 ? 1000 : i % 10 == 0 ? 200 : 4;
    const uint64_t base = highest > spread / 2 ? highest - spread / 2 : 0;
    const uint64_t index = base + random() % spread;
    const Seen expected = index + ReplayWindow::size <= highest ? Seen::too_old
                          : seen.contains(index)                ? Seen::before
                                                                : Seen::fresh;
    ASSERT_EQ(window.look(index), expected) << index << " at " << highest;
    if (expected != Seen::fresh) continue;
    window.take(index);
    seen.insert(index);
    highest = std::max(highest, index);
  }
}

}  // namespace
}  // namespace demarc::media::srtp
