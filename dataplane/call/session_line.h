// What session.cc and its parts ask of one m-line, and of the trunk that it goes to.
//
// Pure functions; used within the files of Session only.
#pragma once

#include "dataplane/call/call.h"
#include "dataplane/call/keying.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/media/table.h"
#include "sip-parser/sdp/direction.h"
#include "sip-parser/sdp/sdp.h"

namespace demarc::call {

// Whether we can take its media through our ports.
inline bool is_relayable(const sdp::Media& media) {
  const bool is_rtp = media.protocol == sdp::Protocol::rtp_avp ||
                      media.protocol == sdp::Protocol::rtp_avpf || needs_keys(media.protocol);
  return media.port != 0 && media.port_count == 1 && media.connection_count <= 1 &&
         (is_rtp || media.protocol == sdp::Protocol::udptl);
}

// Whether its peer wants no RTCP: no bandwidth for that of senders, nor for that of receivers, by
// the m-line or, where that says nothing, by the session (RFC 3556 section 2).
inline bool refuses_rtcp(const sdp::Description& description, const sdp::Media& media) {
  const auto is_none = [&](sdp::BandwidthType type) {
    const sdp::Bandwidths& said =
        media.bandwidths.has(type) ? media.bandwidths : description.bandwidths;
    return said.has(type) && said.value(type) == 0;
  };
  return is_none(sdp::BandwidthType::rs) && is_none(sdp::BandwidthType::rr);
}

// As the directory and call records name it.
inline contract::MediaKind kind_of(sdp::MediaType type) {
  switch (type) {
    case sdp::MediaType::audio:
      return contract::MediaKind::audio;
    case sdp::MediaType::video:
      return contract::MediaKind::video;
    case sdp::MediaType::text:
      return contract::MediaKind::text;
    case sdp::MediaType::application:
      return contract::MediaKind::application;
    case sdp::MediaType::message:
      return contract::MediaKind::message;
    case sdp::MediaType::image:
      return contract::MediaKind::image;
    default:
      return contract::MediaKind::other;
  }
}

// Whether codec policies are about it.
inline bool is_audio_line(const sdp::Media& media) {
  return media.type == sdp::MediaType::audio && is_rtp(media.protocol);
}

// A direction as the call record has it, and as SDP has it; what nobody said is sendrecv.
inline contract::MediaDirection direction_in(sdp::Direction direction) {
  switch (direction) {
    case sdp::Direction::sendrecv:
      return contract::MediaDirection::sendrecv;
    case sdp::Direction::sendonly:
      return contract::MediaDirection::sendonly;
    case sdp::Direction::recvonly:
      return contract::MediaDirection::recvonly;
    default:
      return contract::MediaDirection::inactive;
  }
}
inline sdp::Direction direction_of(contract::MediaDirection direction) {
  switch (direction) {
    case contract::MediaDirection::sendonly:
      return sdp::Direction::sendonly;
    case contract::MediaDirection::recvonly:
      return sdp::Direction::recvonly;
    case contract::MediaDirection::inactive:
      return sdp::Direction::inactive;
    default:
      return sdp::Direction::sendrecv;
  }
}

// The direction of an answer's m-line, cut to what its offer allows (RFC 3264 section 6.1): there
// are peers that answer sendrecv to a hold, and peers that end the call when they are answered so.
inline sdp::Direction fitting_direction(const Remote& offered, const sdp::Description& answer,
                                        const sdp::Media& media) {
  return sdp::answer_to(direction_of(offered.direction), answer.direction_of(media));
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
