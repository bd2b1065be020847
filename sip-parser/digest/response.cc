#include "sip-parser/digest/response.h"

#include <openssl/crypto.h>

namespace demarc::digest {
namespace {

// H(A1) with the session in it: H(H(A1) ":" nonce ":" cnonce).
Ha1 session_ha1(Hasher& hasher, const Ha1& ha1, const ResponseInput& input) {
  hasher.begin(hash_of(input.algorithm));
  hasher.add(ha1.view());
  hasher.add(":");
  hasher.add_quoted(input.nonce);
  hasher.add(":");
  hasher.add_quoted(input.cnonce);
  HashValue value = hasher.finish_and_wipe();
  const Ha1 result(value);
  OPENSSL_cleanse(&value, sizeof value);
  return result;
}

// H(A2) in hex: H(method ":" uri), with auth-int also ":" H(body).
HexText ha2_of(Hasher& hasher, const ResponseInput& input) {
  const Hash hash = hash_of(input.algorithm);
  HexText body_hash;
  if (input.qop == sip::Qop::auth_int) {
    hasher.begin(hash);
    hasher.add(input.body);
    body_hash = to_hex(hasher.finish());
  }
  hasher.begin(hash);
  hasher.add(input.method);
  hasher.add(":");
  hasher.add_quoted(input.uri);
  if (input.qop == sip::Qop::auth_int) {
    hasher.add(":");
    hasher.add(body_hash.view());
  }
  return to_hex(hasher.finish());
}

}  // namespace

Ha1::~Ha1() {
  OPENSSL_cleanse(&text_, sizeof text_);
}

AccountError find_ha1(Hasher& hasher, Hash hash, const Account& account, std::string_view realm,
                      Ha1& ha1) {
  if (!hasher.has(hash)) return AccountError::no_hash;
  HashValue value;
  const std::string_view stored = account.ha1[static_cast<size_t>(hash)];
  if (!stored.empty()) {
    // Through octets, so that capitals in a file do not change what is hashed.
    if (!from_hex(stored, octets_of(hash), value)) return AccountError::bad_ha1;
  } else {
    if (account.password.empty()) return AccountError::no_secret;
    hasher.begin(hash);
    hasher.add(account.username);
    hasher.add(":");
    hasher.add_quoted(realm);
    hasher.add(":");
    hasher.add(account.password);
    value = hasher.finish_and_wipe();
  }
  ha1 = Ha1(value);
  OPENSSL_cleanse(&value, sizeof value);
  return AccountError::none;
}

HashValue response_of(Hasher& hasher, const Ha1& ha1, const ResponseInput& input) {
  const HexText ha2 = ha2_of(hasher, input);
  const Ha1 secret = is_session(input.algorithm) ? session_ha1(hasher, ha1, input) : ha1;
  hasher.begin(hash_of(input.algorithm));
  hasher.add(secret.view());
  hasher.add(":");
  hasher.add_quoted(input.nonce);
  hasher.add(":");
  if (input.qop != sip::Qop::absent) {
    hasher.add(input.nc);
    hasher.add(":");
    hasher.add_quoted(input.cnonce);
    hasher.add(":");
    hasher.add(input.qop_text);
    hasher.add(":");
  }
  hasher.add(ha2.view());
  return hasher.finish_and_wipe();
}

HashValue userhash_of(Hasher& hasher, Hash hash, std::string_view username,
                      std::string_view realm) {
  hasher.begin(hash);
  hasher.add(username);
  hasher.add(":");
  hasher.add_quoted(realm);
  return hasher.finish();
}

bool is_equal_constant_time(const HashValue& a, const HashValue& b) {
  return a.size == b.size && CRYPTO_memcmp(a.octets.data(), b.octets.data(), a.size) == 0;
}

}  // namespace demarc::digest
