#include "sip-parser/digest/client.h"

#include <array>

#include "sip-parser/base/ascii.h"
#include "sip-parser/quoted.h"

namespace demarc::digest {
namespace {

// Text that means the same between quotes and without: visible ASCII but '"' and '\'.
bool is_plain(std::string_view text) {
  for (const char c : text) {
    if (c <= 0x20 || c >= 0x7f || c == '"' || c == '\\') return false;
  }
  return !text.empty();
}

sip::Qop choose_qop(const sip::Challenge& challenge, const ClientPolicy& policy) {
  if (!sip::is_present(challenge.qop)) return sip::Qop::absent;
  if (challenge.offers_auth_int && (policy.prefers_auth_int || !challenge.offers_auth)) {
    return sip::Qop::auth_int;
  }
  return challenge.offers_auth ? sip::Qop::auth : sip::Qop::other;
}

ClientError check_challenge(const Hasher& hasher, const ClientPolicy& policy,
                            const Challenged& challenged) {
  const sip::Challenge& challenge = challenged.challenge;
  if (challenge.scheme != sip::AuthScheme::digest) return ClientError::unsupported;
  if (!policy.expected_realm.empty() &&
      !sip::is_quoted_equal(text(challenge.realm, challenged.datagram), policy.expected_realm)) {
    return ClientError::wrong_realm;
  }
  if (!policy.algorithms.has(challenge.algorithm) || !hasher.has(hash_of(challenge.algorithm))) {
    return ClientError::unsupported;
  }
  const sip::Qop qop = choose_qop(challenge, policy);
  // A session needs a cnonce, and that needs qop (RFC 3261 section 22.4 item 8).
  const bool is_bare_session = qop == sip::Qop::absent && is_session(challenge.algorithm);
  return qop == sip::Qop::other || is_bare_session ? ClientError::unsupported : ClientError::none;
}

bool is_sendable(const Account& account, const ClientRequest& request) {
  return !account.username.empty() && sip::is_quotable(account.username) &&
         ascii::is_token(request.method) && is_plain(request.uri) && is_plain(request.cnonce) &&
         request.cnonce.size() <= max_cnonce_octets;
}

// The eight digits of a nonce count.
HexText nc_text(uint32_t count) {
  HashValue octets;
  for (unsigned i = 0; i < 4; ++i) octets.octets[i] = static_cast<uint8_t>(count >> (24 - 8 * i));
  octets.size = 4;
  return to_hex(octets);
}

void write_username(Hasher& hasher, sip::Writer& writer, const Challenged& challenged,
                    const Account& account, bool is_hashed) {
  writer.raw("Digest username=");
  if (!is_hashed) {
    sip::write_quoted(writer, account.username);
    return;
  }
  const HexText hash =
      to_hex(userhash_of(hasher, hash_of(challenged.challenge.algorithm), account.username,
                         text(challenged.challenge.realm, challenged.datagram)));
  writer.raw("\"").raw(hash.view()).raw("\"");
}

// What came from the challenge goes back as it came, but for folds; parse_challenge() has judged
// it.
void write_echo(sip::Writer& writer, std::string_view name, std::string_view content) {
  writer.raw(name).raw("=\"").unfolded(content).raw("\"");
}

void write_credentials(Hasher& hasher, sip::Writer& writer, const ClientPolicy& policy,
                       const Challenged& challenged, const Account& account, const Ha1& ha1,
                       const ResponseInput& input) {
  const sip::Challenge& challenge = challenged.challenge;
  const bool is_hashed = challenge.has_userhash && policy.hashes_username;
  write_username(hasher, writer, challenged, account, is_hashed);
  write_echo(writer, ", realm", text(challenge.realm, challenged.datagram));
  write_echo(writer, ", nonce", input.nonce);
  write_echo(writer, ", uri", input.uri);
  write_echo(writer, ", response", to_hex(response_of(hasher, ha1, input)).view());
  // Left out as it was left out of the challenge: some old servers know no such parameter.
  if (sip::is_present(challenge.algorithm_text)) {
    writer.raw(", algorithm=").raw(spelling(challenge.algorithm));
  }
  if (sip::is_present(challenge.opaque)) {
    write_echo(writer, ", opaque", text(challenge.opaque, challenged.datagram));
  }
  if (input.qop != sip::Qop::absent) {
    write_echo(writer, ", cnonce", input.cnonce);
    writer.raw(", qop=").raw(input.qop_text).raw(", nc=").raw(input.nc);
  }
  if (is_hashed) writer.raw(", userhash=true");
}

// All that can fail has been asked when the count is used.
ClientError authorize(Hasher& hasher, sip::Writer& writer, ClientNonce& nonce,
                      const ClientPolicy& policy, const Challenged& challenged,
                      const Account& account, const ClientRequest& request) {
  const sip::Challenge& challenge = challenged.challenge;
  Ha1 ha1;
  if (find_ha1(hasher, hash_of(challenge.algorithm), account,
               text(challenge.realm, challenged.datagram), ha1) != AccountError::none) {
    return ClientError::bad_account;
  }
  ResponseInput input;
  input.algorithm = challenge.algorithm;
  input.qop = choose_qop(challenge, policy);
  input.method = request.method;
  input.uri = request.uri;
  input.nonce = nonce.nonce();
  input.body = request.body;
  HexText count;
  if (input.qop != sip::Qop::absent) {
    if (nonce.next_count() == 0) return ClientError::count_exhausted;
    count = nc_text(nonce.next_count());
    nonce.use_count();
    input.nc = count.view();
    input.qop_text = spelling(input.qop);
    input.cnonce =
        is_session(input.algorithm) ? nonce.session_cnonce(request.cnonce) : request.cnonce;
  }
  write_credentials(hasher, writer, policy, challenged, account, ha1, input);
  return ClientError::none;
}

}  // namespace

Result<sip::Challenge, ClientError> choose_challenge(const Hasher& hasher,
                                                     const ClientPolicy& policy,
                                                     const Received& received) {
  // The reason nearest to success, when there is no success.
  ClientError nearest = ClientError::no_challenge;
  for (const sip::HeaderField* field = received.message.first(received.field); field != nullptr;
       field = received.message.next(*field)) {
    ClientError error = ClientError::malformed;
    const Result<sip::Challenge, sip::ValueError> challenge =
        sip::parse_challenge(field->value, received.datagram);
    if (challenge) error = check_challenge(hasher, policy, {*challenge, received.datagram});
    if (error == ClientError::none) return *challenge;
    if (error > nearest) nearest = error;
  }
  return Fail{nearest};
}

ClientError answer_challenge(Hasher& hasher, sip::Writer& writer, ClientNonce& nonce,
                             const ClientPolicy& policy, const Challenged& challenged,
                             const Account& account, const ClientRequest& request) {
  const ClientError error = check_challenge(hasher, policy, challenged);
  if (error != ClientError::none) return error;
  const bool may_answer =
      request.times_answered == 0 || (request.times_answered == 1 && challenged.challenge.is_stale);
  if (!may_answer) return ClientError::rejected;
  if (!is_sendable(account, request)) return ClientError::bad_argument;
  if (!nonce.adopt(text(challenged.challenge.nonce, challenged.datagram))) {
    return ClientError::nonce_too_long;
  }
  return authorize(hasher, writer, nonce, policy, challenged, account, request);
}

ClientError authorize_next(Hasher& hasher, sip::Writer& writer, ClientNonce& nonce,
                           const ClientPolicy& policy, const Challenged& challenged,
                           const Account& account, const ClientRequest& request) {
  const ClientError error = check_challenge(hasher, policy, challenged);
  if (error != ClientError::none) return error;
  if (!nonce.has_nonce()) return ClientError::no_nonce;
  if (!is_sendable(account, request)) return ClientError::bad_argument;
  return authorize(hasher, writer, nonce, policy, challenged, account, request);
}

ServerProof check_authentication_info(Hasher& hasher, const ReceivedInfo& received,
                                      const Presented& sent, const Account& account) {
  const sip::AuthenticationInfo& info = received.info;
  if (!sip::is_present(info.rspauth)) return ServerProof::absent;
  ResponseInput input = input_of(sent);
  input.body = received.body;
  if (input.qop != sip::Qop::absent) {
    // Both belong to the request: else this answers another one.
    if (sip::is_present(info.nc_text) && info.nc != sent.credentials.nc) return ServerProof::wrong;
    if (sip::is_present(info.cnonce) && text(info.cnonce, received.datagram) != input.cnonce) {
      return ServerProof::wrong;
    }
    // The server may protect its response otherwise than we did our request.
    if (info.qop != sip::Qop::absent) {
      input.qop = info.qop;
      input.qop_text = text(info.qop_text, received.datagram);
    }
  }
  const Hash hash = hash_of(input.algorithm);
  Ha1 ha1;
  if (find_ha1(hasher, hash, account, text(sent.credentials.realm, sent.datagram), ha1) !=
      AccountError::none) {
    return ServerProof::unusable;
  }
  HashValue given;
  const bool is_right = from_hex(text(info.rspauth, received.datagram), octets_of(hash), given) &&
                        is_equal_constant_time(given, response_of(hasher, ha1, input));
  return is_right ? ServerProof::proven : ServerProof::wrong;
}

std::string_view spelling(ClientError error) {
  static constexpr std::array<std::string_view, static_cast<size_t>(ClientError::count)> spellings =
      {"none",        "no_challenge", "malformed",      "wrong_realm", "unsupported",    "rejected",
       "bad_account", "bad_argument", "nonce_too_long", "no_nonce",    "count_exhausted"};
  const size_t index = static_cast<size_t>(error);
  return index < spellings.size() ? spellings[index] : std::string_view{};
}

}  // namespace demarc::digest
