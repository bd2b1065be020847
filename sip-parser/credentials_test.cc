#include "sip-parser/challenge_harness.h"

namespace demarc::sip {
namespace {

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
