#include "sip-parser/sdp/dtls.h"

#include <gtest/gtest.h>

#include "sip-parser/sdp/sdp_harness.h"

namespace demarc::sdp {
namespace {

Result<Fingerprint, ValueError> read(std::string_view value) {
  return read_value(parse_fingerprint, value);
}

std::string pairs(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += i == 0 ? "aF" : ":aF";
  return text;
}

TEST(Fingerprint, ReadsHashAndOctets) {
  const Result<Fingerprint, ValueError> fingerprint =
      read("sha-1 4A:AD:B9:b1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB");
  ASSERT_TRUE(fingerprint);
  EXPECT_EQ(fingerprint->function, HashFunction::sha1);
  ASSERT_EQ(fingerprint->octet_count, 20);
  EXPECT_EQ(fingerprint->octets[0], 0x4a);
  EXPECT_EQ(fingerprint->octets[3], 0xb1);
  EXPECT_EQ(fingerprint->octets[19], 0xab);
}

TEST(Fingerprint, HasTheLengthOfItsFunction) {
  for (unsigned i = 1; i < static_cast<unsigned>(HashFunction::count); ++i) {
    const auto function = static_cast<HashFunction>(i);
    const std::string begin = std::string(spelling(function)) + " ";
    EXPECT_EQ(hash_function(spelling(function)), function);
    const size_t octets = hash_octets(function);
    EXPECT_TRUE(read(begin + pairs(octets))) << begin;
    EXPECT_FALSE(read(begin + pairs(octets - 1))) << begin;
    EXPECT_FALSE(read(begin + pairs(octets + 1))) << begin;
  }
  EXPECT_EQ(read("SHA-256 " + pairs(31)).error(), ValueError::out_of_range);
  EXPECT_EQ(hash_octets(HashFunction::count), 0);
  EXPECT_EQ(spelling(HashFunction::count), "");
}

TEST(Fingerprint, KeepsAFunctionThatItDoesNotKnow) {
  EXPECT_EQ(read("new-1 00")->function, HashFunction::other);
  EXPECT_EQ(read("new-1 " + pairs(max_hash_octets - 1))->octet_count, max_hash_octets - 1);
  EXPECT_EQ(read("new-1 " + pairs(max_hash_octets))->octet_count, max_hash_octets);
  EXPECT_FALSE(read("new-1 " + pairs(max_hash_octets + 1)));
}

TEST(Fingerprint, RefusesMistakes) {
  for (const char* bad : {"", "sha-1", "x ", "x 0", "x 00:", "x :00", "x 0:0", "x 0g", "x 00:0",
                          "x 00-00", "x 00 00", "x/y 00", "x 0000", " "}) {
    EXPECT_FALSE(read(bad)) << bad;
  }
}

TEST(Setup, ReadsRoles) {
  for (unsigned i = 1; i < static_cast<unsigned>(sdp::Setup::count); ++i) {
    const auto setup = static_cast<sdp::Setup>(i);
    EXPECT_EQ(*read_value(parse_setup, spelling(setup)), setup);
  }
  EXPECT_EQ(spelling(sdp::Setup::none), "");
  EXPECT_EQ(spelling(sdp::Setup::count), "");
  for (const char* bad : {"", "x", "active passive", "activex"}) {
    EXPECT_FALSE(read_value(parse_setup, bad)) << bad;
  }
}

TEST(ConnectionUse, ReadsNewAndExisting) {
  EXPECT_EQ(*read_value(parse_connection_use, "new"), ConnectionUse::fresh);
  EXPECT_EQ(*read_value(parse_connection_use, "existing"), ConnectionUse::existing);
  EXPECT_EQ(spelling(ConnectionUse::count), "");
  for (const char* bad : {"", "x", "new new"}) {
    EXPECT_FALSE(read_value(parse_connection_use, bad)) << bad;
  }
}

}  // namespace
}  // namespace demarc::sdp
