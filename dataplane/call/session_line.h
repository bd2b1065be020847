// What session.cc and its parts ask of one m-line, and of the trunk that it goes to.
//
// Pure functions; used within the files of Session only.
#pragma once

#include "dataplane/call/keying.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/media/table.h"
#include "sip-parser/sdp/sdp.h"

namespace demarc::call {

// Whether we can take its media through our ports.
inline bool is_relayable(const sdp::Media& media) {
  const bool is_rtp = media.protocol == sdp::Protocol::rtp_avp ||
                      media.protocol == sdp::Protocol::rtp_avpf || needs_keys(media.protocol);
  return media.port != 0 && media.port_count == 1 && media.connection_count <= 1 &&
         (is_rtp || media.protocol == sdp::Protocol::udptl);
}

// Whether codec policies are about it.
inline bool is_audio_line(const sdp::Media& media) {
  return media.type == sdp::MediaType::audio && is_rtp(media.protocol);
}

// What we send to a trunk's peer is marked as the trunk says.
inline uint8_t dscp_of(const contract::Snapshot& snapshot, contract::TrunkId trunk) {
  return snapshot.trunk(trunk).media.codecs.dscp;
}
inline bool ensures_rtcp(const contract::Snapshot& snapshot, contract::TrunkId trunk) {
  return snapshot.trunk(trunk).media.codecs.rtcp == contract::RtcpWay::ensured;
}
static_assert(contract::realm_dscp == media::Table::realm_dscp);

}  // namespace demarc::call
