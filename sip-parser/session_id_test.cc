#include "sip-parser/session_id.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

constexpr std::string_view local = "ab30317f1a784dc48ff824d0d3715d86";
constexpr std::string_view remote = "47755a9de7794ba387653f2099600ef2";

TEST(SessionId, ReadsBothUuids) {
  const std::string value = std::string(local) + " ;Remote=" + std::string(remote) + ";x";
  const Result<SessionId, ValueError> id = support::parse_guarded(parse_session_id, value);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->local, (Uuid{0xab30317f1a784dc4, 0x8ff824d0d3715d86}));
  EXPECT_TRUE(id->has_remote);
  EXPECT_EQ(id->remote, (Uuid{0x47755a9de7794ba3, 0x87653f2099600ef2}));
  EXPECT_EQ(text(id->local_text, value), local);
  EXPECT_EQ(text(id->remote_text, value), remote);
}

TEST(SessionId, KnowsTheNullUuid) {
  const std::string null(uuid_digits, '0');
  const Result<SessionId, ValueError> id =
      support::parse_guarded(parse_session_id, std::string(local) + ";remote=" + null);
  ASSERT_TRUE(id);
  EXPECT_FALSE(id->local.is_null());
  EXPECT_TRUE(id->remote.is_null());
  EXPECT_FALSE(support::parse_guarded(parse_session_id, local)->has_remote);
}

TEST(SessionId, RefusesMistakes) {
  const std::string good(local);
  support::expect_refused(
      parse_session_id,
      {"", good.substr(1), good + "0", "AB30317f1a784dc48ff824d0d3715d86",
       "gb30317f1a784dc48ff824d0d3715d86", "ab30317f-1a78-4dc4-8ff8-24d0d3715d86", good + ";remote",
       good + ";remote=", good + ";remote=" + good.substr(1), good + ";remote=" + good + "0",
       good + ";remote=\"" + good + "\"", good + ";remote=" + good + ";remote=" + good,
       good + "," + good, good + " " + good});
}

}  // namespace
}  // namespace demarc::sip
