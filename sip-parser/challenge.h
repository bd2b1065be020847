// The header fields of HTTP authentication in SIP: WWW-Authenticate and Proxy-Authenticate,
// Authorization and Proxy-Authorization, Authentication-Info and Proxy-Authentication-Info (RFC
// 3261 sections 20.6, 20.7, 20.27, 20.28, 20.44 and 22.4, RFC 7616, RFC 8760).
//
// Called by digest/ and call/ on the worker that holds the message. A field holds one challenge or
// one set of credentials; several fields are several (RFC 8760 section 2.4). Spans are valid as
// long as the datagram. Nothing is computed here.
//
// What is read: any order; empty list elements, which name nothing (the list rule of RFC 7616). A
// parameter whose value the grammar makes a token (algorithm, stale, userhash, charset, nc, and qop
// of credentials) may stand in quotes, because peers do so and it has one reading either way; one
// whose value it quotes must be quoted (qop of a challenge apart), as RFC 3261 section 22.4 says of
// uri. A parameter that stands twice, known or not, is a mistake.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

enum class AuthScheme : uint8_t { digest, other };

enum class DigestAlgorithm : uint8_t {
  md5,
  md5_sess,
  sha_256,
  sha_256_sess,
  sha_512_256,
  sha_512_256_sess,
  other,
};
// "SHA-512-256-sess"; empty for `other`.
std::string_view spelling(DigestAlgorithm algorithm);

// Of credentials, and what a client chose.
enum class Qop : uint8_t { absent, auth, auth_int, other };
// "auth-int"; empty for `absent` and `other`.
std::string_view spelling(Qop qop);

// Texts from quotes are without them, their escapes and folds as they stand (quoted.h reads them).
// An absent parameter is Span{}; one that is present and empty (opaque="") has an offset.
constexpr bool is_present(Span span) {
  return span != Span{};
}

struct Challenge {
  AuthScheme scheme = AuthScheme::other;
  DigestAlgorithm algorithm = DigestAlgorithm::md5;  // also when the parameter is absent
  bool is_stale = false;
  bool has_userhash = false;  // userhash=true
  bool offers_auth = false;   // from the qop list
  bool offers_auth_int = false;
  Span scheme_text;
  Span params;  // all behind the scheme; of another scheme than Digest nothing else is read
  Span realm;
  Span nonce;
  Span opaque;
  Span domain;  // URIs with blanks between, not read further
  Span qop;     // the whole list; absent: the form of RFC 2069
  Span algorithm_text;
  Span charset;
};

struct Credentials {
  AuthScheme scheme = AuthScheme::other;
  DigestAlgorithm algorithm = DigestAlgorithm::md5;
  Qop qop = Qop::absent;
  bool has_userhash = false;  // username is a hash (RFC 7616 section 3.4.4)
  uint32_t nc = 0;
  Span scheme_text;
  Span params;
  Span username;
  Span extended_username;  // of username*: what follows UTF-8'language', percent-encoded
  Span realm;
  Span nonce;
  Span uri;
  Span response;  // any text: IMS sends an empty one, and whether it is hex is for digest/ to say
  Span cnonce;
  Span opaque;
  Span algorithm_text;
  Span qop_text;
  Span nc_text;  // eight hex digits, in the case in which they are hashed
};

struct AuthenticationInfo {
  Qop qop = Qop::absent;
  uint32_t nc = 0;
  Span nextnonce;
  Span rspauth;
  Span cnonce;
  Span qop_text;
  Span nc_text;
};

// Needs realm and nonce when it is Digest.
Result<Challenge, ValueError> parse_challenge(Span value, std::string_view datagram);

// Needs username or username* (not both), realm, nonce, uri and response when it is Digest; with
// qop also cnonce and nc.
Result<Credentials, ValueError> parse_credentials(Span value, std::string_view datagram);

// Needs one parameter at least.
Result<AuthenticationInfo, ValueError> parse_authentication_info(Span value,
                                                                 std::string_view datagram);

// Whether the credentials name this user, in either form of the parameter. Of no use with userhash.
bool is_username(const Credentials& credentials, std::string_view username,
                 std::string_view datagram);

}  // namespace demarc::sip
