// Reading and writing of packets by this folder: numbers in network order, header lengths, tags.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace demarc::media::srtp {

inline uint16_t load_be16(const uint8_t* octets) {
  return static_cast<uint16_t>(octets[0] << 8 | octets[1]);
}
inline uint32_t load_be32(const uint8_t* octets) {
  uint32_t word;
  std::memcpy(&word, octets, sizeof word);
  return __builtin_bswap32(word);
}
inline uint64_t load_be64(const uint8_t* octets) {
  uint64_t word;
  std::memcpy(&word, octets, sizeof word);
  return __builtin_bswap64(word);
}
inline void store_be64(uint8_t* octets, uint64_t number) {
  number = __builtin_bswap64(number);
  std::memcpy(octets, &number, sizeof number);
}
inline void store_be32(uint8_t* octets, uint32_t number) {
  number = __builtin_bswap32(number);
  std::memcpy(octets, &number, sizeof number);
}

// Octets of an RTP header with its CSRC list and extension, which SRTP leaves in the clear
// (RFC 3711 section 3.1); 0 when it is none or does not end inside the packet.
inline unsigned rtp_header_length(std::span<const uint8_t> packet) {
  if (packet.size() < 12 || (packet[0] & 0xc0) != 0x80) return 0;
  unsigned length = 12 + 4u * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) != 0) {
    if (packet.size() < length + 4) return 0;
    length += 4 + 4u * load_be16(&packet[length + 2]);
  }
  return length <= packet.size() ? length : 0;
}

inline constexpr unsigned rtcp_clear_octets = 8;  // RFC 3711 section 3.4

// In a time that does not depend on where they differ.
inline bool is_equal(const uint8_t* a, const uint8_t* b, unsigned length) {
  uint64_t difference = 0;
  for (; length >= 8; length -= 8, a += 8, b += 8) difference |= load_be64(a) ^ load_be64(b);
  for (; length != 0; --length) difference |= static_cast<uint64_t>(*a++ ^ *b++);
  return difference == 0;
}

}  // namespace demarc::media::srtp
