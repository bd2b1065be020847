#include "sip-parser/sdp/base64.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace demarc::sdp {
namespace {

std::string encode(std::string_view octets) {
  std::array<char, 256> text;
  const auto* begin = reinterpret_cast<const uint8_t*>(octets.data());
  return std::string(base64_encode({begin, octets.size()}, text));
}

std::string decode(std::string_view text) {
  std::vector<uint8_t> octets(static_cast<size_t>(std::max(0, base64_octets(text))));
  if (!base64_decode(text, octets)) return "bad";
  return std::string(octets.begin(), octets.end());
}

// The examples of RFC 4648 section 10.
TEST(Base64, WritesAndReads) {
  const std::array<std::array<std::string_view, 2>, 6> examples = {{{"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}}};
  for (const auto& [octets, text] : examples) {
    EXPECT_EQ(encode(octets), text);
    EXPECT_EQ(decode(text), octets);
  }
}

TEST(Base64, CarriesEveryOctet) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    for (size_t size = 1; size <= 46; size += 5) {
      const std::string octets(size, static_cast<char>(octet));
      const std::string text = encode(octets);
      EXPECT_EQ(text.size(), base64_size(size));
      EXPECT_EQ(base64_octets(text), static_cast<int>(size));
      EXPECT_EQ(decode(text), octets);
    }
  }
}

TEST(Base64, TakesTextWithoutItsPadding) {
  EXPECT_EQ(decode("Zg"), "f");
  EXPECT_EQ(decode("Zm8"), "fo");
}

TEST(Base64, RefusesMistakes) {
  for (const char* bad : {"Z", "Zg=", "Zg===", "Zm9v=", "Zm9vYg=", "Z g=", "Zg==Zg==", "Zm-_",
                          "====", "Z===", "Zm9v\n", "=Zm9"}) {
    EXPECT_EQ(base64_octets(bad), -1) << bad;
  }
  EXPECT_EQ(base64_octets(""), 0);
}

TEST(Base64, NeedsRoomOfTheRightSize) {
  std::array<uint8_t, 4> octets;
  EXPECT_FALSE(base64_decode("Zm9v", octets));
  EXPECT_FALSE(base64_decode("bad!", octets));
  std::array<char, 3> text;
  EXPECT_TRUE(base64_encode(octets, text).empty());
}

}  // namespace
}  // namespace demarc::sdp
