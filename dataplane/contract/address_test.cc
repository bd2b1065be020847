#include "dataplane/contract/address.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::contract {
namespace {

TEST(IpAddress, IsReadAndPrintedInBothFamilies) {
  for (const char* text :
       {"192.0.2.1", "255.255.255.255", "0.9.10.99", "100.0.0.0", "2001:db8::1", "::1", "::"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(print(*address).view(), text);
  }
  EXPECT_EQ(*parse_address("[2001:db8::1]"), *parse_address("2001:db8::1"));
  EXPECT_EQ(print_host(*parse_address("2001:db8::1")).view(), "[2001:db8::1]");
  EXPECT_EQ(print_host(*parse_address("192.0.2.1")).view(), "192.0.2.1");
}

TEST(IpAddress, RefusesWhatIsNone) {
  for (const char* text :
       {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", "01.2.3.4", "1..2.3", "1.2.3.", ".1.2.3",
        "1.2.3.1000", "1.2.3.-4", "1.2.3.4x", "a.example", "[1.2.3.4", "[]", "1::2::3",
        "2001:db8:0:0:0:0:0:0:1", "00000000000000000000000000000000000000000000000000001.2.3.4"}) {
    EXPECT_FALSE(parse_address(text).has_value()) << text;
  }
}

TEST(IpAddress, Ipv4IsMappedAndKeepsItsWireForm) {
  const IpAddress address = IpAddress::v4(192, 0, 2, 1);
  EXPECT_TRUE(address.is_v4());
  EXPECT_EQ(*parse_address("192.0.2.1"), address);
  EXPECT_EQ(IpAddress::v4_from_wire(address.v4_to_wire()), address);
  EXPECT_FALSE(parse_address("2001:db8::1")->is_v4());
  EXPECT_FALSE(IpAddress{}.is_v4());
}

// Rows of a section are looked for by it.
TEST(IpAddress, IsOrderedByItsOctets) {
  const char* const texts[] = {"::",       "::1",         "0.0.0.1",      "1.0.0.0", "10.0.0.1",
                               "10.0.0.2", "2001:db8::1", "2001:db8:1::", "fe80::1"};
  for (size_t i = 0; i < std::size(texts); ++i) {
    for (size_t k = 0; k < std::size(texts); ++k) {
      EXPECT_EQ(*parse_address(texts[i]) < *parse_address(texts[k]), i < k) << texts[i] << texts[k];
      EXPECT_EQ(*parse_address(texts[i]) == *parse_address(texts[k]), i == k);
    }
  }
}

TEST(IpAddress, KnowsWhereAPacketMayBeSent) {
  for (const char* text : {"192.0.2.1", "10.0.0.1", "223.255.255.255", "2001:db8::1", "fe80::1"}) {
    EXPECT_TRUE(parse_address(text)->is_unicast()) << text;
  }
  for (const char* text :
       {"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "ff02::1"}) {
    EXPECT_FALSE(parse_address(text)->is_unicast()) << text;
  }
  EXPECT_FALSE(IpAddress{}.is_set());
}

TEST(Endpoint, IsReadWithAndWithoutPort) {
  EXPECT_EQ(parse_endpoint("192.0.2.1", 5060)->port, 5060);
  EXPECT_EQ(parse_endpoint("192.0.2.1:5070", 5060)->port, 5070);
  EXPECT_EQ(parse_endpoint("2001:db8::1", 5060)->port, 5060);
  EXPECT_EQ(parse_endpoint("[2001:db8::1]", 5060)->port, 5060);
  const auto endpoint = parse_endpoint("[2001:db8::1]:65535", 5060);
  ASSERT_TRUE(endpoint.has_value());
  EXPECT_EQ(endpoint->port, 65535);
  EXPECT_EQ(print(*endpoint).view(), "[2001:db8::1]:65535");
  EXPECT_EQ(print(Endpoint{IpAddress::v4(1, 2, 3, 4), 7}).view(), "1.2.3.4:7");
}

TEST(Endpoint, TheLongestTextFits) {
  const auto endpoint = parse_endpoint("[1111:2222:3333:4444:5555:6666:7777:8888]:65535", 1);
  ASSERT_TRUE(endpoint.has_value());
  EXPECT_EQ(print(*endpoint).view(), "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
}

TEST(Endpoint, RefusesBadPortsAndBadHosts) {
  for (const char* text : {"1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:", "1.2.3.4:x", "[::1]:0"}) {
    const auto endpoint = parse_endpoint(text, 1);
    ASSERT_FALSE(endpoint.has_value()) << text;
    EXPECT_EQ(endpoint.error(), AddressError::bad_port) << text;
  }
  for (const char* text : {"", "host:5060", "[::1", "::1]:5060", "host"}) {
    const auto endpoint = parse_endpoint(text, 1);
    ASSERT_FALSE(endpoint.has_value()) << text;
    EXPECT_EQ(endpoint.error(), AddressError::bad_syntax) << text;
  }
}

TEST(Address, PrintsEveryOctetAsInetNtopDoes) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const auto low = static_cast<uint8_t>(octet);
    const auto high = static_cast<uint8_t>(255 - octet);
    const std::string expected =
        std::to_string(low) + "." + std::to_string(high) + ".0." + std::to_string(low);
    const AddressText text = print(IpAddress::v4(low, high, 0, low));
    EXPECT_EQ(text.view(), expected);
    EXPECT_EQ(text.octets[text.length], '\0');
  }
}

}  // namespace
}  // namespace demarc::contract
