#include "sip-parser/challenge.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

constexpr std::string_view full_challenge =
    "Digest realm=\"sip.example.net\", domain=\"sip:a.example.net sip:b.example.net\",\r\n"
    " nonce=\"f1cec4341ae6\", opaque=\"\", stale=TRUE, algorithm=SHA-512-256-sess,\r\n"
    "\tqop=\"auth, auth-int\", charset=UTF-8, userhash=true, new-one=token, other=\"x,\\\"y\"";

constexpr std::string_view minimal =
    "Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"sip:x\",response=\"f\"";

template <class T>
using Parser = Result<T, ValueError> (*)(Span, std::string_view);

template <class T>
Result<T, ValueError> guarded(Parser<T> parser, std::string_view value) {
  const support::GuardedBuffer buffer(value, 0, '"');
  return parser({0, static_cast<uint16_t>(value.size())}, buffer.view());
}
Result<Challenge, ValueError> challenge(std::string_view value) {
  return guarded<Challenge>(parse_challenge, value);
}
Result<Credentials, ValueError> credentials(std::string_view value) {
  return guarded<Credentials>(parse_credentials, value);
}
Result<AuthenticationInfo, ValueError> info(std::string_view value) {
  return guarded<AuthenticationInfo>(parse_authentication_info, value);
}

std::string with(std::string_view params) {
  return std::string(minimal) + "," + std::string(params);
}
std::string challenge_with(std::string_view params) {
  return "Digest realm=\"r\",nonce=\"n\"," + std::string(params);
}

// What all of the grammar's mistakes earn.
void expect_bad_challenge(std::string_view value) {
  const Result<Challenge, ValueError> result = challenge(value);
  ASSERT_FALSE(result) << value;
  EXPECT_EQ(result.error(), ValueError::bad_syntax) << value;
}
void expect_bad_credentials(std::string_view value) {
  const Result<Credentials, ValueError> result = credentials(value);
  ASSERT_FALSE(result) << value;
  EXPECT_EQ(result.error(), ValueError::bad_syntax) << value;
}

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

TEST(Credentials, ReadsEveryParameter) {
  const std::string value =
      "Digest username=\"bob\",\r\n realm=\"r\", nonce=\"n\", uri=\"sip:x;y=\\z\", "
      "opaque=\"o\",\r\n"
      " response=\"0123456789abcdefABCDEF\", algorithm=SHA-256, cnonce=\"c\", qop=auth-int,"
      " nc=0000000A, userhash=false, auts=\"x\"";
  const Result<Credentials, ValueError> read = credentials(value);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->scheme, AuthScheme::digest);
  EXPECT_EQ(text(read->username, value), "bob");
  EXPECT_EQ(text(read->realm, value), "r");
  EXPECT_EQ(text(read->nonce, value), "n");
  EXPECT_EQ(text(read->uri, value), "sip:x;y=\\z");
  EXPECT_EQ(text(read->opaque, value), "o");
  EXPECT_EQ(text(read->response, value), "0123456789abcdefABCDEF");
  EXPECT_EQ(read->algorithm, DigestAlgorithm::sha_256);
  EXPECT_EQ(text(read->cnonce, value), "c");
  EXPECT_EQ(read->qop, Qop::auth_int);
  EXPECT_EQ(text(read->qop_text, value), "auth-int");
  EXPECT_EQ(read->nc, 10u);
  EXPECT_EQ(text(read->nc_text, value), "0000000A");
  EXPECT_FALSE(read->has_userhash);
}

TEST(Credentials, ReadsTheFormOfRfc2069) {
  const Result<Credentials, ValueError> read = credentials(minimal);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->qop, Qop::absent);
  EXPECT_EQ(read->algorithm, DigestAlgorithm::md5);
  EXPECT_FALSE(is_present(read->cnonce));
}

TEST(Credentials, ReadsTheEmptyOnesOfImsRegistration) {
  EXPECT_TRUE(
      credentials("Digest username=\"a@b\",realm=\"b\",nonce=\"\",uri=\"sip:b\",response=\"\""));
}

TEST(Credentials, KeepsTheTextOfAnotherScheme) {
  const std::string value = "Bearer eyJ.a/b+c==";
  const Result<Credentials, ValueError> read = credentials(value);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->scheme, AuthScheme::other);
  EXPECT_EQ(text(read->params, value), "eyJ.a/b+c==");
  expect_bad_credentials("Bearer");
  expect_bad_credentials("Bearer \n");
}

TEST(Credentials, NeedTheirFiveParameters) {
  const std::string_view parts[] = {"username=\"a\"", "realm=\"r\"", "nonce=\"n\"", "uri=\"sip:x\"",
                                    "response=\"f\""};
  for (const std::string_view left_out : parts) {
    std::string value = "Digest x=y";
    for (const std::string_view part : parts) {
      if (part != left_out) value.append(",").append(part);
    }
    expect_bad_credentials(value);
    EXPECT_TRUE(credentials(value + "," + std::string(left_out)));
  }
}

TEST(Credentials, NeedCnonceAndNcWithQop) {
  expect_bad_credentials(with("qop=auth"));
  expect_bad_credentials(with("qop=auth,cnonce=\"c\""));
  expect_bad_credentials(with("qop=auth,nc=00000001"));
  EXPECT_TRUE(credentials(with("qop=auth,nc=00000001,cnonce=\"c\"")));
  EXPECT_TRUE(credentials(with("nc=00000001,cnonce=\"c\"")));
}

TEST(Credentials, TakeTokensInQuotes) {
  const Result<Credentials, ValueError> read = credentials(
      with("qop=\"auth\",nc=\"00000001\",cnonce=\"c\",algorithm=\"MD5\",userhash=\"true\""));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->qop, Qop::auth);
  EXPECT_EQ(read->nc, 1u);
  EXPECT_TRUE(read->has_userhash);
}

TEST(Credentials, ReadAnotherQop) {
  const std::string value = with("qop=auth-conf,nc=00000001,cnonce=\"c\"");
  const Result<Credentials, ValueError> read = credentials(value);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->qop, Qop::other);
  EXPECT_EQ(text(read->qop_text, value), "auth-conf");
  EXPECT_EQ(spelling(read->qop), "");
  // A client chooses one.
  expect_bad_credentials(with("qop=\"auth,auth-int\",nc=00000001,cnonce=\"c\""));
  expect_bad_credentials(with("qop=\"\",nc=00000001,cnonce=\"c\""));
}

TEST(Credentials, HaveAnNcOfEightHexDigits) {
  const auto nc_of = [](std::string_view nc) {
    return credentials(with("qop=auth,cnonce=\"c\",nc=" + std::string(nc)));
  };
  EXPECT_EQ(nc_of("00000000")->nc, 0u);
  EXPECT_EQ(nc_of("00000001")->nc, 1u);
  EXPECT_EQ(nc_of("00008000")->nc, 0x8000u);
  EXPECT_EQ(nc_of("7fffffff")->nc, 0x7fffffffu);
  EXPECT_EQ(nc_of("80000000")->nc, 0x80000000u);
  EXPECT_EQ(nc_of("fffffffe")->nc, 0xfffffffeu);
  EXPECT_EQ(nc_of("FFFFffff")->nc, 0xffffffffu);
  EXPECT_EQ(nc_of("9abcdefA")->nc, 0x9abcdefau);
  for (const char* bad :
       {"", "0", "1", "0000001", "000000001", "100000000", "99999999999999999999", "0x000001",
        "+0000001", "-0000001", "0000000g", "0000 001", "\"\"", "\"0000001\"", "\"000000001\"",
        "\" 0000001\"", "\"\\00000001\"", "FFFFFFFFF", "18446744073709551617"}) {
    const Result<Credentials, ValueError> read = nc_of(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error(), ValueError::bad_syntax) << bad;
  }
}

TEST(Credentials, ReadAnExtendedUsername) {
  const std::string value =
      "Digest username*=utf-8'en'J%C3%A4s%c3%b8n%20Doe,realm=\"r\",nonce=\"n\",uri=\"sip:x\","
      "response=\"f\"";
  const Result<Credentials, ValueError> read = credentials(value);
  ASSERT_TRUE(read);
  EXPECT_EQ(text(read->extended_username, value), "J%C3%A4s%c3%b8n%20Doe");
  EXPECT_TRUE(is_username(*read, "J\xc3\xa4s\xc3\xb8n Doe", value));
  EXPECT_FALSE(is_username(*read, "J\xc3\xa4s\xc3\xb8n Do", value));
  EXPECT_FALSE(is_username(*read, "J\xc3\xa4s\xc3\xb8n Doe2", value));
  EXPECT_FALSE(is_username(*read, "J%C3%A4s%c3%b8n%20Doe", value));
}

TEST(Credentials, TakeEveryCharacterOfAnExtendedUsername) {
  const std::string value =
      "Digest username*=UTF-8''!#$&+-.^_`|~aZ09,realm=\"r\",nonce=\"n\",uri=\"sip:x\","
      "response=\"f\"";
  const Result<Credentials, ValueError> read = credentials(value);
  ASSERT_TRUE(read);
  EXPECT_TRUE(is_username(*read, "!#$&+-.^_`|~aZ09", value));
}

TEST(Credentials, RefuseABadExtendedUsername) {
  const std::string rest = ",realm=\"r\",nonce=\"n\",uri=\"sip:x\",response=\"f\"";
  for (const char* bad : {"",
                          "UTF-8",
                          "UTF-8'",
                          "UTF-8''",
                          "UTF-8'en'",
                          "x",
                          "''x",
                          "ISO-8859-1''x",
                          "UTF-8''a%",
                          "UTF-8''a%2",
                          "UTF-8''a%g0",
                          "UTF-8''a%0g",
                          "UTF-8''%00",
                          "UTF-8''%0d%0A",
                          "UTF-8''%1F",
                          "UTF-8''%7f",
                          "UTF-8''a*b",
                          "UTF-8''a'b",
                          "UTF-8''a b",
                          "UTF-8''a/b",
                          "UTF-8''a@b",
                          "UTF-8''a\xc3\xa4",
                          "\"UTF-8''a\""}) {
    expect_bad_credentials("Digest username*=" + std::string(bad) + rest);
  }
  EXPECT_TRUE(credentials("Digest username*=UTF-8''a" + rest));
  expect_bad_credentials("Digest username*=UTF-8''a,username=\"a\"" + rest);
  expect_bad_credentials("Digest username*=UTF-8''a,userhash=true" + rest);
  // '#' and its like belong to an ext-value only.
  expect_bad_credentials("Digest x=a#b,username*=UTF-8''a" + rest);
}

TEST(Credentials, CompareTheUsernameWithoutEscapes) {
  const std::string value =
      "Digest username=\"a\\\"b\\\\c\",realm=\"r\",nonce=\"n\",uri=\"sip:x\",response=\"f\"";
  const Result<Credentials, ValueError> read = credentials(value);
  ASSERT_TRUE(read);
  EXPECT_TRUE(is_username(*read, "a\"b\\c", value));
  EXPECT_FALSE(is_username(*read, "a\\\"b\\\\c", value));
  EXPECT_FALSE(is_username(*read, "", value));
}

TEST(Credentials, RefuseMistakes) {
  for (const std::string& bad : {std::string(""),
                                 std::string("Digest"),
                                 std::string("Digest username=,realm=\""),
                                 std::string("Digest username=,realm=\"r\""),
                                 with("username=\"b\""),
                                 with("nonce=\"b\""),
                                 with("uri=\"b\""),
                                 with("response=\"b\""),
                                 with("cnonce=c"),
                                 with("opaque=o"),
                                 with("cnonce=\"c\",cnonce=\"c\""),
                                 with("nc=00000001,nc=00000002"),
                                 with("userhash=1"),
                                 with("algorithm=\"\""),
                                 with("x"),
                                 with("x="),
                                 with("x=\""),
                                 with("=x"),
                                 std::string(minimal) + " x=y",
                                 std::string(minimal) + ";x=y",
                                 std::string(minimal) + ", Digest x=y"}) {
    expect_bad_credentials(bad);
  }
  for (const char* bad :
       {"Digest username=a,realm=\"r\",nonce=\"n\",uri=\"sip:x\",response=\"f\"",
        "Digest username=\"a\",realm=r,nonce=\"n\",uri=\"sip:x\",response=\"f\"",
        "Digest username=\"a\",realm=\"r\",nonce=n,uri=\"sip:x\",response=\"f\"",
        "Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=sip,response=\"f\"",
        "Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"\",response=\"f\"",
        "Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"sip:x\",response=f"}) {
    expect_bad_credentials(bad);
  }
}

TEST(Credentials, HaveAtMostMaxParams) {
  std::string value(minimal);
  for (unsigned i = 5; i < max_params; ++i) value += ",p" + std::to_string(i) + "=v";
  EXPECT_TRUE(credentials(value));
  EXPECT_EQ(credentials(value + ",more=v").error(), ValueError::too_many);
}

TEST(AuthenticationInfo, ReadsEveryParameter) {
  const std::string value =
      "nextnonce=\"47364c23432d2e131a5fb210812c\", qop=auth-int,\r\n rspauth=\"00ff\","
      " cnonce=\"c\", nc=000000ff, new=\"x\"";
  const Result<AuthenticationInfo, ValueError> read = info(value);
  ASSERT_TRUE(read);
  EXPECT_EQ(text(read->nextnonce, value), "47364c23432d2e131a5fb210812c");
  EXPECT_EQ(read->qop, Qop::auth_int);
  EXPECT_EQ(text(read->rspauth, value), "00ff");
  EXPECT_EQ(text(read->cnonce, value), "c");
  EXPECT_EQ(read->nc, 255u);
  EXPECT_EQ(text(read->nc_text, value), "000000ff");
}

TEST(AuthenticationInfo, NeedsOneParameter) {
  EXPECT_TRUE(info("nc=00000001"));
  EXPECT_TRUE(info("rspauth=\"\""));
  for (const char* bad : {"", " ", ",", " , ,"}) {
    const Result<AuthenticationInfo, ValueError> read = info(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error(), ValueError::bad_syntax);
  }
}

TEST(AuthenticationInfo, RefusesMistakes) {
  for (const char* bad :
       {"nextnonce", "nextnonce=", "nextnonce=x", "nextnonce=\"x", "rspauth=00", "cnonce=c",
        "qop=\"\"", "qop=\"auth,auth-int\"", "nc=1", "nc=000000001", "nc=00000001 qop=auth",
        "nc=00000001,nc=00000001", "Digest nc=00000001"}) {
    const Result<AuthenticationInfo, ValueError> read = info(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error(), ValueError::bad_syntax) << bad;
  }
  std::string value = "nc=00000001";
  for (unsigned i = 1; i < max_params; ++i) value += ",p" + std::to_string(i) + "=v";
  EXPECT_TRUE(info(value));
  EXPECT_EQ(info(value + ",more=v").error(), ValueError::too_many);
}

TEST(AuthSpelling, IsThatOfTheRfcs) {
  EXPECT_EQ(spelling(DigestAlgorithm::md5), "MD5");
  EXPECT_EQ(spelling(DigestAlgorithm::sha_512_256_sess), "SHA-512-256-sess");
  EXPECT_EQ(spelling(Qop::auth), "auth");
  EXPECT_EQ(spelling(Qop::auth_int), "auth-int");
  EXPECT_EQ(spelling(Qop::absent), "");
}

}  // namespace
}  // namespace demarc::sip
