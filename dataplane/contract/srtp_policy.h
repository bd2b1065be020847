// SrtpPolicy: whether the media of one trunk is encrypted, and how. Part of its MediaPolicy;
// compiled by the control plane, read by call/ (RFC 4568, RFC 3711, RFC 6188, RFC 7714).
#pragma once

#include <array>
#include <cstdint>

namespace demarc::contract {

enum class SrtpUse : uint8_t {
  off,       // plain RTP; an m-line that is SRTP only can not be taken
  optional,  // SRTP where the peer has it, else plain
  required,  // a peer without it gets 488
};

// In the order of our preference when the configuration names none.
enum class SrtpSuite : uint8_t {
  aead_aes_256_gcm,
  aead_aes_128_gcm,
  aes_256_cm_hmac_sha1_80,
  aes_cm_128_hmac_sha1_80,
  aes_256_cm_hmac_sha1_32,
  aes_cm_128_hmac_sha1_32,
};
inline constexpr unsigned srtp_suite_count = 6;

struct SrtpPolicy {
  SrtpUse use = SrtpUse::off;
  uint8_t suite_count = 0;  // of `suites`, each once, best first; with `off` there is none
  std::array<SrtpSuite, srtp_suite_count> suites = {};
};
static_assert(sizeof(SrtpPolicy) == 8);

}  // namespace demarc::contract
