// What a server writes: challenges, and Authentication-Info.
#include "sip-parser/digest/server_harness.h"

namespace demarc::digest {
namespace {

TEST_F(Server, WritesAChallenge) {
  std::array<char, 512> buffer;
  sip::Writer writer(buffer);
  write_challenge(writer, policy_, Algorithm::sha_256, {"n", "", false});
  EXPECT_EQ(writer.written(),
            "Digest realm=\"sip.example.net\", nonce=\"n\", algorithm=SHA-256, "
            "qop=\"auth,auth-int\"");
  sip::Writer second(buffer);
  policy_.allows_auth_int = false;
  policy_.realm = "a\"b\\";
  write_challenge(second, policy_, Algorithm::md5_sess, {"n", "o", true});
  EXPECT_EQ(second.written(),
            "Digest realm=\"a\\\"b\\\\\", nonce=\"n\", opaque=\"o\", stale=true, "
            "algorithm=MD5-sess, qop=\"auth\"");
}

TEST_F(Server, RefusesToWriteALineBreak) {
  for (const char* bad : {"a\r\nb", "a\nb", "a\r\n b"}) {
    std::array<char, 512> buffer;
    sip::Writer realm(buffer);
    policy_.realm = bad;
    EXPECT_TRUE(write_challenge(realm, policy_, Algorithm::sha_256, {"n", "", false}).failed());
    policy_.realm = "r";
    sip::Writer opaque(buffer);
    EXPECT_TRUE(write_challenge(opaque, policy_, Algorithm::sha_256, {"n", bad, false}).failed());
    sip::Writer text(buffer);
    EXPECT_TRUE(write_challenge(text, policy_, Algorithm::sha_256, {bad, "", false}).failed());
  }
}

TEST_F(Server, WritesTheStrongestChallengeFirst) {
  policy_.algorithms = with_md5;
  std::array<char, 2048> buffer;
  sip::Writer writer(buffer);
  const sip::HeaderName field = sip::HeaderName::www_authenticate;
  EXPECT_EQ(write_challenges(hasher_, writer, field, policy_, {"n", "", false}), 6u);
  const std::string_view text = writer.written();
  size_t at = 0;
  for (const Algorithm algorithm : strongest_first) {
    const size_t found = text.find("algorithm=" + std::string(spelling(algorithm)) + ",", at);
    ASSERT_NE(found, std::string_view::npos) << spelling(algorithm);
    at = found;
  }
  EXPECT_EQ(text.substr(0, 24), "WWW-Authenticate: Digest");
  EXPECT_EQ(text.substr(text.size() - 2), "\r\n");
}

TEST_F(Server, WritesOnlyChallengesThatItCanCheck) {
  std::array<char, 2048> buffer;
  sip::Writer writer(buffer);
  const sip::HeaderName field = sip::HeaderName::proxy_authenticate;
  EXPECT_EQ(write_challenges(hasher_, writer, field, policy_, {"n", "", false}), 2u);
  policy_.algorithms = AlgorithmSet{};
  EXPECT_EQ(write_challenges(hasher_, writer, field, policy_, {"n", "", false}), 0u);
  policy_.algorithms = with_md5;
  Hasher taken(std::move(hasher_));
  EXPECT_EQ(write_challenges(hasher_, writer, field, policy_, {"n", "", false}), 0u);
}

// A whole exchange of our two sides, with every algorithm.
TEST_F(Server, UnderstandsItsOwnClient) {
  for (const Algorithm algorithm : strongest_first) {
    policy_.algorithms = AlgorithmSet{}.with(algorithm);
    ClientPolicy client;
    client.expected_realm = policy_.realm;
    client.algorithms = with_md5;
    const std::string text = nonce(static_cast<uint64_t>(algorithm) + 1);
    std::array<char, 1024> buffer;
    sip::Writer asked(buffer);
    write_challenge(asked, policy_, algorithm, {text, "", false});
    const std::string_view value = asked.written();
    const Result<sip::Challenge, sip::ValueError> challenge =
        sip::parse_challenge({0, static_cast<uint16_t>(value.size())}, value);
    ASSERT_TRUE(challenge);
    ClientNonce state;
    for (const bool is_protected : {false, true}) {
      client.prefers_auth_int = is_protected;
      std::array<char, 1024> answer_buffer;
      sip::Writer answer(answer_buffer);
      ASSERT_EQ(answer_challenge(hasher_, answer, state, client, {*challenge, value}, account,
                                 {"REGISTER", "sip:sip.example.net", "body", "xyz"}),
                ClientError::none);
      EXPECT_EQ(check_value(answer.written()).outcome, Outcome::ok) << spelling(algorithm);

      const std::string_view sent = answer.written();
      const Result<sip::Credentials, sip::ValueError> credentials =
          sip::parse_credentials({0, static_cast<uint16_t>(sent.size())}, sent);
      ASSERT_TRUE(credentials);
      std::array<char, 1024> info_buffer;
      sip::Writer info(info_buffer);
      ASSERT_TRUE(write_authentication_info(hasher_, info, {*credentials, sent}, account,
                                            {"answer", "next"}));
      const std::string_view told = info.written();
      const Result<sip::AuthenticationInfo, sip::ValueError> read =
          sip::parse_authentication_info({0, static_cast<uint16_t>(told.size())}, told);
      ASSERT_TRUE(read);
      EXPECT_EQ(demarc::text(read->nextnonce, told), "next");
      EXPECT_EQ(check_authentication_info(hasher_, {*read, told, "answer"}, {*credentials, sent},
                                          account),
                ServerProof::proven);
    }
  }
}

TEST_F(Server, WritesNoInfoForAnAccountWithoutASecret) {
  const std::string value = value_of(good());
  const Result<sip::Credentials, sip::ValueError> credentials =
      sip::parse_credentials({0, static_cast<uint16_t>(value.size())}, value);
  ASSERT_TRUE(credentials);
  std::array<char, 512> buffer;
  sip::Writer writer(buffer);
  EXPECT_FALSE(write_authentication_info(hasher_, writer, {*credentials, value},
                                         {.username = "trunk-7", .password = ""}, {"", ""}));
  EXPECT_EQ(writer.written(), "");
}

TEST_F(Server, WritesAnInfoWithoutQop) {
  Given given = good();
  given.qop = sip::Qop::absent;
  const std::string value = value_of(given);
  const Result<sip::Credentials, sip::ValueError> credentials =
      sip::parse_credentials({0, static_cast<uint16_t>(value.size())}, value);
  ASSERT_TRUE(credentials);
  std::array<char, 512> buffer;
  sip::Writer writer(buffer);
  ASSERT_TRUE(write_authentication_info(hasher_, writer, {*credentials, value}, account, {"", ""}));
  given.method = "";
  EXPECT_EQ(writer.written(), "rspauth=\"" + response(given) + "\"");
}

TEST(Outcome, HasASpellingEach) {
  for (unsigned i = 0; i < static_cast<unsigned>(Outcome::count); ++i) {
    EXPECT_FALSE(spelling(static_cast<Outcome>(i)).empty()) << i;
  }
  EXPECT_EQ(spelling(Outcome::ok), "ok");
  EXPECT_EQ(spelling(Outcome::bad_nonce), "bad_nonce");
  EXPECT_EQ(spelling(Outcome::table_full), "table_full");
  EXPECT_EQ(spelling(Outcome::count), "");
}

}  // namespace
}  // namespace demarc::digest
