// The Internet checksum (RFC 1071), the UDP checksum over its pseudo header (RFC 768, RFC 8200
// section 8.1), and the update of a checksum for changed fields (RFC 1624).
//
// Pure functions over octets, called by frame and datagram and, for rewritten headers, by whoever
// relays. All 16-bit values are in the order in which they stand in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/contract/address.h"

namespace demarc::wire {

// One's complement sum of octets, not folded to its complement: sums may be added and folded once.
// Every piece but the last must have an even length.
uint64_t checksum_sum(std::span<const uint8_t> octets);
// The sum in 16 bits: 0 only of a sum of nothing but zeros.
constexpr uint16_t checksum_reduce(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>((sum & 0xffff) + (sum >> 16));
}
// The complement of that, as it stands in a header.
constexpr uint16_t checksum_fold(uint64_t sum) {
  return static_cast<uint16_t>(~checksum_reduce(sum));
}

// The sum of the pseudo header of a UDP datagram of `udp_length` octets, either family.
uint64_t pseudo_header_sum(const contract::IpAddress& source,
                           const contract::IpAddress& destination, uint32_t udp_length);

// RFC 1624 equation 3: the new checksum after the 16-bit word `before` became `after`.
uint16_t checksum_update(uint16_t checksum, uint16_t before, uint16_t after);
// The same for a run of octets of equal even length (an address).
uint16_t checksum_update(uint16_t checksum, std::span<const uint8_t> before,
                         std::span<const uint8_t> after);

}  // namespace demarc::wire
