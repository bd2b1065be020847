// Derivation of session keys from a master key: RFC 3711 section 4.3 with AES-CM as PRF and a key
// derivation rate of 0; RFC 6188 section 3 and RFC 7714 section 11 for the other suites.
//
// Called by Contexts when a key comes into use, and for each SRTCP packet. Worker only.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/media/srtp/cipher.h"
#include "dataplane/media/srtp/suite.h"

namespace demarc::media::srtp {

enum class Label : uint8_t {
  rtp_encryption,
  rtp_authentication,
  rtp_salt,
  rtcp_encryption,
  rtcp_authentication,
  rtcp_salt,
};

// `master` is key and salt as the suite has them; fills `out`, at most 65,536 blocks.
void derive(Cipher& cipher, Suite suite, std::span<const uint8_t> master, Label label,
            std::span<uint8_t> out);

}  // namespace demarc::media::srtp
