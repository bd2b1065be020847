#include "sip-parser/contact.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/number_cases.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(Contact, ReadsQAndExpires) {
  const std::string_view value = "\"W\" <sip:w@bell.example>;Q=0.75;expires=3600;+x=\"y\"";
  const Result<Contact, ValueError> contact = support::parse_guarded(parse_contact, value);
  ASSERT_TRUE(contact);
  EXPECT_FALSE(contact->is_star);
  EXPECT_EQ(text(contact->address.uri.user, value), "w");
  EXPECT_EQ(contact->q, 750);
  EXPECT_TRUE(contact->has_expires);
  EXPECT_EQ(contact->expires_s, 3600u);
}

TEST(Contact, HasDefaults) {
  const Result<Contact, ValueError> contact = support::parse_guarded(parse_contact, "sip:a@b;x");
  ASSERT_TRUE(contact);
  EXPECT_EQ(contact->q, max_q);
  EXPECT_FALSE(contact->has_expires);
}

TEST(Contact, TakesAStar) {
  EXPECT_TRUE(support::parse_guarded(parse_contact, "*")->is_star);
}

TEST(Contact, RefusesMistakes) {
  support::expect_refused(
      parse_contact,
      {"", "**", "*;expires=0", "a", "<sip:a@b>;expires", "<sip:a@b>;q=", "<sip:a@b>;q=.5",
       "<sip:a@b>;q=1;q=1", "<sip:a@b>;expires=\"1\"", "<sip:a@b>;expires=1;expires=1"});
}

TEST(Contact, ChecksTheRangeOfExpires) {
  support::expect_number_range(
      {0, UINT32_MAX}, [](const std::string& number) -> Result<uint32_t, ValueError> {
        const auto contact =
            support::parse_guarded(parse_contact, "<sip:a@b>;expires=" + number + ";x");
        if (!contact) return Fail{contact.error()};
        return contact->expires_s;
      });
}

}  // namespace
}  // namespace demarc::sip
