#include "sip-parser/digest/server.h"

#include <openssl/crypto.h>

#include <limits>

#include "sip-parser/quoted.h"

namespace demarc::digest {
namespace {

// What the fields of a request say about themselves, without any secret.
Outcome check_form(const Hasher& hasher, const ServerPolicy& policy, const Presented& presented) {
  const sip::Credentials& credentials = presented.credentials;
  if (credentials.scheme != sip::AuthScheme::digest) return Outcome::unsupported_scheme;
  if (!sip::is_quoted_equal(text(credentials.realm, presented.datagram), policy.realm)) {
    return Outcome::wrong_realm;
  }
  if (!policy.algorithms.has(credentials.algorithm) ||
      !hasher.has(hash_of(credentials.algorithm))) {
    return Outcome::unsupported_algorithm;
  }
  switch (credentials.qop) {
    case sip::Qop::auth:
      return Outcome::ok;
    case sip::Qop::auth_int:
      return policy.allows_auth_int ? Outcome::ok : Outcome::unsupported_qop;
    case sip::Qop::absent:
      // A session needs a cnonce, and that needs qop (RFC 3261 section 22.4 item 8).
      if (is_session(credentials.algorithm)) return Outcome::malformed;
      return policy.allows_no_qop ? Outcome::ok : Outcome::unsupported_qop;
    case sip::Qop::other:
      break;
  }
  return Outcome::unsupported_qop;
}

bool is_user(Hasher& hasher, const Presented& presented, const Account& account) {
  const sip::Credentials& credentials = presented.credentials;
  if (!credentials.has_userhash) {
    return sip::is_username(credentials, account.username, presented.datagram);
  }
  const Hash hash = hash_of(credentials.algorithm);
  HashValue given;
  return from_hex(text(credentials.username, presented.datagram), octets_of(hash), given) &&
         is_equal_constant_time(given, userhash_of(hasher, hash, account.username,
                                                   text(credentials.realm, presented.datagram)));
}

Result<OpenedNonce, NonceError> open_with_either(Hasher& hasher, const ServerPolicy& policy,
                                                 std::string_view source, std::string_view nonce) {
  const Result<OpenedNonce, NonceError> opened =
      open_nonce(hasher, {policy.secret, policy.realm, source}, nonce);
  if (opened || policy.previous_secret.empty()) return opened;
  return open_nonce(hasher, {policy.previous_secret, policy.realm, source}, nonce);
}

bool is_response_right(Hasher& hasher, const Presented& presented, const Ha1& ha1,
                       const RequestFacts& request) {
  const sip::Credentials& credentials = presented.credentials;
  HashValue given;
  if (!from_hex(text(credentials.response, presented.datagram),
                octets_of(hash_of(credentials.algorithm)), given)) {
    return false;
  }
  ResponseInput input = input_of(presented);
  input.method = request.method;
  input.body = request.body;
  HashValue ours = response_of(hasher, ha1, input);
  const bool is_right = is_equal_constant_time(given, ours);
  // Else it could be taken from here to pass as whoever did not know it.
  OPENSSL_cleanse(&ours, sizeof ours);
  return is_right;
}

bool is_in_time(const OpenedNonce& nonce, const ServerPolicy& policy, uint64_t now_ms) {
  const uint64_t made_ms = nonce.stamp.made_ms;
  if (made_ms > now_ms) return made_ms - now_ms <= max_clock_lead_ms;
  return now_ms - made_ms <= policy.nonce_lifetime_ms;
}

Verdict use_nonce(const OpenedNonce& nonce, const ServerPolicy& policy, std::span<NonceSet> replays,
                  const sip::Credentials& credentials, uint64_t now_ms) {
  if (!is_in_time(nonce, policy, now_ms)) return {Outcome::stale, true, 0};
  // Without qop nothing counts, so the nonce is used up by one request.
  const uint32_t nc = credentials.qop == sip::Qop::absent ? 1 : credentials.nc;
  // Saturates: a sum that wrapped would free the slot at once and let every replay in.
  const uint64_t most = std::numeric_limits<uint64_t>::max();
  const uint64_t made_ms = nonce.stamp.made_ms;
  const uint64_t expires_ms =
      policy.nonce_lifetime_ms < most - made_ms ? made_ms + policy.nonce_lifetime_ms + 1 : most;
  switch (use_count(replays, {nonce.key, nc, now_ms, expires_ms})) {
    case CountVerdict::fresh:
      return {Outcome::ok, false, 0};
    case CountVerdict::replayed:
      return {Outcome::replayed, true, 0};
    case CountVerdict::full:
      break;
  }
  return {Outcome::table_full, false, 0};
}

}  // namespace

Found find_credentials(const Received& received, std::string_view realm) {
  Found found;
  bool has_malformed = false;
  bool has_digest = false;
  bool has_any = false;
  for (const sip::HeaderField* field = received.message.first(received.field); field != nullptr;
       field = received.message.next(*field)) {
    has_any = true;
    const Result<sip::Credentials, sip::ValueError> credentials =
        sip::parse_credentials(field->value, received.datagram);
    has_malformed |= !credentials;
    if (!credentials || credentials->scheme != sip::AuthScheme::digest) continue;
    has_digest = true;
    if (!sip::is_quoted_equal(text(credentials->realm, received.datagram), realm)) continue;
    if (found.count == max_credentials) {
      found.count = 0;
      found.otherwise = Outcome::too_many;
      return found;
    }
    found.items[found.count++] = *credentials;
  }
  if (has_malformed) {
    found.otherwise = Outcome::malformed;
  } else if (has_any) {
    found.otherwise = has_digest ? Outcome::wrong_realm : Outcome::unsupported_scheme;
  }
  return found;
}

Verdict check_credentials(Hasher& hasher, const ServerPolicy& policy, std::span<NonceSet> replays,
                          const Presented& presented, const Account& account,
                          const RequestFacts& request) {
  const sip::Credentials& credentials = presented.credentials;
  const Outcome form = check_form(hasher, policy, presented);
  if (form != Outcome::ok) return {form, false, 0};
  if (!is_user(hasher, presented, account)) return {Outcome::unknown_user, false, 0};
  Ha1 ha1;
  if (find_ha1(hasher, hash_of(credentials.algorithm), account,
               text(credentials.realm, presented.datagram), ha1) != AccountError::none) {
    return {Outcome::bad_account, false, 0};
  }
  if (!request.expected_uri.empty() &&
      !sip::is_quoted_equal(text(credentials.uri, presented.datagram), request.expected_uri)) {
    return {Outcome::wrong_uri, false, 0};
  }
  const Result<OpenedNonce, NonceError> nonce =
      open_with_either(hasher, policy, request.source, text(credentials.nonce, presented.datagram));
  const bool is_right = is_response_right(hasher, presented, ha1, request);
  if (!nonce) return {Outcome::bad_nonce, is_right, 0};
  if (!is_right) return {Outcome::bad_response, false, 0};
  return use_nonce(*nonce, policy, replays, credentials, request.now_ms);
}

Verdict authenticate(Hasher& hasher, const ServerPolicy& policy, std::span<NonceSet> replays,
                     const Received& received, const Account& account, const Peer& peer) {
  const Found found = find_credentials(received, policy.realm);
  if (found.count == 0) return {found.otherwise, false, 0};
  const RequestFacts request{text(received.message.method_text, received.datagram),
                             text(received.message.body, received.datagram), peer.source,
                             peer.expected_uri, peer.now_ms};
  Verdict first;
  for (uint8_t i = 0; i < found.count; ++i) {
    Verdict verdict = check_credentials(hasher, policy, replays,
                                        {found.items[i], received.datagram}, account, request);
    verdict.index = i;
    if (verdict.is_ok()) return verdict;
    if (i == 0) first = verdict;
  }
  return first;
}

std::string_view spelling(Outcome outcome) {
  static constexpr std::array<std::string_view, static_cast<size_t>(Outcome::count)> spellings = {
      "ok",
      "absent",
      "malformed",
      "too_many",
      "unsupported_scheme",
      "wrong_realm",
      "unsupported_algorithm",
      "unsupported_qop",
      "unknown_user",
      "bad_account",
      "wrong_uri",
      "bad_nonce",
      "bad_response",
      "stale",
      "replayed",
      "table_full"};
  const size_t index = static_cast<size_t>(outcome);
  return index < spellings.size() ? spellings[index] : std::string_view{};
}

}  // namespace demarc::digest
