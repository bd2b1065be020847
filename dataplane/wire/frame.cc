#include "dataplane/wire/frame.h"

#include <arpa/inet.h>

#include <cstring>

#include "dataplane/wire/checksum.h"

namespace demarc::wire {
namespace {

using contract::WorkerCounter;

constexpr unsigned max_extension_headers = 8;
constexpr uint8_t protocol_icmp = 1, protocol_tcp = 6, protocol_udp = 17, protocol_icmpv6 = 58;
constexpr uint8_t header_hop_by_hop = 0, header_routing = 43, header_fragment = 44,
                  header_destination = 60;

uint16_t load16(const uint8_t* octets) {
  uint16_t value;
  std::memcpy(&value, octets, sizeof value);
  return ntohs(value);
}
uint32_t load32(const uint8_t* octets) {
  uint32_t value;
  std::memcpy(&value, octets, sizeof value);
  return ntohl(value);
}

void drop(Frame& frame, WorkerCounter reason) {
  frame.kind = FrameKind::drop;
  frame.drop_reason = reason;
}
void punt(Frame& frame, PuntClass punt_class) {
  frame.kind = FrameKind::punt;
  frame.punt_class = punt_class;
}

void punt_protocol(Frame& frame, uint8_t protocol) {
  switch (protocol) {
    case protocol_icmp:
    case protocol_icmpv6:
      return punt(frame, PuntClass::icmp);
    case protocol_tcp:
      return punt(frame, PuntClass::tcp);
    case protocol_udp:
      return punt(frame, PuntClass::udp);
    default:
      return punt(frame, PuntClass::other);
  }
}

// A piece of a UDP datagram, `length` octets of what IP carries at udp_offset.
void classify_fragment(Frame& frame, uint32_t length) {
  const bool is_possible = length != 0 && frame.fragment_offset + length <= 65535 &&
                           (!frame.has_more_fragments || length % 8 == 0);
  if (!is_possible) return drop(frame, WorkerCounter::frame_malformed);
  frame.kind = FrameKind::fragment;
  frame.punt_class = PuntClass::udp;
  frame.payload_offset = frame.udp_offset;
  frame.payload_length = static_cast<uint16_t>(length);
}

// The UDP header at udp_offset; `pseudo` is the sum of the pseudo header without the length.
void classify_udp_header(std::span<const uint8_t> octets, const FrameChecks& checks,
                         uint64_t pseudo, Frame& frame) {
  const uint8_t* udp = octets.data() + frame.udp_offset;
  const unsigned available = frame.l3_offset + frame.l3_length - frame.udp_offset;
  if (available < 8) return drop(frame, WorkerCounter::frame_malformed);
  const unsigned length = load16(udp + 4);
  frame.remote.port = load16(udp);
  frame.local.port = load16(udp + 2);
  if (length < 8 || length > available || frame.remote.port == 0 || frame.local.port == 0) {
    return drop(frame, WorkerCounter::frame_malformed);
  }
  const bool has_checksum = udp[6] != 0 || udp[7] != 0;
  // RFC 8200 section 8.1: over IPv6 a checksum of zero is refused.
  if (!has_checksum && !frame.local.address.is_v4()) {
    return drop(frame, WorkerCounter::frame_bad_checksum);
  }
  if (has_checksum && !checks.udp_checksum_is_good) {
    const uint64_t sum = pseudo + htons(static_cast<uint16_t>(length));
    if (checksum_fold(sum + checksum_sum({udp, length})) != 0) {
      return drop(frame, WorkerCounter::frame_bad_checksum);
    }
  }
  frame.kind = FrameKind::udp;
  frame.punt_class = PuntClass::udp;
  frame.payload_offset = static_cast<uint16_t>(frame.udp_offset + 8);
  frame.payload_length = static_cast<uint16_t>(length - 8);
}

void classify_ipv4(std::span<const uint8_t> octets, const FrameChecks& checks, Frame& frame) {
  const uint8_t* ip = octets.data() + frame.l3_offset;
  const size_t available = octets.size() - frame.l3_offset;
  if (available < 20 || ip[0] >> 4 != 4) return drop(frame, WorkerCounter::frame_malformed);
  const unsigned header = (ip[0] & 15u) * 4;
  const unsigned total = load16(ip + 2);
  if (header < 20 || total < header || total > available) {
    return drop(frame, WorkerCounter::frame_malformed);
  }
  if (!checks.ip_checksum_is_good && checksum_fold(checksum_sum({ip, header})) != 0) {
    return drop(frame, WorkerCounter::frame_bad_checksum);
  }
  uint32_t source, destination;
  std::memcpy(&source, ip + 12, 4);
  std::memcpy(&destination, ip + 16, 4);
  frame.remote.address = contract::IpAddress::v4_from_wire(source);
  frame.local.address = contract::IpAddress::v4_from_wire(destination);
  frame.dscp = static_cast<uint8_t>(ip[1] >> 2);
  frame.l3_length = static_cast<uint16_t>(total);
  frame.udp_offset = static_cast<uint16_t>(frame.l3_offset + header);
  if (ip[9] != protocol_udp) return punt_protocol(frame, ip[9]);
  const uint16_t fragment = load16(ip + 6);
  if ((fragment & 0x3fff) == 0) {
    const uint64_t pseudo = uint64_t{source} + destination + htons(protocol_udp);
    return classify_udp_header(octets, checks, pseudo, frame);
  }
  frame.fragment_id = load16(ip + 4);
  frame.fragment_offset = static_cast<uint16_t>((fragment & 0x1fff) * 8);
  frame.has_more_fragments = (fragment & 0x2000) != 0;
  classify_fragment(frame, total - header);
}

// RFC 4861: neighbour discovery, which is never to starve behind pings.
void punt_icmpv6(std::span<const uint8_t> octets, Frame& frame) {
  const bool has_type = frame.udp_offset < octets.size();
  const uint8_t type = has_type ? octets[frame.udp_offset] : uint8_t{0};
  punt(frame, type >= 133 && type <= 137 ? PuntClass::neighbour : PuntClass::icmp);
}

// Walks the extension headers (RFC 8200 section 4) from `next` at frame.udp_offset.
void walk_ipv6(std::span<const uint8_t> octets, const FrameChecks& checks, uint8_t next,
               Frame& frame) {
  const unsigned end = frame.l3_offset + frame.l3_length;
  unsigned at = frame.udp_offset;
  for (unsigned i = 0; i <= max_extension_headers; ++i) {
    frame.udp_offset = static_cast<uint16_t>(at);
    if (next == protocol_udp) return classify_udp(octets, checks, frame);
    if (next == protocol_icmpv6) return punt_icmpv6(octets, frame);
    const bool is_option = next == header_hop_by_hop || next == header_destination;
    if (!is_option && next != header_routing && next != header_fragment) {
      return punt_protocol(frame, next);
    }
    if (at + 8 > end) return drop(frame, WorkerCounter::frame_malformed);
    const uint8_t* header = octets.data() + at;
    if (next == header_fragment) {
      next = header[0];
      at += 8;
      const uint16_t bits = load16(header + 2);
      if ((bits & 0xfff9) == 0) continue;  // an atomic fragment, RFC 6946
      frame.udp_offset = static_cast<uint16_t>(at);
      if (next != protocol_udp) return punt_protocol(frame, next);
      frame.fragment_id = load32(header + 4);
      frame.fragment_offset = bits & 0xfff8;
      frame.has_more_fragments = (bits & 1) != 0;
      return classify_fragment(frame, end - at);
    }
    // Segments left: somebody wants us to route; that is the kernel's decision.
    if (next == header_routing && header[3] != 0) return punt(frame, PuntClass::other);
    next = header[0];
    at += (header[1] + 1u) * 8;
    if (at > end) return drop(frame, WorkerCounter::frame_malformed);
  }
  drop(frame, WorkerCounter::frame_malformed);
}

void classify_ipv6(std::span<const uint8_t> octets, const FrameChecks& checks, Frame& frame) {
  const uint8_t* ip = octets.data() + frame.l3_offset;
  const size_t available = octets.size() - frame.l3_offset;
  if (available < 40 || ip[0] >> 4 != 6) return drop(frame, WorkerCounter::frame_malformed);
  const unsigned total = 40u + load16(ip + 4);
  if (total > available || total > 65535) return drop(frame, WorkerCounter::frame_malformed);
  std::memcpy(frame.remote.address.octets.data(), ip + 8, 16);
  std::memcpy(frame.local.address.octets.data(), ip + 24, 16);
  // Such an address on the wire would pass for an IPv4 peer above (RFC 4291 section 2.5.5.2).
  if (frame.remote.address.is_v4() || frame.local.address.is_v4()) {
    return drop(frame, WorkerCounter::frame_malformed);
  }
  frame.dscp = static_cast<uint8_t>((load16(ip) >> 6) & 0x3f);
  frame.l3_length = static_cast<uint16_t>(total);
  frame.udp_offset = static_cast<uint16_t>(frame.l3_offset + 40);
  walk_ipv6(octets, checks, ip[6], frame);
}

}  // namespace

void classify_udp(std::span<const uint8_t> octets, const FrameChecks& checks, Frame& frame) {
  const uint64_t pseudo = pseudo_header_sum(frame.remote.address, frame.local.address, 0);
  classify_udp_header(octets, checks, pseudo, frame);
}

Frame classify(std::span<const uint8_t> octets, const FrameChecks& checks) {
  Frame frame;
  if (octets.size() < ethernet_octets) return frame;
  MacAddress destination;
  std::memcpy(destination.octets.data(), octets.data(), 6);
  frame.is_group = destination.is_group();
  if (!frame.is_group && destination != checks.own_mac) {
    drop(frame, WorkerCounter::frame_not_ours);
    return frame;
  }
  uint16_t ethertype = load16(octets.data() + 12);
  frame.l3_offset = ethernet_octets;
  if (ethertype == ethertype_vlan) {
    if (octets.size() < ethernet_octets + vlan_octets) return frame;
    // Identifier 0 is a priority tag: the frame belongs to the untagged segment.
    frame.vlan = load16(octets.data() + 14) & 0xfff;
    ethertype = load16(octets.data() + 16);
    frame.l3_offset = ethernet_octets + vlan_octets;
  }
  switch (ethertype) {
    case ethertype_ipv4:
      classify_ipv4(octets, checks, frame);
      break;
    case ethertype_ipv6:
      classify_ipv6(octets, checks, frame);
      break;
    case ethertype_arp:
      punt(frame, PuntClass::neighbour);
      break;
    default:
      punt(frame, PuntClass::other);
  }
  return frame;
}

}  // namespace demarc::wire
