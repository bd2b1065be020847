// Who may send to a slot, and what a packet must be: shared by the short and the longer way.
//
// Called by relay_one() and by the stages for each packet. RFC 3550, RFC 5761. One worker only.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/contract/address.h"
#include "dataplane/contract/time.h"
#include "dataplane/media/quality.h"
#include "dataplane/media/reports.h"
#include "dataplane/media/rtp.h"
#include "dataplane/media/slot.h"

namespace demarc::media {

inline bool is_expected(const Slot& slot, const contract::Endpoint& source) {
  uint64_t expected[2];
  uint64_t seen[2];
  std::memcpy(expected, slot.expected_source.octets.data(), sizeof expected);
  std::memcpy(seen, source.address.octets.data(), sizeof seen);
  const uint64_t difference = (expected[0] ^ seen[0]) | (expected[1] ^ seen[1]) |
                              static_cast<uint64_t>(slot.expected_port ^ source.port);
  return difference == 0 && slot.expected_port != 0;
}

// Who was turned away last, for whoever asks why there is no audio.
inline void note_refused(const Slot& slot, const contract::Endpoint& source) {
  if (slot.observed != nullptr) slot.observed->refused = source;
}

// True for a header that may be relayed; RTP is observed on the way.
inline bool inspect_header(Slot& slot, std::span<const uint8_t> payload, contract::Instant now) {
  if (slot.stream == Stream::udptl) [[unlikely]] {
    if (payload.empty()) return false;
    if (slot.observed != nullptr && !slot.observed->first_packet.is_set()) {
      slot.observed->first_packet = now;
    }
    return true;
  }
  // rtcp-mux is not negotiated, but a peer that does it anyway shall not spoil the RTP figures.
  if (slot.stream == Stream::rtcp || looks_like_rtcp(payload)) {
    if (!is_rtcp(payload)) return false;
    if (slot.observed != nullptr) read_reports(*slot.observed, payload, now);
    return true;
  }
  if (!is_rtp(payload)) return false;
  observe(slot, read_rtp_header(payload.data()), now);
  return true;
}

}  // namespace demarc::media
