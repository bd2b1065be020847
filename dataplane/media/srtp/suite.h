// Suites of SRTP: how long keys, salts and tags are.
//
// RFC 4568 section 6.2 (AES_CM_128), RFC 6188 (AES_256_CM), RFC 7714 (AEAD). Used by everything in
// this folder and by call/, which chooses one.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/contract/srtp_policy.h"

namespace demarc::media::srtp {

using Suite = contract::SrtpSuite;

inline constexpr unsigned max_key_octets = 32;
inline constexpr unsigned max_salt_octets = 14;
inline constexpr unsigned max_master_octets = max_key_octets + max_salt_octets;
inline constexpr unsigned max_tag_octets = 16;
// Of a peer's key; longer ones are not taken.
inline constexpr unsigned max_mki_octets = 4;
// What protect() may add to a packet: tag and SRTCP index.
inline constexpr unsigned max_growth_octets = max_tag_octets + 4;

struct SuiteTraits {
  uint8_t key_octets;
  uint8_t salt_octets;
  uint8_t rtp_tag_octets;
  uint8_t rtcp_tag_octets;
  bool is_aead;
  constexpr unsigned master_octets() const { return key_octets + salt_octets; }
};

constexpr SuiteTraits traits_of(Suite suite) {
  switch (suite) {
    case Suite::aead_aes_256_gcm:
      return {32, 12, 16, 16, true};
    case Suite::aead_aes_128_gcm:
      return {16, 12, 16, 16, true};
    case Suite::aes_256_cm_hmac_sha1_80:
      return {32, 14, 10, 10, false};
    // The short tag is for RTP alone (RFC 4568 section 6.2.2).
    case Suite::aes_256_cm_hmac_sha1_32:
      return {32, 14, 4, 10, false};
    case Suite::aes_cm_128_hmac_sha1_32:
      return {16, 14, 4, 10, false};
    case Suite::aes_cm_128_hmac_sha1_80:
      break;
  }
  return {16, 14, 10, 10, false};
}

}  // namespace demarc::media::srtp
