// The server's side: challenges that ask for credentials, credentials judged, and the answer that
// proves us in turn (RFC 3261 sections 22.1 to 22.4, RFC 7616, RFC 8760 section 2.3).
//
// Called by who decides whether a request may pass, on the worker that holds the message and owns
// the Hasher and the replay table. Time, serial and secret are arguments; all texts are borrowed.
//
//   find_credentials()       which fields of a request are for this realm
//   check_credentials()      one of them against one account
//   authenticate()           both, when there is one account only
//   write_challenges()       the fields of a 401 or 407
//   write_authentication_info()
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/challenge.h"
#include "sip-parser/digest/input.h"
#include "sip-parser/digest/nonce.h"
#include "sip-parser/digest/replay.h"
#include "sip-parser/digest/response.h"
#include "sip-parser/header_name.h"
#include "sip-parser/write.h"

namespace demarc::digest {

// Credentials of our realm in one request; a request with more is refused unread.
inline constexpr unsigned max_credentials = 4;
inline constexpr uint64_t default_nonce_lifetime_ms = 30'000;
// How far the clock of the other node of a pair, which makes nonces that we take, may be ahead.
inline constexpr uint64_t max_clock_lead_ms = 2'000;

enum class Outcome : uint8_t {
  ok,
  absent,                 // no field of this name: challenge
  malformed,              // a field that does not parse, or -sess without qop: 400
  too_many,               // more than max_credentials for our realm: 400
  unsupported_scheme,     // another scheme than Digest only
  wrong_realm,            // credentials for other realms only: challenge
  unsupported_algorithm,  // one that the policy does not allow, or this machine does not have
  unsupported_qop,        // one that we did not offer
  unknown_user,           // another name than the account's
  bad_account,            // the account has no usable secret: our configuration
  wrong_uri,              // another digest-uri than the one expected
  bad_nonce,              // not one of ours, or made for another source
  bad_response,           // a wrong password
  stale,                  // the nonce's time is over
  replayed,               // this nonce count was used already
  table_full,             // the replay table has no room: 503
  count,
};
// "bad_nonce"
std::string_view spelling(Outcome outcome);

struct Verdict {
  Outcome outcome = Outcome::absent;
  // The response was right for its nonce, only the nonce can not be used (again): a challenge with
  // stale=true lets the client answer without asking anybody (RFC 7616 section 3.3).
  bool is_stale = false;
  uint8_t index = 0;  // of the credentials that were judged, in Found
  bool is_ok() const { return outcome == Outcome::ok; }
};

struct ServerPolicy {
  std::string_view realm;
  std::string_view secret;           // of the nonces, at least min_secret_octets
  std::string_view previous_secret;  // still taken after a change of secrets; or empty
  uint64_t nonce_lifetime_ms = default_nonce_lifetime_ms;
  AlgorithmSet algorithms = sha_2_only;
  bool allows_auth_int = true;
  // The form of RFC 2069, which has no nonce count: each nonce then works once.
  bool allows_no_qop = false;
};

struct Found {
  std::array<sip::Credentials, max_credentials> items;
  uint8_t count = 0;
  Outcome otherwise = Outcome::absent;  // what it means that none was found; or too_many
};

// The credentials for this realm, in the order of the message; the field is Authorization or
// Proxy-Authorization. Those that do not parse, of other schemes and other realms are passed over.
Found find_credentials(const Received& received, std::string_view realm);

// What the credentials are judged by, beside the account.
struct RequestFacts {
  std::string_view method;
  std::string_view body;
  std::string_view source;        // that the nonce was made for
  std::string_view expected_uri;  // empty: any, as proxies change it (RFC 3261 section 22.4)
  uint64_t now_ms = 0;            // must not go back
};

// Only `ok` and only once per nonce count changes `replays`.
Verdict check_credentials(Hasher& hasher, const ServerPolicy& policy, std::span<NonceSet> replays,
                          const Presented& presented, const Account& account,
                          const RequestFacts& request);

// The first credentials of our realm that are ok, else the verdict on the first of them. Method and
// body are those of the message.
struct Peer {
  std::string_view source;
  std::string_view expected_uri;
  uint64_t now_ms = 0;
};
Verdict authenticate(Hasher& hasher, const ServerPolicy& policy, std::span<NonceSet> replays,
                     const Received& received, const Account& account, const Peer& peer);

struct ChallengeText {
  std::string_view nonce;   // of make_nonce()
  std::string_view opaque;  // left out when empty
  bool is_stale = false;
};

// A field for each algorithm that the policy allows and the hasher has, the strongest first (RFC
// 8760 section 2.3). `field` is WWW-Authenticate or Proxy-Authenticate. Returns how many were
// written: with none, nobody can answer, which is a mistake of the policy.
unsigned write_challenges(const Hasher& hasher, sip::Writer& writer, sip::HeaderName field,
                          const ServerPolicy& policy, const ChallengeText& text);
// One value of them.
sip::Writer& write_challenge(sip::Writer& writer, const ServerPolicy& policy, Algorithm algorithm,
                             const ChallengeText& text);

struct InfoText {
  std::string_view body;       // of our response
  std::string_view nextnonce;  // of make_nonce(); left out when empty
};

// The value of an Authentication-Info field, for credentials that were ok. False, and nothing
// written, when the account has no usable secret.
[[nodiscard]] bool write_authentication_info(Hasher& hasher, sip::Writer& writer,
                                             const Presented& presented, const Account& account,
                                             const InfoText& text);

}  // namespace demarc::digest
