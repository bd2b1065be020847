#include "sip-parser/sdp/connection.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::sdp {
namespace {

TEST(Connection, ChecksTheTextOfAddresses) {
  EXPECT_TRUE(is_address("192.0.2.1", AddressType::ip4));
  EXPECT_TRUE(is_address("media-1.example.com", AddressType::ip4));
  EXPECT_TRUE(is_address("2001:db8::1", AddressType::ip6));
  for (const char* bad : {"", "a b", "[::1]", "a/1", "h\r\n", "a_b", "\x80"}) {
    EXPECT_FALSE(is_address(bad, AddressType::ip6)) << bad;
  }
  EXPECT_FALSE(is_address("::1", AddressType::ip4));
  EXPECT_FALSE(is_address("h", AddressType::none));
}

TEST(Connection, MeasuresAddressesToTheirLimit) {
  EXPECT_TRUE(is_address(std::string(max_address_octets - 1, 'h'), AddressType::ip4));
  EXPECT_TRUE(is_address(std::string(max_address_octets, 'h'), AddressType::ip4));
  EXPECT_FALSE(is_address(std::string(max_address_octets + 1, 'h'), AddressType::ip4));
}

TEST(Connection, KnowsWhereNothingCanBeSent) {
  for (const char* none : {"0.0.0.0", "::", "host.invalid", "a.INVALID"}) {
    EXPECT_TRUE(is_unspecified(none)) << none;
  }
  for (const char* some : {"", "0.0.0.1", "192.0.2.1", "::1", ".invalid", "xinvalid"}) {
    EXPECT_FALSE(is_unspecified(some)) << some;
  }
}

TEST(Connection, KnowsMulticast) {
  for (const char* multicast : {"224.0.0.1", "239.255.255.255"}) {
    EXPECT_TRUE(is_multicast(multicast, AddressType::ip4)) << multicast;
  }
  for (const char* unicast : {"", "223.255.255.255", "240.0.0.1", "22.4.0.1", "h", "ff02::1"}) {
    EXPECT_FALSE(is_multicast(unicast, AddressType::ip4)) << unicast;
  }
  EXPECT_TRUE(is_multicast("FF02::1", AddressType::ip6));
  for (const char* unicast : {"2001:db8::1", "ff::1", "ff", "ff.example.com", "::"}) {
    EXPECT_FALSE(is_multicast(unicast, AddressType::ip6)) << unicast;
  }
}

TEST(Connection, WritesNetworks) {
  EXPECT_EQ(network_of(AddressType::ip4), "IN IP4 ");
  EXPECT_EQ(network_of(AddressType::ip6), "IN IP6 ");
}

}  // namespace
}  // namespace demarc::sdp
