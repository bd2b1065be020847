#include "sip-parser/digest/server.h"
#include "sip-parser/quoted.h"

namespace demarc::digest {

sip::Writer& write_challenge(sip::Writer& writer, const ServerPolicy& policy, Algorithm algorithm,
                             const ChallengeText& text) {
  sip::write_quoted(writer.raw("Digest realm="), policy.realm);
  sip::write_quoted(writer.raw(", nonce="), text.nonce);
  if (!text.opaque.empty()) sip::write_quoted(writer.raw(", opaque="), text.opaque);
  if (text.is_stale) writer.raw(", stale=true");
  writer.raw(", algorithm=").raw(spelling(algorithm));
  // The quotes are what RFC 3261 section 25.1 wants, also around a single one. Always there: RFC
  // 3261 section 22.4 item 8.
  return writer.raw(policy.allows_auth_int ? ", qop=\"auth,auth-int\"" : ", qop=\"auth\"");
}

unsigned write_challenges(const Hasher& hasher, sip::Writer& writer, sip::HeaderName field,
                          const ServerPolicy& policy, const ChallengeText& text) {
  unsigned count = 0;
  for (const Algorithm algorithm : strongest_first) {
    if (!policy.algorithms.has(algorithm) || !hasher.has(hash_of(algorithm))) continue;
    writer.begin(field);
    write_challenge(writer, policy, algorithm, text).end();
    ++count;
  }
  return count;
}

bool write_authentication_info(Hasher& hasher, sip::Writer& writer, const Presented& presented,
                               const Account& account, const InfoText& text) {
  const sip::Credentials& credentials = presented.credentials;
  Ha1 ha1;
  if (find_ha1(hasher, hash_of(credentials.algorithm), account,
               demarc::text(credentials.realm, presented.datagram), ha1) != AccountError::none) {
    return false;
  }
  ResponseInput input = input_of(presented);
  input.body = text.body;
  const HexText rspauth = to_hex(response_of(hasher, ha1, input));
  writer.raw("rspauth=\"").raw(rspauth.view()).raw("\"");
  if (credentials.qop != sip::Qop::absent) {
    // As they came, but for folds; parse_credentials() has judged them.
    writer.raw(", qop=").raw(input.qop_text).raw(", cnonce=\"").unfolded(input.cnonce);
    writer.raw("\", nc=").raw(input.nc);
  }
  if (!text.nextnonce.empty()) sip::write_quoted(writer.raw(", nextnonce="), text.nextnonce);
  return true;
}

}  // namespace demarc::digest
