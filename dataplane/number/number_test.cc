#include "dataplane/number/number.h"

#include <gtest/gtest.h>

#include <string>

namespace demarc::number {
namespace {

// Nothing where the URI has no number.
std::string read(const std::string& uri) {
  const std::string padded = uri + std::string(64, '\0');
  const auto parsed = sip::parse_uri({0, static_cast<uint16_t>(uri.size())}, padded);
  Number number;
  if (!parsed || !read_number(*parsed, padded, number)) return "";
  return std::string(number.view());
}

TEST(NumberOfUri, HasNoSeparators) {
  EXPECT_EQ(read("sip:+44(20)7946-0018@192.0.2.1"), "+442079460018");
  EXPECT_EQ(read("sip:%2B442079460018@192.0.2.1;user=phone"), "+442079460018");
  EXPECT_EQ(read("tel:+44-20-7946-0018"), "+442079460018");
}

// The vector of an extension that must survive.
TEST(NumberOfUri, KeepsTheExtension) {
  EXPECT_EQ(read("sip:+14255550123;ext=10001@192.0.2.1;user=phone"), "+14255550123;ext=10001");
  EXPECT_EQ(read("tel:+1-425-555-0123;ext=10-001"), "+14255550123;ext=10001");
}

TEST(NumberOfUri, KeepsTheContextBehindTheExtension) {
  EXPECT_EQ(read("tel:7042;phone-context=+1-914-555"), "7042;phone-context=+1914555");
  EXPECT_EQ(read("tel:7042;phone-context=example.com;ext=5"),
            "7042;ext=5;phone-context=example.com");
}

TEST(NumberOfUri, LeavesOutWhatIsNoParameterOfANumber) {
  EXPECT_EQ(read("tel:+14255550123;isub=12;x=y"), "+14255550123");
  EXPECT_EQ(read("sip:+14255550123;ext=abc@192.0.2.1"), "+14255550123");
  EXPECT_EQ(read("sip:+14255550123;tgrp=a;trunk-context=b@192.0.2.1"), "+14255550123");
}

TEST(NumberOfUri, IsNoneWithoutDigitsOrWhenTooLong) {
  EXPECT_EQ(read("sip:alice@192.0.2.1"), "");
  EXPECT_EQ(read("sip:192.0.2.1"), "");
  EXPECT_EQ(read("sip:" + std::string(63, '1') + "@192.0.2.1"), "");
  EXPECT_EQ(read("sip:" + std::string(60, '1') + ";ext=5@192.0.2.1"), std::string(60, '1'));
}

TEST(NumberText, IsReadAndRefused) {
  Number number;
  ASSERT_TRUE(read_text("+1 (425) 555-0123;ext=7", number));
  EXPECT_EQ(number.view(), "+14255550123;ext=7");
  EXPECT_EQ(number.digits(), "+14255550123");
  EXPECT_EQ(number.parameters(), ";ext=7");
  EXPECT_FALSE(read_text("", number));
  EXPECT_FALSE(read_text("alice", number));
  EXPECT_FALSE(read_text(std::string(60, '1') + ";ext=7", number));
  EXPECT_EQ(number.length, 0);
}

TEST(Number, LosesParametersOneByOne) {
  Number number;
  ASSERT_TRUE(read_text("7042;ext=5;phone-context=example.com", number));
  drop_extension(number);
  EXPECT_EQ(number.view(), "7042;phone-context=example.com");
  drop_extension(number);
  drop_context(number);
  EXPECT_EQ(number.view(), "7042");
  ASSERT_TRUE(read_text("7042;ext=5;phone-context=example.com", number));
  drop_parameters(number);
  EXPECT_EQ(number.view(), "7042");
}

TEST(Number, IsAssignedFromItsOwnOctets) {
  Number number;
  ASSERT_TRUE(read_text("+14255550123;ext=7", number));
  ASSERT_TRUE(number.assign(number.digits().substr(1), number.parameters()));
  EXPECT_EQ(number.view(), "14255550123;ext=7");
  EXPECT_FALSE(number.assign(std::string(62, '1'), ";ext=7"));
}

}  // namespace
}  // namespace demarc::number
