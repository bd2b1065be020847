#include "sip-parser/ipv6.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::sip {
namespace {

TEST(Ipv6, AcceptsAddresses) {
  for (const char* address :
       {"2001:db8::10", "::", "::1", "1::", "2001:DB8:0:0:8:800:200C:417A", "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::8", "::ffff:192.0.2.10", "::192.0.2.1",
        "1:2:3:4:5:6:255.255.255.255", "ff02::1", "0:0:0:0:0:0:0:0", "2001:db8::192.0.2.1"}) {
    EXPECT_TRUE(is_ipv6_address(address)) << address;
    EXPECT_TRUE(is_ipv6_reference(std::string("[").append(address) + "]")) << address;
  }
}

TEST(Ipv6, RefusesEverythingElse) {
  for (const char* address : {"",
                              ":",
                              ":::",
                              "1",
                              "1:",
                              ":1",
                              "1:2:3:4:5:6:7",
                              "1:2:3:4:5:6:7:8:9",
                              "1::2::3",
                              "2001:db8:::192.0.2.1",
                              "1:2:3:4:5:6:7:8::",
                              "::1:2:3:4:5:6:7:8",
                              "12345::",
                              "g::",
                              "1:2:3:4:5:6:7:192.0.2.1",
                              "::192.0.2",
                              "::192.0.2.256",
                              "::192.0.2.1.1",
                              "::192.0.2.",
                              "::192..2.1",
                              "::1922.0.2.1",
                              "192.0.2.1",
                              "fe80::1%eth0",
                              "::1 ",
                              "192.0.2.1::",
                              "::-1",
                              "1:::",
                              "1::2:"}) {
    EXPECT_FALSE(is_ipv6_address(address)) << address;
  }
}

TEST(Ipv6, WantsBothBracketsOfAReference) {
  for (const char* reference : {"", "[", "[]", "::1", "[::1", "::1]", "[[::1]]", "[::1]]"}) {
    EXPECT_FALSE(is_ipv6_reference(reference)) << reference;
  }
}

}  // namespace
}  // namespace demarc::sip
