#include "sip-parser/digest/client.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "sip-parser/parse.h"
#include "tests/support/guarded_buffer.h"

namespace demarc::digest {
namespace {

constexpr std::string_view usual =
    "Digest realm=\"r\", nonce=\"n\", opaque=\"o\", algorithm=SHA-256, qop=\"auth,auth-int\"";
const Account account{.username = "u", .password = "p"};
const ClientRequest request{"INVITE", "sip:x", "body", "c", 0};

struct Answer {
  ClientError error = ClientError::none;
  std::string text;
};

class ClientTest : public testing::Test {
 protected:
  Answer answer(std::string_view value, const ClientRequest& with = request,
                const Account& as = account, bool is_asked = true) {
    const Result<sip::Challenge, sip::ValueError> challenge =
        sip::parse_challenge({0, static_cast<uint16_t>(value.size())}, value);
    if (!challenge) return {ClientError::malformed, ""};
    std::array<char, 2048> buffer;
    sip::Writer writer(buffer);
    const Challenged challenged{*challenge, value};
    const ClientError error =
        is_asked ? answer_challenge(hasher_, writer, nonce_, policy_, challenged, as, with)
                 : authorize_next(hasher_, writer, nonce_, policy_, challenged, as, with);
    return {error, std::string(writer.written())};
  }
  Answer next(std::string_view value) { return answer(value, request, account, false); }

  Result<sip::Challenge, ClientError> choose(std::string_view fields) {
    datagram_ = "SIP/2.0 401 Unauthorized\r\n" + std::string(fields) + "\r\n";
    const support::GuardedBuffer buffer(datagram_, sip::padding_octets, '"');
    EXPECT_TRUE(sip::parse(buffer.view(), message_));
    return choose_challenge(hasher_, policy_,
                            {message_, buffer.view(), sip::HeaderName::www_authenticate});
  }

  // The response that these inputs must have.
  std::string response(ResponseInput input, std::string_view realm = "r") {
    Ha1 ha1;
    EXPECT_EQ(find_ha1(hasher_, hash_of(input.algorithm), account, realm, ha1), AccountError::none);
    input.method = "INVITE";
    input.uri = "sip:x";
    input.qop_text = spelling(input.qop);
    input.body = "body";
    return std::string(to_hex(response_of(hasher_, ha1, input)).view());
  }

  Hasher hasher_;
  ClientPolicy policy_;
  ClientNonce nonce_;
  sip::Message message_;
  std::string datagram_;
};

using Client = ClientTest;

TEST_F(Client, AnswersAChallenge) {
  ResponseInput input;
  input.algorithm = Algorithm::sha_256;
  input.qop = sip::Qop::auth;
  input.nonce = "n";
  input.cnonce = "c";
  input.nc = "00000001";
  const Answer answered = answer(usual);
  EXPECT_EQ(answered.error, ClientError::none);
  EXPECT_EQ(answered.text,
            "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:x\", response=\"" +
                response(input) +
                "\", algorithm=SHA-256, opaque=\"o\", cnonce=\"c\", qop=auth, "
                "nc=00000001");
}

TEST_F(Client, AnswersTheFormOfRfc2069) {
  policy_.algorithms = with_md5;
  ResponseInput input;
  input.nonce = "n";
  const Answer answered = answer("Digest realm=\"r\",nonce=\"n\"");
  EXPECT_EQ(answered.error, ClientError::none);
  EXPECT_EQ(answered.text,
            "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:x\", response=\"" +
                response(input) + "\"");
}

TEST_F(Client, EchoesAnEmptyOpaque) {
  const Answer answered = answer("Digest realm=\"r\",nonce=\"n\",opaque=\"\",algorithm=SHA-256");
  EXPECT_NE(answered.text.find(", opaque=\"\""), std::string::npos);
}

TEST_F(Client, PrefersAuthUnlessToldOtherwise) {
  EXPECT_NE(answer(usual).text.find("qop=auth,"), std::string::npos);
  const std::string start = "Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256,qop=";
  EXPECT_NE(answer(start + "\"x,auth-int\"").text.find("qop=auth-int,"), std::string::npos);
  policy_.prefers_auth_int = true;
  EXPECT_NE(answer(usual).text.find("qop=auth-int,"), std::string::npos);
  EXPECT_NE(answer(start + "auth").text.find("qop=auth,"), std::string::npos);
  EXPECT_EQ(answer(start + "auth-conf").error, ClientError::unsupported);
}

TEST_F(Client, CountsAndBeginsAnewWithAnotherNonce) {
  EXPECT_NE(answer(usual).text.find("nc=00000001"), std::string::npos);
  EXPECT_NE(next(usual).text.find("nc=00000002"), std::string::npos);
  EXPECT_NE(answer(usual).text.find("nc=00000003"), std::string::npos);
  EXPECT_NE(
      answer("Digest realm=\"r\",nonce=\"m\",algorithm=SHA-256,qop=auth").text.find("nc=00000001"),
      std::string::npos);
}

TEST_F(Client, UsesANextnonceWithoutBeingAsked) {
  EXPECT_EQ(answer(usual).error, ClientError::none);
  ASSERT_TRUE(nonce_.adopt("later"));
  const Answer answered = next(usual);
  EXPECT_EQ(answered.error, ClientError::none);
  EXPECT_NE(answered.text.find("nonce=\"later\""), std::string::npos);
  EXPECT_NE(answered.text.find("nc=00000001"), std::string::npos);
}

TEST_F(Client, NeedsANonceToGoOn) {
  EXPECT_EQ(next(usual).error, ClientError::no_nonce);
}

TEST_F(Client, StopsWhenAllCountsAreUsed) {
  ASSERT_TRUE(nonce_.adopt("n"));
  nonce_.skip_counts(0xfffffffd);
  EXPECT_NE(next(usual).text.find("nc=fffffffe"), std::string::npos);
  EXPECT_NE(next(usual).text.find("nc=ffffffff"), std::string::npos);
  const Answer exhausted = next(usual);
  EXPECT_EQ(exhausted.error, ClientError::count_exhausted);
  EXPECT_EQ(exhausted.text, "");
  EXPECT_EQ(next(usual).error, ClientError::count_exhausted);
  // The same nonce again does not help, another one does.
  EXPECT_EQ(answer(usual).error, ClientError::count_exhausted);
  ASSERT_TRUE(nonce_.adopt("m"));
  EXPECT_NE(next(usual).text.find("nc=00000001"), std::string::npos);
}

TEST_F(Client, KeepsTheCnonceOfASession) {
  const std::string session = "Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256-sess,qop=\"auth\"";
  EXPECT_NE(answer(session).text.find("cnonce=\"c\""), std::string::npos);
  ClientRequest later = request;
  later.cnonce = "d";
  EXPECT_NE(answer(session, later).text.find("cnonce=\"c\""), std::string::npos);
  EXPECT_NE(answer(usual, later).text.find("cnonce=\"d\""), std::string::npos);
}

TEST_F(Client, RefusesASessionWithoutQop) {
  EXPECT_EQ(answer("Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256-sess").error,
            ClientError::unsupported);
}

TEST_F(Client, HashesItsNameWhereTheServerOffersIt) {
  const std::string value = "Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256,userhash=true";
  const std::string hash(to_hex(userhash_of(hasher_, Hash::sha_256, account.username, "r")).view());
  const std::string hashed = answer(value).text;
  EXPECT_NE(hashed.find("username=\"" + hash + "\""), std::string::npos);
  EXPECT_NE(hashed.find(", userhash=true"), std::string::npos);
  policy_.hashes_username = false;
  const std::string plain = answer(value).text;
  EXPECT_NE(plain.find("username=\"u\""), std::string::npos);
  EXPECT_EQ(plain.find("userhash"), std::string::npos);
}

TEST_F(Client, EscapesItsName) {
  const Account odd{.username = "a\"b\\c", .password = "p"};
  EXPECT_NE(answer(usual, request, odd).text.find("username=\"a\\\"b\\\\c\","), std::string::npos);
}

TEST_F(Client, EchoesEscapesAndHashesWithoutThem) {
  policy_.expected_realm = "a \"b\"";
  ResponseInput input;
  input.algorithm = Algorithm::sha_256;
  input.nonce = "n,1 2";
  const Answer answered = answer(
      "Digest realm=\"a\r\n \\\"b\\\"\",nonce=\"n\\,1\r\n\t2\",opaque=\"\r\n "
      "\\o\",algorithm=SHA-256");
  EXPECT_EQ(answered.error, ClientError::none);
  EXPECT_NE(answered.text.find("realm=\"a \\\"b\\\"\", nonce=\"n\\,1 2\""), std::string::npos);
  EXPECT_NE(answered.text.find("opaque=\" \\o\""), std::string::npos);
  EXPECT_NE(answered.text.find(response(input, "a \\\"b\\\"")), std::string::npos);
  EXPECT_EQ(answered.text.find('\n'), std::string::npos);
}

TEST_F(Client, AnswersTheExpectedRealmOnly) {
  policy_.expected_realm = "R";
  EXPECT_EQ(answer(usual).error, ClientError::wrong_realm);
  EXPECT_EQ(answer(usual).text, "");
  EXPECT_EQ(next(usual).error, ClientError::wrong_realm);
  policy_.expected_realm = "r";
  EXPECT_EQ(answer(usual).error, ClientError::none);
}

TEST_F(Client, RefusesMd5UnlessAllowed) {
  for (const char* algorithm : {"", ",algorithm=MD5", ",algorithm=MD5-sess,qop=auth"}) {
    const std::string value = "Digest realm=\"r\",nonce=\"n\"" + std::string(algorithm);
    policy_.algorithms = without_md5;
    EXPECT_EQ(answer(value).error, ClientError::unsupported);
    policy_.algorithms = with_md5;
    EXPECT_EQ(answer(value).error, ClientError::none);
  }
  EXPECT_EQ(answer("Digest realm=\"r\",nonce=\"n\",algorithm=SHA-999").error,
            ClientError::unsupported);
  EXPECT_EQ(answer("Basic realm=\"r\"").error, ClientError::unsupported);
}

TEST_F(Client, RefusesWhatThisMachineCanNotHash) {
  Hasher taken(std::move(hasher_));
  EXPECT_EQ(answer(usual).error, ClientError::unsupported);
}

TEST_F(Client, AnswersAgainOnceAndOnlyWhenStale) {
  const std::string stale = std::string(usual) + ",stale=true";
  ClientRequest again = request;
  again.times_answered = 1;
  EXPECT_EQ(answer(usual, again).error, ClientError::rejected);
  EXPECT_EQ(answer(stale, again).error, ClientError::none);
  again.times_answered = 2;
  EXPECT_EQ(answer(stale, again).error, ClientError::rejected);
}

TEST_F(Client, RefusesAnAccountWithoutASecret) {
  EXPECT_EQ(answer(usual, request, {.username = "u", .password = ""}).error,
            ClientError::bad_account);
  Account bad{.username = "u", .password = "p"};
  bad.ha1[1] = "12";
  EXPECT_EQ(answer(usual, request, bad).error, ClientError::bad_account);
  // No count was used.
  EXPECT_NE(answer(usual).text.find("nc=00000001"), std::string::npos);
}

TEST_F(Client, RefusesTextsThatCanNotBeSent) {
  const std::string too_long(max_cnonce_octets + 1, 'c');
  for (const std::string_view bad :
       {std::string_view(""), std::string_view("a\"b"), std::string_view("a\\b"),
        std::string_view("a b"), std::string_view("a\r\nb"), std::string_view("a\0b", 3),
        std::string_view("\xc3\xa4"), std::string_view("\x7f")}) {
    ClientRequest with = request;
    with.uri = bad;
    EXPECT_EQ(answer(usual, with).error, ClientError::bad_argument) << bad;
    with = request;
    with.cnonce = bad;
    EXPECT_EQ(answer(usual, with).error, ClientError::bad_argument) << bad;
    with = request;
    with.method = bad;
    EXPECT_EQ(answer(usual, with).error, ClientError::bad_argument) << bad;
  }
  for (const std::string_view bad : {std::string_view(""), std::string_view("a\r\n b"),
                                     std::string_view("a\nb"), std::string_view("a\0b", 3)}) {
    EXPECT_EQ(answer(usual, request, {.username = bad, .password = "p"}).error,
              ClientError::bad_argument);
  }
  ClientRequest with = request;
  with.cnonce = too_long;
  EXPECT_EQ(answer(usual, with).error, ClientError::bad_argument);
  with.cnonce = std::string_view(too_long).substr(1);
  EXPECT_EQ(answer(usual, with).error, ClientError::none);
  with.cnonce = std::string_view(too_long).substr(2);
  EXPECT_EQ(answer(usual, with).error, ClientError::none);
}

TEST_F(Client, RefusesANonceThatIsTooLong) {
  const auto challenge = [](size_t octets) {
    return "Digest realm=\"r\",algorithm=SHA-256,qop=auth,nonce=\"" + std::string(octets, 'n') +
           "\"";
  };
  EXPECT_EQ(answer(challenge(max_nonce_octets)).error, ClientError::none);
  EXPECT_EQ(answer(challenge(max_nonce_octets + 1)).error, ClientError::nonce_too_long);
}

TEST_F(Client, SaysThatTheWriterRanOutOfRoom) {
  const Result<sip::Challenge, sip::ValueError> challenge =
      sip::parse_challenge({0, static_cast<uint16_t>(usual.size())}, usual);
  ASSERT_TRUE(challenge);
  const size_t needed = answer(usual).text.size();
  for (size_t room = 0; room <= needed; ++room) {
    std::string buffer(room, ' ');
    sip::Writer writer(buffer);
    ASSERT_EQ(
        answer_challenge(hasher_, writer, nonce_, policy_, {*challenge, usual}, account, request),
        ClientError::none);
    EXPECT_EQ(writer.failed(), room < needed);
  }
}

TEST_F(Client, ChoosesTheTopmostThatItCanAnswer) {
  const Result<sip::Challenge, ClientError> chosen = choose(
      "WWW-Authenticate: Basic realm=\"r\"\r\n"
      "WWW-Authenticate: Digest realm=\"r\",nonce=\"1\",algorithm=NEW-1,qop=\"auth\"\r\n"
      "WWW-Authenticate: Digest realm=\"r\",nonce=\"2\",algorithm=MD5,qop=\"auth\"\r\n"
      "WWW-Authenticate: Digest realm=,nonce\r\n"
      "WWW-Authenticate: Digest realm=\"r\",nonce=\"3\",algorithm=SHA-256,qop=\"x\"\r\n"
      "Proxy-Authenticate: Digest realm=\"r\",nonce=\"4\",algorithm=SHA-256\r\n"
      "WWW-Authenticate: Digest realm=\"r\",nonce=\"5\",algorithm=SHA-256,qop=\"auth\"\r\n"
      "WWW-Authenticate: Digest realm=\"r\",nonce=\"6\",algorithm=SHA-512-256\r\n");
  ASSERT_TRUE(chosen);
  EXPECT_EQ(text(chosen->nonce, datagram_), "5");
}

TEST_F(Client, ChoosesByRealm) {
  policy_.expected_realm = "ours";
  const Result<sip::Challenge, ClientError> chosen = choose(
      "WWW-Authenticate: Digest realm=\"theirs\",nonce=\"1\",algorithm=SHA-256\r\n"
      "WWW-Authenticate: Digest realm=\"ours\",nonce=\"2\",algorithm=SHA-256\r\n");
  ASSERT_TRUE(chosen);
  EXPECT_EQ(text(chosen->nonce, datagram_), "2");
}

TEST_F(Client, SaysWhyNoneWasChosen) {
  EXPECT_EQ(choose("").error(), ClientError::no_challenge);
  EXPECT_EQ(choose("Proxy-Authenticate: Digest realm=\"r\",nonce=\"4\"\r\n").error(),
            ClientError::no_challenge);
  EXPECT_EQ(choose("WWW-Authenticate: Digest realm=,nonce\r\n").error(), ClientError::malformed);
  EXPECT_EQ(choose("WWW-Authenticate: Digest realm=\"r\",nonce=\"4\"\r\n").error(),
            ClientError::unsupported);
  policy_.expected_realm = "ours";
  EXPECT_EQ(choose("WWW-Authenticate: Digest realm=\"r\",nonce=\"4\"\r\n"
                   "WWW-Authenticate: Digest\r\n")
                .error(),
            ClientError::wrong_realm);
}

TEST_F(Client, SpellsItsErrors) {
  EXPECT_EQ(spelling(ClientError::none), "none");
  EXPECT_EQ(spelling(ClientError::count_exhausted), "count_exhausted");
  EXPECT_EQ(spelling(ClientError::count), "");
}

class ServerProofTest : public ClientTest {
 protected:
  ServerProof check(std::string_view info_value, std::string_view body = "answer",
                    const Account& as = account) {
    const Result<sip::AuthenticationInfo, sip::ValueError> info =
        sip::parse_authentication_info({0, static_cast<uint16_t>(info_value.size())}, info_value);
    EXPECT_TRUE(info);
    const Result<sip::Credentials, sip::ValueError> credentials =
        sip::parse_credentials({0, static_cast<uint16_t>(sent_.size())}, sent_);
    EXPECT_TRUE(credentials);
    return check_authentication_info(hasher_, {*info, info_value, body}, {*credentials, sent_}, as);
  }
  std::string rspauth(sip::Qop qop) {
    ResponseInput input;
    input.algorithm = Algorithm::sha_256;
    input.qop = qop;
    input.qop_text = spelling(qop);
    input.uri = "sip:x";
    input.nonce = "n";
    input.cnonce = "c";
    input.nc = "00000001";
    input.body = "answer";
    Ha1 ha1;
    EXPECT_EQ(find_ha1(hasher_, Hash::sha_256, account, "r", ha1), AccountError::none);
    return "rspauth=\"" + std::string(to_hex(response_of(hasher_, ha1, input)).view()) + "\"";
  }
  std::string sent_ = answer(usual).text;
};

TEST_F(ServerProofTest, IsProvenByRspauth) {
  const std::string right = rspauth(sip::Qop::auth);
  EXPECT_EQ(check(right), ServerProof::proven);
  EXPECT_EQ(check(right + ",qop=auth,cnonce=\"c\",nc=00000001"), ServerProof::proven);
  EXPECT_EQ(check(right, "another body"), ServerProof::proven);
}

TEST_F(ServerProofTest, MayProtectItsBody) {
  const std::string right = rspauth(sip::Qop::auth_int) + ",qop=auth-int";
  EXPECT_EQ(check(right), ServerProof::proven);
  EXPECT_EQ(check(right, "another body"), ServerProof::wrong);
}

TEST_F(ServerProofTest, WorksWithoutQop) {
  sent_ = answer("Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256").text;
  EXPECT_EQ(check(rspauth(sip::Qop::absent)), ServerProof::proven);
  EXPECT_EQ(check(rspauth(sip::Qop::auth)), ServerProof::wrong);
}

TEST_F(ServerProofTest, IsAbsentWithoutRspauth) {
  EXPECT_EQ(check("nextnonce=\"x\""), ServerProof::absent);
}

TEST_F(ServerProofTest, IsWrongOtherwise) {
  const std::string right = rspauth(sip::Qop::auth);
  std::string flipped = right;
  flipped[10] = flipped[10] == '0' ? '1' : '0';
  EXPECT_EQ(check(flipped), ServerProof::wrong);
  EXPECT_EQ(check("rspauth=\"\""), ServerProof::wrong);
  EXPECT_EQ(check("rspauth=\"zz\""), ServerProof::wrong);
  EXPECT_EQ(check(right + ",cnonce=\"d\""), ServerProof::wrong);
  EXPECT_EQ(check(right + ",nc=00000002"), ServerProof::wrong);
  EXPECT_EQ(check(right, "answer", {.username = "u", .password = "q"}), ServerProof::wrong);
  EXPECT_EQ(check(right, "answer", {.username = "u", .password = ""}), ServerProof::unusable);
}

}  // namespace
}  // namespace demarc::digest
