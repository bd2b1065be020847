// Initialisation vectors of SRTP and SRTCP: RFC 3711 section 4.1.1, RFC 7714 sections 8.1 and 9.1.
//
// Pure; `index` is the packet index of 48 bits, of SRTCP the one of 31 bits.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/media/srtp/cipher.h"
#include "dataplane/media/srtp/octets.h"
#include "dataplane/media/srtp/suite.h"

namespace demarc::media::srtp {

using Salt = std::array<uint8_t, max_salt_octets>;

// They are written in words: the cipher reads them so at once, and octets would have to arrive in
// memory first.
inline void set_counter_vector(const Salt& salt, uint32_t ssrc, uint64_t index,
                               std::array<uint8_t, aes_block_octets>& vector) {
  store_be64(vector.data(), load_be64(salt.data()) ^ ssrc);
  store_be64(vector.data() + 8, (load_be64(salt.data() + 6) ^ index) << 16);
}

inline void set_gcm_vector(const Salt& salt, uint32_t ssrc, uint64_t index,
                           std::array<uint8_t, gcm_iv_octets>& vector) {
  store_be64(vector.data(), load_be64(salt.data()) ^ (uint64_t{ssrc} << 16 | index >> 32));
  store_be32(vector.data() + 8, load_be32(salt.data() + 8) ^ static_cast<uint32_t>(index));
}

}  // namespace demarc::media::srtp
