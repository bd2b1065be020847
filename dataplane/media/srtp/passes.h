// What a Cipher works on: keys ready to use, and one packet on its way through.
//
// Filled by Contexts for each packet. RFC 3711 section 4, RFC 7714. Worker only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/media/srtp/suite.h"

namespace demarc::media::srtp {

inline constexpr unsigned aes_block_octets = 16;
inline constexpr unsigned sha1_octets = 20;
inline constexpr unsigned gcm_iv_octets = 12;

// Keys of AES-CM and HMAC-SHA1, ready to use.
struct alignas(16) CounterKeys {
  std::array<uint8_t, 15 * aes_block_octets> schedule;  // with EVP: the key itself, at the front
  std::array<uint8_t, sha1_octets> inner;               // SHA-1 after the block of key XOR ipad
  std::array<uint8_t, sha1_octets> outer;               // after that of key XOR opad
};

// A key of AES-GCM, ready to use: the key schedule and powers of the hash key.
struct alignas(64) GcmKeys {
  std::array<std::byte, 1024> octets;  // with EVP: the key itself, at the front
};

// One packet of AES-CM: text is ciphered, then everything up to four octets behind the text is
// authenticated (the caller writes the roll-over counter or the SRTCP index there); the other way
// round when it is deciphered.
struct CounterPass {
  const CounterKeys* keys;
  uint8_t* packet;
  uint32_t key_octets;   // 16 or 32
  uint32_t text_offset;  // of the text from `packet`
  uint32_t text_length;
  alignas(16) std::array<uint8_t, aes_block_octets> iv;
  alignas(16) std::array<uint8_t, sha1_octets> tag;  // out: its first 10 octets
};
inline constexpr unsigned suffix_octets = 4;

// One packet of AES-GCM. `tag` is an output both ways: the caller compares.
struct GcmPass {
  const GcmKeys* keys;
  uint32_t key_octets;              // 16 or 32
  std::span<const uint8_t> header;  // authenticated only
  uint8_t* text;
  uint32_t text_length;
  std::array<uint8_t, gcm_iv_octets> iv;
  alignas(16) std::array<uint8_t, max_tag_octets> tag;
};

enum class Way : uint8_t { protect, unprotect };

}  // namespace demarc::media::srtp
