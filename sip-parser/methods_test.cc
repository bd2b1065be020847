#include "sip-parser/methods.h"

#include <gtest/gtest.h>

#include <string>

#include "sip-parser/parse.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(Methods, ReadsASet) {
  const Result<Methods, ValueError> methods =
      support::parse_guarded(parse_methods, "INVITE, UPDATE ,invite,X,INVITE");
  ASSERT_TRUE(methods);
  EXPECT_EQ(methods->known, EnumSet(Method::invite, Method::update));
  EXPECT_EQ(methods->unknown_count, 2);
  EXPECT_TRUE(support::parse_guarded(parse_methods, "")->known.empty());
}

TEST(Methods, RefusesMistakes) {
  support::expect_refused(parse_methods, {",", "INVITE,", "INVITE ACK", "INVITE;x", "IN@VITE"});
}

TEST(Methods, JoinsRepeatedFields) {
  const std::string text =
      "OPTIONS sip:a SIP/2.0\r\nAllow: INVITE, X\r\nAllow: BYE\r\nAllow:\r\n\r\n" +
      std::string(padding_octets, ' ');
  const std::string_view datagram(text.data(), text.size() - padding_octets);
  Message message;
  ASSERT_TRUE(parse(datagram, message));
  const Result<Methods, ValueError> methods = methods_of(message, datagram);
  ASSERT_TRUE(methods);
  EXPECT_EQ(methods->known, EnumSet(Method::invite, Method::bye));
  EXPECT_EQ(methods->unknown_count, 1);
}

TEST(Methods, FailsWithOneBadField) {
  const std::string text = "OPTIONS sip:a SIP/2.0\r\nAllow: INVITE\r\nAllow: B B\r\n\r\n" +
                           std::string(padding_octets, ' ');
  const std::string_view datagram(text.data(), text.size() - padding_octets);
  Message message;
  ASSERT_TRUE(parse(datagram, message));
  EXPECT_FALSE(methods_of(message, datagram));
}

}  // namespace
}  // namespace demarc::sip
