// The IP and UDP header of an outgoing packet, written from its slot so that it ends where the
// payload begins.
//
// Called by relay_one() and finish() for each packet. RFC 791, RFC 8200, RFC 768. One worker only.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/media/checksum.h"
#include "dataplane/media/slot.h"

namespace demarc::media {

// Over the payload as it goes out; for a datagram whose own checksum can not be updated.
inline uint16_t whole_checksum(const Slot& slot, std::span<const uint8_t> payload) {
  const uint16_t length = network_word(static_cast<uint16_t>(payload.size() + 8));
  // The length stands in the pseudo header and in the UDP header.
  return udp_checksum_of(fold_sum(sum_words(payload) + slot.pseudo_sum + 2ull * length));
}

// slot.header_length octets before the payload must be writable, and the whole at most 65,535
// octets long. Returns where the IP header begins.
inline uint8_t* write_header(const Slot& slot, uint8_t* payload, uint16_t payload_length,
                             uint16_t checksum) {
  const uint16_t udp_length = static_cast<uint16_t>(payload_length + 8);
  uint8_t* l3 = payload - slot.header_length;
  if (slot.header_length == v4_header_length) {
    std::memcpy(l3, slot.header.data(), v4_header_length);
    const uint16_t length = network_word(static_cast<uint16_t>(payload_length + v4_header_length));
    store16(l3 + 2, length);
    store16(l3 + 10, static_cast<uint16_t>(~fold_sum(uint64_t{slot.ip_sum} + length)));
  } else {
    std::memcpy(l3, slot.header.data(), v6_header_length);
    store16(l3 + 4, network_word(udp_length));
  }
  store16(payload - 4, network_word(udp_length));
  store16(payload - 2, checksum);
  return l3;
}

}  // namespace demarc::media
