// Runs of characters and numbers: what is done by the register or the word gives what is done octet
// by octet, at every place of a text that ends where nothing can be read.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/base/decimal.h"
#include "sip-parser/base/separators.h"
#include "tests/support/guarded_buffer.h"

namespace demarc {
namespace {

constexpr CharClass token = CharClass::where(ascii::is_token);

TEST(CharClass, HoldsWhatItWasMadeOf) {
  constexpr CharClass vowels = CharClass::of("aeiou");
  constexpr CharClass more = (vowels | CharClass::of("xyz")).without("ey");
  for (int octet = -128; octet < 128; ++octet) {
    const char c = static_cast<char>(octet);
    const auto is_in = [c](std::string_view text) { return text.find(c) != text.npos; };
    ASSERT_EQ(vowels.contains(c), is_in("aeiou")) << octet;
    ASSERT_EQ(more.contains(c), is_in("aiouxz")) << octet;
    ASSERT_EQ(token.contains(c), ascii::is_token(c)) << octet;
    ASSERT_EQ(CharClass::visible().contains(c), c > ' ' && c < 0x7f) << octet;
  }
}

#ifdef __AVX2__
TEST(CharClass, ClassifiesEveryOctetAtEveryPlaceOfARegister) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    for (uint32_t place = 0; place < 64; ++place) {
      std::string text(64, 'a');
      text[place] = static_cast<char>(octet);
      const uint64_t expected = token.contains(text[place]) ? 0 : uint64_t{1} << place;
      ASSERT_EQ(token.outside_mask_64(text.data()), expected) << octet << " at " << place;
    }
  }
}
#endif

std::string random_text(std::mt19937& random, size_t size, unsigned others) {
  std::string text(size, 'a');
  for (char& c : text) {
    if (random() % others == 0) c = static_cast<char>(random() % 256);
  }
  return text;
}

TEST(FindOutside, AgreesWithItsScalarTwin) {
  constexpr uint32_t seed = 4;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (uint32_t size = 0; size <= 150; ++size) {
    const support::GuardedBuffer buffer(random_text(random, size, 40), 0, ' ');
    for (uint32_t end = 0; end <= size; end += 1 + end / 8) {
      RunScanner runs(buffer.view(), token);
      for (uint32_t position = 0; position <= end; ++position) {
        const uint32_t expected = find_outside_scalar(buffer.view(), position, end, token);
        ASSERT_EQ(find_outside(buffer.view(), position, end, token), expected);
        ASSERT_EQ(runs.find_end(position, end), expected) << position << " of " << end;
      }
    }
  }
}

TEST(Separators, AreThoseThatAreFoundOctetByOctet) {
  constexpr uint32_t seed = 6;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (uint32_t size = 0; size <= 200; ++size) {
    const unsigned others = size % 2 == 0 ? 4 : 90;
    const support::GuardedBuffer buffer(random_text(random, size, others), 0, ' ');
    for (uint32_t begin = 0; begin <= size; begin += 1 + begin / 16) {
      for (uint32_t end = begin; end <= size; end += 1 + (end - begin) / 16) {
        Separators<token> separators(buffer.view(), begin, end);
        for (uint32_t at = begin; at < end; ++at) {
          if (token.contains(buffer.view()[at])) continue;
          ASSERT_EQ(separators.next(), at) << begin << " to " << end << " of " << size;
        }
        ASSERT_EQ(separators.next(), end) << begin << " of " << size;
        ASSERT_EQ(separators.next(), end) << begin << " of " << size;
      }
    }
  }
}

TEST(ReadDecimal, AgreesWithItsScalarTwin) {
  constexpr uint32_t seed = 5;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 20000; ++i) {
    std::string text(random() % 24, '0');
    for (char& c : text) {
      c = random() % 12 == 0 ? static_cast<char>(random() % 256)
                             : static_cast<char>('0' + random() % 10);
    }
    const support::GuardedBuffer buffer(text, 0, '7');
    const uint32_t end = text.empty() ? 0 : static_cast<uint32_t>(random() % (text.size() + 1));
    const uint32_t begin = end == 0 ? 0 : static_cast<uint32_t>(random() % (end + 1));
    for (const uint64_t maximum : {uint64_t{0}, uint64_t{255}, uint64_t{65535},
                                   uint64_t{UINT32_MAX}, (uint64_t{1} << 60) - 1}) {
      const Decimal expected = read_decimal_scalar(buffer.view(), begin, end, maximum);
      const Decimal found = read_decimal(buffer.view(), begin, end, maximum);
      ASSERT_EQ(found.value, expected.value) << text << " " << begin << " " << end;
      ASSERT_EQ(found.end, expected.end) << text << " " << begin << " " << end;
    }
  }
}

TEST(ReadDecimal, StaysAboveItsMaximum) {
  const std::string_view text = "00065536 65535 99999999999999999999999999999999999999999";
  EXPECT_EQ(read_decimal(text, 0, 8, 65535).value, 65536u);
  EXPECT_EQ(read_decimal(text, 9, 14, 65535).value, 65535u);
  EXPECT_EQ(read_decimal(text, 15, static_cast<uint32_t>(text.size()), 65535).value, 65536u);
  EXPECT_EQ(read_decimal(text, 8, 8, 65535).end, 8u);
}

TEST(IsWord, ComparesWithoutCaseAndNothingElse) {
  EXPECT_TRUE(ascii::is_word("branch", "branch"));
  EXPECT_TRUE(ascii::is_word("BrAnCh", "branch"));
  EXPECT_FALSE(ascii::is_word("branc", "branch"));
  std::string text = "received";
  for (char& c : text) {
    const char kept = c;
    for (int octet = 0; octet < 256; ++octet) {
      c = static_cast<char>(octet);
      ASSERT_EQ(ascii::is_word(text, "received"), ascii::to_lower(c) == kept) << octet;
    }
    c = kept;
  }
}

}  // namespace
}  // namespace demarc
