#include "dataplane/dialog/text_block.h"

#include <cstdlib>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace demarc::dialog {
namespace {

class TextBlockTest : public testing::Test {
 protected:
  static constexpr uint32_t calls = 4;
  TextBlockTest() { block.open(store); }
  ~TextBlockTest() override {
    block.clear();
    EXPECT_EQ(store.live(), 0u);
  }
  static std::string text(size_t octets, char of = 'x') { return std::string(octets, of); }

  struct Freer {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  const size_t octets_ = TextStore::octets_needed(calls);
  const std::unique_ptr<std::byte, Freer> memory_{
      static_cast<std::byte*>(std::aligned_alloc(memory::cache_line, octets_))};
  memory::Arena arena_{{memory_.get(), octets_}};
  TextStore store{arena_, calls};
  TextBlock block;
};

TEST_F(TextBlockTest, TakesNothingOfTheStoreForWhatFitsItself) {
  const Span first = block.put(text(TextBlock::inner_octets - 3));
  const Span second = block.put("abc");
  EXPECT_EQ(block.get(first), text(TextBlock::inner_octets - 3));
  EXPECT_EQ(block.get(second), "abc");
  EXPECT_TRUE(block.put("").empty());
  EXPECT_FALSE(block.is_full());
  EXPECT_EQ(store.live(), 0u);
}

TEST_F(TextBlockTest, GoesOnInTheStore) {
  const Span inner = block.put(text(TextBlock::inner_octets, 'i'));
  const Span middle = block.put(text(TextStore::middle_octets, 'm'));
  const Span large = block.put(text(1000, 'l'));
  EXPECT_FALSE(block.is_full());
  EXPECT_EQ(store.live(), 2u);
  EXPECT_EQ(block.get(inner), text(TextBlock::inner_octets, 'i'));
  EXPECT_EQ(block.get(middle), text(TextStore::middle_octets, 'm'));
  EXPECT_EQ(block.get(large), text(1000, 'l'));
}

TEST_F(TextBlockTest, AViewHoldsWhileOthersArePut) {
  const std::string_view view = block.get(block.put("sip:a@b"));
  for (int i = 0; i < 20; ++i) static_cast<void>(block.put(text(100)));
  EXPECT_EQ(view, "sip:a@b");
}

TEST_F(TextBlockTest, PutsAShortTextWhereALongOneHadNoRoom) {
  static_cast<void>(block.put(text(TextBlock::inner_octets - 10)));
  static_cast<void>(block.put(text(100)));
  EXPECT_EQ(store.live(), 1u);
  const Span small = block.put("0123456789");
  EXPECT_LT(small.offset, TextBlock::inner_octets);
}

TEST_F(TextBlockTest, HoldsOnePieceOfItsWholeCapacity) {
  const Span span = block.put(text(TextBlock::capacity));
  EXPECT_EQ(block.get(span), text(TextBlock::capacity));
  EXPECT_TRUE(block.put("x").empty());
  EXPECT_TRUE(block.is_full());
}

TEST_F(TextBlockTest, GivesBackWhatWasPutSinceAMark) {
  const Span kept = block.put("kept");
  const TextBlock::Mark mark = block.mark();
  EXPECT_EQ(mark.octets(), 4u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(block.put(text(TextBlock::capacity - 4)).empty());
    EXPECT_TRUE(block.put("more").empty());
    EXPECT_TRUE(block.is_full());
    block.rewind(mark);
    EXPECT_FALSE(block.is_full());
  }
  EXPECT_EQ(block.get(kept), "kept");
}

TEST_F(TextBlockTest, SaysWhenItIsFullAndKeepsWhatItHas) {
  const Span first = block.put("abc");
  EXPECT_TRUE(block.put(text(TextBlock::capacity)).empty());
  EXPECT_TRUE(block.is_full());
  EXPECT_EQ(block.get(first), "abc");
}

TEST_F(TextBlockTest, ReplacesInPlaceOrElsewhere) {
  Span span = block.put("longer");
  const uint16_t offset = span.offset;
  EXPECT_TRUE(block.replace(span, "short"));
  EXPECT_EQ(span.offset, offset);
  EXPECT_TRUE(block.replace(span, text(2000)));
  EXPECT_EQ(block.get(span), text(2000));
  EXPECT_TRUE(block.replace(span, block.get(span).substr(10)));
  EXPECT_EQ(block.get(span), text(1990));
  Span other = block.put("abc");
  EXPECT_FALSE(block.replace(other, text(1000)));
  EXPECT_EQ(block.get(other), "abc");
  EXPECT_FALSE(block.is_full());
  EXPECT_TRUE(block.replace(other, ""));
  EXPECT_TRUE(other.empty());
}

TEST_F(TextBlockTest, TakesWhatAnotherOneHas) {
  TextBlock other;
  other.open(store);
  static_cast<void>(block.put(text(2000)));
  const Span small = other.put("small");
  const Span large = other.put(text(1500, 'o'));
  block.take(other);
  EXPECT_EQ(block.get(small), "small");
  EXPECT_EQ(block.get(large), text(1500, 'o'));
  EXPECT_EQ(store.live(), 1u);
}

TEST_F(TextBlockTest, IsFullWhenTheStoreIsExhausted) {
  std::array<TextBlock, calls / TextStore::calls_per_large + TextStore::least> others;
  for (TextBlock& other : others) {
    other.open(store);
    ASSERT_FALSE(other.put(text(2000)).empty());
  }
  const TextBlock::Mark mark = block.mark();
  EXPECT_TRUE(block.has_room(mark, TextBlock::inner_octets));
  EXPECT_FALSE(block.has_room(mark, TextBlock::inner_octets + 1));
  EXPECT_TRUE(block.put(text(2000)).empty());
  EXPECT_TRUE(block.is_full());
  others[0].clear();
  block.rewind(mark);
  EXPECT_TRUE(block.has_room(mark, TextBlock::capacity));
  EXPECT_FALSE(block.has_room(mark, TextBlock::capacity + 1));
  EXPECT_FALSE(block.put(text(2000)).empty());
  for (TextBlock& other : others) other.clear();
}

TEST_F(TextBlockTest, OfAnEarlyDialogHasLessItselfAndAsMuchInTheStore) {
  SmallTextBlock small;
  small.open(store);
  const Span inner = small.put(text(SmallTextBlock::inner_octets, 'i'));
  EXPECT_EQ(store.live(), 0u);
  const Span middle = small.put(text(TextStore::middle_octets, 'm'));
  EXPECT_EQ(store.live(), 1u);
  const TextView view(small);
  EXPECT_EQ(view.get(inner), text(SmallTextBlock::inner_octets, 'i'));
  EXPECT_EQ(view.get(middle), text(TextStore::middle_octets, 'm'));
  small.clear();
}

TEST(TextBlock, WithoutAStoreHoldsWhatFitsItself) {
  TextBlock block;
  EXPECT_FALSE(block.put("abc").empty());
  EXPECT_TRUE(block.put(std::string(TextBlock::capacity - 3, 'x')).empty());
  EXPECT_TRUE(block.is_full());
}

}  // namespace
}  // namespace demarc::dialog
