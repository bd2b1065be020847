#include "dataplane/media/relay.h"

#include <span>

#include "dataplane/media/admission.h"
#include "dataplane/media/header.h"
#include "sip-parser/base/check.h"

namespace demarc::media {
namespace {

void finish_frame(const Slot& slot, Frame& frame, uint8_t* payload, uint16_t checksum) {
  frame.l3 = write_header(slot, payload, frame.payload_length, checksum);
  const int moved = frame.payload_offset - slot.header_length;
  frame.headroom = static_cast<uint16_t>(frame.headroom + moved);
  frame.l3_length = static_cast<uint16_t>(frame.payload_length + slot.header_length);
  frame.payload_offset = slot.header_length;
}

}  // namespace

void relay_one(Slot& slot, Frame& frame, contract::Instant now) {
  DEMARC_DCHECK(frame.payload_offset >= v4_header_length);
  DEMARC_DCHECK(frame.payload_offset + frame.payload_length <= frame.l3_length);
  frame.outcome = Frame::Outcome::drop;
  ++slot.packets_in;
  slot.octets_in += frame.payload_length;
  if (!is_expected(slot, frame.source)) [[unlikely]] {
    ++slot.drop_wrong_source;
    note_refused(slot, frame.source);
    return;
  }
  uint8_t* payload = frame.l3 + frame.payload_offset;
  const std::span<const uint8_t> octets(payload, frame.payload_length);
  uint16_t checksum = load16(payload - 2);
  // RFC 8200 section 8.1: UDP without a checksum over IPv6 is to be discarded.
  const bool is_unprotected = checksum == 0;
  if ((is_unprotected && slot.is_v6_in) || !inspect_header(slot, octets, now)) [[unlikely]] {
    ++slot.drop_malformed;
    return;
  }
  slot.last_packet = now;
  if (slot.action != Action::relay) [[unlikely]] {
    ++slot.drop_not_ready;
    return;
  }
  // No buffer that lcore/ receives into is so tight, nor a datagram so long; it can not be sent.
  if (frame.headroom + frame.payload_offset < slot.header_length ||
      frame.payload_length > 0xffff - v6_header_length) [[unlikely]] {
    ++slot.drop_no_route;
    return;
  }
  if (!is_unprotected) [[likely]] {
    checksum = update_udp_checksum(checksum, slot.checksum_delta);
  } else if (slot.header_length == v6_header_length) {
    checksum = whole_checksum(slot, octets);
  }
  finish_frame(slot, frame, payload, checksum);
  ++slot.packets_relayed;
  slot.octets_relayed += frame.payload_length;
  frame.outcome = Frame::Outcome::forward;
}

}  // namespace demarc::media
