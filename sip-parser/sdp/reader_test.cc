#include "sip-parser/sdp/reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/guarded_buffer.h"

namespace demarc::sdp {
namespace {

struct Text {
  explicit Text(std::string_view text)
      : buffer(text, 0, '1'), copy(buffer.view()), reader(copy, text.size()) {}

  support::GuardedBuffer buffer;
  IndexedCopy<1024> copy;
  Reader reader;
};

TEST(OctetSet, HasItsMembersOnly) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const char c = static_cast<char>(octet);
    EXPECT_EQ(digits.contains(c), ascii::is_digit(c)) << octet;
    EXPECT_EQ(ice_text.contains(c), ascii::is_alphanum(c) || c == '+' || c == '/') << octet;
    EXPECT_EQ(visible.contains(c), octet > 32 && octet < 127) << octet;
  }
  EXPECT_TRUE(digits.covers("0123456789"));
  EXPECT_TRUE(digits.covers(""));
  EXPECT_FALSE(digits.covers("12x"));
}

// The scalar twin and AVX2, for every octet at every place.
TEST(OctetSet, GivesTheSameMaskAsItsScalarTwin) {
  for (const OctetSet* set : {&digits, &token, &ip4_text, &ip6_text, &protocol_text, &visible}) {
    for (unsigned octet = 0; octet < 256; ++octet) {
      std::array<char, block_octets> block;
      for (unsigned i = 0; i < block_octets; ++i) {
        block[i] = static_cast<char>(octet * (i % 3 != 0) + i);
      }
      EXPECT_EQ(set->outside(block.data()), set->outside_scalar(block.data())) << octet;
    }
  }
}

TEST(OctetSet, KnowsTokensAndProtocols) {
  EXPECT_TRUE(is_token("a-b.c!#$%&'*+^_`{|}~"));
  for (const char* bad : {"", "a b", "a/b", "a:b", "a=b", "a\"", "\x80"}) {
    EXPECT_FALSE(is_token(bad)) << bad;
  }
  EXPECT_TRUE(is_protocol("UDP/TLS/RTP/SAVPF"));
  EXPECT_TRUE(is_protocol("udptl"));
  for (const char* bad : {"", "/", "/a", "a/", "a//b", "a b"})
    EXPECT_FALSE(is_protocol(bad)) << bad;
}

TEST(Reader, MarksEverySeparator) {
  for (size_t size : {0u, 1u, 31u, 32u, 63u, 64u, 65u, 127u, 128u, 200u, 1024u}) {
    std::string octets;
    for (size_t i = 0; i < size; ++i) octets += i % 5 == 3 ? ':' : i % 7 == 0 ? ' ' : 'x';
    const Text text(octets);
    Pieces pieces(text.reader, 0);
    size_t position = 0;
    do {
      position = pieces.next();
      const size_t expected = std::min(octets.find_first_of(": ", position), size);
      EXPECT_EQ(position, expected) << size;
    } while (position < size);
  }
}

TEST(Pieces, SkipsSeveralBlanks) {
  const Text text("a   b c  ");
  Pieces pieces(text.reader, 0);
  size_t position = pieces.next();
  EXPECT_EQ(position, 1u);
  EXPECT_EQ(pieces.next_word(position), 5u);
  EXPECT_EQ(position, 4u);
  position = 5;
  EXPECT_EQ(pieces.next_word(position), 7u);
  EXPECT_EQ(position, 6u);
  // None follows.
  position = 7;
  EXPECT_EQ(pieces.next_word(position), 9u);
  EXPECT_EQ(position, 9u);
}

TEST(Reader, SkipsRunsOfAnyLength) {
  for (uint32_t length = 0; length < 140; ++length) {
    const Text text(std::string(length, '7') + "x \r\n");
    EXPECT_EQ(text.reader.skip(0, digits), length);
    EXPECT_EQ(text.reader.skip_visible(0), length + 1);
    EXPECT_EQ(text.reader.skip_text(0), length + 2);
  }
}

TEST(Reader, EndsEveryRunAtTheEnd) {
  for (uint32_t length = 0; length < 140; ++length) {
    const Text text(std::string(length, '7'));
    EXPECT_EQ(text.reader.skip(0, digits), length);
    EXPECT_EQ(text.reader.skip_text(0), length);
    EXPECT_EQ(text.reader.skip_visible(0), length);
    size_t end = length;
    EXPECT_TRUE(text.reader.line_end(end));
    EXPECT_EQ(end, length);
  }
}

TEST(Reader, ReadsLineEnds) {
  const Text text("\r\n\n\rx");
  size_t position = 0;
  EXPECT_TRUE(text.reader.line_end(position));
  EXPECT_EQ(position, 2u);
  EXPECT_TRUE(text.reader.line_end(position));
  EXPECT_EQ(position, 3u);
  EXPECT_FALSE(text.reader.line_end(position));
  EXPECT_EQ(position, 3u);
}

// Every length of number, with what stands before and behind it not looked at.
TEST(Reader, ReadsNumbersOfAnyLength) {
  const std::string_view all = "12345678901234567890";
  for (uint32_t length = 1; length <= 20; ++length) {
    std::string octets = "9";
    octets.append(all.substr(0, length)).append("9");
    const Text text(octets);
    uint64_t expected = 0;
    ASSERT_TRUE(ascii::parse_decimal(all.substr(0, length), UINT64_MAX, expected));
    uint64_t value = 0;
    EXPECT_TRUE(text.reader.number(1, 1 + length, UINT64_MAX, value));
    EXPECT_EQ(value, expected);
    EXPECT_TRUE(text.reader.number(1, 1 + length, expected, value));
    EXPECT_FALSE(text.reader.number(1, 1 + length, expected - 1, value));
    EXPECT_TRUE(text.reader.are_digits(1, 1 + length));
    uint32_t small = 0;
    EXPECT_EQ(text.reader.short_number(1, 1 + length, UINT32_MAX, small), expected <= UINT32_MAX);
    if (expected <= UINT32_MAX) {
      EXPECT_EQ(small, expected);
    }
  }
}

TEST(Reader, ReadsDigitsOnly) {
  for (uint32_t length = 0; length <= 20; ++length) {
    for (uint32_t place = 0; place < length; ++place) {
      for (const char bad : {'/', ':', ' ', '-', 'a', '\0', '\x80', '\xb9', '\xff'}) {
        std::string octets(length, '1');
        octets[place] = bad;
        const Text text(octets);
        uint64_t value = 0;
        uint32_t small = 0;
        EXPECT_FALSE(text.reader.number(0, length, UINT64_MAX, value)) << octets;
        EXPECT_FALSE(text.reader.short_number(0, length, UINT32_MAX, small)) << octets;
        EXPECT_FALSE(text.reader.are_digits(0, length)) << octets;
      }
    }
  }
  const Text text("1");
  uint64_t value = 0;
  uint32_t small = 0;
  EXPECT_FALSE(text.reader.number(0, 0, UINT64_MAX, value));
  EXPECT_FALSE(text.reader.short_number(0, 0, UINT32_MAX, small));
  EXPECT_FALSE(text.reader.are_digits(0, 0));
}

}  // namespace
}  // namespace demarc::sdp
