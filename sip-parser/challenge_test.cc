#include "sip-parser/challenge_harness.h"

namespace demarc::sip {
namespace {

TEST(Challenge, ReadsEveryParameter) {
  const Result<Challenge, ValueError> read = challenge(full_challenge);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->scheme, AuthScheme::digest);
  EXPECT_EQ(text(read->scheme_text, full_challenge), "Digest");
  EXPECT_EQ(text(read->realm, full_challenge), "sip.example.net");
  EXPECT_EQ(text(read->domain, full_challenge), "sip:a.example.net sip:b.example.net");
  EXPECT_EQ(text(read->nonce, full_challenge), "f1cec4341ae6");
  EXPECT_TRUE(is_present(read->opaque));
  EXPECT_EQ(text(read->opaque, full_challenge), "");
  EXPECT_TRUE(read->is_stale);
  EXPECT_EQ(read->algorithm, DigestAlgorithm::sha_512_256_sess);
  EXPECT_EQ(text(read->algorithm_text, full_challenge), "SHA-512-256-sess");
  EXPECT_TRUE(read->offers_auth);
  EXPECT_TRUE(read->offers_auth_int);
  EXPECT_EQ(text(read->qop, full_challenge), "auth, auth-int");
  EXPECT_EQ(text(read->charset, full_challenge), "UTF-8");
  EXPECT_TRUE(read->has_userhash);
}

TEST(Challenge, HasDefaults) {
  const Result<Challenge, ValueError> read = challenge("dIGEST nonce=\"\",realm=\"\"");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->scheme, AuthScheme::digest);
  EXPECT_TRUE(is_present(read->nonce));
  EXPECT_TRUE(is_present(read->realm));
  EXPECT_FALSE(is_present(read->opaque));
  EXPECT_FALSE(is_present(read->domain));
  EXPECT_FALSE(is_present(read->charset));
  EXPECT_FALSE(is_present(read->algorithm_text));
  EXPECT_EQ(read->algorithm, DigestAlgorithm::md5);
  EXPECT_FALSE(is_present(read->qop));
  EXPECT_FALSE(read->offers_auth || read->offers_auth_int || read->is_stale || read->has_userhash);
}

TEST(Challenge, KnowsEveryAlgorithmInAnyCase) {
  for (unsigned i = 0; i < static_cast<unsigned>(DigestAlgorithm::other); ++i) {
    const DigestAlgorithm algorithm = static_cast<DigestAlgorithm>(i);
    std::string name(spelling(algorithm));
    EXPECT_EQ(challenge(challenge_with("algorithm=" + name))->algorithm, algorithm);
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(challenge(challenge_with("algorithm=" + name))->algorithm, algorithm);
    EXPECT_EQ(challenge(challenge_with("algorithm=\"" + name + "\""))->algorithm, algorithm);
  }
}

TEST(Challenge, KeepsTheTextOfAnotherAlgorithm) {
  const std::string value = challenge_with("algorithm=AKAv1-MD5");
  const Result<Challenge, ValueError> read = challenge(value);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->algorithm, DigestAlgorithm::other);
  EXPECT_EQ(text(read->algorithm_text, value), "AKAv1-MD5");
  EXPECT_EQ(spelling(read->algorithm), "");
}

TEST(Challenge, TakesTokensInQuotes) {
  const Result<Challenge, ValueError> read = challenge(
      challenge_with("algorithm=\"SHA-256\",stale=\"true\",userhash=\"TRUE\",charset=\"UTF-8\""));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->algorithm, DigestAlgorithm::sha_256);
  EXPECT_TRUE(read->is_stale);
  EXPECT_TRUE(read->has_userhash);
}

TEST(Challenge, TakesOneQopWithoutQuotes) {
  EXPECT_TRUE(challenge(challenge_with("qop=auth"))->offers_auth);
  EXPECT_TRUE(challenge(challenge_with("qop=auth-int"))->offers_auth_int);
  // The comma ends the parameter, and auth-int has no value.
  expect_bad_challenge(challenge_with("qop=auth,auth-int"));
}

TEST(Challenge, ReadsTheQopList) {
  const Result<Challenge, ValueError> read =
      challenge(challenge_with("qop=\"new, ,\r\n AUTH-INT ,\""));
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->offers_auth);
  EXPECT_TRUE(read->offers_auth_int);
  const Result<Challenge, ValueError> other = challenge(challenge_with("qop=\"auth-conf\""));
  ASSERT_TRUE(other);
  EXPECT_TRUE(is_present(other->qop));
  EXPECT_FALSE(other->offers_auth || other->offers_auth_int);
  for (const char* bad : {"qop=\"\"", "qop=\" , \"", "qop=\"auth auth-int\"", "qop=\"auth;x\"",
                          "qop=\"au\\th\"", "qop=\"<auth>\""}) {
    expect_bad_challenge(challenge_with(bad));
  }
}

TEST(Challenge, CountsAnyOtherStaleAsFalse) {
  for (const char* value : {"stale=false", "stale=FALSE", "stale=1", "stale=truely"}) {
    EXPECT_FALSE(challenge(challenge_with(value))->is_stale) << value;
  }
  expect_bad_challenge(challenge_with("stale=\"\""));
  expect_bad_challenge(challenge_with("stale=\"tr ue\""));
}

TEST(Challenge, RefusesAnotherUserhash) {
  EXPECT_FALSE(challenge(challenge_with("userhash=false"))->has_userhash);
  expect_bad_challenge(challenge_with("userhash=yes"));
  expect_bad_challenge(challenge_with("userhash=\"\""));
}

TEST(Challenge, TakesWhiteSpaceAndFoldsAroundEverything) {
  const Result<Challenge, ValueError> read =
      challenge(" Digest\r\n realm\t=\r\n \"r\" \r\n , nonce = \"n\"\r\n\t");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->realm.length, 1u);
}

TEST(Challenge, TakesFoldsAndEscapesInQuotes) {
  const std::string value = "Digest realm=\"a\r\n b\\\"c\\\\\",nonce=\"\\,\xc3\xa4\"";
  const Result<Challenge, ValueError> read = challenge(value);
  ASSERT_TRUE(read);
  EXPECT_EQ(text(read->realm, value), "a\r\n b\\\"c\\\\");
  EXPECT_EQ(text(read->nonce, value), "\\,\xc3\xa4");
}

TEST(Challenge, PassesOverEmptyElements) {
  EXPECT_TRUE(challenge("Digest ,, realm=\"r\", ,nonce=\"n\",\r\n ,"));
  EXPECT_TRUE(challenge("Digest realm=\"r\",nonce=\"n\","));
}

TEST(Challenge, KeepsTheTextOfAnotherScheme) {
  const std::string value = "  NoOneKnowsThisScheme\r\n opaque-data=here,, x ";
  const Result<Challenge, ValueError> read = challenge(value);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->scheme, AuthScheme::other);
  EXPECT_EQ(text(read->scheme_text, value), "NoOneKnowsThisScheme");
  EXPECT_EQ(text(read->params, value), "opaque-data=here,, x");
  EXPECT_TRUE(challenge("Basic dGVzdA=="));
  EXPECT_TRUE(challenge("X a=\"\r\n \xc3\xa4\""));
}

TEST(Challenge, RefusesAnotherSchemeWithoutTextOrWithControls) {
  for (const char* bad : {"Basic", "Basic ", "Basic\r\n ", "B@sic x=y", "Basic=x", "Basic a\rb",
                          "Basic a\nb", "Basic a\r\nb",
                          "Basic a\x01"
                          "b",
                          "Basic a\x7f"}) {
    expect_bad_challenge(bad);
  }
  expect_bad_challenge(std::string("Basic a\0b", 9));
}

TEST(Challenge, RefusesMistakes) {
  for (const char* bad : {"",
                          " ",
                          "Digest",
                          "Digest ",
                          "Digest,",
                          "Digest realm=\"r\"",
                          "Digest nonce=\"n\"",
                          "realm=\"r\",nonce=\"n\"",
                          "Digest realm=,nonce",
                          "Digest realm=,nonce=\"n\"",
                          "Digest realm,nonce=\"n\"",
                          "Digest realm=\"r\",nonce=",
                          "Digest realm=\"r\",nonce",
                          "Digest realm=\"r\",nonce=\"",
                          "Digest realm=\"r\",nonce=\"n",
                          "Digest realm=\"r\",nonce=n",
                          "Digest realm=r,nonce=\"n\"",
                          "Digest realm=\"r\" nonce=\"n\"",
                          "Digest realm=\"r\";nonce=\"n\"",
                          "Digest realm=\"r\",nonce=\"n\" x",
                          "Digest realm=\"r\",nonce=\"n\"x=y",
                          "Digest realm=\"r\",=\"n\",nonce=\"n\"",
                          "Digest realm=\"r\",nonce=\"n\\\"",
                          "Digest realm=\"r\",nonce=\"n\\",
                          "Digest realm==\"r\",nonce=\"n\"",
                          "Digest realm=\"r\",nonce=\"n\",x=a/b",
                          "Digest realm=\"r\",nonce=\"n\",x=",
                          "Digest realm=\"r\",nonce=\"n\",x",
                          "Digest realm=\"r\",nonce=\"n\",opaque=o",
                          "Digest realm=\"r\",nonce=\"n\",domain=d",
                          "Digest realm=\"r\",nonce=\"n\",algorithm=\"\"",
                          "Digest realm=\"r\",nonce=\"n\",algorithm=\"MD5 x\"",
                          "Digest realm=\"r\",nonce=\"n\",algorithm=\"MD\\5\"",
                          "Digest realm=\"r\",nonce=\"n\",charset=\"\""}) {
    expect_bad_challenge(bad);
  }
}

TEST(Challenge, RefusesControlsInQuotes) {
  for (int octet = 0; octet < 256; ++octet) {
    const std::string plain = std::string("a") + static_cast<char>(octet) + "b";
    const bool is_bad = (octet < 0x20 && octet != '\t') || octet == 0x7f || octet == '"';
    EXPECT_EQ(challenge("Digest realm=\"" + plain + "\",nonce=\"n\"").has_value(), !is_bad)
        << octet;
    const std::string escaped = std::string("a\\") + static_cast<char>(octet) + "b";
    const bool is_bad_pair = octet == 0 || octet == '\r' || octet == '\n' || octet >= 0x80;
    EXPECT_EQ(challenge("Digest realm=\"" + escaped + "\",nonce=\"n\"").has_value(), !is_bad_pair)
        << octet;
  }
}

TEST(Challenge, RefusesAListOfChallenges) {
  expect_bad_challenge("Digest realm=\"r\",nonce=\"n\", Digest realm=\"s\",nonce=\"m\"");
  expect_bad_challenge("Digest realm=\"r\",nonce=\"n\", Basic realm=\"s\"");
}

TEST(Challenge, RefusesRepeatedParameters) {
  for (const char* bad :
       {"realm=\"r\"", "NONCE=\"n\"", "stale=true,stale=true", "qop=auth,Qop=auth",
        "algorithm=MD5,algorithm=MD5", "x=1,y=2,X=3", "x=1,x=\"1\""}) {
    expect_bad_challenge(challenge_with(bad));
  }
}

TEST(Challenge, HasAtMostMaxParams) {
  std::string value = "Digest realm=\"r\",nonce=\"n\"";
  for (unsigned i = 2; i < max_params - 1; ++i) value += ",p" + std::to_string(i) + "=v";
  EXPECT_TRUE(challenge(value));
  EXPECT_TRUE(challenge(value + ",last=v"));
  const Result<Challenge, ValueError> read = challenge(value + ",last=v,more=v");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error(), ValueError::too_many);
}

TEST(Challenge, CountsEmptyElementsAsParameters) {
  const std::string start = "Digest realm=\"r\",nonce=\"n\"";
  EXPECT_TRUE(challenge(start + std::string(max_params - 2, ',')));
  EXPECT_TRUE(challenge(start + std::string(max_params - 1, ',')));
  const Result<Challenge, ValueError> read = challenge(start + std::string(max_params, ','));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error(), ValueError::too_many);
}

TEST(Challenge, NeverReadsBehindAnyCutOfIt) {
  for (size_t length = 0; length < full_challenge.size(); ++length) {
    const Result<Challenge, ValueError> read = challenge(full_challenge.substr(0, length));
    EXPECT_TRUE(!read || is_present(read->nonce)) << length;
  }
}

TEST(Challenge, ReadsASpanInTheMiddle) {
  const std::string datagram = "xxDigest realm=\"r\",nonce=\"n\",opaque=\"o\"";
  const Result<Challenge, ValueError> read =
      parse_challenge({2, static_cast<uint16_t>(datagram.size() - 2 - 11)}, datagram);
  ASSERT_TRUE(read);
  EXPECT_EQ(text(read->realm, datagram), "r");
  EXPECT_FALSE(is_present(read->opaque));
}

}  // namespace
}  // namespace demarc::sip
