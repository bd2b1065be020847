// The short way of the most usual packet: RTP of a plain stream, in sequence, that leaves over
// IPv4.
//
// Called by Table::relay for streams of Slot::is_plain(); what it does not take goes to relay_one()
// (relay.h), and what it takes it leaves as that would have: slot, frame and octets. All is asked
// before anything is changed. RFC 3550, RFC 768, RFC 1624. One worker only.
#pragma once

#include <cstring>

#include "dataplane/contract/time.h"
#include "dataplane/media/admission.h"
#include "dataplane/media/frame.h"
#include "dataplane/media/header.h"
#include "dataplane/media/quality.h"
#include "dataplane/media/rtp.h"
#include "dataplane/media/slot.h"

namespace demarc::media {

// Version 2, no extension, no CSRC; padding is the receiver's matter.
inline bool is_bare_rtp(const uint8_t* payload) {
  return (payload[0] & 0xdf) == 0x80 && static_cast<uint8_t>(payload[1] - 192) > 223 - 192;
}

// True when the packet was relayed; false, with nothing changed, when it is relay_one()'s.
inline bool relay_usual(Slot& slot, Frame& frame, contract::Instant now) {
  uint8_t* payload = frame.l3 + frame.payload_offset;
  const uint16_t length = frame.payload_length;
  const bool is_open = slot.action == Action::relay && slot.stream == Stream::rtp &&
                       slot.header_length == v4_header_length && slot.rtp_packets != 0 &&
                       !slot.is_codec_due;
  if (!is_open || length < rtp_header_length || length > 0xffff - v6_header_length) return false;
  const uint16_t checksum = load16(payload - 2);
  if (checksum == 0 || !is_bare_rtp(payload) || !is_expected(slot, frame.source)) return false;
  const RtpHeader header = read_rtp_header(payload);
  const auto next = static_cast<uint16_t>(slot.highest_sequence + 1);
  if (header.ssrc != slot.ssrc || header.sequence_number != next) return false;

  ++slot.packets_in;
  slot.octets_in += length;
  observe_next(slot, header.timestamp, now);
  slot.last_packet = now;
  frame.l3 =
      write_header(slot, payload, length, update_udp_checksum(checksum, slot.checksum_delta));
  const int moved = frame.payload_offset - v4_header_length;
  frame.headroom = static_cast<uint16_t>(frame.headroom + moved);
  frame.l3_length = static_cast<uint16_t>(length + v4_header_length);
  frame.payload_offset = v4_header_length;
  ++slot.packets_relayed;
  slot.octets_relayed += length;
  frame.outcome = Frame::Outcome::forward;
  return true;
}

}  // namespace demarc::media
