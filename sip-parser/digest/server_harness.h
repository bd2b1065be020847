// What the tests of the server's side share: a policy, credentials as a client may give them, and
// what is said of them.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "sip-parser/digest/client.h"
#include "sip-parser/digest/server.h"
#include "sip-parser/parse.h"
#include "tests/support/guarded_buffer.h"

namespace demarc::digest {

inline const std::string secret(32, 's');
inline const std::string old_secret(32, 'o');
inline const Account account{.username = "trunk-7", .password = "pw"};
inline constexpr std::string_view source = "192.0.2.1:5060";
inline constexpr uint64_t made_ms = 1'000'000;

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

}  // namespace demarc::digest
