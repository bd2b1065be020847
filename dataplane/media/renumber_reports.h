// Reports of RTCP on streams whose packets we changed: each side reads of its own packets.
//
// Called by the work stage for each RTCP packet of a stream with payload work in either direction,
// between SRTCP and SRTCP. RFC 3550 section 7.2. Reads any octets; never makes a packet longer. One
// worker only.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/media/work.h"

namespace demarc::media {

// The work on what the sender of the RTCP sends, and on what it hears; nullptr: none.
struct ReportedStreams {
  Work* sent = nullptr;
  Work* heard = nullptr;
};

struct Renumbered {
  uint16_t length = 0;        // 0: nothing is left
  bool has_left_out = false;  // a packet of the compound that is whole, but may not cross
};

// Corrects a compound packet in place. What can not be corrected is left out: a sender report of
// another SSRC becomes a receiver report, a report block goes, and so does what ends beyond its
// packet or names single packets of a changed stream.
Renumbered renumber_reports(std::span<uint8_t> packet, const ReportedStreams& streams);

}  // namespace demarc::media
