#include "sip-parser/address.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

Result<Address, ValueError> any(Span element, std::string_view datagram) {
  return parse_address(element, datagram, AddressForm::any);
}
Result<Address, ValueError> bracketed(Span element, std::string_view datagram) {
  return parse_address(element, datagram, AddressForm::name_addr);
}

TEST(Address, ReadsTheUriToo) {
  const std::string_view value = "\"Bob\" <sips:bob@biloxi.example;lr>;x=y";
  const Result<Address, ValueError> address = support::parse_guarded(bracketed, value);
  ASSERT_TRUE(address);
  EXPECT_EQ(text(address->name_addr.display_name, value), "Bob");
  EXPECT_EQ(text(address->uri.host, value), "biloxi.example");
  EXPECT_EQ(text(address->uri.params, value), ";lr");
  EXPECT_EQ(text(address->name_addr.params, value), ";x=y");
}

TEST(Address, WantsBracketsWhereTheFieldDoes) {
  EXPECT_TRUE(support::parse_guarded(any, "sip:a@b;x"));
  support::expect_refused(bracketed, {"sip:a@b", "sip:a@b;x", " sip:a@b"});
}

TEST(Address, LooksForBracketsInItsElementOnly) {
  const std::string_view datagram = "<sip:a@b>";
  EXPECT_FALSE(bracketed({1, 7}, datagram));
  EXPECT_TRUE(any({1, 7}, datagram));
}

TEST(Address, RefusesMistakes) {
  support::expect_refused(any, {"", "<>", "<a>", "<sip:>", "<sip:a@b", "<sip:a@b>x", "sip:a@b?c=d",
                                "\"a <sip:a@b>", "<sip:a@b>;", "<sip:a@b%4>"});
  support::expect_refused(any, {"<sip:a@b:65536>"}, ValueError::out_of_range);
}

}  // namespace
}  // namespace demarc::sip
