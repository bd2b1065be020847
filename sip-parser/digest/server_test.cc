// Which credentials a server takes.
#include "sip-parser/digest/server_harness.h"

namespace demarc::digest {
namespace {

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

}  // namespace
}  // namespace demarc::digest
