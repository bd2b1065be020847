#include "sip-parser/remote_party_id.h"

#include <gtest/gtest.h>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(RemotePartyId, ReadsItsParameters) {
  const std::string_view value =
      "\"John\" <sip:jdoe@foo.example>;party=Called;id-type=subscriber;privacy=full;SCREEN=Yes;x";
  const Result<RemotePartyId, ValueError> id = support::parse_guarded(parse_remote_party_id, value);
  ASSERT_TRUE(id);
  EXPECT_EQ(text(id->address.uri.user, value), "jdoe");
  EXPECT_EQ(id->party, RemoteParty::called);
  EXPECT_TRUE(id->is_screened);
  EXPECT_EQ(text(id->privacy, value), "full");
  EXPECT_EQ(text(id->id_type, value), "subscriber");
}

TEST(RemotePartyId, IsNotScreenedWithoutSayingSo) {
  const Result<RemotePartyId, ValueError> id =
      support::parse_guarded(parse_remote_party_id, "<sip:a@b>;screen=no;party=calling");
  ASSERT_TRUE(id);
  EXPECT_FALSE(id->is_screened);
  EXPECT_EQ(id->party, RemoteParty::calling);
  EXPECT_EQ(support::parse_guarded(parse_remote_party_id, "<sip:a@b>")->party, RemoteParty::other);
}

TEST(RemotePartyId, RefusesMistakes) {
  support::expect_refused(
      parse_remote_party_id,
      {"", "sip:a@b", "<sip:a@b>;party", "<sip:a@b>;screen=\"yes\"", "<sip:a@b>;privacy",
       "<sip:a@b>;party=calling;party=called", "<sip:a@b>, <sip:c@d>", "<x>"});
}

}  // namespace
}  // namespace demarc::sip
