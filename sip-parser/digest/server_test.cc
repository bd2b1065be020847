#include "sip-parser/digest/server.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "sip-parser/digest/client.h"
#include "sip-parser/parse.h"
#include "tests/support/guarded_buffer.h"

namespace demarc::digest {
namespace {

const std::string secret(32, 's');
const std::string old_secret(32, 'o');
const Account account{.username = "trunk-7", .password = "pw"};
constexpr std::string_view source = "192.0.2.1:5060";
constexpr uint64_t made_ms = 1'000'000;

// What a client that need not be honest puts into its credentials.
struct Given {
  Algorithm algorithm = Algorithm::sha_256;
  sip::Qop qop = sip::Qop::auth;
  std::string username = "trunk-7";
  std::string realm = "sip.example.net";
  std::string nonce;
  std::string uri = "sip:sip.example.net";
  std::string nc = "00000001";
  std::string method = "REGISTER";
  std::string body = "body";
  std::string password = "pw";
  std::string more;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    policy_.realm = "sip.example.net";
    policy_.secret = secret;
  }

  std::string nonce(uint64_t serial = 1, std::string_view with = secret,
                    std::string_view from = source) {
    return std::string(make_nonce(hasher_, {with, policy_.realm, from}, {made_ms, serial}).view());
  }
  Given good(uint64_t serial = 1) {
    Given given;
    given.nonce = nonce(serial);
    return given;
  }

  std::string response(const Given& given) {
    ResponseInput input;
    input.algorithm = given.algorithm;
    input.qop = given.qop;
    input.qop_text = spelling(given.qop);
    input.method = given.method;
    input.uri = given.uri;
    input.nonce = given.nonce;
    input.cnonce = "c";
    input.nc = given.nc;
    input.body = given.body;
    Ha1 ha1;
    EXPECT_EQ(find_ha1(hasher_, hash_of(given.algorithm),
                       {.username = "trunk-7", .password = given.password}, given.realm, ha1),
              AccountError::none);
    return std::string(to_hex(response_of(hasher_, ha1, input)).view());
  }
  std::string value_with(const Given& given, std::string_view response) {
    std::string value = "Digest username=\"" + given.username + "\",realm=\"" + given.realm +
                        "\",nonce=\"" + given.nonce + "\",uri=\"" + given.uri + "\",response=\"" +
                        std::string(response) +
                        "\",algorithm=" + std::string(spelling(given.algorithm));
    if (given.qop != sip::Qop::absent) {
      value += ",qop=" + std::string(spelling(given.qop)) + ",cnonce=\"c\",nc=" + given.nc;
    }
    return value + given.more;
  }
  std::string value_of(const Given& given) { return value_with(given, response(given)); }

  Verdict check_value(std::string_view value, uint64_t now_ms = made_ms) {
    const Result<sip::Credentials, sip::ValueError> credentials =
        sip::parse_credentials({0, static_cast<uint16_t>(value.size())}, value);
    EXPECT_TRUE(credentials) << value;
    if (!credentials) return {};
    return check_credentials(hasher_, policy_, replays_, {*credentials, value}, account_,
                             {"REGISTER", "body", source, expected_uri_, now_ms});
  }
  Outcome check(const Given& given, uint64_t now_ms = made_ms) {
    return check_value(value_of(given), now_ms).outcome;
  }

  Verdict authenticate_with(std::string_view fields) {
    const std::string datagram = "REGISTER sip:sip.example.net SIP/2.0\r\n" + std::string(fields) +
                                 "Content-Length: 4\r\n\r\nbody";
    const support::GuardedBuffer buffer(datagram, sip::padding_octets, '"');
    sip::Message message;
    EXPECT_TRUE(sip::parse(buffer.view(), message));
    return authenticate(hasher_, policy_, replays_,
                        {message, buffer.view(), sip::HeaderName::authorization}, account_,
                        {source, expected_uri_, made_ms});
  }
  static std::string field(std::string_view value) {
    return "Authorization: " + std::string(value) + "\r\n";
  }

  Hasher hasher_;
  ServerPolicy policy_;
  ReplayTable<4> replays_{};
  Account account_ = account;
  std::string_view expected_uri_;
};

using Server = ServerTest;

TEST_F(Server, TakesEveryAlgorithmAndQopThatItAllows) {
  policy_.algorithms = with_md5;
  policy_.allows_no_qop = true;
  uint64_t serial = 0;
  for (const Algorithm algorithm : strongest_first) {
    for (const sip::Qop qop : {sip::Qop::absent, sip::Qop::auth, sip::Qop::auth_int}) {
      Given given = good(++serial);
      given.algorithm = algorithm;
      given.qop = qop;
      const bool is_bare_session = is_session(algorithm) && qop == sip::Qop::absent;
      EXPECT_EQ(check(given), is_bare_session ? Outcome::malformed : Outcome::ok)
          << spelling(algorithm) << spelling(qop);
    }
  }
}

TEST_F(Server, TakesAStoredHa1) {
  Ha1 ha1;
  ASSERT_EQ(find_ha1(hasher_, Hash::sha_256, account, policy_.realm, ha1), AccountError::none);
  account_.password = "";
  account_.ha1[static_cast<size_t>(Hash::sha_256)] = ha1.view();
  EXPECT_EQ(check(good()), Outcome::ok);
}

TEST_F(Server, TakesAResponseInCapitals) {
  const Given given = good();
  std::string capitals = response(given);
  for (char& c : capitals) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(check_value(value_with(given, capitals)).outcome, Outcome::ok);
}

TEST_F(Server, RefusesAWrongResponse) {
  Given given = good();
  given.password = "wrong";
  EXPECT_EQ(check(given), Outcome::bad_response);
  given = good();
  given.method = "INVITE";
  EXPECT_EQ(check(given), Outcome::bad_response);
  given = good();
  const std::string right = response(given);
  for (size_t i = 0; i < right.size(); ++i) {
    std::string changed = right;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_EQ(check_value(value_with(given, changed)).outcome, Outcome::bad_response) << i;
  }
  for (const std::string& bad : {std::string(), right.substr(1), right + "0", right.substr(0, 32),
                                 std::string(64, 'g'), "0x" + right.substr(2)}) {
    EXPECT_EQ(check_value(value_with(given, bad)).outcome, Outcome::bad_response) << bad;
  }
  // None of them used the count up.
  EXPECT_EQ(check(given), Outcome::ok);
}

TEST_F(Server, RefusesAnotherBodyWithAuthInt) {
  Given given = good();
  given.body = "another body";
  EXPECT_EQ(check(given), Outcome::ok);
  given = good(2);
  given.body = "another body";
  given.qop = sip::Qop::auth_int;
  EXPECT_EQ(check(given), Outcome::bad_response);
}

TEST_F(Server, RefusesAForeignRealm) {
  Given given = good();
  given.realm = "sip.example.com";
  EXPECT_EQ(check(given), Outcome::wrong_realm);
  given.realm = "SIP.example.net";
  EXPECT_EQ(check(given), Outcome::wrong_realm);
  given.realm = "";
  EXPECT_EQ(check(given), Outcome::wrong_realm);
}

TEST_F(Server, ReadsEscapesInRealmAndName) {
  Given given = good();
  given.username = "trunk\\-7";
  given.realm = "sip\\.example.net";
  EXPECT_EQ(check(given), Outcome::ok);
}

TEST_F(Server, RefusesAnAlgorithmThatIsNotAllowed) {
  for (const Algorithm algorithm : strongest_first) {
    for (const Algorithm allowed : strongest_first) {
      policy_.algorithms = AlgorithmSet{}.with(allowed);
      Given given = good(static_cast<uint64_t>(algorithm) + 1);
      given.algorithm = algorithm;
      EXPECT_EQ(check(given), algorithm == allowed ? Outcome::ok : Outcome::unsupported_algorithm);
    }
  }
  policy_.algorithms = with_md5;
  EXPECT_EQ(check_value("Digest username=\"trunk-7\",realm=\"sip.example.net\",nonce=\"n\","
                        "uri=\"sip:x\",response=\"\",algorithm=AKAv1-MD5")
                .outcome,
            Outcome::unsupported_algorithm);
}

TEST_F(Server, TreatsNoAlgorithmAsMd5) {
  EXPECT_EQ(check_value("Digest username=\"trunk-7\",realm=\"sip.example.net\",nonce=\"n\","
                        "uri=\"sip:x\",response=\"\"")
                .outcome,
            Outcome::unsupported_algorithm);
}

TEST_F(Server, RefusesWhatThisMachineCanNotHash) {
  const std::string value = value_of(good());
  Hasher taken(std::move(hasher_));
  EXPECT_EQ(check_value(value).outcome, Outcome::unsupported_algorithm);
}

TEST_F(Server, RefusesAQopThatItDidNotOffer) {
  Given given = good();
  given.qop = sip::Qop::absent;
  EXPECT_EQ(check(given), Outcome::unsupported_qop);
  given.qop = sip::Qop::auth_int;
  policy_.allows_auth_int = false;
  EXPECT_EQ(check(given), Outcome::unsupported_qop);
  given.qop = sip::Qop::absent;
  given.more = ",qop=auth-conf,nc=00000001,cnonce=\"c\"";
  EXPECT_EQ(check(given), Outcome::unsupported_qop);
}

TEST_F(Server, RefusesAnotherScheme) {
  EXPECT_EQ(check_value("Bearer abc").outcome, Outcome::unsupported_scheme);
}

TEST_F(Server, RefusesAnotherUser) {
  Given given = good();
  for (const char* name : {"trunk-8", "", "Trunk-7", "trunk-77"}) {
    given.username = name;
    EXPECT_EQ(check(given), Outcome::unknown_user) << name;
  }
}

TEST_F(Server, KnowsAUserByItsHash) {
  Given given = good();
  given.more = ",userhash=true";
  EXPECT_EQ(check(given), Outcome::unknown_user);
  given.username =
      std::string(to_hex(userhash_of(hasher_, Hash::sha_256, "trunk-7", policy_.realm)).view());
  EXPECT_EQ(check(given), Outcome::ok);
  given.nc = "00000002";
  for (char& c : given.username) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(check(given), Outcome::ok);
  given.username[0] = given.username[0] == '0' ? '1' : '0';
  EXPECT_EQ(check(given), Outcome::unknown_user);
  given.username = "trunk-7";
  given.more = "";
  given.nc = "00000003";
  EXPECT_EQ(check(given), Outcome::ok);
}

TEST_F(Server, SaysThatTheAccountIsOurMistake) {
  account_.password = "";
  EXPECT_EQ(check(good()), Outcome::bad_account);
  account_.ha1[static_cast<size_t>(Hash::sha_256)] = "12";
  EXPECT_EQ(check(good()), Outcome::bad_account);
}

TEST_F(Server, ComparesTheUriWhenAsked) {
  expected_uri_ = "sip:other.example.net";
  EXPECT_EQ(check(good()), Outcome::wrong_uri);
  expected_uri_ = "sip:sip.example.net";
  EXPECT_EQ(check(good()), Outcome::ok);
}

TEST_F(Server, RefusesANonceOfAnotherSecretOrSource) {
  Given given = good();
  given.nonce = nonce(1, old_secret);
  EXPECT_EQ(check(given), Outcome::bad_nonce);
  given.nonce = nonce(1, secret, "192.0.2.2:5060");
  EXPECT_EQ(check(given), Outcome::bad_nonce);
  given.nonce = "";
  EXPECT_EQ(check(given), Outcome::bad_nonce);
}

TEST_F(Server, RefusesTruncatedAndFlippedNonces) {
  const std::string whole = nonce();
  for (size_t length = 0; length < whole.size(); ++length) {
    Given given = good();
    given.nonce = whole.substr(0, length);
    EXPECT_EQ(check(given), Outcome::bad_nonce) << length;
    given.nonce = whole;
    given.nonce[length] = given.nonce[length] == '0' ? '1' : '0';
    EXPECT_EQ(check(given), Outcome::bad_nonce) << length;
  }
}

TEST_F(Server, SaysStaleForAForeignNonceWithTheRightResponse) {
  Given given = good();
  given.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
  const Verdict right = check_value(value_of(given));
  EXPECT_EQ(right.outcome, Outcome::bad_nonce);
  EXPECT_TRUE(right.is_stale);
  given.password = "wrong";
  const Verdict wrong = check_value(value_of(given));
  EXPECT_EQ(wrong.outcome, Outcome::bad_nonce);
  EXPECT_FALSE(wrong.is_stale);
}

TEST_F(Server, TakesTheSecretBeforeTheChange) {
  Given given = good();
  given.nonce = nonce(1, old_secret);
  policy_.previous_secret = old_secret;
  EXPECT_EQ(check(given), Outcome::ok);
  EXPECT_EQ(check(good(2)), Outcome::ok);
}

TEST_F(Server, LetsANonceLiveForItsTime) {
  Given given = good();
  EXPECT_EQ(check(given, made_ms + default_nonce_lifetime_ms - 1), Outcome::ok);
  given.nc = "00000002";
  EXPECT_EQ(check(given, made_ms + default_nonce_lifetime_ms), Outcome::ok);
  given.nc = "00000003";
  const Verdict late = check_value(value_of(given), made_ms + default_nonce_lifetime_ms + 1);
  EXPECT_EQ(late.outcome, Outcome::stale);
  EXPECT_TRUE(late.is_stale);
  given.password = "wrong";
  const Verdict wrong = check_value(value_of(given), made_ms + default_nonce_lifetime_ms + 1);
  EXPECT_EQ(wrong.outcome, Outcome::bad_response);
  EXPECT_FALSE(wrong.is_stale);
}

TEST_F(Server, HasALifetimeOfItsPolicy) {
  policy_.nonce_lifetime_ms = 0;
  Given given = good();
  EXPECT_EQ(check(given, made_ms), Outcome::ok);
  given.nc = "00000002";
  EXPECT_EQ(check(given, made_ms + 1), Outcome::stale);
}

TEST_F(Server, RefusesAReplayOfANonceThatLivesForEver) {
  for (const uint64_t lifetime_ms :
       {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX - made_ms, UINT64_MAX - made_ms - 1}) {
    policy_.nonce_lifetime_ms = lifetime_ms;
    replays_ = {};
    const Given given = good();
    EXPECT_EQ(check(given), Outcome::ok) << lifetime_ms;
    EXPECT_EQ(check(given), Outcome::replayed) << lifetime_ms;
    EXPECT_EQ(check(given, 1ull << 63), Outcome::replayed) << lifetime_ms;
  }
}

TEST_F(Server, TakesANonceOfAClockThatIsALittleAhead) {
  Given given = good();
  EXPECT_EQ(check(given, made_ms - max_clock_lead_ms), Outcome::ok);
  given.nc = "00000002";
  EXPECT_EQ(check(given, made_ms - max_clock_lead_ms - 1), Outcome::stale);
  EXPECT_EQ(check(given, 0), Outcome::stale);
}

TEST_F(Server, RefusesAReplay) {
  const std::string value = value_of(good());
  EXPECT_EQ(check_value(value).outcome, Outcome::ok);
  const Verdict again = check_value(value);
  EXPECT_EQ(again.outcome, Outcome::replayed);
  EXPECT_TRUE(again.is_stale);
  // At the very end of the nonce's life too, and stale from there on.
  EXPECT_EQ(check_value(value, made_ms + default_nonce_lifetime_ms).outcome, Outcome::replayed);
  EXPECT_EQ(check_value(value, made_ms + default_nonce_lifetime_ms + 1).outcome, Outcome::stale);
}

TEST_F(Server, CountsAtItsEdges) {
  Given given = good();
  const std::pair<const char*, Outcome> steps[] = {
      {"00000000", Outcome::replayed}, {"00000001", Outcome::ok},
      {"7fffffff", Outcome::ok},       {"fffffffe", Outcome::ok},
      {"FFFFFFFF", Outcome::ok},       {"ffffffff", Outcome::replayed},
      {"00000000", Outcome::replayed}, {"00000002", Outcome::replayed}};
  for (const auto& [nc, outcome] : steps) {
    given.nc = nc;
    EXPECT_EQ(check(given), outcome) << nc;
  }
}

TEST_F(Server, TakesReorderedCountsOnce) {
  Given given = good();
  for (const char* nc : {"00000003", "00000001", "00000002"}) {
    given.nc = nc;
    EXPECT_EQ(check(given), Outcome::ok) << nc;
    EXPECT_EQ(check(given), Outcome::replayed) << nc;
  }
}

TEST_F(Server, UsesANonceWithoutQopOnce) {
  policy_.allows_no_qop = true;
  Given given = good();
  given.qop = sip::Qop::absent;
  EXPECT_EQ(check(given), Outcome::ok);
  EXPECT_EQ(check(given), Outcome::replayed);
}

TEST_F(Server, RefusesTheNewestWhenTheReplayTableIsFull) {
  unsigned full = 0;
  for (uint64_t serial = 0; serial < 200; ++serial) {
    const Outcome outcome = check(good(serial));
    if (outcome == Outcome::table_full) ++full;
  }
  EXPECT_EQ(full, 200 - 4 * slots_per_set);
}

TEST_F(Server, AuthenticatesARequest) {
  const Verdict verdict = authenticate_with(field(value_of(good())));
  EXPECT_TRUE(verdict.is_ok());
  EXPECT_EQ(verdict.index, 0);
}

TEST_F(Server, SaysWhatIsMissing) {
  EXPECT_EQ(authenticate_with("").outcome, Outcome::absent);
  EXPECT_EQ(authenticate_with("Proxy-Authorization: Bearer x\r\n").outcome, Outcome::absent);
  EXPECT_EQ(authenticate_with(field("Bearer x")).outcome, Outcome::unsupported_scheme);
  EXPECT_EQ(authenticate_with(field("Digest username=,realm=\"")).outcome, Outcome::malformed);
  Given given = good();
  given.realm = "sip.example.com";
  EXPECT_EQ(authenticate_with(field(value_of(given))).outcome, Outcome::wrong_realm);
  EXPECT_EQ(authenticate_with(field(value_of(given)) + field("Bearer x")).outcome,
            Outcome::wrong_realm);
}

TEST_F(Server, RefusesAnOverlongCount) {
  Given given = good();
  given.nc = "99999999999999999999";
  EXPECT_EQ(authenticate_with(field(value_with(given, std::string(64, 'f')))).outcome,
            Outcome::malformed);
}

TEST_F(Server, TriesTheMatchingRealmOnly) {
  Given foreign = good();
  foreign.realm = "sip.example.com";
  const std::string fields =
      field(value_of(foreign)) + field("Digest x") + field("Bearer y") + field(value_of(good()));
  const Verdict verdict = authenticate_with(fields);
  EXPECT_TRUE(verdict.is_ok());
  EXPECT_EQ(verdict.index, 0);
  // Nothing else was looked at, so it is a replay now.
  EXPECT_EQ(authenticate_with(fields).outcome, Outcome::replayed);
}

TEST_F(Server, TriesUpToMaxCredentials) {
  Given wrong = good();
  wrong.password = "wrong";
  std::string fields;
  for (unsigned i = 0; i < max_credentials - 1; ++i) fields += field(value_of(wrong));
  EXPECT_EQ(authenticate_with(fields).outcome, Outcome::bad_response);
  const Verdict verdict = authenticate_with(fields + field(value_of(good())));
  EXPECT_TRUE(verdict.is_ok());
  EXPECT_EQ(verdict.index, max_credentials - 1);
  EXPECT_EQ(authenticate_with(fields + field(value_of(wrong)) + field(value_of(good(2)))).outcome,
            Outcome::too_many);
  // Those of other realms do not count.
  Given foreign = good();
  foreign.realm = "sip.example.com";
  for (unsigned i = 0; i < 10; ++i) fields += field(value_of(foreign));
  EXPECT_TRUE(authenticate_with(fields + field(value_of(good(3)))).is_ok());
}

TEST_F(Server, TellsAboutTheFirstWhenNoneIsRight) {
  Given wrong = good();
  wrong.password = "wrong";
  Given other = good();
  other.username = "nobody";
  EXPECT_EQ(authenticate_with(field(value_of(wrong)) + field(value_of(other))).outcome,
            Outcome::bad_response);
  EXPECT_EQ(authenticate_with(field(value_of(other)) + field(value_of(wrong))).outcome,
            Outcome::unknown_user);
}

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
