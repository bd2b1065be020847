// The Internet checksum (RFC 1071) and its incremental update (RFC 1624).
//
// Sums are over 16-bit words as they stand in memory, which RFC 1071 section 2 (B) allows: the
// stored result has the right octet order on any machine. Called by relay.cc and outgoing.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace demarc::media {

inline uint16_t load16(const uint8_t* octets) {
  uint16_t word;
  std::memcpy(&word, octets, sizeof word);
  return word;
}
inline void store16(uint8_t* octets, uint16_t word) {
  std::memcpy(octets, &word, sizeof word);
}

// A number as a word in network octet order.
constexpr uint16_t network_word(uint16_t number) {
  return static_cast<uint16_t>(number << 8 | number >> 8);
}

constexpr uint16_t fold_sum(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>((sum & 0xffff) + (sum >> 16));
}

// The sum, not yet folded, of at most 2^32 octets; an odd last octet is padded with zero.
inline uint64_t sum_words(std::span<const uint8_t> octets) {
  uint64_t sum = 0;
  size_t at = 0;
  for (; at + 4 <= octets.size(); at += 4) {
    uint32_t words;
    std::memcpy(&words, &octets[at], sizeof words);
    sum += words;
  }
  for (; at + 2 <= octets.size(); at += 2) sum += load16(&octets[at]);
  if (at < octets.size()) {
    const uint8_t last[2] = {octets[at], 0};
    sum += load16(last);
  }
  return sum;
}

// A UDP checksum of zero means "none", so a computed zero is sent as all ones (RFC 768).
constexpr uint16_t udp_checksum_of(uint16_t sum) {
  const uint16_t checksum = static_cast<uint16_t>(~sum);
  return checksum == 0 ? uint16_t{0xffff} : checksum;
}

// What to add to a packet's sum when words of sum `before` are replaced by words of sum `after`.
constexpr uint16_t checksum_delta(uint16_t before, uint16_t after) {
  return fold_sum(uint64_t{after} + static_cast<uint16_t>(~before));
}
// RFC 1624 equation 3; the difference to the right checksum, if there was one, stays.
constexpr uint16_t update_udp_checksum(uint16_t checksum, uint16_t delta) {
  return udp_checksum_of(fold_sum(uint64_t{static_cast<uint16_t>(~checksum)} + delta));
}

}  // namespace demarc::media
