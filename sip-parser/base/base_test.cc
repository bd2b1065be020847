#include <gtest/gtest.h>

#include <string>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/result.h"
#include "sip-parser/base/siphash.h"
#include "sip-parser/base/span.h"

namespace demarc {
namespace {

enum class Error { odd = 1 };
Result<int, Error> half(int n) {
  if (n % 2 != 0) return Fail{Error::odd};
  return n / 2;
}

TEST(Result, HoldsValueOrError) {
  const Result<int, Error> good = half(4);
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(*good, 2);
  const Result<int, Error> bad = half(3);
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error(), Error::odd);
}

TEST(ResultDeathTest, AbortsOnMisuse) {
  EXPECT_DEATH(static_cast<void>(*half(3)), "check failed");
  EXPECT_DEATH(static_cast<void>(half(4).error()), "check failed");
}

TEST(Span, FindsItsTextAndBack) {
  const std::string_view datagram = "INVITE sip:a@b SIP/2.0";
  const Span span = span_of(datagram.substr(7, 7), datagram);
  EXPECT_EQ(span, (Span{7, 7}));
  EXPECT_EQ(text(span, datagram), "sip:a@b");
}

TEST(Ascii, ParsesDecimalsUpToTheMaximum) {
  uint64_t value = 0;
  EXPECT_TRUE(ascii::parse_decimal("0", 10, value));
  EXPECT_TRUE(ascii::parse_decimal("4294967295", UINT32_MAX, value));
  EXPECT_EQ(value, UINT32_MAX);
  EXPECT_TRUE(ascii::parse_decimal("18446744073709551615", UINT64_MAX, value));
  for (const char* bad :
       {"", "-1", "+1", " 1", "1 ", "0x1", "4294967296", "99999999999999999999999999"}) {
    EXPECT_FALSE(ascii::parse_decimal(bad, UINT32_MAX, value)) << bad;
  }
}

TEST(Ascii, ParsesDecimalsUpToAMaximumOfOneDigit) {
  for (uint64_t maximum = 0; maximum < 25; ++maximum) {
    for (unsigned number = 0; number < 30; ++number) {
      uint64_t value = 99;
      EXPECT_EQ(ascii::parse_decimal(std::to_string(number), maximum, value), number <= maximum)
          << number << " of " << maximum;
    }
  }
}

TEST(Ascii, ComparesWithoutCase) {
  EXPECT_TRUE(ascii::iequals("Call-ID", "cALL-id"));
  EXPECT_FALSE(ascii::iequals("Call-ID", "Call-I"));
  EXPECT_EQ(ascii::trim(" \t a b\t "), "a b");
}

// Appendix A of the SipHash paper: key 00..0f, message 00..0e.
TEST(SipHash, MatchesThePaper) {
  const SipHashKey key{0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
  char message[15];
  for (int i = 0; i < 15; ++i) message[i] = static_cast<char>(i);
  EXPECT_EQ(siphash(key, std::string_view(message, 15)), 0xa129ca6149be45e5u);
  EXPECT_EQ(siphash(key, std::string_view(message, 8)), siphash(key, 0x0706050403020100u));
}

// vectors.h of the authors' reference code: the same key, messages of no, one and 15 octets.
TEST(SipHash, MatchesTheReferenceIn128Bits) {
  const SipHashKey key{0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
  char message[15];
  for (int i = 0; i < 15; ++i) message[i] = static_cast<char>(i);
  const auto hash = [&](size_t octets) { return siphash128(key, {message, octets}); };
  EXPECT_EQ(hash(0).low, 0xe6a825ba047f81a3u);
  EXPECT_EQ(hash(0).high, 0x930255c71472f66du);
  EXPECT_EQ(hash(1).low, 0x44af996bd8c187dau);
  EXPECT_EQ(hash(1).high, 0x45fc229b11597634u);
  EXPECT_EQ(hash(15).low, 0x11a8b03399e99354u);
  EXPECT_EQ(hash(15).high, 0xd9c3cf970fec087eu);
  const Hash128 of_word = siphash128(key, 0x0706050403020100u);
  EXPECT_EQ(of_word.low, hash(8).low);
  EXPECT_EQ(of_word.high, hash(8).high);
}

// The key that Python has for PYTHONHASHSEED=0, and what its hash() makes of these.
TEST(SipHash, OfTablesIsThatOfOthersWithOneAndThreeRounds) {
  const SipHashKey key{};
  EXPECT_EQ(table_hash(key, "a"), 0x407448d2b89b1813u);
  EXPECT_EQ(table_hash(key, "abcdefgh"), 0x3f7b849c0b8e35eau);
  EXPECT_EQ(table_hash(key, "abcdefghijklmno"), 0x1fd27a29b0e9dc7au);
}

TEST(SipHash, OfWordsIsThatOfTheirOctets) {
  const SipHashKey key{1, 2};
  const uint64_t words[] = {0x0706050403020100u, 0, ~uint64_t{0}};
  for (size_t count = 0; count <= std::size(words); ++count) {
    WordHash hash(key);
    for (size_t i = 0; i < count; ++i) hash.add(words[i]);
    EXPECT_EQ(hash.finish(),
              table_hash(key, {reinterpret_cast<const char*>(words), count * sizeof words[0]}))
        << count;
  }
}

// By another implementation, which with two and four rounds gives the values above: the same key,
// no words.
TEST(SipHash, OfNoWordsIsTheReferenceIn128Bits) {
  const Hash128 hash = WordHash128({0x0706050403020100u, 0x0f0e0d0c0b0a0908u}).finish();
  EXPECT_EQ(hash.low, 0xbea58827b2bc7ee7u);
  EXPECT_EQ(hash.high, 0x13030dd6adb62fdu);
}

}  // namespace
}  // namespace demarc
