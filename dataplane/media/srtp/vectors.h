// Initialisation vectors of SRTP and SRTCP: RFC 3711 section 4.1.1, RFC 7714 sections 8.1 and 9.1.
//
// Pure; `index` is the packet index of 48 bits, of SRTCP the one of 31 bits.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "dataplane/media/srtp/cipher.h"
#include "dataplane/media/srtp/suite.h"

namespace demarc::media::srtp {

using Salt = std::array<uint8_t, max_salt_octets>;

constexpr void xor_number(uint8_t* at, uint64_t number, unsigned octets) {
  for (unsigned i = octets; i > 0; --i, number >>= 8) {
    at[i - 1] = static_cast<uint8_t>(at[i - 1] ^ static_cast<uint8_t>(number));
  }
}

constexpr void set_counter_vector(const Salt& salt, uint32_t ssrc, uint64_t index,
                                  std::array<uint8_t, aes_block_octets>& vector) {
  std::copy(salt.begin(), salt.end(), vector.begin());
  vector[14] = 0;
  vector[15] = 0;
  xor_number(&vector[4], ssrc, 4);
  xor_number(&vector[8], index, 6);
}

constexpr void set_gcm_vector(const Salt& salt, uint32_t ssrc, uint64_t index,
                              std::array<uint8_t, gcm_iv_octets>& vector) {
  std::copy_n(salt.begin(), gcm_iv_octets, vector.begin());
  xor_number(&vector[2], ssrc, 4);
  xor_number(&vector[6], index, 6);
}

}  // namespace demarc::media::srtp
