// The client's side: which challenge of a 401 or 407 to answer, the credentials that answer it, and
// the server's proof in return (RFC 3261 sections 22.1 to 22.4, RFC 7616, RFC 8760 section 2.4).
//
// Called by who sends requests to a trunk, on the worker that owns the Hasher and the ClientNonce.
// Answer only for the trunk's own realm, only its next hop, and only a request that went there: the
// realm is checked here when the policy names it, the rest is the caller's. A cnonce is an
// argument, as all randomness.
//
//   choose_challenge()            the one of several to answer
//   answer_challenge()            the value of Authorization or Proxy-Authorization
//   authorize_next()              the same for a later request, without being asked
//   check_authentication_info()   whether the server knows the secret too
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/challenge.h"
#include "sip-parser/digest/client_nonce.h"
#include "sip-parser/digest/input.h"
#include "sip-parser/digest/response.h"
#include "sip-parser/write.h"

namespace demarc::digest {

struct ClientPolicy {
  std::string_view expected_realm;  // plain; empty: any
  AlgorithmSet algorithms = without_md5;
  bool prefers_auth_int = false;  // where both are offered
  bool hashes_username = true;    // where the server offers it (RFC 7616 section 3.4.4)
};

enum class ClientError : uint8_t {
  none,
  no_challenge,     // no field of this name
  malformed,        // none that parses
  wrong_realm,      // none of the expected realm
  unsupported,      // no scheme, algorithm and qop that policy and machine allow
  rejected,         // the request was answered before and the server did not take it
  bad_account,      // no usable secret
  bad_argument,     // a text that can not be sent: our mistake or a name with controls
  nonce_too_long,   // more than max_nonce_octets
  no_nonce,         // authorize_next() before any challenge
  count_exhausted,  // the nonce was used 2^32 - 1 times: send without, to be challenged anew
  count,
};
// "wrong_realm"
std::string_view spelling(ClientError error);

// The topmost challenge that can be answered; the field is WWW-Authenticate or Proxy-Authenticate.
Result<sip::Challenge, ClientError> choose_challenge(const Hasher& hasher,
                                                     const ClientPolicy& policy,
                                                     const Received& received);

struct Challenged {
  const sip::Challenge& challenge;
  std::string_view datagram;
};

struct ClientRequest {
  std::string_view method;
  std::string_view uri;  // the Request-URI as it will be sent
  std::string_view body;
  std::string_view
      cnonce;  // fresh: 1 to max_cnonce_octets, visible, without quotes and backslashes
  // How often this request was sent with credentials to this realm already. A second time is for a
  // stale nonce only, a third never (RFC 3261 section 22.1).
  unsigned times_answered = 0;
};

// Writes a field value. Anything but `none` has written nothing and used no nonce count; a writer
// that ran out of room says so itself.
[[nodiscard]] ClientError answer_challenge(Hasher& hasher, sip::Writer& writer, ClientNonce& nonce,
                                           const ClientPolicy& policy, const Challenged& challenged,
                                           const Account& account, const ClientRequest& request);

// With the last nonce of `nonce`: that of the challenge, or a nextnonce behind it.
[[nodiscard]] ClientError authorize_next(Hasher& hasher, sip::Writer& writer, ClientNonce& nonce,
                                         const ClientPolicy& policy, const Challenged& challenged,
                                         const Account& account, const ClientRequest& request);

enum class ServerProof : uint8_t {
  proven,    // rspauth is right
  absent,    // there is no rspauth
  wrong,     // rspauth, cnonce or nc are not what this server must send
  unusable,  // the account has no usable secret
};

struct ReceivedInfo {
  const sip::AuthenticationInfo& info;
  std::string_view datagram;
  std::string_view body;  // of the response
};

// `sent` are the credentials of the request that was answered, as parse_credentials() reads them.
ServerProof check_authentication_info(Hasher& hasher, const ReceivedInfo& received,
                                      const Presented& sent, const Account& account);

}  // namespace demarc::digest
