// Reports: what relayed RTCP says of the way to each peer: its round trip.
//
// Both peers send their reports through us, so a sender report that passes towards a peer and the
// report block in which that peer answers it (LSR, DLSR) bracket the way between us and it.
// Called for each RTCP packet that was let in, after SRTCP was opened. RFC 3550 sections 6.4.1 and
// 6.4.2. Reads any octets; one worker only.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/contract/time.h"
#include "dataplane/media/observed.h"

namespace demarc::media {

// A compound packet from the peer of `own`.
void read_reports(Observed& own, std::span<const uint8_t> packet, contract::Instant now);

}  // namespace demarc::media
