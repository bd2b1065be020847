#include "dataplane/media/relay.h"

#include <cstring>
#include <span>

#include "dataplane/media/checksum.h"
#include "dataplane/media/quality.h"
#include "dataplane/media/rtp.h"
#include "sip-parser/base/check.h"

namespace demarc::media {
namespace {

bool is_expected(const Slot& slot, const contract::Endpoint& source) {
  uint64_t expected[2];
  uint64_t seen[2];
  std::memcpy(expected, slot.expected_source.octets.data(), sizeof expected);
  std::memcpy(seen, source.address.octets.data(), sizeof seen);
  const uint64_t difference = (expected[0] ^ seen[0]) | (expected[1] ^ seen[1]) |
                              static_cast<uint64_t>(slot.expected_port ^ source.port);
  return difference == 0 && slot.expected_port != 0;
}

// True for a header that may be relayed; RTP is observed on the way.
bool inspect(Slot& slot, std::span<const uint8_t> payload, contract::Instant now) {
  if (slot.stream == Stream::udptl) [[unlikely]]
    return !payload.empty();
  // rtcp-mux is not negotiated, but a peer that does it anyway shall not spoil the RTP figures.
  if (slot.stream == Stream::rtcp || looks_like_rtcp(payload)) return is_rtcp(payload);
  if (!is_rtp(payload)) return false;
  observe(slot, read_rtp_header(payload.data()), now);
  return true;
}

// For a datagram that came without a checksum over IPv4, which IPv6 does not allow.
uint16_t whole_checksum(const Slot& slot, std::span<const uint8_t> payload) {
  const uint16_t length = network_word(static_cast<uint16_t>(payload.size() + 8));
  // The length stands in the pseudo header and in the UDP header.
  return udp_checksum_of(fold_sum(sum_words(payload) + slot.pseudo_sum + 2ull * length));
}

void write_header(const Slot& slot, Frame& frame, uint8_t* payload, uint16_t checksum) {
  const uint16_t udp_length = static_cast<uint16_t>(frame.payload_length + 8);
  const uint16_t l3_length = static_cast<uint16_t>(frame.payload_length + slot.header_length);
  uint8_t* l3 = payload - slot.header_length;
  if (slot.header_length == v4_header_length) {
    std::memcpy(l3, slot.header.data(), v4_header_length);
    const uint16_t length = network_word(l3_length);
    store16(l3 + 2, length);
    store16(l3 + 10, static_cast<uint16_t>(~fold_sum(uint64_t{slot.ip_sum} + length)));
  } else {
    std::memcpy(l3, slot.header.data(), v6_header_length);
    store16(l3 + 4, network_word(udp_length));
  }
  store16(payload - 4, network_word(udp_length));
  store16(payload - 2, checksum);
  const int moved = frame.payload_offset - slot.header_length;
  frame.headroom = static_cast<uint16_t>(frame.headroom + moved);
  frame.l3 = l3;
  frame.l3_length = l3_length;
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
    return;
  }
  uint8_t* payload = frame.l3 + frame.payload_offset;
  const std::span<const uint8_t> octets(payload, frame.payload_length);
  uint16_t checksum = load16(payload - 2);
  // RFC 8200 section 8.1: UDP without a checksum over IPv6 is to be discarded.
  const bool is_unprotected = checksum == 0;
  if ((is_unprotected && slot.is_v6_in) || !inspect(slot, octets, now)) [[unlikely]] {
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
  write_header(slot, frame, payload, checksum);
  ++slot.packets_relayed;
  slot.octets_relayed += frame.payload_length;
  frame.outcome = Frame::Outcome::forward;
}

}  // namespace demarc::media
