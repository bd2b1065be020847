// a=crypto: the SRTP keys of one stream, RFC 4568 section 9, with the suites of RFC 6188 and
// RFC 7714.
//
// Called by whoever takes up SRTP, once per a=crypto line, on the worker that owns the call. Keys
// stay where they are in the body: a Crypto holds spans, and base64.h decodes them into the place
// that needs them. What peers sent is never printed; see print.h for our own lines.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/sdp/value.h"

namespace demarc::sdp {

inline constexpr uint32_t max_crypto_tag = 999'999'999;          // 1*9DIGIT
inline constexpr unsigned max_crypto_keys = 4;                   // inline keys of one line
inline constexpr uint64_t max_key_lifetime = UINT64_C(1) << 48;  // packets, RFC 3711 section 9.2
inline constexpr uint8_t max_mki_octets = 128;
inline constexpr uint8_t max_kdr = 24;
inline constexpr uint32_t min_wsh = 64;
inline constexpr uint32_t max_wsh = 65536;

enum class CryptoSuite : uint8_t {
  other,
  aes_cm_128_hmac_sha1_80,
  aes_cm_128_hmac_sha1_32,
  f8_128_hmac_sha1_80,
  aes_192_cm_hmac_sha1_80,  // RFC 6188
  aes_192_cm_hmac_sha1_32,
  aes_256_cm_hmac_sha1_80,
  aes_256_cm_hmac_sha1_32,
  aead_aes_128_gcm,  // RFC 7714
  aead_aes_256_gcm,
  count,
};
CryptoSuite crypto_suite(std::string_view text);
std::string_view spelling(CryptoSuite suite);
// Key and salt together; 0 for `other`.
uint8_t key_octets(CryptoSuite suite);

struct CryptoKey {
  Span key;               // base64 of key and salt
  uint64_t lifetime = 0;  // in packets, 1 to 2^48; 0 when not named
  Span mki;               // digits; empty without an MKI
  uint8_t mki_octets = 0;
};

enum class FecOrder : uint8_t { none, fec_srtp, srtp_fec };

struct Crypto {
  uint32_t tag = 0;
  CryptoSuite suite = CryptoSuite::other;
  Span suite_text;
  uint8_t key_count = 0;
  std::array<CryptoKey, max_crypto_keys> keys;
  uint8_t kdr = 0;   // the exponent
  uint32_t wsh = 0;  // 0 when not named
  FecOrder fec_order = FecOrder::none;
  bool is_unencrypted_srtp = false;
  bool is_unencrypted_srtcp = false;
  bool is_unauthenticated_srtp = false;
  bool has_fec_key = false;
  // A session parameter that is not known and not marked optional by '-': such a line can not be
  // accepted (RFC 4568 section 6.3.8).
  bool has_unknown_parameter = false;
};

// <tag> <suite> inline:<key>[|<lifetime>][|<MKI>:<length>][;inline:...] [<session parameters>]
// The keys of a known suite are of its length; those of `other` are base64.
Result<Crypto, ValueError> parse_crypto(Span value, std::string_view body);

}  // namespace demarc::sdp
