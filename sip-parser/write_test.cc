#include "sip-parser/write.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "sip-parser/message.h"
#include "sip-parser/parse.h"

namespace demarc::sip {
namespace {

using std::string_literals::operator""s;

TEST(Writer, ComposesARequest) {
  std::array<char, 512> buffer;
  Writer writer(buffer);
  writer.request_line("INVITE", "sip:bob@example.net")
      .field(HeaderName::call_id, "x")
      .field(HeaderName::max_forwards, 70)
      .field("X-Own", "v")
      .begin(HeaderName::from)
      .raw("<")
      .value("sip:a@b")
      .raw(">;tag=")
      .number(18446744073709551615u)
      .end()
      .finish("body");
  ASSERT_FALSE(writer.failed());
  EXPECT_EQ(writer.written(),
            "INVITE sip:bob@example.net SIP/2.0\r\nCall-ID: x\r\nMax-Forwards: 70\r\nX-Own: v\r\n"
            "From: <sip:a@b>;tag=18446744073709551615\r\nContent-Length: 4\r\n\r\nbody");
}

TEST(Writer, ComposesAResponseThatParses) {
  std::array<char, 512> buffer{};
  Writer writer(buffer);
  writer.status_line(486, "Busy Here").field(HeaderName::cseq, "7 INVITE").finish("");
  EXPECT_EQ(writer.written(),
            "SIP/2.0 486 Busy Here\r\nCSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n");
  Message message;
  ASSERT_TRUE(parse(writer.written(), message));
  EXPECT_EQ(message.status_code, 486);
  EXPECT_EQ(message.method, Method::invite);
}

TEST(Writer, FailsOneOctetShortAndStaysFailed) {
  const auto compose = [](Writer& writer) {
    writer.request_line("BYE", "sip:a").field(HeaderName::to, "x").finish("12345");
  };
  std::array<char, 256> buffer;
  Writer ample(buffer);
  compose(ample);
  const size_t size = ample.written().size();
  ASSERT_GT(size, 0u);
  for (size_t room = 0; room < size; ++room) {
    Writer writer(std::span<char>(buffer).first(room));
    compose(writer);
    ASSERT_TRUE(writer.failed()) << room;
    ASSERT_TRUE(writer.written().empty()) << room;
    writer.raw("");
    ASSERT_TRUE(writer.failed());
  }
  Writer exact(std::span<char>(buffer).first(size));
  compose(exact);
  EXPECT_EQ(exact.written().size(), size);
}

TEST(Writer, WritesNumbersOfAnyLength) {
  std::vector<uint64_t> numbers = {0, 9'999'999, 99'999'999, 100'000'000, 100'000'001, UINT64_MAX};
  for (uint64_t power = 1; power <= 10'000'000'000; power *= 10) {
    for (const uint64_t number : {power - 1, power, power + 1, power * 7 + 5}) {
      numbers.push_back(number);
    }
  }
  for (uint64_t number = 0; number < 20'000; ++number) numbers.push_back(number);
  for (const uint64_t number : numbers) {
    const std::string text = std::to_string(number);
    std::array<char, 32> ample;
    ASSERT_EQ(Writer(ample).number(number).written(), text);
    ASSERT_EQ(Writer(std::span<char>(ample).first(text.size())).number(number).written(), text);
    ASSERT_TRUE(Writer(std::span<char>(ample).first(text.size() - 1)).number(number).failed());
  }
}

TEST(Writer, SaysHowMuchRoomIsLeft) {
  std::array<char, 64> buffer;
  Writer writer(buffer);
  EXPECT_EQ(writer.room(), 64u);
  writer.raw("1234");
  EXPECT_EQ(writer.room(), 60u);
  Writer finished(buffer);
  finished.finish("");
  EXPECT_FALSE(finished.failed());
  EXPECT_EQ(finished.room(), 0u);
  writer.value("\n");
  EXPECT_EQ(writer.room(), 0u);
}

TEST(Writer, RefusesLineEndsAndNulInValues) {
  std::array<char, 256> buffer;
  for (const std::string& bad : {"a\rb"s, "a\nb"s, "a\r\nX: y"s, "\n"s, "a\0"s, "\0a"s,
                                 std::string(100, 'x') + "\n", "a\r\n b"s}) {
    Writer value(buffer);
    EXPECT_TRUE(value.value(bad).failed());
    Writer known(buffer);
    EXPECT_TRUE(known.field(HeaderName::to, bad).failed());
    Writer named(buffer);
    EXPECT_TRUE(named.field("X-Own", bad).failed());
    Writer uri(buffer);
    EXPECT_TRUE(uri.request_line("BYE", bad).failed());
    Writer phrase(buffer);
    EXPECT_TRUE(phrase.status_line(200, bad).failed());
  }
  Writer fine(buffer);
  EXPECT_FALSE(fine.value("%0d%0a \t\x01\x7f\xff").failed());
}

// Values are looked at in blocks of 32 octets, the last ones of a buffer one by one.
TEST(Writer, RefusesLineEndsWhereverTheyStand) {
  for (const size_t spare : {0u, 1u, 31u, 32u, 100u}) {
    for (size_t length = 1; length <= 70; ++length) {
      std::vector<char> buffer(length + spare, '\n');  // what is not written must not matter
      const std::string good(length, 'a');
      EXPECT_EQ(Writer(buffer).value(good).written(), good) << length << " of " << buffer.size();
      for (size_t at = 0; at < length; ++at) {
        std::string bad = good;
        bad[at] = "\r\n"[at % 2];
        EXPECT_TRUE(Writer(buffer).value(bad).failed()) << at << " of " << buffer.size();
      }
    }
  }
}

TEST(Writer, RefusesNamesThatAreNoTokens) {
  std::array<char, 256> buffer;
  for (const char* bad : {"", "X Y", "X:", "X\r\n"}) {
    Writer writer(buffer);
    EXPECT_TRUE(writer.field(bad, "v").failed()) << bad;
    Writer line(buffer);
    EXPECT_TRUE(line.request_line(bad, "sip:a").failed()) << bad;
  }
  Writer other(buffer);
  EXPECT_TRUE(other.begin(HeaderName::other).failed());
  Writer uri(buffer);
  EXPECT_TRUE(uri.request_line("BYE", "sip:a b").failed());
  Writer empty(buffer);
  EXPECT_TRUE(empty.request_line("BYE", "").failed());
}

TEST(Writer, RefusesStatusCodesOutOfRange) {
  std::array<char, 256> buffer;
  for (const unsigned code : {0u, 99u, 700u, 65535u}) {
    Writer writer(buffer);
    EXPECT_TRUE(writer.status_line(static_cast<uint16_t>(code), "x").failed()) << code;
  }
  for (const unsigned code : {100u, 699u}) {
    Writer writer(buffer);
    EXPECT_FALSE(writer.status_line(static_cast<uint16_t>(code), "").failed()) << code;
  }
}

TEST(Writer, RefusesAnythingBehindTheBody) {
  std::array<char, 256> buffer;
  Writer writer(buffer);
  writer.status_line(200, "OK").finish("");
  ASSERT_FALSE(writer.failed());
  EXPECT_TRUE(writer.raw("x").failed());
}

TEST(Writer, UnfoldsReceivedValues) {
  std::array<char, 256> buffer;
  const std::pair<const char*, const char*> cases[] = {
      {"plain", "plain"},   {"", ""},
      {"a\r\n b", "a b"},   {"a\r\n\t \tb", "a b"},
      {"a \r\n b", "a  b"}, {"a\r\n b\r\n c", "a b c"},
      {"\r\n a", " a"},     {"a\r\n \r\n b", "a  b"},
      {"a\r\n ", "a "},
  };
  for (const auto& [folded, flat] : cases) {
    Writer writer(buffer);
    EXPECT_EQ(writer.unfolded(folded).written(), flat) << folded;
    EXPECT_FALSE(writer.failed());
  }
}

TEST(Writer, UnfoldsNothingButFolds) {
  std::array<char, 256> buffer;
  for (const std::string& bad : {"a\rb"s, "a\nb"s, "a\r\nb"s, "a\r\n"s, "a\r"s, "a\n b"s,
                                 "a\r\r\n b"s, "a\0b"s, "a\r\n \0"s, "a\r\n b\n"s}) {
    Writer writer(buffer);
    EXPECT_TRUE(writer.unfolded(bad).failed());
  }
}

}  // namespace
}  // namespace demarc::sip
