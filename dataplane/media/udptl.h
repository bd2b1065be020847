// UDPTL as far as it is looked at: whether its source can be learnt from a packet.
//
// Called by inspect() while a source may be learnt; packets of the source in force are relayed as
// they are. ITU-T T.38 section 9.1: a sequence number, an IFP packet behind its length as PER has
// it (X.691 section 10.9), and what recovers lost ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace demarc::media {

// A run that is learnt from. Fax terminals send little and then wait for the other one, so it is
// the shortest that shows a sequence.
inline constexpr uint8_t udptl_latch_run = 2;

// Never true for RTP, of which some may be under way when a call turns to T.38. Sequence numbers of
// UDPTL begin at 0, so those that look like RTP come late in a fax, and then nothing is learnt.
inline bool is_udptl(std::span<const uint8_t> payload) {
  if (payload.size() < 5 || (payload[0] & 0xc0) == 0x80) return false;
  size_t length = payload[2];
  size_t begin = 3;
  if ((length & 0x80) != 0) {
    if ((length & 0x40) != 0) return false;  // a fragment; there is no IFP packet of 16,384 octets
    length = (length & 0x3f) << 8 | payload[3];
    begin = 4;
  }
  return length != 0 && payload.size() > begin + length;
}

}  // namespace demarc::media
