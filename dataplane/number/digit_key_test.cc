#include "dataplane/number/digit_key.h"

#include <gtest/gtest.h>

#include <random>

namespace demarc::number {
namespace {

// As words of 64 bits have them.
DigitBlock block_of(const std::array<unsigned char, 16>& octets) {
  DigitBlock block;
  std::memcpy(&block.low, octets.data(), sizeof block.low);
  std::memcpy(&block.high, octets.data() + 8, sizeof block.high);
  return block;
}

void expect_same(const std::array<unsigned char, 16>& octets) {
  const DigitBlock block = block_of(octets);
  const PackedDigits fast = PackedDigits::of(block);
  const PackedDigits slow = PackedDigits::by_octet(block);
  EXPECT_EQ(fast.symbols, slow.symbols) << testing::PrintToString(octets);
  EXPECT_EQ(fast.others & 0xffff, slow.others & 0xffff) << testing::PrintToString(octets);
  // Of what is no symbol the one may look closer in vain.
  EXPECT_EQ(slow.strange & ~fast.strange & 0xffff, 0u) << testing::PrintToString(octets);
  EXPECT_EQ(fast.strange & ~fast.others & 0xffff, 0u) << testing::PrintToString(octets);
}

TEST(PackedDigits, AreTheSameWithAndWithoutVectorInstructions) {
  for (unsigned place = 0; place < 16; ++place) {
    for (unsigned octet = 0; octet < 256; ++octet) {
      std::array<unsigned char, 16> octets;
      octets.fill('7');
      octets[place] = static_cast<unsigned char>(octet);
      expect_same(octets);
    }
  }
  std::mt19937 random(1);
  for (unsigned i = 0; i < 20'000; ++i) {
    std::array<unsigned char, 16> octets;
    for (unsigned char& octet : octets) {
      constexpr std::string_view likely = "0123456789+*#";
      const auto drawn = random();
      octet = (drawn & 256) != 0 ? static_cast<unsigned char>(drawn)
                                 : static_cast<unsigned char>(likely[drawn % likely.size()]);
    }
    expect_same(octets);
  }
}

TEST(PackedDigits, SayWhatIsNoDigitAndWhatIsNotItsLowerHalf) {
  std::array<unsigned char, 16> octets;
  octets.fill('0');
  std::string_view("+1*#a").copy(reinterpret_cast<char*>(octets.data()), 5);
  const PackedDigits packed = PackedDigits::by_octet(block_of(octets));
  EXPECT_EQ(packed.others & 0xffff, 0b11101u);
  EXPECT_EQ(packed.strange & 0xffff, 0b11000u);
  EXPECT_EQ(packed.symbols & 0xfff, 0xa1bu);
}

}  // namespace
}  // namespace demarc::number
